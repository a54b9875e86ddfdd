//! Who calls: a token in the header, or the browser's refresh cookie. A handler says in its type what is
//! needed: [`SignedIn`] a session, [`Scoped`] a session or a token with the scope.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use accord_api_types::{BASE_PATH, ErrorCode};
use accord_domain::token::TokenScope;
use accord_service::{Call, Credential, RequestInfo, SecretToken};
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use chrono::Duration;

use crate::problem::ApiError;
use crate::scopes::RequiredScope;
use crate::settings::PublicUrl;
use crate::state::App;

/// The cookie that keeps a browser signed in.
pub(crate) const REFRESH_COOKIE: &str = "accord_refresh";
const REFRESH_ATTEMPT: &str = "refresh-attempt";
/// In characters: short of these it could be guessed.
const REFRESH_ATTEMPT_LENGTH: std::ops::RangeInclusive<usize> = 16..=255;

/// The cookie that tells the dashboard's own scripts that there is a refresh cookie, which they cannot see:
/// a page asks for a session only where there may be one. It proves nothing.
const SIGNED_IN_COOKIE: &str = "accord_signed_in";

/// Somebody who is signed in; no token will do. Whether the session still lives is the service's to say.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) Call);

/// Somebody who is signed in, or a program with a token that has the scope. Whether either still counts,
/// and whether the platform may, is the service's to say.
#[derive(Debug)]
pub(crate) struct Scoped<S>(pub(crate) Call, PhantomData<S>);

/// What a request shows of who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing at all.
    Nothing,
    /// A token that is no good.
    NoGood,
    /// A session that is to be looked at, or a token that there was.
    Good(Credential),
}

/// A caller who may be signed in. A token that is no good is refused all the same.
#[derive(Debug)]
pub(crate) struct MaybeSignedIn {
    pub(crate) credential: Option<Credential>,
    pub(crate) request: RequestInfo,
}

impl MaybeSignedIn {
    /// The call, if signed in.
    pub(crate) fn call(&self) -> Option<Call> {
        self.credential.map(|credential| Call {
            credential,
            scope: None,
            request: self.request.clone(),
        })
    }
}

/// The session that a token names, for who wants to be rid of it: one that is no good is no matter.
#[derive(Debug)]
pub(crate) struct WhateverToken(pub(crate) Option<Credential>);

/// Nobody in particular, but from somewhere.
#[derive(Debug)]
pub(crate) struct Anybody(pub(crate) RequestInfo);

/// A browser's refresh cookie, from a page of our own.
#[derive(Debug)]
pub(crate) struct RefreshCookie(pub(crate) Option<SecretToken>);

/// The caller's name for an attempt to refresh. No program but its own knows it.
#[derive(Debug)]
pub(crate) struct RefreshAttempt(pub(crate) Option<SecretToken>);

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(call(request, None).map(Self))
    }
}

impl<S: RequiredScope> FromRequest for Scoped<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(call(request, Some(S::SCOPE)).map(|call| Self(call, PhantomData)))
    }
}

impl FromRequest for MaybeSignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(credential(request).map(|credential| Self {
            credential,
            request: info(request),
        }))
    }
}

impl FromRequest for WhateverToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(credential(request).ok().flatten())))
    }
}

impl FromRequest for Anybody {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(info(request))))
    }
}

impl FromRequest for RefreshCookie {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(app(request).and_then(|app| {
            if !is_our_page(request, &app.public_url) {
                return Err(ApiError::with_detail(
                    ErrorCode::Forbidden,
                    "This is answered only to pages of this service.",
                ));
            }
            Ok(Self(
                request
                    .cookie(REFRESH_COOKIE)
                    .map(|cookie| SecretToken::presented(cookie.value())),
            ))
        }))
    }
}

impl FromRequest for RefreshAttempt {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(written) = request.headers().get(REFRESH_ATTEMPT) else {
            return ready(Ok(Self(None)));
        };
        let attempt = written
            .to_str()
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
            .filter(|text| REFRESH_ATTEMPT_LENGTH.contains(&text.len()))
            .map(|text| Self(Some(SecretToken::presented(text))));
        ready(attempt.ok_or_else(|| {
            let (shortest, longest) = REFRESH_ATTEMPT_LENGTH.into_inner();
            ApiError::with_detail(
                ErrorCode::ValidationFailed,
                format!(
                    "A `Refresh-Attempt` has {shortest} to {longest} visible ASCII characters."
                ),
            )
            .pointing_at("Refresh-Attempt")
        }))
    }
}

fn app(request: &HttpRequest) -> Result<&web::Data<App>, ApiError> {
    request
        .app_data()
        .ok_or_else(|| ApiError::internal("the application has no state"))
}

