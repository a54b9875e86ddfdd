//! Versions of resources: `ETag` on answers, `If-Match` on writes.

use std::future::{Ready, ready};

use accord_service::ServiceError;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::ApiError;

/// More versions than any caller has reason to name.
const MOST_VERSIONS: usize = 16;

/// The `ETag` of a version.
pub(crate) fn etag(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

/// The versions that a write is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Any.
    Anything,
    /// One of these; none of them, where nothing named is a version of ours.
    OneOf(Vec<i64>),
}

impl IfMatch {
    fn parse<'h>(headers: impl Iterator<Item = &'h str>) -> Self {
        let mut named = headers
            .flat_map(|header| header.split(','))
            .map(str::trim)
            .peekable();
        if named.peek().is_none() {
            return Self::Anything;
        }
        let mut versions = Vec::new();
        for tag in named.take(MOST_VERSIONS) {
            if tag == "*" {
                return Self::Anything;
            }
            // A weak tag never matches here, nor does one that we did not make.
            let version = tag
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            versions.extend(version.and_then(|version| version.parse::<i64>().ok()));
        }
        Self::OneOf(versions)
    }

    /// Attempts the write for each version until one is the stored one. An attempt for another
    /// version changes nothing.
    pub(crate) fn attempt<T>(
        &self,
        mut write: impl FnMut(Option<i64>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        const NO_VERSION: i64 = -1;
        match self {
            Self::Anything => write(None),
            Self::OneOf(versions) => {
                let (last, others) = versions
                    .split_last()
                    .map_or((NO_VERSION, [].as_slice()), |(l, o)| (*l, o));
                for version in others {
                    match write(Some(*version)) {
                        Err(ServiceError::Stale) => {}
                        outcome => return outcome,
                    }
                }
                write(Some(last))
            }
        }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers().get_all(header::IF_MATCH);
        ready(Ok(Self::parse(
            headers.map(|value| value.to_str().unwrap_or("unreadable")),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(headers: &[&str], stored: i64) -> Result<(), ServiceError> {
        IfMatch::parse(headers.iter().copied()).attempt(|expected| match expected {
            Some(expected) if expected != stored => Err(ServiceError::Stale),
            _ => Ok(()),
        })
    }

    #[test]
    fn a_write_is_made_only_for_a_named_version() {
        for headers in [
            &[][..],
            &["*"],
            &["\"3\""],
            &["\"1\", \"3\""],
            &["\"1\"", "\"3\", \"4\""],
        ] {
            assert!(outcome(headers, 3).is_ok(), "{headers:?}");
        }
        for headers in [
            &["\"2\""][..],
            &["W/\"3\""],
            &["3"],
            &[""],
            &["\"three\""],
            &["\"1\", \"2\""],
        ] {
            assert!(
                matches!(outcome(headers, 3), Err(ServiceError::Stale)),
                "{headers:?}"
            );
        }
    }
}
