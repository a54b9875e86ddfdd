//! Writes that are tried again because their answer was lost.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use accord_api_types::ErrorCode;
use reqwest::Request;
use uuid::Uuid;

use crate::{Client, Error, Result};

/// The name of the header.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What somebody tries to do until an answer comes, as with a form that is sent again. Each `POST` made under
/// it carries an `Idempotency-Key`. One that was never answered keeps its key, so that the server carries out
/// the same once, however often it is sent; where an answer came, the next one is a new one.
///
/// Clones are the same attempts.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Mutex<HashMap<u64, Uuid>>>);

impl Client {
    /// This client, making its writes under `attempts`.
    #[must_use]
    pub fn trying(&self, attempts: &Attempts) -> Self {
        Self {
            attempts: Some(attempts.clone()),
            ..self.clone()
        }
    }
}

impl Attempts {
    /// Begins to send `request`, or sends it again.
    pub(crate) fn begin(&self, request: &Request) -> Attempt {
        let sent = digest(request);
        let key = self.unanswered().remove(&sent);
        Attempt {
            attempts: self.clone(),
            sent,
            key: key.unwrap_or_else(Uuid::new_v4),
            is_answered: false,
        }
    }

    fn unanswered(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is sent where. Another content is another write: under the same key it would be refused.
fn digest(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.url().as_str().hash(&mut hasher);
    let body = request.body().and_then(reqwest::Body::as_bytes);
    body.unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// One write under way. While it is, the same once more is another write; broken off, it is one that was
/// never answered.
#[derive(Debug)]
pub(crate) struct Attempt {
    attempts: Attempts,
    sent: u64,
    key: Uuid,
    is_answered: bool,
}

impl Attempt {
    pub(crate) fn key(&self) -> String {
        self.key.to_string()
    }

    /// Notes what came of it.
    pub(crate) fn ended<T>(mut self, outcome: &Result<T>) {
        self.is_answered = match outcome {
            Ok(_) => true,
            // The first one is still being carried out, or may have been, and only its answer was lost.
            Err(refusal @ Error::Problem { .. }) => !matches!(
                refusal.code(),
                Some(
                    ErrorCode::IdempotencyKeyInUse
                        | ErrorCode::RateLimited
                        | ErrorCode::Internal
                        | ErrorCode::Unavailable
                )
            ),
            Err(Error::Network(_) | Error::Decode { .. }) => false,
        };
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.is_answered {
            self.attempts.unanswered().insert(self.sent, self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::Problem;

    use super::*;

    fn post(body: &str) -> Request {
        let client = reqwest::Client::new();
        let request = client.post("http://localhost/things").body(body.to_owned());
        request.build().expect("a request")
    }

    #[test]
    fn what_was_never_answered_keeps_its_key() {
        let attempts = Attempts::default();
        let first = attempts.begin(&post("a"));
        let key = first.key();
        first.ended::<()>(&Err(Error::Network("lost".into())));
        let again = attempts.begin(&post("a"));
        assert_eq!(again.key(), key);
        let meanwhile = attempts.begin(&post("a"));
        assert_ne!(meanwhile.key(), key, "it is under way already");
        meanwhile.ended(&Ok(()));
        // Broken off, as by a page that is closed.
        drop(again);
        let third = attempts.begin(&post("a"));
        assert_eq!(third.key(), key);
        third.ended(&Ok(()));
        assert_ne!(attempts.begin(&post("a")).key(), key, "it was answered");
    }

    #[test]
    fn what_may_have_been_carried_out_all_the_same_keeps_its_key() {
        for (code, kept) in [
            (ErrorCode::Unavailable, true),
            (ErrorCode::Internal, true),
            (ErrorCode::IdempotencyKeyInUse, true),
            (ErrorCode::NameTaken, false),
        ] {
            let attempts = Attempts::default();
            let first = attempts.begin(&post("a"));
            let key = first.key();
            first.ended::<()>(&Err(Error::Problem {
                problem: Box::new(Problem {
                    type_uri: String::new(),
                    title: String::new(),
                    status: code.status(),
                    detail: String::new(),
                    code,
                    request_id: String::new(),
                    errors: Vec::new(),
                    context: None,
                }),
                status: code.status(),
                retry_after: None,
            }));
            assert_eq!(attempts.begin(&post("a")).key() == key, kept, "{code}");
        }
    }

    #[test]
    fn another_content_has_another_key() {
        let attempts = Attempts::default();
        let first = attempts.begin(&post("a"));
        let key = first.key();
        drop(first);
        assert_ne!(attempts.begin(&post("b")).key(), key);
        assert_eq!(attempts.begin(&post("a")).key(), key);
    }
}
