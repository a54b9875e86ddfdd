//! The access-level rule: which roles apply to an environment, and why.
//!
//! There is one rule, [`resolve`], and it returns its own explanation: every share and group that
//! was looked at, in order, with what became of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::catalogue::{ActionId, reserved};
use crate::ids::{EnvironmentId, GroupId, PolicyId, RoleId, ShareId};
use crate::member::MemberStatus;
use crate::sharing::{Item, Share};
use crate::stored::stored_enum;

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

stored_enum! {
    /// What became of one step of the rule.
    "reason" Why {
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
}

impl Why {
    /// Whether its roles would apply, but for the member's state.
    pub const fn withholds(self) -> bool {
        matches!(self, Self::MemberNotActive | Self::AccountDisabled)
    }

    /// The reason as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Counted => "These roles apply.",
            Self::NearestAncestorWithRoles => {
                "These roles apply: this is the nearest group above that has roles, and the group itself has none."
            }
            Self::GroupsCategoryDefault => {
                "These roles apply: the group has none and no group above it has any, so the default for every group counts."
            }
            Self::HiddenByHigherLevel => {
                "These roles do not apply: a higher level has roles, and only that one counts."
            }
            Self::HiddenByNearerGroup => {
                "These roles do not apply: the group itself or one nearer to it has roles."
            }
            Self::NoShareHere => "Nothing is shared here.",
            Self::ShareEnded => "The share has ended and grants nothing.",
            Self::NoKnownRoles => "The share holds no role that exists.",
            Self::MemberNotActive => "These roles would apply, but the member is not active.",
            Self::AccountDisabled => {
                "These roles would apply, but the member's account is disabled."
            }
            Self::NoSuchEnvironment => "There is no such environment.",
        }
    }
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

/// The rule for one member at one moment, ready to be asked about many environments.
#[derive(Debug)]
pub struct Resolver<'a> {
    relations: &'a Relations,
    active: bool,
    account_disabled: bool,
    shares: HashMap<Item, Vec<&'a Share>>,
    now: DateTime<Utc>,
}

impl<'a> Resolver<'a> {
    /// Prepares the rule.
    pub fn new(relations: &'a Relations, member: &'a MemberAccess, now: DateTime<Utc>) -> Self {
        let mut shares: HashMap<Item, Vec<&Share>> = HashMap::new();
        for share in &member.shares {
            shares.entry(share.item).or_default().push(share);
        }
        Self {
            relations,
            active: member.status.gives_access(),
            account_disabled: member.account_disabled,
            shares,
            now,
        }
    }

    /// What the member has on the environment.
    pub fn resolve(&self, environment: EnvironmentId) -> Access {
        let mut access = self.resolve_as_if_active(environment);
        if !self.active {
            access.withhold(Why::MemberNotActive);
        }
        access
    }

    /// What the member would have on the environment if they were active.
    pub fn resolve_as_if_active(&self, environment: EnvironmentId) -> Access {
        let mut access = self.resolve_shares(environment);
        if self.account_disabled {
            access.withhold(Why::AccountDisabled);
        }
        access
    }

    /// What the shares say, whoever the member is.
    fn resolve_shares(&self, environment: EnvironmentId) -> Access {
        let Some(groups) = self.relations.environments.get(&environment) else {
            return no_such_environment(environment);
        };
        let mut steps = Vec::new();
        self.look_at(
            AccessLevel::Direct,
            Item::Environment(environment),
            None,
            Why::Counted,
            &mut steps,
        );
        // The same group twice would only repeat its steps.
        let mut walked = HashSet::new();
        for group in groups.iter().filter(|group| walked.insert(**group)) {
            self.walk_group(*group, &mut steps);
        }
        self.look_at(
            AccessLevel::Base,
            Item::Environments,
            None,
            Why::Counted,
            &mut steps,
        );

        let level = [AccessLevel::Direct, AccessLevel::Group, AccessLevel::Base]
            .into_iter()
            .find(|level| {
                steps
                    .iter()
                    .any(|step| step.level == *level && step.counted)
            })
            .unwrap_or(AccessLevel::None);
        for step in steps
            .iter_mut()
            .filter(|step| step.counted && step.level != level)
        {
            step.counted = false;
            step.why = Why::HiddenByHigherLevel;
        }
        let counted = steps.iter().filter(|step| step.counted);
        let role_ids = self
            .known(counted.flat_map(|step| &step.role_ids))
            .collect();
        Access {
            environment_id: environment,
            level,
            role_ids,
            steps,
        }
    }

