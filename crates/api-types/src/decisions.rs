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

api_words! {
    /// Whether all of the actions are needed, or one of them will do.
    CheckMode {
        All = "all",
        Any = "any",
    }
}

api_words! {
    /// What would be changed; for most of them, `to` is what the write itself would be sent.
    PreviewKind {
        /// `PATCH …/roles/{id}`.
        Role = "role",
        /// `DELETE …/roles/{id}`; `to` may be `{detach}`.
        RoleDeletion = "role_deletion",
        /// `PATCH …/policies/{id}`.
        Policy = "policy",
        /// `DELETE …/policies/{id}`; `to` may be `{detach}`.
        PolicyDeletion = "policy_deletion",
        /// `PATCH …/groups/{id}`.
        Group = "group",
        /// `DELETE …/groups/{id}`.
        GroupDeletion = "group_deletion",
        /// `PUT …/groups/{id}/environments`.
        GroupEnvironments = "group_environments",
        /// `PATCH …/environments/{id}`, its groups among others.
        Environment = "environment",
        /// `DELETE …/environments/{id}`.
        EnvironmentDeletion = "environment_deletion",
        /// `PUT …/members/{id}/shares`.
        Shares = "shares",
        /// `PUT …/environments/{id}/access/{member_id}`.
        DirectRoles = "direct_roles",
        /// `DELETE …/environments/{id}/access/{member_id}`.
        DirectRolesRemoval = "direct_roles_removal",
        /// `to` is `{verb}`: `suspend`, `activate` or `remove`.
        MemberState = "member_state",
    }

    /// A change of a member's state that changes access at once.
    MemberStateVerb {
        Suspend = "suspend",
        Activate = "activate",
        Remove = "remove",
    }
}

api! {
    #[serde(deny_unknown_fields)]
    pub struct PreviewAccess {
        pub change: PreviewChange,
    }

    /// One change of the account that is not saved.
    #[serde(deny_unknown_fields)]
    pub struct PreviewChange {
        pub kind: PreviewKind,
        /// The role, policy, group, environment or member that would be changed.
        pub id: Uuid,
        /// The member, for `direct_roles` and `direct_roles_removal`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub member_id: Option<Uuid>,
        /// What the write would be sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<serde_json::Value>,
    }

    /// What a change of a member's state would be sent.
    #[serde(deny_unknown_fields)]
    pub struct MemberStateChange {
        pub verb: MemberStateVerb,
    }

    /// Who would gain and lose what.
    pub struct Preview {
        /// The first 200, by member and environment.
        pub items: Vec<PreviewItem>,
        /// Always `null`: how many there are in all is in `totals`.
        pub next_cursor: Option<String>,
        pub totals: PreviewTotals,
    }

    /// What one member would gain and lose on one environment, now: nobody who is not active has anything.
    pub struct PreviewItem {
        pub member_id: Uuid,
        /// How the owner calls them, or their address.
        pub member_name: String,
        pub environment_id: Uuid,
        pub environment_name: String,
        pub level_before: AccessLevel,
        pub level_after: AccessLevel,
        /// Actions that they have not, and would have.
        pub gained: Vec<String>,
        /// Actions that they have, and would have no more.
        pub lost: Vec<String>,
    }

    /// How many would gain or lose something.
    pub struct PreviewTotals {
        pub members: u64,
        pub environments: u64,
        /// Pairs of a member and an environment.
        pub pairs: u64,
        /// Whether all were compared; where not, as with very many of both, there may be more.
        pub complete: bool,
    }
}

/// Most checks in one request.
pub const MAX_CHECKS: usize = 1_000;
/// Most actions in one check.
pub const MAX_CHECK_ACTIONS: usize = 200;

api! {
    /// Questions that are answered together.
    #[serde(deny_unknown_fields)]
    pub struct CheckAccess {
        /// At most 1,000.
        pub checks: Vec<Check>,
        /// The answer is not older than this: an `Accord-Revision` of a write, or the `revision` of an
        /// answer before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub at_least_revision: Option<i64>,
    }

    /// May this account do these actions on this environment?
    #[serde(deny_unknown_fields)]
    pub struct Check {
        pub subject: CheckSubject,
        pub environment_id: Uuid,
        /// Of the catalogue; at least one, at most 200.
        pub action_ids: Vec<String>,
        pub mode: CheckMode,
    }

    /// Whom it is about: by `account_id` or by `email`, and not by both.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct CheckSubject {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub account_id: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
    }

    /// The answers, in the order of the checks.
    pub struct CheckAnswers {
        pub results: Vec<CheckResult>,
        /// The least revision of the accounts whose environments were asked about; 0 where the caller may
        /// know of none of them.
        pub revision: i64,
    }

    pub struct CheckResult {
        pub allowed: bool,
        /// `owner` for whom the environment belongs to; `none` also for what is not the caller's to know.
        pub access_level: AccessLevel,
        /// Those of the actions that are not allowed.
        pub missing_action_ids: Vec<String>,
    }
}

impl CheckSubject {
    #[must_use]
    pub fn account(id: Uuid) -> Self {
        Self {
            account_id: Some(id),
            email: None,
        }
    }

    #[must_use]
    pub fn email(email: impl Into<String>) -> Self {
        Self {
            account_id: None,
            email: Some(email.into()),
        }
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
