use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::{Clearable, clearable};
use crate::{NewShare, Share};

api_words! {
    /// Where a member stands in the collaboration.
    MemberStatus {
        /// Invited, not decided.
        Pending = "pending",
        /// Has access.
        Active = "active",
        /// Access is stopped for a time.
        Suspended = "suspended",
        /// The invitation was rejected.
        Rejected = "rejected",
        /// The member left.
        Left = "left",
        /// The owner removed the member and the shares.
        Removed = "removed",
        /// The invitation's end time passed undecided.
        Expired = "expired",
    }
}

api! {
    /// The record of one person's collaboration with one primary account.
    pub struct Member {
        pub id: Uuid,
        pub email: String,
        pub display_name: Option<String>,
        pub status: MemberStatus,
        /// The person's account; `null` until acceptance.
        pub account_id: Option<Uuid>,
        pub invited_at: DateTime<Utc>,
        pub invitation_expires_at: Option<DateTime<Utc>>,
        pub accepted_at: Option<DateTime<Utc>>,
        pub suspended_at: Option<DateTime<Utc>>,
        pub ended_at: Option<DateTime<Utc>>,
        pub shares: Vec<Share>,
        /// What the caller may do now: `edit`, `copy`, `link`, `suspend`, `activate`, `resend`, `reinvite`, `remove`, `forget`.
        pub allowed_actions: Vec<String>,
        /// What became of the latest invitation mail, if there was one.
        pub invitation_mail: Option<MailStatus>,
    }

    /// What became of a mail.
    pub struct MailStatus {
        pub state: MailState,
        /// When it reached that state.
        pub at: DateTime<Utc>,
        /// Why the last attempt failed.
        pub error: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct Invite {
        pub email: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        #[serde(default)]
        pub shares: Vec<NewShare>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateMember {
        #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub display_name: Clearable<String>,
        /// Replaces all shares.
        #[serde(default, deserialize_with = "crate::patch::set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub shares: Option<Vec<NewShare>>,
    }

    #[serde(deny_unknown_fields)]
    pub struct CopyMember {
        pub email: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
    }

    /// An invitation link made to be copied, where no mail server is set up.
    pub struct InvitationLink {
        pub url: String,
    }
}

api_words! {
    /// What became of a mail.
    MailState {
        /// Waiting to be sent.
        Queued = "queued",
        /// Handed to the mail server.
        Sent = "sent",
        /// Failed, and will be tried again.
        Retrying = "retrying",
        /// Failed for good.
        GaveUp = "gave_up",
        /// Kept in the development mailbox: no mail server is set up.
        Kept = "kept",
    }
}
