//! What handlers take from a request: bodies, queries and ids, each with a clear refusal.

use std::future::{Ready, ready};

use accord_api_types::{ErrorCode, FieldError};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::Segment;

use crate::body::WholeBody;
use crate::problem::ApiError;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A body that may be left out, and then is that of `{}`.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// No body, or `{}`: what verbs take.
#[derive(Debug)]
pub(crate) struct NoBody;

/// What [`NoBody`] takes, or the form that mail programs post to leave a list (RFC 8058). What the form
/// says is not looked at: that it was posted says it.
#[derive(Debug)]
pub(crate) struct OneClick;

/// A query string, without unknown or invalid parameters.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// The ids in the path. A malformed one names nothing, so it is a 404.
#[derive(Debug)]
pub(crate) struct Ids<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            check_media_type(request)
                .and_then(|()| parse(&body(request)))
                .map(Json),
        )
    }
}

impl<T: DeserializeOwned> FromRequest for OptionalJson<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let body = body(request);
        ready(if body.is_empty() {
            parse(b"{}").map(OptionalJson)
        } else {
            check_media_type(request)
                .and_then(|()| parse(&body))
                .map(OptionalJson)
        })
    }
}

/// Reads a part of a body whose shape is told by another part.
pub(crate) fn parse_part<T: DeserializeOwned>(part: serde_json::Value) -> Result<T, ApiError> {
    if !part.is_object() {
        return Err(ApiError::invalid_at("", "Expected an object."));
    }
    serde_path_to_error::deserialize(part).map_err(|error| {
        let error = field_error(error.path(), &error.inner().to_string());
        ApiError::invalid(vec![error])
    })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl FromRequest for NoBody {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = OptionalJson::<Nothing>::from_request(request, payload).into_inner();
        ready(read.map(|OptionalJson(Nothing {})| Self))
    }
}

impl FromRequest for OneClick {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let essence = media_type(request);
        let forms = ["application/x-www-form-urlencoded", "multipart/form-data"];
        if forms.iter().any(|form| essence.eq_ignore_ascii_case(form)) {
            return ready(Ok(Self));
        }
        let read = NoBody::from_request(request, payload).into_inner();
        ready(read.map(|NoBody| Self))
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(request.query_string()).map(Query))
    }
}

impl<T: DeserializeOwned> FromRequest for Ids<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .load()
                .map(Ids)
                .map_err(|_| ApiError::new(ErrorCode::NotFound)),
        )
    }
}

fn body(request: &HttpRequest) -> actix_web::web::Bytes {
    request
        .extensions()
        .get::<WholeBody>()
        .map(|WholeBody(bytes)| bytes.clone())
        .unwrap_or_default()
}

/// What the body is said to be, without its parameters.
fn media_type(request: &HttpRequest) -> &str {
    let written = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = written.unwrap_or_default().split(';').next();
    essence.unwrap_or_default().trim()
}

/// `application/json`, or the merge patches that are written in it.
fn check_media_type(request: &HttpRequest) -> Result<(), ApiError> {
    let essence = media_type(request);
    let known = ["application/json", "application/merge-patch+json"];
    if known
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
    {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::UnsupportedMediaType))
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let malformed = |detail: String| ApiError::with_detail(ErrorCode::MalformedBody, detail);
    let text =
        std::str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8.".into()))?;
    let not_json = |error: &serde_json::Error| {
        malformed(format!(
            "The body is not JSON: {}.",
            without_place(&error.to_string())
        ))
    };
    // All of it must be JSON before any of it is looked at: a wrong field must not hide a missing end.
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| not_json(&error))?;
    // serde reads an array as an object whose fields stand in order; the API does not.
    if !text.trim_start().starts_with('{') {
        return Err(ApiError::invalid_at("", "Expected an object."));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner();
        let message = inner.to_string();
        // Half a character, and nesting without end, are found only when values are read.
        if !inner.is_data()
            && ["escape", "surrogate", "unicode", "recursion"]
                .iter()
                .any(|sign| message.contains(sign))
        {
            not_json(inner)
        } else {
            ApiError::invalid(vec![field_error(error.path(), &message)])
        }
    })
}

fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    check_is_text(query)?;
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let FieldError { pointer, detail } = field_error(error.path(), &error.inner().to_string());
        ApiError::invalid_at(format!("?{}", pointer.trim_start_matches('/')), detail)
    })
}

/// Bytes that are no UTF-8 would be read as other characters than were sent.
fn check_is_text(query: &str) -> Result<(), ApiError> {
    let is_text = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    match query.split('&').find(|pair| !is_text(pair)) {
        None => Ok(()),
        Some(pair) => {
            let name = pair.split('=').next().filter(|name| is_text(name));
            let pointer = format!("?{}", name.unwrap_or_default());
            Err(ApiError::invalid_at(pointer, "Expected UTF-8."))
        }
    }
}

fn form_pairs(query: &str) -> url::form_urlencoded::Parse<'_> {
    url::form_urlencoded::parse(query.as_bytes())
}

