//! `Idempotency-Key`: a write that is sent again, because its answer was lost, gets the first answer again
//! and is not carried out twice. The caller is authorized anew.

use std::rc::Rc;

use accord_api_types::{BASE_PATH, ErrorCode};
use accord_service::{KeptAnswer, KeyClaim, KeyOutcome, KeyedWrite};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse, web};
use serde_json::{Value, json};
use tracing::Instrument as _;

use crate::body::WholeBody;
use crate::caller::Shown;
use crate::counted::Counted;
use crate::problem::{ApiError, render};
use crate::request::request_id;
use crate::settings::PublicUrl;
use crate::state::App;

/// The header by which a caller names a write.
pub(crate) const KEY: &str = "idempotency-key";
/// Says of an answer that it was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;
/// An answer that is larger is given and not kept. The largest are members with all 2,000 shares, which take
/// half a MiB with one role in each: beyond this, each share has dozens of roles.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Of an answer, beside its status and body, this is kept.
const KEPT_HEADERS: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LOCATION,
    HeaderName::from_static("accord-revision"),
];

/// Marks an answer that holds a secret: it is never kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldsSecret;

/// Marks an answer as one that holds a secret.
pub(crate) fn secret(mut answer: HttpResponse) -> HttpResponse {
    answer.extensions_mut().insert(HoldsSecret);
    answer
}

/// Whether a key counts for this operation: what only asks, and what anybody may call, has none.
pub(crate) fn is_honoured(method: &Method, path: &str) -> bool {
    let Some(below) = path.strip_prefix(BASE_PATH) else {
        return false;
    };
    let without = ["/auth/", "/invitations/", "/unsubscribe/", "/checks"];
    let asks = ["/preview", "/draft-access"];
    method == Method::POST
        && !without.iter().any(|beginning| below.starts_with(beginning))
        && !asks.iter().any(|end| below.ends_with(end))
}

/// Wraps the operations of the API.
pub(crate) async fn remember(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (app, write) = match asked(&request) {
        Ok(Some(asked)) => asked,
        Ok(None) => {
            return next
                .call(request)
                .await
                .map(ServiceResponse::map_into_boxed_body);
        }
        Err(refused) => return Ok(request.error_response(refused)),
    };
    let claimed = app.run(move |service| service.claim_key(&write)).await;
    let refused = match claimed {
        Ok(KeyOutcome::CarryOut(claim)) => return carry_out(request, next, app, claim).await,
        Ok(KeyOutcome::Answered(answer)) => {
            return answer_again(request, next, &app, Some(answer)).await;
        }
        Ok(KeyOutcome::AnswerLost) => return answer_again(request, next, &app, None).await,
        Ok(KeyOutcome::UnderWay) => ApiError::new(ErrorCode::IdempotencyKeyInUse),
        Ok(KeyOutcome::SomethingElse) => ApiError::new(ErrorCode::IdempotencyKeyReused),
        Err(error) => error,
    };
    Ok(request.error_response(refused))
}

/// The write, if it comes with a key that counts.
fn asked(request: &ServiceRequest) -> Result<Option<(web::Data<App>, KeyedWrite)>, ApiError> {
    let Some(key) = request.headers().get(KEY) else {
        return Ok(None);
    };
    let extensions = request.extensions();
    let Some(Shown::Good(credential)) = extensions.get::<Shown>().copied() else {
        return Ok(None);
    };
    if !is_honoured(request.method(), request.path()) {
        return Ok(None);
    }
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=LONGEST_KEY).contains(&key.len()))
        .ok_or_else(|| {
            ApiError::with_detail(
                ErrorCode::ValidationFailed,
                format!("An `Idempotency-Key` has 1 to {LONGEST_KEY} visible ASCII characters."),
            )
            .pointing_at("Idempotency-Key")
        })?;
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| ApiError::internal("the application has no state"))?;
    let body = extensions.get::<WholeBody>();
    let body = body.map(|WholeBody(bytes)| bytes.as_ref());
    let sent = [
        request.query_string().as_bytes(),
        b"\n",
        body.unwrap_or_default(),
    ];
    let write = KeyedWrite {
        credential,
        key: key.to_owned(),
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        sent: sent.concat(),
    };
    Ok(Some((app, write)))
}

