use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccessLevel, Item, NamedRole, Share};

api_words! {
    /// What became of one thing that the access-level rule looked at.
    StepReason {
        /// Its roles apply.
        Counted = "counted",
        /// Its roles apply: the group below has none, and this is the nearest above that has.
        NearestAncestorWithRoles = "nearest_ancestor_with_roles",
        /// Its roles apply: neither the group nor any above has some.
        GroupsCategoryDefault = "groups_category_default",
        /// It has roles, but a higher level has some too.
        HiddenByHigherLevel = "hidden_by_higher_level",
        /// It has roles, but the group or one nearer to it has some too.
        HiddenByNearerGroup = "hidden_by_nearer_group",
        /// Nothing is shared here.
        NoShareHere = "no_share_here",
        /// The share has ended.
        ShareEnded = "share_ended",
        /// The share holds no role that exists.
        NoKnownRoles = "no_known_roles",
        /// It would apply, but the member is not active.
        MemberNotActive = "member_not_active",
        /// It would apply, but the member's account is disabled.
        AccountDisabled = "account_disabled",
        /// There is no such environment.
        NoSuchEnvironment = "no_such_environment",
    }

    /// What is missing for a yes.
    MissingThing {
        /// Nothing that is shared reaches the environment.
        Share = "share",
        /// A share reaches it, but has ended.
        LiveShare = "live_share",
        /// Roles would apply, but the member is not active.
        ActiveMember = "active_member",
        /// Roles would apply, but the member's account is disabled.
        EnabledAccount = "enabled_account",
        /// Roles apply, and none of their policies holds the action.
        Action = "action",
    }
}

/// What shall be explained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct ExplainQuery {
    /// The member whose access it is.
    pub member_id: Uuid,
    /// The action of the catalogue that they may do, or may not.
    pub action_id: String,
}

api! {
    /// Why a member may do an action on an environment, or may not.
    pub struct Explanation {
        pub allowed: bool,
        pub access_level: AccessLevel,
        /// What the access-level rule looked at, in its order, as far as the caller may know of it.
        pub steps: Vec<ExplainedStep>,
        /// By which policies of which roles the action is granted.
        pub granted_by: Vec<GrantingPolicy>,
        /// What is missing; `null` where the action is allowed.
        pub missing: Option<MissingAccess>,
    }

    /// One thing that the rule looked at.
    pub struct ExplainedStep {
        pub level: AccessLevel,
        /// `null` for a group that is not the caller's to know of.
        pub item: Option<Item>,
        /// A group's path, the environment's name, or the category's title.
        pub item_name: Option<String>,
        /// At the group level: the group holding the environment from which the walk began.
        pub via: Option<Uuid>,
        /// The path of that group.
        pub via_name: Option<String>,
        /// The share on the item; `null` where there is none, or it is not the caller's to know of.
        pub share: Option<Share>,
        pub role_ids: Vec<Uuid>,
        /// Those roles by name.
        pub roles: Vec<NamedRole>,
        /// Whether these roles are among those that apply.
        pub counted: bool,
        pub why: StepReason,
        /// The same as a sentence.
        pub sentence: String,
    }

    /// A policy of a role that grants the action.
    pub struct GrantingPolicy {
        pub role_id: Uuid,
        pub role_name: String,
        pub policy_id: Uuid,
        pub policy_name: String,
    }

    /// What stands in the way: the first thing that must be mended.
    pub struct MissingAccess {
        pub what: MissingThing,
        /// The same as a sentence.
        pub sentence: String,
    }
}
