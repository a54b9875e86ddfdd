//! What there should be, kept in the plainest way: lists, and rules read off the documentation. Nothing here
//! knows of the code that it is compared with.

use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{AccessLevel, DateTime, Item, MemberStatus, Utc, Uuid};
use chrono::Duration;

use super::faults::Fault;

/// The actions that policies are made of.
pub(super) const ACTIONS: [&str; 5] = [
    "files.read",
    "files.write",
    "logs.read",
    "environment.create",
    "collaboration.manage",
];

/// A thing with a name. What is deleted keeps its place, so that it can be named afterwards.
#[derive(Clone, Debug)]
pub(super) struct Thing<T> {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) there: bool,
    pub(super) of: T,
}

impl<T> Thing<T> {
    pub(super) fn new(id: Uuid, name: impl Into<String>, of: T) -> Self {
        Self {
            id,
            name: name.into(),
            there: true,
            of,
        }
    }

    /// What is not named stays.
    pub(super) fn becomes(&mut self, name: Option<String>, of: Option<T>) {
        if let Some(name) = name {
            self.name = name;
        }
        if let Some(of) = of {
            self.of = of;
        }
    }
}

pub(super) type Policy = Thing<BTreeSet<&'static str>>;
/// Of policies.
pub(super) type Role = Thing<BTreeSet<usize>>;
/// In another.
pub(super) type Group = Thing<Option<usize>>;
/// In groups.
pub(super) type Environment = Thing<BTreeSet<usize>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Environments,
    Groups,
    Group(usize),
    Environment(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) roles: BTreeSet<usize>,
    pub(super) until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: Uuid,
    /// Never expired: that is told from the end.
    pub(super) status: MemberStatus,
    pub(super) open_until: DateTime<Utc>,
    pub(super) shares: BTreeMap<What, Share>,
}

/// All that belongs to one owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    pub(super) policies: Vec<Policy>,
    pub(super) roles: Vec<Role>,
    pub(super) groups: Vec<Group>,
    pub(super) environments: Vec<Environment>,
    /// One place for each of the people.
    pub(super) records: Vec<Option<Record>>,
    /// The one rule that it has wrong, where a test wants to see that noticed.
    pub(super) fault: Option<Fault>,
}

/// What somebody has on an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) level: AccessLevel,
    pub(super) roles: BTreeSet<Uuid>,
    pub(super) actions: BTreeSet<String>,
}

impl Record {
    pub(super) fn status(&self, now: DateTime<Utc>) -> MemberStatus {
        if self.status == MemberStatus::Pending && now >= self.open_until {
            MemberStatus::Expired
        } else {
            self.status
        }
    }
}

impl Share {
    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|end| now < end)
    }
}

impl Picture {
    pub(super) fn gets_wrong(&self, rule: Fault) -> bool {
        self.fault == Some(rule)
    }

    fn is_same_name(&self, one: &str, other: &str) -> bool {
        if self.gets_wrong(Fault::NamesDifferByTheirLetterCase) {
            one == other
        } else {
            one.to_lowercase() == other.to_lowercase()
        }
    }

    /// Whether something else that is there has the name, whatever its letters.
    pub(super) fn name_taken<T>(
        &self,
        things: &[Thing<T>],
        name: &str,
        but: Option<usize>,
    ) -> bool {
        let others = things.iter().enumerate();
        others
            .filter(|(number, thing)| thing.there && Some(*number) != but)
            .any(|(_, thing)| self.is_same_name(&thing.name, name))
    }

    /// The roles on exactly this that have not ended.
    fn live(&self, record: &Record, what: What, now: DateTime<Utc>) -> BTreeSet<usize> {
        let share = record.shares.get(&what);
        let live = share
            .filter(|share| share.is_live(now) || self.gets_wrong(Fault::EndedSharesStillGrant));
        live.map(|share| share.roles.clone()).unwrap_or_default()
    }

    /// What a copy of a member starts with.
    pub(super) fn copied(&self, record: &Record, now: DateTime<Utc>) -> BTreeMap<What, Share> {
        let mut shares = record.shares.clone();
        shares
            .retain(|_, share| share.is_live(now) || self.gets_wrong(Fault::CopiesTakeEndedShares));
        shares
    }

    pub(super) fn item(&self, what: What) -> Item {
        match what {
            What::Environments => Item::ENVIRONMENTS,
            What::Groups => Item::GROUPS,
            What::Group(number) => Item::group(self.groups[number].id),
            What::Environment(number) => Item::environment(self.environments[number].id),
        }
    }

    pub(super) fn is_there(&self, what: What) -> bool {
        match what {
            What::Environments | What::Groups => true,
            What::Group(number) => self.groups[number].there,
            What::Environment(number) => self.environments[number].there,
        }
    }

    /// Whether a group of this name would lie beside another of that name.
    pub(super) fn sibling_taken(
        &self,
        name: &str,
        parent: Option<usize>,
        but: Option<usize>,
    ) -> bool {
        self.groups.iter().enumerate().any(|(number, group)| {
            group.there
                && Some(number) != but
                && group.of == parent
                && self.is_same_name(&group.name, name)
        })
    }

    /// Whether the one group is the other, or somewhere in it.
    pub(super) fn is_within(&self, group: usize, outer: usize) -> bool {
        let mut at = Some(group);
        while let Some(number) = at {
            if number == outer {
                return true;
            }
            at = self.groups[number].of;
        }
        false
    }