/// What is to be kept of a write that has been answered.
enum Keep {
    /// The answer.
    Answer(KeptAnswer),
    /// That it was carried out, if it was.
    Outcome,
    /// Nothing at all.
    Nothing,
}

/// Carries the write out and keeps what is answered. It goes on to its end even if the caller hangs up:
/// that is when the answer will be asked for again.
async fn carry_out(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    app: web::Data<App>,
    claim: KeyClaim,
) -> Result<ServiceResponse<BoxBody>, Error> {
    replace_state(&mut request, app.carrying_out(&claim));
    let work = async move {
        let answered = next.call(request).await;
        let (answer, keep) = match answered {
            Ok(answer) => {
                let (answer, keep) = kept(answer.map_into_boxed_body(), &app.public_url);
                (Ok(answer), keep)
            }
            Err(error) => (Err(error), Keep::Outcome),
        };
        let noted = app
            .run(move |service| match keep {
                Keep::Answer(answer) => service.keep_answer(&claim, &answer),
                Keep::Outcome => service.release_key(&claim),
                Keep::Nothing => service.forget_key(&claim),
            })
            .await;
        tracing::debug!("a write with a key was answered");
        if let Err(error) = noted {
            tracing::warn!(%error, "what became of a write with a key cannot be noted");
        }
        answer
    };
    let work = Counted::here().during(work.in_current_span());
    actix_web::rt::spawn(work)
        .await
        .map_err(|error| ApiError::internal(format!("a write did not finish: {error}")))?
}

/// The answer, and what is to be kept of it.
fn kept(
    answer: ServiceResponse<BoxBody>,
    public_url: &PublicUrl,
) -> (ServiceResponse<BoxBody>, Keep) {
    let is_secret = answer
        .response()
        .extensions()
        .get::<HoldsSecret>()
        .is_some()
        || answer.headers().contains_key(header::SET_COOKIE);
    let status = answer.status();
    let passes = status == StatusCode::UNAUTHORIZED
        || status == StatusCode::TOO_MANY_REQUESTS
        || status.is_server_error();
    if is_secret {
        return (answer, Keep::Nothing);
    }
    if passes {
        return (answer, Keep::Outcome);
    }
    let answer = rendered(answer, public_url);
    let (request, response) = answer.into_parts();
    let (head, body) = response.into_parts();
    let (body, keep) = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() <= LARGEST_ANSWER => {
            let keep = KeptAnswer {
                status: status.as_u16().into(),
                headers: kept_headers(head.headers()),
                body: bytes.to_vec(),
            };
            (BoxBody::new(bytes), Keep::Answer(keep))
        }
        Ok(bytes) => (BoxBody::new(bytes), Keep::Outcome),
        // It does not lie in memory as a whole, so it has no bound.
        Err(body) => (body, Keep::Outcome),
    };
    (ServiceResponse::new(request, head.set_body(body)), keep)
}

/// Gives the use cases of this request another state to work with.
fn replace_state(request: &mut ServiceRequest, app: App) {
    let mut container = Extensions::new();
    container.insert(web::Data::new(app));
    request.add_data_container(Rc::new(container));
}

/// A refusal becomes words further out; what is kept must have them.
fn rendered(answer: ServiceResponse<BoxBody>, public_url: &PublicUrl) -> ServiceResponse<BoxBody> {
    let refused = answer.response().error();
    let Some(refused) = refused.and_then(|error| error.as_error::<ApiError>()) else {
        return answer;
    };
    let response = render(refused, public_url, &request_id(answer.request()));
    answer.into_response(response)
}

fn kept_headers(headers: &HeaderMap) -> Value {
    let kept = KEPT_HEADERS;
    let pairs = kept.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(json!([name.as_str(), value]))
    });
    pairs.collect()
}

