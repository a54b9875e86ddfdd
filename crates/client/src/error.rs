use accord_api_types::{ErrorCode, FieldError, Problem, ProblemContext};

/// The outcome of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The server said no, and why.
    #[error("{}", problem.detail)]
    Problem {
        problem: Box<Problem>,
        /// The HTTP status of the answer.
        status: u16,
        /// Seconds to wait before another try.
        retry_after: Option<u64>,
    },
    /// No answer came: the server cannot be reached, or the connection broke.
    #[error("the server cannot be reached: {0}")]
    Network(String),
    /// An answer came that is not this API's: a proxy's error page, or another version.
    #[error("the server gave an answer that was not understood (status {status}): {detail}")]
    Decode { status: u16, detail: String },
}

impl Error {
    /// The stable code of the server's refusal.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.problem().map(|problem| problem.code)
    }

    /// The server's refusal in full.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem { problem, .. } => Some(problem),
            Self::Network(_) | Self::Decode { .. } => None,
        }
    }

    /// What is wrong with the request, place by place.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        self.problem().map_or(&[], |problem| &problem.errors)
    }

    /// What is wrong with one field, named by its JSON Pointer (`/email`).
    #[must_use]
    pub fn field_error(&self, pointer: &str) -> Option<&str> {
        self.field_errors()
            .iter()
            .find(|error| error.pointer == pointer)
            .map(|error| error.detail.as_str())
    }

    /// What a conflict ran into.
    #[must_use]
    pub fn context(&self) -> Option<&ProblemContext> {
        self.problem()
            .and_then(|problem| problem.context.as_deref())
    }

    /// The HTTP status, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem { status, .. } | Self::Decode { status, .. } => Some(*status),
            Self::Network(_) => None,
        }
    }

    /// The session is over, and refreshing did not bring it back.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.code() == Some(ErrorCode::NotSignedIn)
    }

    /// Trying again later may succeed without changing the request.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Network(_) => true,
            Self::Problem { status, .. } | Self::Decode { status, .. } => {
                matches!(status, 429 | 502 | 503 | 504)
            }
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        // The innermost cause is the one that means something: "connection refused".
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Network(cause.to_string())
    }
}
