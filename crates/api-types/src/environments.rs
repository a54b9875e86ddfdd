use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::{Clearable, clearable, set};
use crate::{AccountSummary, MemberStatus, Share};

api_words! {
    /// Whether an environment runs.
    EnvironmentStatus {
        Running = "running",
        Stopped = "stopped",
        Sleeping = "sleeping",
    }

    /// Where an environment's effective roles come from.
    AccessLevel {
        /// The environment is the caller's own.
        Owner = "owner",
        /// Roles on the environment itself.
        Direct = "direct",
        /// Roles on its groups, their ancestors, or the *Environment groups* category.
        Group = "group",
        /// Roles on the *Environments* category.
        Base = "base",
        /// No access.
        None = "none",
    }
}

api_words! {
    /// Why somebody's direct roles are not the caller's to touch.
    RefusalReason {
        /// It is the caller's own access.
        Own = "own",
        /// The direct share holds actions that the caller lacks.
        Holds = "holds",
        /// The roles that are asked for hold actions that the caller lacks.
        Asks = "asks",
        /// The member would gain actions that the caller lacks, now or later.
        Gains = "gains",
    }
}

api! {
    /// A thing that is shared.
    pub struct Environment {
        pub id: Uuid,
        pub name: String,
        pub display_name: Option<String>,
        pub status: EnvironmentStatus,
        /// The groups that hold it, as far as the caller may know of them.
        pub group_ids: Vec<Uuid>,
        pub owner: AccountSummary,
        /// The account that created it; `null` when that account is gone.
        pub created_by: Option<Uuid>,
        /// How the caller comes to see it.
        pub access_level: AccessLevel,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        /// What the caller may do with it here: `edit`, `delete`, `set_groups`, `share`.
        pub allowed_actions: Vec<String>,
        /// The platform's actions that the caller has on it, all of the catalogue's for its owner;
        /// in answers about one environment, not in lists.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub action_ids: Option<Vec<String>>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct CreateEnvironment {
        pub name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// `running` unless said otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<EnvironmentStatus>,
        #[serde(default)]
        pub group_ids: Vec<Uuid>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateEnvironment {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub name: Option<String>,
        #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        pub display_name: Clearable<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub status: Option<EnvironmentStatus>,
        /// The owner's alone.
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub group_ids: Option<Vec<Uuid>>,
    }

    /// One member's access to one environment, seen from the environment.
    pub struct EnvironmentAccess {
        pub member_id: Uuid,
        pub email: String,
        pub display_name: Option<String>,
        pub status: MemberStatus,
        /// Whether the member's account is disabled: then the level is `none`, whatever is shared.
        pub account_disabled: bool,
        /// As it is or, unless the member is active, as it would be.
        pub access_level: AccessLevel,
        pub role_ids: Vec<Uuid>,
        pub policy_ids: Vec<Uuid>,
        pub action_ids: Vec<String>,
        /// The share on the environment itself, if there is one.
        pub direct_share: Option<Share>,
        /// The roles that apply and those of the direct share, by name.
        pub roles: Vec<NamedRole>,
        /// What the caller may do: `edit` (give or change direct roles), `remove` (take them away),
        /// `withdraw` (removing them takes the invitation back too), `resend` (mail a new link).
        pub allowed_actions: Vec<String>,
        /// What the caller may not do here though the member's state allows it, and why.
        pub refusals: Vec<AccessRefusal>,
    }

    /// A role by its name.
    pub struct NamedRole {
        pub id: Uuid,
        pub name: String,
    }

    /// Why a member who manages collaboration may not touch somebody's direct roles.
    pub struct AccessRefusal {
        /// `edit`, `remove` or `resend`.
        pub action: String,
        pub reason: RefusalReason,
        /// The actions that the caller lacks.
        pub missing_action_ids: Vec<String>,
        /// From when on the member would have them; `null` when at once.
        pub from: Option<DateTime<Utc>>,
    }

    /// A role that the caller may give on an environment.
    pub struct ShareableRole {
        pub id: Uuid,
        pub name: String,
        pub description: String,
        /// Names of its policies.
        pub policies: Vec<String>,
        /// The latest end that a share with it may have, because the caller's own access ends then;
        /// `null` where none is needed.
        pub until: Option<DateTime<Utc>>,
    }

    /// Invites somebody with a direct share, or shares directly with a member.
    #[serde(deny_unknown_fields)]
    pub struct ShareEnvironment {
        pub email: String,
        pub role_ids: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<DateTime<Utc>>,
    }

    /// A member's direct roles on an environment.
    #[serde(deny_unknown_fields)]
    pub struct DirectRoles {
        pub role_ids: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<DateTime<Utc>>,
    }
}
