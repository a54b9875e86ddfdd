//! The compiled access index of one account: what checks are answered from.
//!
//! It holds the relations that the access-level rule walks over (environment to groups, group to parent,
//! person to shares, role to a set of actions), not their product. So its size grows with what is stored,
//! a decision costs the same however many environments and members there are, and a change is applied in
//! place. What it answers is what [`crate::access::resolve`] answers: tests compare the two on random
//! accounts.
//!
//! What a decision costs in a large account is waiting for memory. So everything is found by small numbers
//! that stand for ids, and a decision looks at few places that depend on each other: the environment and the
//! person, at once; then the person's shares; then the actions of a role. The tables are hashed without a
//! random seed, and fast: every id in them is one that the server made, so nobody can choose ids that
//! collide, and asking about others makes no table worse.

mod actions;
mod compare;
mod people;
mod places;
mod table;
mod update;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::access::AccessLevel;
use crate::catalogue::ActionId;
use crate::ids::{AccountId, EnvironmentId, MemberId, PolicyId, RoleId};

pub use actions::ActionBit;
use actions::{ActionSet, RoleActions};
use people::Person;
use places::{Environments, Groups, Place};
use table::Table;
pub use update::Update;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// A group or a role, by the number that stands for its id.
type Slot = u32;

#[derive(Clone, Debug)]
struct Role {
    id: RoleId,
    /// What it is made of; none where there is no such role (any more).
    policies: Option<Box<[PolicyId]>>,
}

/// What somebody may do on one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    level: AccessLevel,
    actions: ActionSet,
}

impl Decision {
    /// That there is no access.
    pub fn none() -> Self {
        Self {
            level: AccessLevel::None,
            actions: ActionSet::default(),
        }
    }

    /// Where it comes from.
    pub const fn level(&self) -> AccessLevel {
        self.level
    }

    /// Whether the action is allowed; one that no policy of the account names has no bit.
    pub fn allows(&self, action: Option<ActionBit>) -> bool {
        match self.level {
            AccessLevel::Owner => true,
            AccessLevel::None => false,
            AccessLevel::Direct | AccessLevel::Group | AccessLevel::Base => {
                action.is_some_and(|action| self.actions.contains(action))
            }
        }
    }
}

/// The compiled access index of one account.
#[derive(Clone, Debug)]
pub struct Index {
    owner: AccountId,
    frozen: bool,
    bits: Map<ActionId, ActionBit>,
    groups: Groups,
    environments: Environments,
    policies: Map<PolicyId, ActionSet>,
    role_slots: Map<RoleId, Slot>,
    roles: Vec<Role>,
    role_actions: RoleActions,
    /// By the account of the person, who has one active record at most.
    people: Table<AccountId, Person>,
    persons: Map<MemberId, AccountId>,
    /// Numbers of things that are gone; when they are many, a fresh index is smaller.
    gone: usize,
}

impl Index {
    /// The index of an account with these things.
    pub fn new(owner: AccountId, frozen: bool, everything: Update) -> Self {
        fn map<K, V>(capacity: usize) -> Map<K, V> {
            Map::with_capacity_and_hasher(capacity, Default::default())
        }
        let mut index = Self {
            owner,
            frozen,
            bits: Map::default(),
            groups: Groups::with_capacity(everything.groups.len()),
            environments: Environments::with_capacity(everything.environments.len()),
            policies: map(everything.policies.len()),
            role_slots: map(everything.roles.len()),
            roles: Vec::with_capacity(everything.roles.len()),
            role_actions: RoleActions::with_capacity(everything.roles.len()),
            people: Table::with_capacity(everything.members.len()),
            persons: map(everything.members.len()),
            gone: 0,
        };
        index.apply(everything);
        index
    }

    /// Whose things these are.
    pub const fn owner(&self) -> AccountId {
        self.owner
    }

    /// Whether the account is disabled: nobody has access to what it hosts then.
    pub const fn set_frozen(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Whether the account has this environment.
    pub fn has(&self, environment: EnvironmentId) -> bool {
        let known = self.environments.get(environment);
        known.is_some_and(|environment| environment.is_there())
    }

    /// The bit of an action, if some policy of the account has it or had it.
    pub fn action(&self, id: &str) -> Option<ActionBit> {
        self.bits.get(id).copied()
    }

    /// Whether so much of it is about what is gone that a fresh one should take its place.
    pub const fn is_worn(&self) -> bool {
        let numbers = self.groups.len() + self.roles.len() + self.environments.len();
        self.gone > 1_024 && self.gone > numbers / 2
    }

    /// What somebody, by their account, may do on an environment of this account at `now`.
    pub fn decide(
        &self,
        person: AccountId,
        environment: EnvironmentId,
        now: DateTime<Utc>,
    ) -> Decision {
        let mut decision = Decision::none();
        // Both are looked up before anything is made of either, so that memory is waited for once.
        let known = self.environments.get(environment);
        let given = self.people.get(person);
        let Some(environment) = known.filter(|known| known.is_there() && !self.frozen) else {
            return decision;
        };
        if person == self.owner {
            decision.level = AccessLevel::Owner;
            return decision;
        }
        let Some(given) = given else {
            return decision;
        };
        let mut found = |place| {
            let mut any = false;
            let roles = given.roles_on(place, now);
            for actions in roles.filter_map(|role| self.role_actions.get(role)) {
                decision.actions.add(actions);
                any = true;
            }
            any
        };
        decision.level = if found(environment.place()) {
            AccessLevel::Direct
        } else if given.has_some_of_groups() && self.by_groups(&environment, &mut found) {
            AccessLevel::Group
        } else if found(Place::ENVIRONMENTS) {
            AccessLevel::Base
        } else {
            AccessLevel::None
        };
        decision
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let people = self.people.iter();
        let shares: usize = people.map(|(_, person)| person.heap_bytes()).sum();
        let names: usize = self.bits.keys().map(|id| id.as_str().len()).sum();
        let roles = self.roles.iter();
        let roles: usize = roles
            .map(|role| role.policies.as_deref().map_or(0, size_of_val))
            .sum();
        size_of::<Self>()
            + table_bytes(&self.bits)
            + names
            + self.groups.bytes()
            + self.environments.bytes()
            + table_bytes(&self.policies)
            + table_bytes(&self.role_slots)
            + self.roles.capacity() * size_of::<Role>()
            + self.role_actions.bytes()
            + roles
            + self.people.bytes()
            + table_bytes(&self.persons)
            + shares
    }

    /// Looks at the groups of the environment: each one's own roles, or those of the nearest group above
    /// that has some, or the category's.
    fn by_groups(
        &self,
        environment: &places::Environment,
        found: &mut impl FnMut(Place) -> bool,
    ) -> bool {
        let mut any = false;
        for group in self.environments.groups_of(environment) {
            any |= self.walk(*group, found);
        }
        any
    }

    fn walk(&self, group: Slot, found: &mut impl FnMut(Place) -> bool) -> bool {
        let mut at = Some(group);
        // Stored groups have no cycle; if they ever had one, this would still end.
        for _ in 0..=self.groups.len() {
            let Some(group) = at else {
                break;
            };
            let (mut way, on) = self.groups.way_up(group);
            if way.any(|group| found(Place::group(group))) {
                return true;
            }
            at = on;
        }
        found(Place::GROUPS)
    }
}

/// What a table takes: it is filled to seven eighths at most, and to half of that after it grew.
fn table_bytes<K, V>(map: &Map<K, V>) -> usize {
    map.capacity() * 8 / 7 * (size_of::<(K, V)>() + 1)
}

/// What an account owns is far from 2^32 things: the databases would not hold them.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