/// Gives the first answer again, or says that it was lost, unless the caller would not be allowed the write
/// now: that is seen by carrying it out without committing it.
async fn answer_again(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    app: &App,
    kept: Option<KeptAnswer>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let ends_own_sight = ["/leave", "/reject"]
        .iter()
        .any(|verb| request.path().ends_with(verb));
    replace_state(&mut request, app.rehearsing());
    let rehearsed = next.call(request).await?.map_into_boxed_body();
    let code = rehearsed
        .response()
        .error()
        .and_then(|error| error.as_error::<ApiError>())
        .map(ApiError::code);
    let refused = match code {
        // Whoever left does not see the place any more, and may still be told that they left.
        Some(ErrorCode::NotFound) => !ends_own_sight,
        Some(code) => code.status() >= 500 || denies(code),
        None => rehearsed.status().is_server_error(),
    };
    if refused {
        return Ok(rehearsed);
    }
    let (request, _) = rehearsed.into_parts();
    let Some(kept) = kept else {
        let lost = ApiError::new(ErrorCode::IdempotencyAnswerLost);
        return Ok(ServiceResponse::from_err(lost, request));
    };
    let status = u16::try_from(kept.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| ApiError::internal("a kept answer has no status"))?;
    let mut response = HttpResponse::build(status);
    for pair in kept.headers.as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (pair[0].as_str(), pair[1].as_str()) {
            response.insert_header((name, value));
        }
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    Ok(ServiceResponse::new(request, response.body(kept.body)))
}

/// Whether a refusal is about who calls, and not about what the write would run into now.
fn denies(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotSignedIn
            | ErrorCode::Forbidden
            | ErrorCode::EmailNotVerified
            | ErrorCode::CannotHost
            | ErrorCode::AccountDisabled
            | ErrorCode::SessionNeeded
            | ErrorCode::ScopeMissing
            | ErrorCode::PersonNeeded
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    /// What is kept of such an answer, which is given as it is.
    fn kept_of(answer: HttpResponse, size: usize) -> Keep {
        let request = TestRequest::default().to_http_request();
        let answer = ServiceResponse::new(request, answer);
        let url = PublicUrl::parse("https://accord.test").expect("a good URL");
        let (answer, keep) = kept(answer, &url);
        let body = answer.into_body().try_into_bytes().expect("a whole body");
        assert_eq!(body.len(), size);
        keep
    }

    #[test]
    fn an_answer_of_any_size_is_given() {
        let of = |size: usize| kept_of(HttpResponse::Created().body(vec![b' '; size]), size);
        let Keep::Answer(largest) = of(LARGEST_ANSWER) else {
            panic!("it is not too large");
        };
        assert_eq!((largest.status, largest.body.len()), (201, LARGEST_ANSWER));
        assert!(matches!(of(LARGEST_ANSWER + 1), Keep::Outcome));
    }

    #[test]
    fn of_a_secret_nothing_is_kept_and_of_a_failure_only_what_it_did() {
        let made = || HttpResponse::Created().body("secret");
        assert!(matches!(kept_of(secret(made()), 6), Keep::Nothing));
        for status in [401, 429, 500, 503] {
            let status = StatusCode::from_u16(status).expect("a status");
            let answer = HttpResponse::build(status).finish();
            assert!(matches!(kept_of(answer, 0), Keep::Outcome), "{status}");
        }
    }

    #[test]
    fn keys_count_for_writes_of_who_is_signed_in() {
        let post = |path: &str| is_honoured(&Method::POST, &format!("{BASE_PATH}{path}"));
        assert!(post("/accounts/1/members") && post("/account/upgrade"));
        for other in [
            "/auth/sign-in",
            "/invitations/x/accept",
            "/checks",
            "/accounts/1/preview",
            "/accounts/1/draft-access",
            "/unsubscribe/x",
        ] {
            assert!(!post(other), "{other}");
        }
        assert!(!is_honoured(&Method::PATCH, "/api/v1/account"));
        assert!(!is_honoured(&Method::POST, "/unsubscribe/x"));
    }
}
