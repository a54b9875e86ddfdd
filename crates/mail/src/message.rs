//! What Accord writes to people. A message is stored as its kind and its parameters, and becomes
//! words only when it is sent, so that wording can change without touching what waits.

use accord_domain::notification::NotificationKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One shared item as an invitation lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedItemLine {
    /// The item's name: a category's title, a group's path or an environment's name.
    pub item: String,
    /// The names of the roles on it.
    pub roles: Vec<String>,
}

/// A share and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndLine {
    /// The item's name.
    pub item: String,
    /// The names of the roles on it.
    pub roles: Vec<String>,
    /// When it ends, or ended.
    pub at: DateTime<Utc>,
    /// How the owner calls the member; none where the member reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// What an invited person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The collaboration is active.
    Accepted,
    /// Nothing is shared.
    Rejected,
}

/// An e-mail before it becomes words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
pub enum Message {
    /// To the invited person; carries a link.
    Invitation {
        /// Who invites.
        owner_name: String,
        /// The address of who invites.
        owner_email: String,
        /// What is shared, under which roles.
        items: Vec<SharedItemLine>,
        /// When the invitation ends.
        expires_at: DateTime<Utc>,
        /// How the owner calls the invited person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        display_name: Option<String>,
        /// Who entered the address, where a member did so in the owner's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inviter_name: Option<String>,
    },
    /// To the owner.
    InvitationDecided {
        /// How the owner calls the member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member_name: Option<String>,
        /// The address that was invited.
        member_email: String,
        /// What was decided.
        decision: Decision,
    },
    /// To the member.
    Suspended {
        /// Whose account it is about.
        owner_name: String,
    },
    /// To the member.
    Activated {
        /// Whose account it is about.
        owner_name: String,
    },
    /// To the member.
    Removed {
        /// Whose account it is about.
        owner_name: String,
    },
    /// To the owner.
    Left {
        /// How the owner calls the member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member_name: Option<String>,
        /// The member's address.
        member_email: String,
    },
    /// To the member: the account that shared is gone.
    HostGone {
        /// Whose account it was.
        owner_name: String,
    },
    /// To the member and the owner.
    SharesEnding {
        /// Who shares; none where the owner reads it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner_name: Option<String>,
        /// What ends.
        items: Vec<EndLine>,
    },
    /// To the member and the owner.
    SharesEnded {
        /// Who shared; none where the owner reads it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner_name: Option<String>,
        /// What has ended.
        items: Vec<EndLine>,
    },
    /// To the owner and the members whose roles ask for it.
    LoadAlert {
        /// Whose environment it is.
        owner_name: String,
        /// Which environment.
        environment_name: String,
        /// What was measured.
        metric: String,
        /// What it was.
        value: f64,
        /// What it should not have passed.
        threshold: f64,
        /// What the platform adds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Where the environment is in the dashboard, below the public URL.
        path: String,
    },
    /// To the owner: nothing is sent to a webhook any more.
    WebhookSwitchedOff {
        /// Where it sent to.
        url: String,
        /// What went wrong last.
        error: String,
        /// Where the webhook is in the dashboard, below the public URL.
        path: String,
    },
    /// To who signed up; carries a link.
    VerifyAddress {
        /// The person's own name.
        name: String,
    },
    /// To who asked for it; carries a link.
    PasswordReset {
        /// The person's own name.
        name: String,
    },
    /// To the person whose password it was.
    PasswordChanged {
        /// The person's own name.
        name: String,
    },
    /// To the person for whose programs a token was made.
    ApiTokenMade {
        /// The person's own name.
        name: String,
        /// What the token is called.
        token_name: String,
        /// What it is good for, word by word.
        scopes: String,
    },
    /// To the address that an account shall have; carries a link.
    ProveNewAddress {
        /// The person's own name.
        name: String,
    },
    /// To an address that somebody wants for their account, though it has one.
    AddressInUse {
        /// The name of who has it.
        name: String,
    },
    /// To the address that an account has and shall no longer have.
    AddressChangeAsked {
        /// The person's own name.
        name: String,
        /// The address that it shall have.
        new_email: String,
    },
    /// To the address that an account had until now.
    AddressChanged {
        /// The person's own name.
        name: String,
        /// The address that it has now.
        new_email: String,
    },
    /// To whose account it was.
    AccountDeleted {
        /// The person's own name.
        name: String,
    },
}

