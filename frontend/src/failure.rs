//! Why something did not work, in words for the person it happened to.

use accord_api_types::{ErrorCode, FieldError, ProblemContext};
use accord_client::Error;

/// What went wrong with a call, or with what was typed before any call was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// Found before sending: the mirror of the server's validation.
    Invalid(Vec<FieldError>),
    /// The server's answer, or none.
    Call(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Failure {
    /// The stable code of the server's refusal.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Invalid(_) => Some(ErrorCode::ValidationFailed),
            Self::Call(error) => error.code(),
        }
    }

    /// What a conflict ran into.
    pub(crate) fn context(&self) -> Option<&ProblemContext> {
        match self {
            Self::Invalid(_) => None,
            Self::Call(error) => error.context(),
        }
    }

    /// The session is over.
    pub(crate) fn is_signed_out(&self) -> bool {
        self.code() == Some(ErrorCode::NotSignedIn)
    }

    fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors,
            Self::Call(error) => error.field_errors(),
        }
    }

    /// What is wrong at this pointer or anywhere below it.
    pub(crate) fn below(&self, pointer: &str) -> Option<String> {
        self.field_errors()
            .iter()
            .find(|error| {
                error
                    .pointer
                    .strip_prefix(pointer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .map(|error| sentence(&error.detail))
    }

    /// What is wrong below this pointer: the rest of the place, and the words.
    pub(crate) fn within(&self, pointer: &str) -> Vec<(String, String)> {
        self.field_errors()
            .iter()
            .filter_map(|error| {
                let rest = error.pointer.strip_prefix(pointer)?.strip_prefix('/')?;
                Some((rest.to_owned(), sentence(&error.detail)))
            })
            .collect()
    }

    /// What remains to be said when the fields at `shown` (and below them) speak for themselves.
    pub(crate) fn sentences_beside(&self, shown: &[&str]) -> Vec<String> {
        let errors = self.field_errors();
        if errors.is_empty() {
            return vec![self.sentence()];
        }
        errors
            .iter()
            .filter(|error| {
                !shown.iter().any(|pointer| {
                    error
                        .pointer
                        .strip_prefix(pointer)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                })
            })
            .map(|error| sentence(&error.detail))
            .collect()
    }

    /// A few words for a heading.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Invalid(_) => "Please check what you typed".into(),
            Self::Call(Error::Problem { problem, .. }) => match problem.code {
                ErrorCode::NotFound => "Not found".into(),
                ErrorCode::Internal => "Something went wrong on the server".into(),
                _ => problem.title.clone(),
            },
            Self::Call(Error::Network(_)) => "The server cannot be reached".into(),
            Self::Call(Error::Decode { .. }) => "An answer that was not understood".into(),
        }
    }

    /// What happened and what to do, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Invalid(errors) => errors
                .iter()
                .map(|error| sentence(&error.detail))
                .collect::<Vec<_>>()
                .join(" "),
            Self::Call(Error::Problem {
                problem,
                retry_after,
                ..
            }) => match problem.code {
                ErrorCode::Internal => {
                    format!(
                        "Something failed on the server. Try again; if it stays, quote request {}.",
                        problem.request_id
                    )
                }
                ErrorCode::RateLimited => match retry_after {
                    Some(seconds) => {
                        format!("Too many tries. Wait {} and try again.", waiting(*seconds))
                    }
                    None => "Too many tries. Wait a moment and try again.".into(),
                },
                ErrorCode::NotSignedIn => "Your session has ended. Sign in again to go on.".into(),
                _ => sentence(&problem.detail),
            },
            Self::Call(Error::Network(_)) => {
                "No answer came. Check your connection and try again; what you typed is still here."
                    .into()
            }
            Self::Call(Error::Decode { status, .. }) => {
                format!(
                    "The server, or something before it, gave an unexpected answer (status {status}). Try again in a moment."
                )
            }
        }
    }
}

/// A field's error found before sending.
pub(crate) fn invalid(pointer: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: pointer.into(),
        detail: detail.into(),
    }
}

/// Starts with a capital and ends with a stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut whole: String = first.to_uppercase().chain(letters).collect();
    if !whole.ends_with(['.', '!', '?', ')']) {
        whole.push('.');
    }
    whole
}

fn waiting(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..=89 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_errors() -> Failure {
        Failure::Invalid(vec![
            invalid("/email", "is not an address"),
            invalid("/shares/0/role_ids", "must not be empty"),
        ])
    }

    #[test]
    fn errors_are_found_by_their_pointer() {
        let failure = two_errors();
        assert_eq!(
            failure.below("/email").as_deref(),
            Some("Is not an address.")
        );
        assert_eq!(failure.below("/name"), None);
        assert_eq!(
            failure.below("/shares").as_deref(),
            Some("Must not be empty.")
        );
        assert_eq!(failure.below("/share"), None);
    }

    #[test]
    fn what_no_field_shows_is_said_elsewhere() {
        assert_eq!(
            two_errors().sentences_beside(&["/email"]),
            vec!["Must not be empty."]
        );
        assert!(
            two_errors()
                .sentences_beside(&["/email", "/shares"])
                .is_empty()
        );
    }

    #[test]
    fn a_failure_without_fields_is_always_said() {
        let failure = Failure::Call(Error::Network("refused".into()));
        assert_eq!(failure.sentences_beside(&["/email"]).len(), 1);
    }

    #[test]
    fn waiting_is_said_in_units_that_people_use() {
        assert_eq!(waiting(1), "a second");
        assert_eq!(waiting(45), "45 seconds");
        assert_eq!(waiting(100), "2 minutes");
    }
}
