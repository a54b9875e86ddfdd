//! Why a use case was not carried out. Each is an outcome that the caller can act on; only `Internal`
//! and `Unavailable` are failures.

use std::collections::HashSet;
use std::hash::Hash;

use accord_domain::authorize::{Denied, NotShared};
use accord_domain::delegation::NotDelegated;
use accord_domain::ids::MemberId;
use accord_domain::member::{IllegalTransition, MemberStatus};
use accord_domain::token::TokenScope;
use accord_store::{Insert, StoreError, Update};
use chrono::Duration;
use uuid::Uuid;

/// An invalid value and where it stands in the request (JSON Pointer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub pointer: String,
    pub detail: String,
}

/// A place where a role or a policy is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedBy {
    pub id: Uuid,
    pub name: String,
}

/// What became of an invitation that is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    Open,
    Accepted,
    Rejected,
    Replaced,
    Expired,
    Withdrawn,
}

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("not signed in")]
    NotSignedIn,
    #[error("{0}")]
    Denied(Denied),
    #[error("only somebody who is signed in may do this")]
    SessionNeeded,
    #[error("the token lacks the scope {0}")]
    ScopeMissing(TokenScope),
    #[error("the account has as many tokens as it may have")]
    TooManyTokens,
    #[error("no account has this address with this password")]
    InvalidCredentials,
    #[error("the account is disabled")]
    AccountDisabled,
    #[error("sign-up is closed")]
    SignUpClosed,
    #[error("accounts cannot upgrade themselves here")]
    UpgradeClosed,
    #[error("the invitation is for another address")]
    WrongAccount,
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("the address already has an account")]
    EmailTaken,
    #[error("the name is in use")]
    NameTaken,
    #[error("the account already has a record for this address or person")]
    MemberExists {
        member_id: MemberId,
        status: MemberStatus,
    },
    /// Of this record the caller may not know more than that it is in the way.
    #[error("the account has a record for this address that only its owner can bring back")]
    MemberExistsElsewhere,
    #[error("{0}")]
    NotDelegated(NotDelegated),
    #[error("nobody invites themselves or joins their own account")]
    OwnAccount,
    #[error("{0}")]
    IllegalTransition(IllegalTransition),
    #[error("a {0} member cannot be edited")]
    NotEditable(MemberStatus),
    #[error("in use")]
    InUse(Vec<UsedBy>),
    #[error("system policies cannot be changed")]
    SystemPolicy,
    #[error("a group cannot be moved into itself or one of its subgroups")]
    GroupCycle,
    #[error("the invitation is no longer open")]
    InvitationNotOpen(InvitationState),
    #[error("the invited address already has an account")]
    AccountExists,
    #[error("the link was used")]
    LinkUsed,
    #[error("the link has ended")]
    LinkExpired,
    #[error("the address is verified already")]
    AlreadyVerified,
    #[error("links are copied only where no mail server is set up")]
    MailServerSet,
    #[error("the caller has as many idempotency keys as are kept")]
    TooManyKeys { wait: Duration },
    #[error("the write is being carried out by another turn")]
    KeyInUse,
    #[error("the account has as many webhooks as it may have")]
    TooManyWebhooks,
    #[error("the webhook is switched off")]
    WebhookOff,
    #[error("changed meanwhile")]
    Stale,
    /// A revision was asked for that the account has not got to.
    #[error("the account is at revision {present}")]
    RevisionAhead { present: i64 },
    #[error("invalid values")]
    Invalid(Vec<Invalid>),
    #[error("the database cannot be reached")]
    Unavailable,
    /// For the log alone; nothing of it is answered.
    #[error("internal: {0}")]
    Internal(String),
}

impl ServiceError {
    /// A thing that is not there, or not the caller's to know of.
    pub(crate) const HIDDEN: Self = Self::Denied(Denied::Hidden);

    pub(crate) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Invalid {
            pointer: pointer.into(),
            detail: detail.into(),
        }])
    }

    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<NotShared> for ServiceError {
    fn from(refused: NotShared) -> Self {
        match refused {
            NotShared::Denied(denied) => denied.into(),
            NotShared::NotDelegated(refused) => Self::NotDelegated(refused),
        }
    }
}

impl From<IllegalTransition> for ServiceError {
    fn from(illegal: IllegalTransition) -> Self {
        Self::IllegalTransition(illegal)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => {
                tracing::warn!(%reason, "the database cannot be reached");
                Self::Unavailable
            }
            StoreError::TurnLost => Self::KeyInUse,
            other => Self::internal(other),
        }
    }
}

pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// The written row, or why there is none.
pub(crate) fn done<T>(update: Update<T>) -> Result<T> {
    match update {
        Update::Done(row) => Ok(row),
        Update::Missing => Err(ServiceError::HIDDEN),
        Update::Stale { .. } => Err(ServiceError::Stale),
        Update::Taken(_) => Err(ServiceError::NameTaken),
    }
}

/// The new row, or that its name is taken.
pub(crate) fn inserted<T>(insert: Insert<T>) -> Result<T> {
    match insert {
        Insert::Done(row) => Ok(row),
        Insert::Taken(_) => Err(ServiceError::NameTaken),
    }
}

/// Refuses a list that names something which is not among what is known, place by place.
pub(crate) fn refuse_unknown<Id: Copy + Eq + Hash>(
    ids: &[Id],
    known: &HashSet<Id>,
    pointer: &str,
    detail: &str,
) -> Result<()> {
    let unknown: Vec<Invalid> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains(id))
        .map(|(index, _)| Invalid {
            pointer: format!("{pointer}/{index}"),
            detail: detail.to_owned(),
        })
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::Invalid(unknown))
    }
}
