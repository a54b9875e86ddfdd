//! One type per kind of identifier, so that a role's id never stands where a group's belongs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A person's login and what it owns.
    AccountId,
    /// One signed-in browser or program.
    SessionId,
    /// A named set of actions.
    PolicyId,
    /// A named set of policies.
    RoleId,
    /// An environment group.
    GroupId,
    /// An environment.
    EnvironmentId,
    /// The record of one person's collaboration with one primary account.
    MemberId,
    /// One mailed or copied link that invites a member.
    InvitationId,
    /// Roles on one item for one member.
    ShareId,
    /// One entry of the append-only record.
    TaskId,
    /// One e-mail in the outbox.
    MailId,
    /// One thing that somebody was told in the dashboard.
    NotificationId,
    /// A token by which a program acts for one account.
    ApiTokenId,
    /// A token by which the platform acts for every account.
    PlatformTokenId,
    /// A session or a token, whichever somebody calls by.
    CredentialId,
    /// One turn at carrying out a write that came with a key of the caller's.
    ClaimId,
    /// An address to which events of an account are sent.
    WebhookId,
    /// One event on its way to one webhook; the same over all attempts.
    DeliveryId,
}