    /// Whether the member may make an environment in these groups (at the root without any).
    pub fn may_create(&self, groups: &[GroupId]) -> bool {
        if !self.active || self.account_disabled {
            return false;
        }
        let grants = |steps: &[Step]| {
            let roles = steps
                .iter()
                .filter(|step| step.counted)
                .flat_map(|step| &step.role_ids);
            self.relations
                .policy_sets(roles)
                .any(|(_, _, actions)| actions.contains(reserved::ENVIRONMENT_CREATE))
        };
        if groups.is_empty() {
            let mut steps = Vec::new();
            self.look_at(
                AccessLevel::Base,
                Item::Environments,
                None,
                Why::Counted,
                &mut steps,
            );
            return grants(&steps);
        }
        groups.iter().all(|group| {
            let mut steps = Vec::new();
            self.walk_group(*group, &mut steps);
            self.relations.groups.contains_key(group) && grants(&steps)
        })
    }

    /// The group's own roles, or those of the nearest group above that has some, or the category's.
    fn walk_group(&self, group: GroupId, steps: &mut Vec<Step>) {
        let via = Some(group);
        let level = AccessLevel::Group;
        let mut found = self.look_at(level, Item::Group(group), via, Why::Counted, steps);
        let mut seen = HashSet::from([group]);
        let mut at = self.parent(group);
        // Stored groups have no cycle; if they ever had one, this would still end.
        while let Some(above) = at.filter(|above| seen.insert(*above)) {
            let item = Item::Group(above);
            if !found {
                found = self.look_at(level, item, via, Why::NearestAncestorWithRoles, steps);
            } else if self.shares.contains_key(&item) {
                self.look_past(item, via, steps);
            }
            at = self.parent(above);
        }
        if !found {
            self.look_at(level, Item::Groups, via, Why::GroupsCategoryDefault, steps);
        } else if self.shares.contains_key(&Item::Groups) {
            self.look_past(Item::Groups, via, steps);
        }
    }

    /// Looks at one item and says whether it has roles; `reason` is why they would count.
    fn look_at(
        &self,
        level: AccessLevel,
        item: Item,
        via: Option<GroupId>,
        reason: Why,
        steps: &mut Vec<Step>,
    ) -> bool {
        let step = Step {
            level,
            item,
            via,
            share: None,
            role_ids: BTreeSet::new(),
            counted: false,
            why: Why::NoShareHere,
        };
        let Some(shares) = self.shares.get(&item) else {
            steps.push(step);
            return false;
        };
        let mut found = false;
        for share in shares {
            let why = if share.ended(self.now) {
                Why::ShareEnded
            } else if self.known(&share.role_ids).next().is_none() {
                Why::NoKnownRoles
            } else {
                reason
            };
            let counted = why == reason;
            found |= counted;
            steps.push(Step {
                share: Some(share.id),
                role_ids: share.role_ids.clone(),
                counted,
                why,
                ..step.clone()
            });
        }
        found
    }

    /// Mentions an item above the one whose roles count.
    fn look_past(&self, item: Item, via: Option<GroupId>, steps: &mut Vec<Step>) {
        let first = steps.len();
        self.look_at(
            AccessLevel::Group,
            item,
            via,
            Why::HiddenByNearerGroup,
            steps,
        );
        for step in &mut steps[first..] {
            step.counted = false;
        }
    }

    fn known<'b>(
        &'b self,
        role_ids: impl IntoIterator<Item = &'b RoleId>,
    ) -> impl Iterator<Item = RoleId> {
        role_ids
            .into_iter()
            .copied()
            .filter(|id| self.relations.roles.contains_key(id))
    }

    fn parent(&self, group: GroupId) -> Option<GroupId> {
        self.relations.groups.get(&group).copied().flatten()
    }
}

fn no_such_environment(environment: EnvironmentId) -> Access {
    let step = Step {
        level: AccessLevel::None,
        item: Item::Environment(environment),
        via: None,
        share: None,
        role_ids: BTreeSet::new(),
        counted: false,
        why: Why::NoSuchEnvironment,
    };
    Access {
        environment_id: environment,
        level: AccessLevel::None,
        role_ids: BTreeSet::new(),
        steps: vec![step],
    }
}
