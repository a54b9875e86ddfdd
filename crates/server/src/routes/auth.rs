use std::time::Duration;

use accord_api_types::{
    ErrorCode, ForgotPassword, ResetPassword, SignIn, SignUp, SignedIn as SignedInAnswer,
    VerifyEmail,
};
use accord_domain::email::EmailAddress;
use accord_domain::password::check_password_length;
use accord_domain::text::DisplayName;
use accord_service::{SecretToken, Service, SignedInView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, accepted, no_content, whose};
use crate::caller::{
    Anybody, RefreshAttempt, RefreshCookie, SignedIn, WhateverToken, no_session_cookies,
    session_cookies,
};
use crate::convert::{Fields, account};
use crate::extract::{Json, NoBody};
use crate::limits::Kind;
use crate::problem::{Answer, ApiError};

/// Longer than a commit takes.
const FORGOT_PASSWORD_TAKES: Duration = Duration::from_millis(250);

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(sign_up)
        .service(sign_in)
        .service(refresh)
        .service(sign_out)
        .service(forgot_password)
        .service(reset_password)
        .service(verify_email)
        .service(resend_verification);
}

/// Signed in, with the cookie that keeps the browser so.
fn signed_in(state: &State, status: StatusCode, view: &SignedInView) -> HttpResponse {
    let secure = state.public_url.is_secure();
    let mut answer = HttpResponse::build(status);
    for cookie in session_cookies(&view.refresh_token, view.refresh_token_lifetime, secure) {
        answer.cookie(cookie);
    }
    answer.json(SignedInAnswer {
        account: account(&view.account),
        access_token: view.access_token.clone(),
        expires_in: view.access_token_lifetime.num_seconds().unsigned_abs(),
    })
}

/// Counts by the address as it is compared; what is no address finds no account anyway.
fn limit_address(state: &State, kind: Kind, email: &str) -> Result<(), ApiError> {
    match EmailAddress::parse(email) {
        Ok(address) => state.limit(kind, &address.key()),
        Err(_) => Ok(()),
    }
}

/// Sign up
///
/// Makes an account of kind `billing` with the example roles, signs it in, and mails a link that
/// proves the address. The refresh cookie is set for browsers.
#[utoipa::path(
    operation_id = "sign_up",
    tag = "auth",
    request_body = SignUp,
    responses((status = 201, description = "The new account, signed in.", body = SignedInAnswer)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::SignUpClosed, ErrorCode::EmailTaken, ErrorCode::RateLimited
    ]))),
)]
#[post("/auth/sign-up")]
async fn sign_up(state: State, caller: Anybody, Json(body): Json<SignUp>) -> Answer {
    state.limit_network(Kind::SignUp, &caller.0)?;
    let mut fields = Fields::default();
    let email = fields.take("/email", EmailAddress::parse(&body.email));
    let name = fields.take("/name", DisplayName::parse(&body.name));
    let password = fields.take(
        "/password",
        check_password_length(&body.password).map(|()| body.password),
    );
    let built = match (email, name, password) {
        (Some(email), Some(name), Some(password)) => Some(accord_service::SignUp {
            email,
            password,
            name,
        }),
        _ => None,
    };
    let command = fields.finish(built)?;
    let from = caller.0.clone();
    let view = state
        .run_hashing(move |service| service.sign_up(&caller.0, &command))
        .await?;
    state.is_here(&view.account, &from);
    Ok(signed_in(&state, StatusCode::CREATED, &view))
}

/// Sign in
///
/// By address and password. An unknown address and a wrong password are answered alike, and take as
/// long.
#[utoipa::path(
    operation_id = "sign_in",
    tag = "auth",
    request_body = SignIn,
    responses((status = 200, description = "Signed in; the refresh cookie is set.", body = SignedInAnswer)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::InvalidCredentials, ErrorCode::AccountDisabled, ErrorCode::RateLimited
    ]))),
)]
#[post("/auth/sign-in")]
async fn sign_in(state: State, caller: Anybody, Json(body): Json<SignIn>) -> Answer {
    state.limit_sign_in(&body.email, &caller.0)?;
    let from = caller.0.clone();
    let view = state
        .run_hashing(move |service| service.sign_in(&caller.0, &body.email, &body.password))
        .await?;
    state.is_here(&view.account, &from);
    Ok(signed_in(&state, StatusCode::OK, &view))
}

