//! The one exit for everything that is not a success: problem details from the table of codes.
//! What went wrong inside is logged here and never answered.

use accord_api_types::{ErrorCode, FieldError, MemberStatus, Problem, ProblemContext, UsedBy};
use accord_domain::authorize::Denied;
use accord_service::{Invalid, InvitationState, ServiceError};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use crate::convert::{invitation_state, member_status};
use crate::limits::Allowance;
use crate::settings::PublicUrl;

/// The media type of every problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not carried out. [`render`] makes it the answer.
#[derive(Debug)]
pub struct ApiError(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    code: ErrorCode,
    detail: String,
    errors: Vec<FieldError>,
    context: Option<Box<ProblemContext>>,
    /// The methods that the path has, for 405.
    allow: Option<String>,
    /// Seconds to wait, for 429.
    retry_after: Option<u64>,
    /// The limit that was reached, for 429.
    limit: Option<Allowance>,
    /// For the log alone.
    inside: Option<String>,
}

/// What a handler answers.
pub(crate) type Answer = Result<HttpResponse, ApiError>;

impl ApiError {
    /// A problem that its code explains.
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self::with_detail(code, code.meaning())
    }

    pub(crate) fn with_detail(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Refusal {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            context: None,
            allow: None,
            retry_after: None,
            limit: None,
            inside: None,
        }))
    }

    /// Invalid values, all of them at once.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.detail.clone(),
            _ => "Some values are not valid.".to_owned(),
        };
        let mut error = Self::with_detail(ErrorCode::ValidationFailed, detail);
        error.0.errors = errors;
        error
    }

    pub(crate) fn invalid_at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        }])
    }

    /// The same, with the place in the request that it is about.
    pub(crate) fn pointing_at(mut self, pointer: &str) -> Self {
        self.0.errors = vec![FieldError {
            pointer: pointer.to_owned(),
            detail: self.0.detail.clone(),
        }];
        self
    }

    /// The same for something that stands at that place in the request.
    pub(crate) fn within(mut self, place: &str) -> Self {
        for error in &mut self.0.errors {
            error.pointer.insert_str(0, place);
        }
        self
    }

    /// Whether nobody is signed in, or not any more.
    pub(crate) fn is_not_signed_in(&self) -> bool {
        self.0.code == ErrorCode::NotSignedIn
    }

    pub(crate) fn internal(inside: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::Internal);
        error.0.inside = Some(inside.into());
        error
    }

    pub(crate) fn method_not_allowed(allow: String) -> Self {
        let mut error = Self::new(ErrorCode::MethodNotAllowed);
        error.0.allow = Some(allow);
        error
    }

    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let mut error = Self::with_detail(
            ErrorCode::RateLimited,
            format!("Too many requests: try again in {seconds} seconds."),
        );
        error.0.retry_after = Some(seconds);
        error
    }

    /// The same, for a limit that the answer names.
    pub(crate) fn over_limit(seconds: u64, limit: Allowance) -> Self {
        let mut error = Self::rate_limited(seconds);
        error.0.limit = Some(limit);
        error
    }

    /// What is left of the limit that was reached.
    #[cfg(test)]
    pub(crate) fn allowance(&self) -> Option<&Allowance> {
        self.0.limit.as_ref()
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.0.code
    }

    fn with_context(mut self, context: ProblemContext) -> Self {
        self.0.context = Some(Box::new(context));
        self
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The problem as it travels.
    fn problem(&self, public_url: &PublicUrl, request_id: &str) -> Problem {
        let failure = self.0.code.status() >= 500;
        Problem {
            type_uri: type_uri(public_url, self.0.code),
            title: self.0.code.title().to_owned(),
            status: self.0.code.status(),
            // A failure says nothing but what its code says anyway.
            detail: if failure {
                self.0.code.meaning().to_owned()
            } else {
                self.0.detail.clone()
            },
            code: self.0.code,
            request_id: request_id.to_owned(),
            errors: if failure {
                Vec::new()
            } else {
                self.0.errors.clone()
            },
            context: if failure {
                None
            } else {
                self.0.context.clone()
            },
        }
    }
}

/// The documented URI of a code.
pub(crate) fn type_uri(public_url: &PublicUrl, code: ErrorCode) -> String {
    format!("{public_url}/errors#{code}")
}

/// What an answer says of limits.
pub(crate) fn limit_headers(limits: &[Allowance]) -> [(HeaderName, String); 2] {
    let all = |said: fn(&Allowance) -> String| {
        let all: Vec<_> = limits.iter().map(said).collect();
        all.join(", ")
    };
    [
        (
            HeaderName::from_static("ratelimit-policy"),
            all(Allowance::policy),
        ),
        (HeaderName::from_static("ratelimit"), all(Allowance::state)),
    ]
}