/// Where it stands and what is wrong there, in words that repeat nothing of the value.
fn field_error(path: &serde_path_to_error::Path, message: &str) -> FieldError {
    let message = without_place(message);
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if let Some(missing) = quoted(message, "missing field `") {
        pointer.push('/');
        pointer.push_str(missing);
        return FieldError {
            pointer,
            detail: "This field is required.".into(),
        };
    }
    let detail = if message.starts_with("unknown field") {
        "There is no such field.".to_owned()
    } else if message.starts_with("duplicate field") {
        "This field is there twice.".to_owned()
    } else if message.starts_with("UUID parsing failed") {
        "Expected an id.".to_owned()
    } else if message.ends_with(", expected f64") || message.contains("number out of range") {
        "Expected a number.".to_owned()
    } else if let Some((_, expected)) = message.rsplit_once(", expected ") {
        format!("Expected {}.", in_words_of_json(&expected.replace('`', "")))
    } else if message.contains("digit") || message.contains("number") {
        "Expected a whole number.".to_owned()
    } else {
        "This is not valid here.".to_owned()
    };
    FieldError { pointer, detail }
}

/// What was expected, not by the names that the program has for it.
fn in_words_of_json(expected: &str) -> &str {
    const OTHERWISE: [(&str, &str); 5] = [
        ("struct ", "an object"),
        ("a map", "an object"),
        ("a sequence", "a list"),
        ("tuple ", "a list"),
        ("enum ", "one of the words that are named for it"),
    ];
    let known = OTHERWISE
        .iter()
        .find(|(start, _)| expected.starts_with(start));
    known.map_or(expected, |(_, words)| words)
}

fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    message.strip_prefix(before)?.split('`').next()
}

/// serde_json ends its messages with a line and a column.
fn without_place(message: &str) -> &str {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PublicUrl;
    use accord_api_types::{Invite, MembersQuery, Problem, SignIn};
    use actix_web::body::MessageBody as _;

    fn problem(error: &ApiError) -> Problem {
        let url = PublicUrl::parse("https://accord.test").expect("a good URL");
        let answer = crate::problem::render(error, &url, "r");
        let bytes = answer.into_body().try_into_bytes().expect("a whole body");
        serde_json::from_slice(&bytes).expect("a problem")
    }

    fn refused<T: DeserializeOwned + std::fmt::Debug>(body: &[u8]) -> Problem {
        problem(&parse::<T>(body).expect_err("refused"))
    }

    fn pointers<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> Vec<(String, String)> {
        let problem = refused::<T>(body.as_bytes());
        assert_eq!(problem.code, ErrorCode::ValidationFailed, "{problem:?}");
        problem
            .errors
            .into_iter()
            .map(|error| (error.pointer, error.detail))
            .collect()
    }

    fn one(pointer: &str, detail: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), detail.to_owned())]
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in [
            b"".as_slice(),
            b"{",
            b"{\"email\":}",
            b"\xff\xfe",
            b"{\"email\":\"\xc3\x28\"}",
            b"{\"surprise\":1,}",
            b"{\"email\":\"a\",\"password\":\"b\"} x",
            b"{\"email\":\"\\ud800\",\"password\":\"b\"}",
        ] {
            assert_eq!(
                refused::<SignIn>(body).code,
                ErrorCode::MalformedBody,
                "{body:?}"
            );
        }
    }

    #[test]
    fn an_error_points_at_its_place() {
        assert_eq!(
            pointers::<SignIn>(r#"{"email":"a"}"#),
            one("/password", "This field is required.")
        );
        assert_eq!(
            pointers::<SignIn>(r#"{"email":5,"password":""}"#),
            one("/email", "Expected a string.")
        );
        assert_eq!(
            pointers::<SignIn>(r#"{"email":"a","password":"b","a/b":1}"#),
            one("/a~1b", "There is no such field.")
        );
        assert_eq!(
            pointers::<SignIn>(r#"["a","b"]"#),
            one("", "Expected an object.")
        );
        assert_eq!(
            pointers::<Invite>(
                r#"{"email":"a","shares":[{"item":{"kind":"groups"},"role_ids":["x"]}]}"#
            ),
            one("/shares/0/role_ids/0", "Expected an id.")
        );
        assert_eq!(
            pointers::<Invite>(
                r#"{"email":"a","shares":[{"item":{"kind":"planet"},"role_ids":[]}]}"#
            )[0]
            .0,
            "/shares/0/item/kind"
        );
        assert_eq!(
            pointers::<Invite>(r#"{"email":"a","shares":[{"item":{"kind":"groups"}}]}"#),
            one("/shares/0/role_ids", "This field is required.")
        );
    }

    #[test]
    fn nothing_of_a_wrong_value_is_repeated() {
        let problem = refused::<SignIn>(br#"{"email":"a","password":["hunter2"]}"#);
        assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
    }

    #[test]
    fn a_bad_query_points_at_its_parameter() {
        let refused = |query: &str| {
            let problem = problem(&parse_query::<MembersQuery>(query).expect_err("refused"));
            assert_eq!(problem.status, 422);
            problem.errors[0].pointer.clone()
        };
        assert_eq!(refused("limit=many"), "?limit");
        assert_eq!(refused("limit=-1"), "?limit");
        assert_eq!(refused("state=active"), "?state");
        assert_eq!(refused("status=gone"), "?status");
        let good = parse_query::<MembersQuery>("status=active&q=a%20b").expect("good");
        assert_eq!(good.q.as_deref(), Some("a b"));
    }
}
