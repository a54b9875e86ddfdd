//! The access-level rule: which roles apply to an environment, and why.
//!
//! There is one rule, [`resolve`], and it returns its own explanation: every share and group that
//! was looked at, in order, with what became of it.

mod resolver;
mod why;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::catalogue::ActionId;
use crate::ids::{EnvironmentId, GroupId, PolicyId, RoleId, ShareId};
use crate::member::MemberStatus;
use crate::sharing::{Item, Share};
use crate::stored::stored_enum;

pub use resolver::Resolver;
pub use why::Why;

stored_enum! {
    /// Where an environment's effective roles come from.
    "access level" AccessLevel {
        /// The account is the caller's own. Never the outcome of [`resolve`].
        Owner = "owner",
        /// Roles on the environment itself.
        Direct = "direct",
        /// Roles by way of the groups that hold the environment.
        Group = "group",
        /// Roles on the category of every environment.
        Base = "base",
        /// No roles: the environment is not there.
        None = "none",
    }
}

impl AccessLevel {
    /// Its place in the order in which levels are asked: the highest is 0.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Owner => 0,
            Self::Direct => 1,
            Self::Group => 2,
            Self::Base => 3,
            Self::None => 4,
        }
    }

    /// Whether the environment is seen.
    pub const fn sees(self) -> bool {
        match self {
            Self::Owner | Self::Direct | Self::Group | Self::Base => true,
            Self::None => false,
        }
    }
}

/// What a role is made of, as far as access is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleFacts {
    /// Its policies.
    pub policy_ids: Vec<PolicyId>,
    /// Whether who has it hears of load alerts.
    pub receive_load_alerts: bool,
}

/// What one account owns, as far as access is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Every group, with the group that holds it.
    pub groups: HashMap<GroupId, Option<GroupId>>,
    /// Every environment, with the groups that hold it. One that is missing here does not exist.
    pub environments: HashMap<EnvironmentId, Vec<GroupId>>,
    /// Every role. One that is missing here grants nothing.
    pub roles: HashMap<RoleId, RoleFacts>,
    /// Every policy, the system's included, with its actions.
    pub policies: HashMap<PolicyId, BTreeSet<ActionId>>,
}

impl Relations {
    /// The union of the actions of these roles.
    pub fn actions_of<'a>(
        &self,
        role_ids: impl IntoIterator<Item = &'a RoleId>,
    ) -> BTreeSet<ActionId> {
        self.policy_sets(role_ids)
            .flat_map(|(_, _, actions)| actions)
            .cloned()
            .collect()
    }

    fn policy_sets<'a, 'b>(
        &'a self,
        role_ids: impl IntoIterator<Item = &'b RoleId>,
    ) -> impl Iterator<Item = (RoleId, PolicyId, &'a BTreeSet<ActionId>)> {
        role_ids
            .into_iter()
            .filter_map(|id| Some((*id, self.roles.get(id)?)))
            .flat_map(|(id, role)| role.policy_ids.iter().map(move |policy| (id, *policy)))
            .filter_map(|(role, policy)| Some((role, policy, self.policies.get(&policy)?)))
    }
}

/// What one member has been given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberAccess {
    /// Their state at the moment of the check.
    pub status: MemberStatus,
    /// Whether their account is disabled, which leaves them without access anywhere.
    pub account_disabled: bool,
    /// Their shares, ended ones included.
    pub shares: Vec<Share>,
}

/// One thing that the rule looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The level to which it belongs.
    pub level: AccessLevel,
    /// The item that was looked at.
    pub item: Item,
    /// At the group level: the group holding the environment from which the walk began.
    pub via: Option<GroupId>,
    /// The share on the item, where there is one.
    pub share: Option<ShareId>,
    /// The roles of that share.
    pub role_ids: BTreeSet<RoleId>,
    /// Whether these roles are among those that apply.
    pub counted: bool,
    /// Why, or why not.
    pub why: Why,
}

/// The answer of the rule for one member and one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The environment that was asked about.
    pub environment_id: EnvironmentId,
    /// Where the roles come from.
    pub level: AccessLevel,
    /// The roles that apply.
    pub role_ids: BTreeSet<RoleId>,
    /// Everything that was looked at, in order.
    pub steps: Vec<Step>,
}

impl Access {
    /// The effective actions.
    pub fn actions(&self, relations: &Relations) -> BTreeSet<ActionId> {
        relations.actions_of(&self.role_ids)
    }

    /// The policies of the roles that apply.
    pub fn policies(&self, relations: &Relations) -> BTreeSet<PolicyId> {
        relations
            .policy_sets(&self.role_ids)
            .map(|(_, policy, _)| policy)
            .collect()
    }

    /// Whether the action is among the effective ones.
    pub fn allows(&self, relations: &Relations, action: &str) -> bool {
        relations
            .policy_sets(&self.role_ids)
            .any(|(_, _, actions)| actions.contains(action))
    }

    /// By which roles and policies the action is granted.
    pub fn granted_by(&self, relations: &Relations, action: &str) -> Vec<(RoleId, PolicyId)> {
        relations
            .policy_sets(&self.role_ids)
            .filter(|(_, _, actions)| actions.contains(action))
            .map(|(role, policy, _)| (role, policy))
            .collect()
    }

    /// Takes away what was found, and says why.
    fn withhold(&mut self, why: Why) {
        self.level = AccessLevel::None;
        self.role_ids.clear();
        for step in self.steps.iter_mut().filter(|step| step.counted) {
            step.counted = false;
            step.why = why;
        }
    }

    /// Whether load alerts of the environment go to the member.
    pub fn receives_load_alerts(&self, relations: &Relations) -> bool {
        self.role_ids
            .iter()
            .filter_map(|id| relations.roles.get(id))
            .any(|role| role.receive_load_alerts)
    }
}

/// Applies the rule: what the member has on the environment at `now`.
pub fn resolve(
    relations: &Relations,
    member: &MemberAccess,
    environment: EnvironmentId,
    now: DateTime<Utc>,
) -> Access {
    Resolver::new(relations, member, now).resolve(environment)
}

/// What the member would have on the environment if they were active. A disabled account has nothing
/// then either.
pub fn resolve_as_if_active(
    relations: &Relations,
    member: &MemberAccess,
    environment: EnvironmentId,
    now: DateTime<Utc>,
) -> Access {
    Resolver::new(relations, member, now).resolve_as_if_active(environment)
}

/// Whether the member may make an environment in these groups (at the root without any).
pub fn may_create(
    relations: &Relations,
    member: &MemberAccess,
    groups: &[GroupId],
    now: DateTime<Utc>,
) -> bool {
    Resolver::new(relations, member, now).may_create(groups)
}

/// Where on an account a member may make environments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacesToCreate {
    /// Whether at the root, in no group.
    pub root: bool,
    /// In which groups; in several at once, where each is among them.
    pub groups: BTreeSet<GroupId>,
}

/// Everywhere that the member may make an environment.
pub fn places_to_create(
    relations: &Relations,
    member: &MemberAccess,
    now: DateTime<Utc>,
) -> PlacesToCreate {
    let resolver = Resolver::new(relations, member, now);
    PlacesToCreate {
        root: resolver.may_create(&[]),
        groups: relations
            .groups
            .keys()
            .copied()
            .filter(|group| resolver.may_create(&[*group]))
            .collect(),
    }
}
