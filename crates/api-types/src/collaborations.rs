use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::{Clearable, clearable};
use crate::{AccountSummary, Item, MemberStatus, RoleSummary};

api_words! {
    /// What became of an invitation link.
    InvitationState {
        Open = "open",
        Accepted = "accepted",
        Rejected = "rejected",
        /// A newer link was made.
        Replaced = "replaced",
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

api! {
    /// Shared with Me: one collaboration seen by its member.
    pub struct Collaboration {
        /// The member record's.
        pub id: Uuid,
        pub owner: AccountSummary,
        /// The member's own name for it, seen by them alone.
        pub label: Option<String>,
        /// `pending`, `active` or `suspended`.
        pub status: MemberStatus,
        pub invited_at: DateTime<Utc>,
        pub invitation_expires_at: Option<DateTime<Utc>>,
        pub accepted_at: Option<DateTime<Utc>>,
        pub suspended_at: Option<DateTime<Utc>>,
        /// Empty while suspended.
        pub shares: Vec<SharedItem>,
        /// Where the member may make environments on the owner's account.
        pub may_create: PlacesToCreate,
        /// What the member may do now: `accept`, `reject`, `leave`, `label`.
        pub allowed_actions: Vec<String>,
    }

    /// Where environments may be made.
    #[derive(Default)]
    pub struct PlacesToCreate {
        /// At the root of the account, in no group.
        pub root: bool,
        /// In these groups: in one of them, or in several at once.
        pub group_ids: Vec<Uuid>,
    }

    /// One share with names, for people who may not look them up.
    pub struct SharedItem {
        pub item: Item,
        /// The group's path or the environment's name; the category's name for a category.
        pub item_name: String,
        pub roles: Vec<RoleSummary>,
        pub expires_at: Option<DateTime<Utc>>,
        pub ended: bool,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateCollaboration {
        #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub label: Clearable<String>,
    }

    /// What an invitation link leads to. All but `state` is present only while it is open.
    pub struct Invitation {
        pub state: InvitationState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub offer: Option<InvitationOffer>,
    }

    /// Who invites, to what, and until when.
    pub struct InvitationOffer {
        pub owner: AccountSummary,
        /// The address that is invited.
        pub email: String,
        pub display_name: Option<String>,
        pub expires_at: DateTime<Utc>,
        pub shares: Vec<SharedItem>,
        /// The address has an account: sign in to accept. Otherwise a password chosen on acceptance makes one.
        pub account_exists: bool,
    }

    /// Empty when signed in with the invited address; a password where it has no account yet.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct AcceptInvitation {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
    }

    /// The collaboration that was joined and, for a new account, its session.
    pub struct AcceptedInvitation {
        pub collaboration: Collaboration,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub access_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_in: Option<u64>,
    }
}
