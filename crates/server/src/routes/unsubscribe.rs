//! The way out of mail: the link in a mail's footer and header, which works signed out.

use accord_api_types::{ErrorCode, MailWayOut};
use accord_service::WayOutView;
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ok};
use crate::caller::Anybody;
use crate::convert::notification_kind;
use crate::extract::{Ids, OneClick};
use crate::limits::Kind;
use crate::problem::Answer;

/// A link in a mail.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TokenPath {
    /// What stands at the end of the link.
    token: String,
}

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_mail_way_out).service(unsubscribe);
}

/// The same link that a person opens is posted to by mail programs (RFC 8058), so that the page and the
/// one click have one address: a GET of it is the dashboard's page, which asks before it acts.
pub(crate) fn configure_one_click(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/unsubscribe/{token}")
            .guard(actix_web::guard::Post())
            .app_data(web::PayloadConfig::new(MOST_FORM_BYTES))
            .to(one_click),
    );
}

const MOST_FORM_BYTES: usize = 16 * 1024;

fn answer(view: WayOutView) -> HttpResponse {
    ok(&MailWayOut {
        kind: notification_kind(view.kind),
        mailed: view.mailed,
    })
}

/// What a mail's way out leads out of
///
/// Which kind of mail the link stops, and whether it is stopped. Looking changes nothing, for mail
/// scanners open everything.
#[utoipa::path(
    operation_id = "get_mail_way_out",
    tag = "notifications",
    params(TokenPath),
    responses((status = 200, description = "The kind of mail.", body = MailWayOut)),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[get("/unsubscribe/{token}")]
async fn get_mail_way_out(state: State, caller: Anybody, path: Ids<TokenPath>) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let view = state
        .run(move |service| service.way_out(&path.0.token))
        .await?;
    Ok(answer(view))
}

/// Stop a kind of mail
///
/// By the link in such a mail alone, whoever is signed in; the link holds for that account and that kind,
/// without an end. Doing it again changes nothing. Takes nothing, or the form that mail programs post
/// (RFC 8058); they post it to `/unsubscribe/{token}` outside of the API, which does the same.
#[utoipa::path(
    operation_id = "unsubscribe",
    tag = "notifications",
    params(TokenPath),
    responses((status = 200, description = "Such mail is not sent any more.", body = MailWayOut)),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[post("/unsubscribe/{token}")]
async fn unsubscribe(
    state: State,
    caller: Anybody,
    path: Ids<TokenPath>,
    _form: OneClick,
) -> Answer {
    leave(state, caller, path).await
}

/// Whatever form comes along, the link alone counts.
async fn one_click(
    state: State,
    caller: Anybody,
    path: Ids<TokenPath>,
    _form: web::Bytes,
) -> Answer {
    leave(state, caller, path).await
}

async fn leave(state: State, caller: Anybody, path: Ids<TokenPath>) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let view = state
        .run(move |service| service.leave_by_way_out(&path.0.token))
        .await?;
    Ok(answer(view))
}