/// A stored message that this program cannot read.
#[derive(Debug, thiserror::Error)]
#[error("The stored parameters of a mail of the kind \"{kind}\" cannot be read: {source}")]
pub struct UnreadableMessage {
    kind: String,
    source: serde_json::Error,
}

impl Message {
    /// The word for invitations, which alone stop being sent when their link is over.
    pub const INVITATION: &'static str = "invitation";

    /// The word that the outbox keeps and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => Self::INVITATION,
            Self::InvitationDecided { .. } => "invitation_decided",
            Self::Suspended { .. } => "suspended",
            Self::Activated { .. } => "activated",
            Self::Removed { .. } => "removed",
            Self::Left { .. } => "left",
            Self::HostGone { .. } => "host_gone",
            Self::SharesEnding { .. } => "shares_ending",
            Self::SharesEnded { .. } => "shares_ended",
            Self::LoadAlert { .. } => "load_alert",
            Self::WebhookSwitchedOff { .. } => "webhook_switched_off",
            Self::VerifyAddress { .. } => "verify_address",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ApiTokenMade { .. } => "api_token_made",
            Self::ProveNewAddress { .. } => "prove_new_address",
            Self::AddressInUse { .. } => "address_in_use",
            Self::AddressChangeAsked { .. } => "address_change_asked",
            Self::AddressChanged { .. } => "address_changed",
            Self::AccountDeleted { .. } => "account_deleted",
        }
    }

    /// What of a person's choices it is sent by.
    pub fn notification_kind(&self) -> NotificationKind {
        match self {
            Self::Invitation { .. } => NotificationKind::InvitationReceived,
            Self::InvitationDecided {
                decision: Decision::Accepted,
                ..
            } => NotificationKind::InvitationAccepted,
            Self::InvitationDecided {
                decision: Decision::Rejected,
                ..
            } => NotificationKind::InvitationRejected,
            Self::Suspended { .. } => NotificationKind::CollaborationSuspended,
            Self::Activated { .. } => NotificationKind::CollaborationActivated,
            Self::Removed { .. } | Self::HostGone { .. } => NotificationKind::CollaborationEnded,
            Self::Left { .. } => NotificationKind::MemberLeft,
            Self::SharesEnding { .. } => NotificationKind::SharesEnding,
            Self::SharesEnded { .. } => NotificationKind::SharesEnded,
            Self::LoadAlert { .. } => NotificationKind::LoadAlert,
            Self::WebhookSwitchedOff { .. } => NotificationKind::WebhookSwitchedOff,
            Self::VerifyAddress { .. } | Self::ProveNewAddress { .. } => {
                NotificationKind::AddressVerification
            }
            Self::PasswordReset { .. } => NotificationKind::PasswordReset,
            Self::PasswordChanged { .. }
            | Self::ApiTokenMade { .. }
            | Self::AddressInUse { .. }
            | Self::AddressChangeAsked { .. }
            | Self::AddressChanged { .. }
            | Self::AccountDeleted { .. } => NotificationKind::SecurityNotice,
        }
    }

    /// Whether the message is about a secret link, and worth nothing without it.
    pub fn carries_link(&self) -> bool {
        matches!(
            self,
            Self::Invitation { .. }
                | Self::VerifyAddress { .. }
                | Self::PasswordReset { .. }
                | Self::ProveNewAddress { .. }
        )
    }

    /// The parameters as the outbox keeps them, beside [`Self::kind`].
    pub fn params(&self) -> Value {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut tagged)) => tagged.remove("params").unwrap_or_default(),
            // Strings, lists, times and finite numbers alone: serde_json refuses none of them.
            _ => Value::Null,
        }
    }

    /// Reads what [`Self::kind`] and [`Self::params`] wrote.
    pub fn from_stored(kind: &str, params: &Value) -> Result<Self, UnreadableMessage> {
        serde_json::from_value(serde_json::json!({ "kind": kind, "params": params })).map_err(
            |source| UnreadableMessage {
                kind: kind.to_owned(),
                source,
            },
        )
    }
}