    /// The roles that count for a group: its own, else those of the nearest around it, else the default.
    fn of_group(&self, record: &Record, group: usize, now: DateTime<Utc>) -> BTreeSet<usize> {
        let mut at = Some(group);
        while let Some(number) = at {
            let roles = self.live(record, What::Group(number), now);
            if !roles.is_empty() {
                return roles;
            }
            at = self.groups[number].of;
            if self.gets_wrong(Fault::GroupsAreAloneInTheirGroups) {
                at = None;
            }
        }
        self.live(record, What::Groups, now)
    }

    fn actions_of(&self, roles: &BTreeSet<usize>) -> BTreeSet<String> {
        let policies = roles.iter().flat_map(|role| &self.roles[*role].of);
        policies
            .flat_map(|policy| &self.policies[*policy].of)
            .map(|action| (*action).to_owned())
            .collect()
    }

    /// What one of the people has on an environment.
    pub(super) fn access(&self, who: usize, environment: usize, now: DateTime<Utc>) -> Access {
        let active = self.records[who]
            .as_ref()
            .filter(|record| match record.status {
                MemberStatus::Active => true,
                MemberStatus::Suspended => self.gets_wrong(Fault::SuspendedMembersKeepAccess),
                _ => false,
            });
        let (level, roles) = match active {
            None => (AccessLevel::None, BTreeSet::new()),
            Some(record) => {
                let direct = self.live(record, What::Environment(environment), now);
                let groups = &self.environments[environment].of;
                let by_group: BTreeSet<usize> = groups
                    .iter()
                    .flat_map(|group| self.of_group(record, *group, now))
                    .collect();
                let base = self.live(record, What::Environments, now);
                if !direct.is_empty() && self.gets_wrong(Fault::DirectRolesHideNothing) {
                    (AccessLevel::Direct, &direct | &by_group)
                } else if !direct.is_empty() {
                    (AccessLevel::Direct, direct)
                } else if !by_group.is_empty() {
                    (AccessLevel::Group, by_group)
                } else if !base.is_empty() {
                    (AccessLevel::Base, base)
                } else {
                    (AccessLevel::None, base)
                }
            }
        };
        Access {
            level,
            actions: self.actions_of(&roles),
            roles: roles.iter().map(|role| self.roles[*role].id).collect(),
        }
    }

    /// Whether one of the people, who is active, may make an environment in these groups, or in none.
    pub(super) fn may_create(
        &self,
        who: usize,
        groups: &BTreeSet<usize>,
        now: DateTime<Utc>,
    ) -> bool {
        let record = self.records[who].as_ref().expect("an active member");
        let creates =
            |roles: &BTreeSet<usize>| self.actions_of(roles).contains("environment.create");
        if groups.is_empty() {
            return creates(&self.live(record, What::Environments, now));
        }
        let mut each = groups
            .iter()
            .map(|group| creates(&self.of_group(record, *group, now)));
        if self.gets_wrong(Fault::OneGroupIsEnoughToCreateIn) {
            each.any(|creates| creates)
        } else {
            each.all(|creates| creates)
        }
    }

    fn every_share(&mut self, mut change: impl FnMut(&mut BTreeMap<What, Share>)) {
        for record in self.records.iter_mut().flatten() {
            change(&mut record.shares);
        }
    }

    pub(super) fn role_in_use(&self, role: usize) -> bool {
        if self.gets_wrong(Fault::RolesInUseAreDeletedUnasked) {
            return false;
        }
        let records = self.records.iter().flatten();
        records
            .flat_map(|record| record.shares.values())
            .any(|share| share.roles.contains(&role))
    }

    pub(super) fn policy_in_use(&self, policy: usize) -> bool {
        self.roles
            .iter()
            .any(|role| role.there && role.of.contains(&policy))
    }

    pub(super) fn delete_role(&mut self, role: usize) {
        self.roles[role].there = false;
        if self.gets_wrong(Fault::DeletedRolesStayInShares) {
            return;
        }
        self.every_share(|shares| {
            for share in shares.values_mut() {
                share.roles.remove(&role);
            }
            shares.retain(|_, share| !share.roles.is_empty());
        });
    }

    pub(super) fn delete_policy(&mut self, policy: usize) {
        self.policies[policy].there = false;
        for role in &mut self.roles {
            role.of.remove(&policy);
        }
    }

    pub(super) fn delete_group(&mut self, group: usize) {
        let gone: BTreeSet<usize> = (0..self.groups.len())
            .filter(|number| self.groups[*number].there && self.is_within(*number, group))
            .collect();
        for number in &gone {
            self.groups[*number].there = false;
        }
        for environment in &mut self.environments {
            environment.of.retain(|held_by| !gone.contains(held_by));
        }
        self.every_share(|shares| {
            shares.retain(|what, _| !matches!(what, What::Group(number) if gone.contains(number)));
        });
    }

    pub(super) fn delete_environment(&mut self, environment: usize) {
        self.environments[environment].there = false;
        self.environments[environment].of.clear();
        self.every_share(|shares| {
            shares.remove(&What::Environment(environment));
        });
    }
}

/// How long an invitation is open.
pub(super) fn invitation_lifetime() -> Duration {
    Duration::days(7)
}