/// Renew the access token
///
/// By the refresh cookie, which is replaced: each is good for one refresh, and one that comes a second
/// time ends the session. Where the answer was lost, the same cookie may be sent again with the same
/// `Refresh-Attempt`, and is answered with the same new cookie, as long as that has not been used. Answered only to pages of
/// this service and to programs.
#[utoipa::path(
    operation_id = "refresh",
    tag = "auth",
    security(("refresh_cookie" = [])),
    params((
        "Refresh-Attempt" = Option<String>, Header, nullable = false, min_length = 16, max_length = 255,
        pattern = "^[!-~]+$", example = "018f5f6e-7b1a-7c2d-8e3f-4a5b6c7d8e9f",
        description = "A name of the caller's for this attempt that nobody else can guess, such as a UUID.",
    )),
    responses((status = 200, description = "A new access token and cookie.", body = SignedInAnswer)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::ValidationFailed]))),
)]
#[post("/auth/refresh")]
async fn refresh(
    state: State,
    caller: Anybody,
    cookie: RefreshCookie,
    RefreshAttempt(attempt): RefreshAttempt,
    _body: NoBody,
) -> Answer {
    let outcome = match cookie.0 {
        Some(token) => {
            let refresh = move |service: &Service| service.refresh(&token, attempt.as_ref());
            state.run(refresh).await
        }
        None => Err(ApiError::new(ErrorCode::NotSignedIn)),
    };
    // A cookie that is no good is left in place: it may be the newer one that another tab just got.
    outcome.map(|view| {
        state.is_here(&view.account, &caller.0);
        signed_in(&state, StatusCode::OK, &view)
    })
}

/// Sign out
///
/// Ends the session of the refresh cookie and that of the access token, whichever are sent, and takes
/// the cookie away. Answers the same when nobody was signed in.
#[utoipa::path(
    operation_id = "sign_out",
    tag = "auth",
    responses((status = 204, description = "Signed out.")),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[post("/auth/sign-out")]
async fn sign_out(
    state: State,
    caller: WhateverToken,
    cookie: RefreshCookie,
    _body: NoBody,
) -> Answer {
    state
        .run(move |service| service.sign_out(cookie.0.as_ref(), caller.0))
        .await?;
    let mut answer = no_content();
    for cookie in no_session_cookies(state.public_url.is_secure()) {
        let _ = answer.add_cookie(&cookie);
    }
    Ok(answer)
}

/// Ask for a new password
///
/// Mails a link if the address has an account. The answer never says whether it has.
#[utoipa::path(
    operation_id = "forgot_password",
    tag = "auth",
    request_body = ForgotPassword,
    responses((status = 202, description = "Taken, whatever comes of it.")),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[post("/auth/password/forgot")]
async fn forgot_password(
    state: State,
    caller: Anybody,
    Json(body): Json<ForgotPassword>,
) -> Answer {
    state.limit_network(Kind::MailAsked, &caller.0)?;
    limit_address(&state, Kind::MailTo, &body.email)?;
    // An address with an account costs a commit: every answer takes as long, so that none tells.
    let asked = state.run(move |service| service.forgot_password(&body.email));
    let (asked, ()) = tokio::join!(asked, tokio::time::sleep(FORGOT_PASSWORD_TAKES));
    asked?;
    Ok(accepted())
}

/// Choose a new password
///
/// By the mailed link. Ends all sessions of the account.
#[utoipa::path(
    operation_id = "reset_password",
    tag = "auth",
    request_body = ResetPassword,
    responses((status = 204, description = "The new password counts.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::NotFound, ErrorCode::LinkUsed, ErrorCode::LinkExpired, ErrorCode::RateLimited
    ]))),
)]
#[post("/auth/password/reset")]
async fn reset_password(state: State, caller: Anybody, Json(body): Json<ResetPassword>) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let mut fields = Fields::default();
    let password = fields.take(
        "/password",
        check_password_length(&body.password).map(|()| body.password),
    );
    let password = fields.finish(password)?;
    let token = SecretToken::presented(&body.token);
    let from = caller.0.clone();
    let account = state
        .run_hashing(move |service| service.reset_password(&caller.0, &token, &password))
        .await?;
    state.is_here(&account, &from);
    Ok(no_content())
}

/// Prove an address
///
/// By the mailed link. Nobody needs to be signed in for it. A link to a new address makes it that of
/// the account, unless another account has got it meanwhile.
#[utoipa::path(
    operation_id = "verify_email",
    tag = "auth",
    request_body = VerifyEmail,
    responses((status = 204, description = "The address is proven.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::NotFound, ErrorCode::LinkUsed, ErrorCode::LinkExpired, ErrorCode::EmailTaken, ErrorCode::RateLimited
    ]))),
)]
#[post("/auth/email/verify")]
async fn verify_email(state: State, caller: Anybody, Json(body): Json<VerifyEmail>) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let token = SecretToken::presented(&body.token);
    state
        .run(move |service| service.verify_email(&caller.0, &token))
        .await?;
    Ok(no_content())
}

/// Mail another link that proves the caller's address
///
/// The one before stops working.
#[utoipa::path(
    operation_id = "resend_verification",
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 202, description = "The mail is on its way.")),
    extensions(("x-problem-codes" = json!([ErrorCode::AlreadyVerified, ErrorCode::RateLimited]))),
)]
#[post("/auth/email/resend")]
async fn resend_verification(state: State, caller: SignedIn, _body: NoBody) -> Answer {
    state.limit(Kind::MailTo, &whose(&caller.0))?;
    state
        .run(move |service| service.resend_verification(&caller.0))
        .await?;
    Ok(accepted())
}