fn info(request: &HttpRequest) -> RequestInfo {
    request
        .extensions()
        .get::<RequestInfo>()
        .cloned()
        .unwrap_or_default()
}

/// What was shown, as far as it was looked at already.
fn credential(request: &HttpRequest) -> Result<Option<Credential>, ApiError> {
    match request.extensions().get::<Shown>() {
        None | Some(Shown::Nothing) => Ok(None),
        Some(Shown::NoGood) => Err(ApiError::new(ErrorCode::NotSignedIn)),
        Some(Shown::Good(credential)) => Ok(Some(*credential)),
    }
}

fn call(request: &HttpRequest, scope: Option<TokenScope>) -> Result<Call, ApiError> {
    let credential = credential(request)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?;
    Ok(Call {
        credential,
        scope,
        request: info(request),
    })
}

/// The token in the header: `None` without a header, `Some(None)` where it holds no such thing.
pub(crate) fn presented(request: &HttpRequest) -> Option<Option<&str>> {
    let written = request.headers().get(header::AUTHORIZATION)?;
    Some(written.to_str().ok().and_then(bearer_token))
}

fn bearer_token(written: &str) -> Option<&str> {
    let (scheme, token) = written.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Browsers say where a request comes from; other programs say nothing, and have no cookies that
/// anybody could borrow. `SameSite=Strict` guards too; this guards where a sibling host is not trusted.
fn is_our_page(request: &HttpRequest, public_url: &PublicUrl) -> bool {
    let text = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), _) => true,
        (_, Some(origin)) => origin == public_url.as_str(),
        (Some(_), None) => false,
        (None, None) => true,
    }
}

/// The cookies of a session: the one that carries its refresh token, on the path of the operations which
/// need it, and the one that says so.
pub(crate) fn session_cookies(
    token: &SecretToken,
    lifetime: Duration,
    secure: bool,
) -> [Cookie<'static>; 2] {
    let seconds = lifetime.num_seconds();
    [
        refresh_cookie(token.reveal().to_owned(), seconds, secure),
        signed_in_cookie("1", seconds, secure),
    ]
}

/// The cookies that take these away.
pub(crate) fn no_session_cookies(secure: bool) -> [Cookie<'static>; 2] {
    [
        refresh_cookie(String::new(), 0, secure),
        signed_in_cookie("", 0, secure),
    ]
}

fn refresh_cookie(value: String, seconds: i64, secure: bool) -> Cookie<'static> {
    Cookie::build(REFRESH_COOKIE, value)
        .path(format!("{BASE_PATH}/auth"))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}

fn signed_in_cookie(value: &'static str, seconds: i64, secure: bool) -> Cookie<'static> {
    Cookie::build(SIGNED_IN_COOKIE, value)
        .path("/")
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(CookieDuration::seconds(seconds))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_bearer_tokens_are_tokens() {
        assert_eq!(bearer_token("Bearer abc"), Some("abc"));
        assert_eq!(bearer_token("bearer  abc "), Some("abc"));
        for other in ["Basic abc", "Bearer", "abc", ""] {
            assert_eq!(bearer_token(other), None, "{other}");
        }
    }

    #[test]
    fn pages_of_others_are_told_apart() {
        let url = PublicUrl::parse("https://accord.test").expect("a good URL");
        let ours = |headers: &[(&'static str, &'static str)]| {
            let request = headers
                .iter()
                .fold(TestRequest::post(), |r, header| r.insert_header(*header));
            is_our_page(&request.to_http_request(), &url)
        };
        assert!(ours(&[]), "not a browser");
        assert!(ours(&[("origin", "https://accord.test")]));
        assert!(ours(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:8080")
        ]));
        assert!(!ours(&[("origin", "https://evil.test")]));
        assert!(!ours(&[("origin", "null")]));
        assert!(!ours(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.accord.test")
        ]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites() {
        let token = SecretToken::presented("t");
        let [refresh, signed_in] =
            session_cookies(&token, Duration::days(1), true).map(|cookie| cookie.to_string());
        for part in [
            "accord_refresh=t",
            "HttpOnly",
            "SameSite=Strict",
            "Secure",
            "Path=/api/v1/auth",
            "Max-Age=86400",
        ] {
            assert!(refresh.contains(part), "{refresh}");
        }
        assert!(
            signed_in.starts_with("accord_signed_in=1;") && !signed_in.contains("HttpOnly"),
            "{signed_in}"
        );
        for cookie in session_cookies(&token, Duration::days(1), false) {
            assert!(!cookie.to_string().contains("Secure"));
        }
        for cookie in no_session_cookies(true) {
            assert!(cookie.to_string().contains("Max-Age=0"), "{cookie}");
        }
    }
}