/// The answer for an error. Logs what went wrong inside.
pub(crate) fn render(error: &ApiError, public_url: &PublicUrl, request_id: &str) -> HttpResponse {
    if error.0.code.status() >= 500 {
        let inside = error.0.inside.as_deref().unwrap_or_default();
        tracing::error!(code = %error.0.code, %inside, "the request failed");
    }
    let mut answer = HttpResponseBuilder::new(error.status_code());
    answer.content_type(MEDIA_TYPE);
    if error.0.code.status() == 401 {
        answer.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    if let Some(allow) = &error.0.allow {
        answer.insert_header((header::ALLOW, allow.as_str()));
    }
    if let Some(limit) = error.0.limit {
        for header in limit_headers(&[limit]) {
            answer.insert_header(header);
        }
    }
    if let Some(seconds) = error
        .0
        .retry_after
        .or((error.0.code == ErrorCode::Unavailable).then_some(5))
    {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    let problem = error.problem(public_url, request_id);
    answer.body(serde_json::to_vec(&problem).unwrap_or_default())
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

/// Lets handlers and extractors fail with it. The answer itself is made by [`render`], which knows
/// the request.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        use ErrorCode as C;
        use ServiceError as E;
        match error {
            E::NotSignedIn => Self::new(C::NotSignedIn),
            E::Denied(Denied::Hidden) => Self::new(C::NotFound),
            E::Denied(denied @ Denied::Forbidden { .. }) => {
                Self::with_detail(C::Forbidden, denied.to_string())
            }
            E::Denied(denied @ Denied::EmailUnverified) => {
                Self::with_detail(C::EmailNotVerified, denied.to_string())
            }
            E::Denied(denied @ Denied::CannotHost) => {
                Self::with_detail(C::CannotHost, denied.to_string())
            }
            E::Denied(denied @ Denied::Frozen) => {
                Self::with_detail(C::AccountDisabled, denied.to_string())
            }
            E::Denied(Denied::NeedsPerson) => Self::new(C::PersonNeeded),
            E::SessionNeeded => Self::new(C::SessionNeeded),
            E::ScopeMissing(scope) => Self::with_detail(
                C::ScopeMissing,
                format!("The token is not good for this: it lacks the scope `{scope}`."),
            )
            .with_context(ProblemContext {
                missing_scope: Some(scope.as_str().to_owned()),
                ..ProblemContext::default()
            }),
            E::TooManyTokens => Self::new(C::TooManyTokens),
            E::TooManyKeys { wait } => {
                let mut error = Self::new(C::TooManyIdempotencyKeys);
                error.0.retry_after = Some(wait.num_seconds().unsigned_abs().max(1));
                error
            }
            E::KeyInUse => Self::new(C::IdempotencyKeyInUse),
            E::TooManyWebhooks => Self::new(C::TooManyWebhooks),
            E::WebhookOff => Self::new(C::WebhookDisabled),
            E::InvalidCredentials => Self::new(C::InvalidCredentials),
            E::AccountDisabled => Self::new(C::AccountDisabled),
            E::SignUpClosed => Self::new(C::SignUpClosed),
            E::UpgradeClosed => Self::new(C::UpgradeClosed),
            E::WrongAccount => Self::new(C::WrongAccount),
            E::WrongPassword => Self::new(C::WrongPassword),
            E::EmailTaken => Self::new(C::EmailTaken),
            E::NameTaken => Self::new(C::NameTaken),
            E::MemberExists { member_id, status } => Self::with_detail(
                C::MemberExists,
                format!("This person has a record here already, which is {status}."),
            )
            .with_context(ProblemContext {
                member_id: Some(member_id.0),
                status: Some(member_status(status)),
                ..ProblemContext::default()
            }),
            E::MemberExistsElsewhere => Self::with_detail(
                C::MemberExists,
                "The owner has a record for this address, and only they can invite it again.",
            ),
            E::NotDelegated(refused) => Self::with_detail(C::Forbidden, refused.to_string())
                .with_context(ProblemContext {
                    missing_action_ids: refused
                        .action_ids()
                        .iter()
                        .map(ToString::to_string)
                        .collect(),
                    from: refused.from(),
                    ..ProblemContext::default()
                }),
            E::OwnAccount => Self::new(C::OwnAccount),
            E::IllegalTransition(illegal) => {
                let status: MemberStatus = member_status(illegal.status);
                Self::with_detail(
                    C::IllegalTransition,
                    format!(
                        "\"{}\" is not possible while the member is {status}.",
                        illegal.event
                    ),
                )
                .with_context(ProblemContext {
                    status: Some(status),
                    event: Some(illegal.event.to_string()),
                    ..ProblemContext::default()
                })
            }
            E::NotEditable(status) => Self::with_detail(
                C::IllegalTransition,
                format!("\"edit\" is not possible while the member is {status}."),
            )
            .with_context(ProblemContext {
                status: Some(member_status(status)),
                event: Some("edit".to_owned()),
                ..ProblemContext::default()
            }),
            E::InUse(places) => Self::new(C::InUse).with_context(ProblemContext {
                used_by: places
                    .into_iter()
                    .map(|place| UsedBy {
                        id: place.id,
                        name: place.name,
                    })
                    .collect(),
                ..ProblemContext::default()
            }),
            E::SystemPolicy => Self::new(C::SystemPolicy),
            E::GroupCycle => Self::new(C::GroupCycle),
            E::InvitationNotOpen(state) => {
                Self::with_detail(C::InvitationNotOpen, what_became(state)).with_context(
                    ProblemContext {
                        state: Some(invitation_state(state)),
                        ..ProblemContext::default()
                    },
                )
            }
            E::AccountExists => Self::new(C::AccountExists),
            E::LinkUsed => Self::new(C::LinkUsed),
            E::LinkExpired => Self::new(C::LinkExpired),
            E::AlreadyVerified => Self::new(C::AlreadyVerified),
            E::MailServerSet => Self::new(C::MailServerSet),
            E::Stale => Self::new(C::PreconditionFailed),
            E::RevisionAhead { present } => Self::with_detail(
                C::RevisionAhead,
                format!(
                    "No account that is asked about is at this revision yet; they are at {present}."
                ),
            ),
            E::Invalid(invalid) => Self::invalid(
                invalid
                    .into_iter()
                    .map(|Invalid { pointer, detail }| FieldError { pointer, detail })
                    .collect(),
            ),
            E::Unavailable => Self::new(C::Unavailable),
            E::Internal(inside) => Self::internal(inside),
        }
    }
}

fn what_became(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Open => "The invitation is open.",
        InvitationState::Accepted => "The invitation was accepted already.",
        InvitationState::Rejected => "The invitation was rejected.",
        InvitationState::Replaced => "A newer invitation replaced this one.",
        InvitationState::Expired => "The invitation has expired.",
        InvitationState::Withdrawn => "The invitation was withdrawn.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::MessageBody as _;

    fn public_url() -> PublicUrl {
        PublicUrl::parse("https://accord.test").expect("a good URL")
    }

    fn body(answer: HttpResponse) -> serde_json::Value {
        let bytes = answer.into_body().try_into_bytes().expect("a whole body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn a_failure_tells_only_its_request_id() {
        let secret = "relation accounts does not exist";
        let answer = render(
            &ServiceError::Internal(secret.into()).into(),
            &public_url(),
            "r-1",
        );
        assert_eq!(answer.status(), 500);
        assert_eq!(
            answer.headers().get(header::CONTENT_TYPE).expect("a type"),
            MEDIA_TYPE
        );
        let body = body(answer);
        assert_eq!(body["request_id"], "r-1");
        assert_eq!(body["type"], "https://accord.test/errors#internal");
        assert!(!body.to_string().contains("relation"), "{body}");
    }

    #[test]
    fn a_conflict_says_what_it_ran_into() {
        use accord_domain::member::{IllegalTransition, MemberEvent, MemberStatus};
        let illegal = IllegalTransition {
            status: MemberStatus::Left,
            event: MemberEvent::Suspend,
        };
        let answer = render(
            &ServiceError::IllegalTransition(illegal).into(),
            &public_url(),
            "r-2",
        );
        assert_eq!(answer.status(), 409);
        let body = body(answer);
        assert_eq!(body["context"]["status"], "left");
        assert_eq!(body["context"]["event"], "suspend");
    }

    #[test]
    fn headers_follow_the_code() {
        let not_signed_in = render(&ApiError::new(ErrorCode::NotSignedIn), &public_url(), "r");
        assert!(
            not_signed_in
                .headers()
                .contains_key(header::WWW_AUTHENTICATE)
        );
        let method = render(
            &ApiError::method_not_allowed("GET, HEAD".into()),
            &public_url(),
            "r",
        );
        assert_eq!(
            method.headers().get(header::ALLOW).expect("Allow"),
            "GET, HEAD"
        );
        let limited = render(&ApiError::rate_limited(7), &public_url(), "r");
        assert_eq!(
            limited
                .headers()
                .get(header::RETRY_AFTER)
                .expect("Retry-After"),
            "7"
        );
    }
}
