//! Errors as they travel: RFC 9457 problem details, with one table of codes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! error_codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $meaning:literal;)+) => {
        /// Why a request was not carried out: stable, one code for one reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant),+
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for ErrorCode {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::words_schema(
                    "Why a request was not carried out: stable, one code for one reason.",
                    &[$(($code, $meaning)),+],
                )
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for ErrorCode {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed("ErrorCode")
            }
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it travels.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status that goes with the code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// A few words for a heading.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// When it is answered, for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

error_codes! {
    MalformedBody = "malformed_body", 400, "Malformed body", "The body is not JSON, or not UTF-8.";
    NotSignedIn = "not_signed_in", 401, "Not signed in", "No access token, or one that is invalid, expired or ended.";
    InvalidCredentials = "invalid_credentials", 401, "Wrong address or password", "No account has this address with this password.";
    Forbidden = "forbidden", 403, "Not allowed", "The thing is visible to the caller, but this operation on it is not theirs.";
    EmailNotVerified = "email_not_verified", 403, "Address not verified", "The caller's own e-mail address must be verified first.";
    CannotHost = "cannot_host", 403, "Account cannot host", "An account of kind `member` cannot host a collaboration until it is upgraded.";
    AccountDisabled = "account_disabled", 403, "Account disabled", "The account is disabled: it cannot sign in, and what it hosts is frozen.";
    SignUpClosed = "sign_up_closed", 403, "Sign-up is closed", "Only invited people can have an account here.";
    UpgradeClosed = "upgrade_closed", 403, "Upgrade is closed", "Accounts cannot upgrade themselves here.";
    WrongAccount = "wrong_account", 403, "Signed in with another address", "The invitation is for another address than the caller's.";
    WrongPassword = "wrong_password", 403, "Wrong password", "The current password, asked again for this change, is wrong.";
    SessionNeeded = "session_needed", 403, "Sign in for this", "Only somebody who is signed in may do this; no token is good for it.";
    ScopeMissing = "scope_missing", 403, "Token lacks the scope", "The API token or platform token is not good for this; `context` names the scope that it lacks.";
    PersonNeeded = "person_needed", 403, "A person's own", "This is about the caller's own things, and a platform token acts for nobody in particular.";
    NotFound = "not_found", 404, "Not found", "It does not exist, or is not the caller's to know of.";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed", "The path has no such method; `Allow` lists those it has.";
    EmailTaken = "email_taken", 409, "Address already has an account", "Sign-up with an address that has an account, or proof of a new address that has got one meanwhile.";
    NameTaken = "name_taken", 409, "Name already in use", "Names are unique without regard to letter case.";
    MemberExists = "member_exists", 409, "Already a member", "The account already has a record for this address or person; `context` names it and its status where the caller may know of it.";
    OwnAccount = "own_account", 409, "Own account", "Nobody invites themselves or joins their own account.";
    IllegalTransition = "illegal_transition", 409, "Not possible in this state", "The member's present state does not allow this; `context` names the state and the event.";
    InUse = "in_use", 409, "In use", "It is in use and is deleted only when detaching is asked for; `context` says where.";
    SystemPolicy = "system_policy", 409, "System policy", "System policies come with the catalogue and cannot be changed.";
    GroupCycle = "group_cycle", 409, "Group inside itself", "A group cannot be moved into itself or one of its subgroups.";
    InvitationNotOpen = "invitation_not_open", 409, "Invitation no longer open", "The invitation was decided, replaced or withdrawn, or has expired; `context` names its state.";
    AccountExists = "account_exists", 409, "Account exists", "A password was sent, but the invited address already has an account: sign in instead.";
    LinkUsed = "link_used", 409, "Link already used", "The link in the mail works once, and was used.";
    LinkExpired = "link_expired", 409, "Link expired", "The link in the mail has ended; ask for a new one.";
    AlreadyVerified = "already_verified", 409, "Already verified", "The address is verified already.";
    MailServerSet = "mail_server_set", 409, "Invitations go by e-mail", "Links are copied only where no mail server is set up.";
    RevisionAhead = "revision_ahead", 409, "Revision not reached", "No account that is asked about has got to the revision of `at_least_revision`.";
    TooManyTokens = "too_many_tokens", 409, "Too many tokens", "An account has at most 50 API tokens, ended ones included: revoke one first.";
    IdempotencyKeyInUse = "idempotency_key_in_use", 409, "Still under way", "A request with this `Idempotency-Key` is being carried out: ask again in a moment.";
    IdempotencyAnswerLost = "idempotency_answer_lost", 409, "Carried out, answer lost", "The request with this `Idempotency-Key` was carried out, and what it was answered is not known any more; it is not carried out again. Look at what there is now.";
    TooManyWebhooks = "too_many_webhooks", 409, "Too many webhooks", "An account has a limited number of webhooks; delete one that is not needed.";
    WebhookDisabled = "webhook_disabled", 409, "Webhook switched off", "Nothing is sent to a webhook that is switched off; enable it first.";
    PreconditionFailed = "precondition_failed", 412, "Changed meanwhile", "`If-Match` names another version than the stored one.";
    BodyTooLarge = "body_too_large", 413, "Body too large", "The body is larger than this operation takes.";
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type", "The body must be `application/json`.";
    ValidationFailed = "validation_failed", 422, "Invalid value", "An unknown field, a wrong type or an invalid value; `errors` points at each.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Key used for something else", "Another body was sent with this `Idempotency-Key`: choose a new key for a new request.";
    TooManyIdempotencyKeys = "too_many_idempotency_keys", 429, "Too many keys", "Of one session or API token at most 20,000 keys, and 256 MiB of answers to them, are kept at a time. Nothing was carried out: wait for `Retry-After` seconds, or send it without a key.";
    RateLimited = "rate_limited", 429, "Too many requests", "Wait for `Retry-After` seconds.";
    Internal = "internal", 500, "Internal error", "Something failed inside; `request_id` finds it in the log.";
    Unavailable = "unavailable", 503, "Temporarily unavailable", "The database cannot be reached. A write was not carried out, or its answer was lost: send it again with its key, or look.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The body of every answer that is not a success (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A documented URI, one per code.
    #[serde(rename = "type")]
    pub type_uri: String,
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened in this case, for a person.
    pub detail: String,
    pub code: ErrorCode,
    /// Names this request in the server's log.
    pub request_id: String,
    /// What is wrong with the request, place by place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What the request ran into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Box<ProblemContext>>,
}

/// One invalid value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON Pointer into the body (`/shares/0/role_ids`), or `?name` for a query parameter.
    pub pointer: String,
    pub detail: String,
}

/// What a conflict ran into; only the members that fit the code are present.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemContext {
    /// `member_exists`: the record that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    /// `member_exists`, `illegal_transition`: the member's present state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<crate::MemberStatus>,
    /// `illegal_transition`: what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// `invitation_not_open`: what became of the invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<crate::InvitationState>,
    /// `forbidden`: the actions that the caller lacks and the change would give or touch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_action_ids: Vec<String>,
    /// `forbidden`: from when on somebody would have these actions, where that is not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<chrono::DateTime<chrono::Utc>>,
    /// `scope_missing`: the scope that the token lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_scope: Option<String>,
    /// `in_use`: the roles that hold the policy, or the members whose shares hold the role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<UsedBy>,
}

/// One place where a role or a policy is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsedBy {
    /// A role's or a member's id.
    pub id: Uuid,
    /// A role's name, or a member's display name or address.
    pub name: String,
}
