//! What tests of refusals share.

use accord_client::types::{ErrorCode, Problem};
use accord_client::{Error, RawAnswer};

/// The code of a refusal; anything else fails the test.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> ErrorCode {
    match outcome {
        Err(Error::Problem {
            problem, status, ..
        }) => {
            assert_eq!(status, problem.code.status(), "{problem:?}");
            problem.code
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The code and the first pointer of a refusal for an invalid value.
#[track_caller]
pub(crate) fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(error) if error.code() == Some(ErrorCode::ValidationFailed) => error
            .field_errors()
            .first()
            .expect("errors point at the value")
            .pointer
            .clone(),
        other => panic!("expected an invalid value, got {other:?}"),
    }
}

/// What every refusal looks like: problem details from the one table, and nothing internal.
#[track_caller]
pub(crate) fn well_formed_refusal(what: &str, answer: &RawAnswer) -> Problem {
    assert!(
        (400..500).contains(&answer.status),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}: {}",
        answer.text()
    );
    let problem = answer
        .problem()
        .unwrap_or_else(|| panic!("{what}: not problem details: {}", answer.text()));
    assert_eq!(answer.status, problem.status, "{what}");
    assert_eq!(answer.status, problem.code.status(), "{what}: {problem:?}");
    assert_eq!(problem.title, problem.code.title(), "{what}");
    assert!(
        problem.type_uri.ends_with(problem.code.as_str()),
        "{what}: {}",
        problem.type_uri
    );
    assert!(
        !problem.request_id.is_empty() && !problem.detail.is_empty(),
        "{what}: {problem:?}"
    );
    if problem.code == ErrorCode::ValidationFailed {
        assert!(
            !problem.errors.is_empty(),
            "{what}: an invalid value is pointed at: {problem:?}"
        );
    }
    let text = answer.text().to_lowercase();
    for inner in [
        "panicked",
        "diesel",
        "sqlite",
        "postgres",
        "select ",
        "insert into",
        "crates/",
        ".rs:",
        "stack",
    ] {
        assert!(!text.contains(inner), "{what}: leaks {inner:?}: {text}");
    }
    problem
}
