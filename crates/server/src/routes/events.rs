use std::future::{Ready, ready};

use accord_api_types::{ErrorCode, Event};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get};
use futures_util::stream;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::State;
use crate::caller::Scoped;
use crate::problem::{Answer, ApiError};
use crate::request::is_for_head_alone;
use crate::scopes::Read;
use crate::streams::Telling;

const LAST_EVENT_ID: &str = "last-event-id";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(events);
}

/// Where to go on.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only documents the header that `LastEventId` reads"
)]
struct LastEventIdHeader {
    /// The `id` of the last event that arrived: what was added to the record since then is told, some
    /// of it perhaps a second time.
    #[param(
        rename = "Last-Event-ID",
        required = false,
        pattern = "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})?$"
    )]
    last_event_id: Option<String>,
}

/// The id of the last event that arrived, from an earlier stream.
#[derive(Debug)]
struct LastEventId(Option<Uuid>);

impl FromRequest for LastEventId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let written = request
            .headers()
            .get(LAST_EVENT_ID)
            .map(|id| id.to_str().unwrap_or("?").trim())
            .filter(|id| !id.is_empty());
        ready(match written.map(str::parse::<Uuid>) {
            None => Ok(Self(None)),
            Some(Ok(id)) if id.get_version_num() == 7 => Ok(Self(Some(id))),
            Some(_) => Err(ApiError::with_detail(
                ErrorCode::ValidationFailed,
                "Last-Event-ID is not the id of an event.",
            )
            .pointing_at("Last-Event-ID")),
        })
    }
}

/// What happens, as it happens
///
/// A stream of server-sent events, to be read by `fetch` with the `Authorization` header. Each event is
/// a reason to ask again for what it concerns, and tells nothing that the caller may not read: entries
/// of the record (as the list of tasks shows them), a change of what is shared with the caller, of their
/// collaborations, of their account. It begins with `ready`; what happened before is to be asked for.
/// Entries of the record have ids to go on from with `Last-Event-ID`; they come at least once, so drop
/// those that are known. A line with nothing but a colon says that the stream lives. It lives as long as
/// the session, not only as long as the access token, and ends with `end`.
#[utoipa::path(
    operation_id = "events",
    tag = "events",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(LastEventIdHeader),
    responses((status = 200, description = "The stream; the data of each of its events is this.", content_type = "text/event-stream", body = Event)),
    extensions(("x-problem-codes" = json!([ErrorCode::ValidationFailed, ErrorCode::RateLimited]))),
)]
#[get("/events")]
async fn events(
    state: State,
    caller: Scoped<Read>,
    resume_from: LastEventId,
    request: HttpRequest,
) -> Answer {
    let credential = caller.0.credential;
    // A token of the platform has no stream: the first look says so.
    let account = credential
        .account_id()
        .unwrap_or_else(|| credential.id().into());
    let place = state.streams.enter(account)?;
    let watch = state.service.watch(caller.0, resume_from.0);
    let telling = Telling::new(
        state.service.clone(),
        state.blocking.clone(),
        state.clock.clone(),
        watch,
        place,
    );
    let mut pieces = telling.begin().await?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store, no-transform"))
        // Some proxies gather an answer before they pass it on.
        .insert_header((
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ));
    if is_for_head_alone(&request) {
        return Ok(answer.finish());
    }
    Ok(answer.streaming(stream::poll_fn(move |context| {
        pieces
            .poll_recv(context)
            .map(|piece| piece.map(Ok::<_, actix_web::Error>))
    })))
}
