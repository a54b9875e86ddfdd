//! How the rule is applied: level by level, group by group.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{Access, AccessLevel, MemberAccess, Relations, Step, Why};
use crate::catalogue::reserved;
use crate::ids::{EnvironmentId, GroupId, RoleId};
use crate::sharing::{Item, Share};

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
