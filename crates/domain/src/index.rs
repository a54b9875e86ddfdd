//! The compiled access index of one account: what checks are answered from.
//!
//! It holds the relations that the access-level rule walks over (environment to groups, group to parent,
//! person to shares, role to a set of actions), not their product. So its size grows with what is stored,
//! a decision costs the same however many environments and members there are, and a change is applied in
//! place. What it answers is what [`crate::access::resolve`] answers: tests compare the two on random
//! accounts. Everything in it is found by small numbers that stand for ids.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use smallvec::SmallVec;

use crate::access::{AccessLevel, MemberAccess, Relations};
use crate::catalogue::ActionId;
use crate::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use crate::sharing::Item;

/// An action, by its place in the sets of one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionBit(u32);

/// A set of actions. Up to 256 of them need no memory of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ActionSet(SmallVec<[u64; 4]>);

impl ActionSet {
    fn insert(&mut self, ActionBit(bit): ActionBit) {
        let word = (bit / 64) as usize;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (bit % 64);
    }

    fn contains(&self, ActionBit(bit): ActionBit) -> bool {
        self.0
            .get((bit / 64) as usize)
            .is_some_and(|word| word & (1 << (bit % 64)) != 0)
    }

    fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// A group, by the number that stands for its id.
type Slot = u32;

/// Some of them: mostly one, which then needs no memory of its own.
#[derive(Clone, Debug)]
enum Slots {
    One(Slot),
    Many(Box<[Slot]>),
}

impl Slots {
    fn as_slice(&self) -> &[Slot] {
        match self {
            Self::One(slot) => std::slice::from_ref(slot),
            Self::Many(slots) => slots,
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Many(slots) => size_of_val(&**slots),
        }
    }
}

impl FromIterator<Slot> for Slots {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let slots: Vec<Slot> = slots.into_iter().collect();
        match slots.as_slice() {
            [only] => Self::One(*only),
            _ => Self::Many(slots.into_boxed_slice()),
        }
    }
}

#[derive(Clone, Debug)]
struct Group {
    id: GroupId,
    parent: Option<Slot>,
}

#[derive(Clone, Debug, Default)]
struct Role {
    /// What it is made of; none where there is no such role (any more).
    policies: Option<Box<[PolicyId]>>,
    actions: ActionSet,
}

#[derive(Clone, Debug)]
struct Held {
    item: Item,
    roles: Slots,
    ends: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default)]
struct Person {
    disabled: bool,
    /// In the order of their items.
    shares: Box<[Held]>,
}

/// What has become of things of an account. `None` where one is there no more.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// Each with the group that holds it.
    pub groups: Vec<(GroupId, Option<Option<GroupId>>)>,
    /// Each with the groups that hold it.
    pub environments: Vec<(EnvironmentId, Option<Vec<GroupId>>)>,
    /// Each with its actions.
    pub policies: Vec<(PolicyId, Option<BTreeSet<ActionId>>)>,
    /// Each with its policies.
    pub roles: Vec<(RoleId, Option<Vec<PolicyId>>)>,
    /// Each with the person whom the record is about and what they have been given. Who is not tied to a
    /// person, or not active, has no access, and is left out of the index.
    pub members: Vec<(MemberId, Option<(AccountId, MemberAccess)>)>,
}

impl Update {
    /// All that an account owns, and all its members.
    pub fn of_everything(
        relations: Relations,
        members: impl IntoIterator<Item = (MemberId, AccountId, MemberAccess)>,
    ) -> Self {
        let Relations {
            groups,
            environments,
            roles,
            policies,
        } = relations;
        Self {
            groups: groups
                .into_iter()
                .map(|(id, parent)| (id, Some(parent)))
                .collect(),
            environments: environments
                .into_iter()
                .map(|(id, groups)| (id, Some(groups)))
                .collect(),
            policies: policies
                .into_iter()
                .map(|(id, actions)| (id, Some(actions)))
                .collect(),
            roles: roles
                .into_iter()
                .map(|(id, role)| (id, Some(role.policy_ids)))
                .collect(),
            members: members
                .into_iter()
                .map(|(id, person, access)| (id, Some((person, access))))
                .collect(),
        }
    }
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
    bits: HashMap<ActionId, ActionBit>,
    group_slots: HashMap<GroupId, Slot>,
    groups: Vec<Group>,
    environments: HashMap<EnvironmentId, Slots>,
    policies: HashMap<PolicyId, ActionSet>,
    role_slots: HashMap<RoleId, Slot>,
    roles: Vec<Role>,
    role_ids: Vec<RoleId>,
    /// By the account of the person, who has one active record at most.
    people: HashMap<AccountId, Person>,
    persons: HashMap<MemberId, AccountId>,
    /// Numbers of things that are gone; when they are many, a fresh index is smaller.
    gone: usize,
}

impl Index {
    /// The index of an account with these things.
    pub fn new(owner: AccountId, frozen: bool, everything: Update) -> Self {
        let mut index = Self {
            owner,
            frozen,
            bits: HashMap::new(),
            group_slots: HashMap::with_capacity(everything.groups.len()),
            groups: Vec::with_capacity(everything.groups.len()),
            environments: HashMap::with_capacity(everything.environments.len()),
            policies: HashMap::with_capacity(everything.policies.len()),
            role_slots: HashMap::with_capacity(everything.roles.len()),
            roles: Vec::with_capacity(everything.roles.len()),
            role_ids: Vec::with_capacity(everything.roles.len()),
            people: HashMap::with_capacity(everything.members.len()),
            persons: HashMap::with_capacity(everything.members.len()),
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
        self.environments.contains_key(&environment)
    }

    /// The bit of an action, if some policy of the account has it or had it.
    pub fn action(&self, id: &str) -> Option<ActionBit> {
        self.bits.get(id).copied()
    }

    /// Whether so much of it is about what is gone that a fresh one should take its place.
    pub const fn is_worn(&self) -> bool {
        self.gone > 1_024 && self.gone > (self.groups.len() + self.roles.len()) / 2
    }

    /// Makes what changed what it is now.
    pub fn apply(&mut self, update: Update) {
        for (id, parent) in update.groups {
            let slot = self.group_slot(id);
            let parent = match parent {
                Some(parent) => parent.map(|parent| self.group_slot(parent)),
                None => {
                    self.gone += 1;
                    None
                }
            };
            self.groups[slot as usize].parent = parent;
        }
        for (id, groups) in update.environments {
            match groups {
                Some(groups) => {
                    let slots = groups.into_iter().map(|id| self.group_slot(id)).collect();
                    self.environments.insert(id, slots);
                }
                None => drop(self.environments.remove(&id)),
            }
        }
        let mut changed: BTreeSet<PolicyId> = BTreeSet::new();
        for (id, actions) in update.policies {
            match actions {
                Some(actions) => {
                    let mut set = ActionSet::default();
                    for action in actions {
                        set.insert(self.bit(action));
                    }
                    self.policies.insert(id, set);
                }
                None => drop(self.policies.remove(&id)),
            }
            changed.insert(id);
        }
        // Roles that are told of below are compiled there.
        if !changed.is_empty() {
            self.recompile_roles_with(&changed);
        }
        for (id, policies) in update.roles {
            let slot = self.role_slot(id);
            self.gone += usize::from(policies.is_none());
            let policies = policies.map(Vec::into_boxed_slice);
            let role = Role {
                actions: self.actions_of(policies.as_deref().unwrap_or_default()),
                policies,
            };
            self.roles[slot as usize] = role;
        }
        // Who is gone goes first: their person may be in another record by now.
        for (id, _) in &update.members {
            if let Some(person) = self.persons.remove(id) {
                self.people.remove(&person);
            }
        }
        for (id, member) in update.members {
            if let Some((person, access)) = member {
                self.put_member(id, person, access);
            }
        }
    }

    /// What somebody, by their account, may do on an environment of this account at `now`.
    pub fn decide(
        &self,
        person: AccountId,
        environment: EnvironmentId,
        now: DateTime<Utc>,
    ) -> Decision {
        let mut decision = Decision::none();
        if self.frozen {
            return decision;
        }
        let Some(groups) = self.environments.get(&environment) else {
            return decision;
        };
        if person == self.owner {
            decision.level = AccessLevel::Owner;
            return decision;
        }
        let Some(person) = self.people.get(&person).filter(|person| !person.disabled) else {
            return decision;
        };
        let mut found = |item| self.collect(person, item, now, &mut decision.actions);
        let level = if found(Item::Environment(environment)) {
            AccessLevel::Direct
        } else {
            let mut by_groups = false;
            for group in groups.as_slice() {
                by_groups |= self.walk(*group, &mut found);
            }
            if by_groups {
                AccessLevel::Group
            } else if found(Item::Environments) {
                AccessLevel::Base
            } else {
                AccessLevel::None
            }
        };
        decision.level = level;
        decision
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        // A table is filled to seven eighths at most, and to half of that after it grew.
        fn table<K, V>(map: &HashMap<K, V>) -> usize {
            map.capacity() * 8 / 7 * (size_of::<(K, V)>() + 1)
        }
        let shares: usize = self
            .people
            .values()
            .map(|person| {
                let roles: usize = person
                    .shares
                    .iter()
                    .map(|held| held.roles.heap_bytes())
                    .sum();
                size_of_val(&*person.shares) + roles
            })
            .sum();
        let names: usize = self.bits.keys().map(|id| id.as_str().len()).sum();
        let memberships: usize = self.environments.values().map(Slots::heap_bytes).sum();
        let roles: usize = self
            .roles
            .iter()
            .map(|role| role.policies.as_deref().map_or(0, size_of_val))
            .sum();
        size_of::<Self>()
            + table(&self.bits)
            + names
            + table(&self.group_slots)
            + self.groups.capacity() * size_of::<Group>()
            + table(&self.environments)
            + memberships
            + table(&self.policies)
            + table(&self.role_slots)
            + self.roles.capacity() * size_of::<Role>()
            + self.role_ids.capacity() * size_of::<RoleId>()
            + roles
            + table(&self.people)
            + table(&self.persons)
            + shares
    }

    /// The group's own roles, or those of the nearest group above that has some, or the category's.
    fn walk(&self, group: Slot, found: &mut impl FnMut(Item) -> bool) -> bool {
        let mut at = Some(group);
        // Stored groups have no cycle; if they ever had one, this would still end.
        for _ in 0..=self.groups.len() {
            let Some(group) = at.and_then(|slot| self.groups.get(slot as usize)) else {
                break;
            };
            if found(Item::Group(group.id)) {
                return true;
            }
            at = group.parent;
        }
        found(Item::Groups)
    }

    /// Adds the actions of what the person has been given on the item; whether any of it counts.
    fn collect(
        &self,
        person: &Person,
        item: Item,
        now: DateTime<Utc>,
        actions: &mut ActionSet,
    ) -> bool {
        let first = person.shares.partition_point(|held| held.item < item);
        let mut found = false;
        for held in person.shares[first..]
            .iter()
            .take_while(|held| held.item == item)
            .filter(|held| held.ends.is_none_or(|end| now < end))
        {
            for role in held.roles.as_slice() {
                let role = &self.roles[*role as usize];
                if role.policies.is_some() {
                    actions.add(&role.actions);
                    found = true;
                }
            }
        }
        found
    }

    fn put_member(&mut self, id: MemberId, person: AccountId, access: MemberAccess) {
        if !access.status.gives_access() {
            return;
        }
        let mut shares: Vec<Held> = access
            .shares
            .into_iter()
            .map(|share| Held {
                item: share.item,
                roles: share
                    .role_ids
                    .into_iter()
                    .map(|id| self.role_slot(id))
                    .collect(),
                ends: share.expires_at,
            })
            .collect();
        shares.sort_by_key(|held| held.item);
        self.persons.insert(id, person);
        self.people.insert(
            person,
            Person {
                disabled: access.account_disabled,
                shares: shares.into_boxed_slice(),
            },
        );
    }

    fn recompile_roles_with(&mut self, changed: &BTreeSet<PolicyId>) {
        for slot in 0..self.roles.len() {
            let Some(policies) = &self.roles[slot].policies else {
                continue;
            };
            if policies.iter().any(|policy| changed.contains(policy)) {
                self.roles[slot].actions = self.actions_of(policies);
            }
        }
    }

    fn actions_of(&self, policies: &[PolicyId]) -> ActionSet {
        let mut actions = ActionSet::default();
        for policy in policies.iter().filter_map(|id| self.policies.get(id)) {
            actions.add(policy);
        }
        actions
    }

    fn bit(&mut self, action: ActionId) -> ActionBit {
        let next = ActionBit(number(self.bits.len()));
        *self.bits.entry(action).or_insert(next)
    }

    fn group_slot(&mut self, id: GroupId) -> Slot {
        let next = number(self.groups.len());
        let slot = *self.group_slots.entry(id).or_insert(next);
        if slot == next {
            self.groups.push(Group { id, parent: None });
        }
        slot
    }

    fn role_slot(&mut self, id: RoleId) -> Slot {
        let next = number(self.roles.len());
        let slot = *self.role_slots.entry(id).or_insert(next);
        if slot == next {
            self.roles.push(Role::default());
            self.role_ids.push(id);
        }
        slot
    }
}

/// What a comparison of two indexes walks over.
impl Index {
    pub(crate) fn members(&self) -> impl Iterator<Item = (MemberId, AccountId)> {
        self.persons
            .iter()
            .map(|(member, person)| (*member, *person))
    }

    pub(crate) fn environments(&self) -> impl Iterator<Item = EnvironmentId> {
        self.environments.keys().copied()
    }

    pub(crate) fn actions(&self) -> impl Iterator<Item = (&ActionId, ActionBit)> {
        self.bits.iter().map(|(id, bit)| (id, *bit))
    }

    fn shares_of(&self, person: AccountId) -> &[Held] {
        self.people
            .get(&person)
            .map_or(&[], |person| &*person.shares)
    }

    pub(crate) fn items_of(&self, person: AccountId) -> impl Iterator<Item = Item> {
        self.shares_of(person).iter().map(|held| held.item)
    }

    pub(crate) fn has_direct_shares_alone(&self, person: AccountId) -> bool {
        self.items_of(person)
            .all(|item| matches!(item, Item::Environment(_)))
    }

    pub(crate) fn roles_of(&self, person: AccountId) -> impl Iterator<Item = RoleId> {
        self.shares_of(person)
            .iter()
            .flat_map(|held| held.roles.as_slice())
            .filter_map(|slot| self.role_ids.get(*slot as usize).copied())
    }

    pub(crate) fn roles_with<'i>(
        &'i self,
        policies: &'i HashSet<PolicyId>,
    ) -> impl Iterator<Item = RoleId> + 'i {
        self.roles
            .iter()
            .zip(&self.role_ids)
            .filter(|(role, _)| {
                let held = role.policies.iter().flatten();
                held.into_iter().any(|policy| policies.contains(policy))
            })
            .map(|(_, id)| *id)
    }

    /// The environments in these groups or in groups inside of them.
    pub(crate) fn environments_below<'i>(
        &'i self,
        groups: &HashSet<GroupId>,
    ) -> impl Iterator<Item = EnvironmentId> + 'i {
        // Whether a group is one of them or inside of one; each is walked up once.
        let mut below: Vec<Option<bool>> = vec![None; self.groups.len()];
        for start in 0..self.groups.len() {
            let mut path = Vec::new();
            let mut at = Some(start);
            let mut inside = false;
            while let Some(slot) = at {
                if let Some(known) = below[slot] {
                    inside = known;
                    break;
                }
                if path.len() > self.groups.len() {
                    break;
                }
                path.push(slot);
                if groups.contains(&self.groups[slot].id) {
                    inside = true;
                    break;
                }
                at = self.groups[slot].parent.map(|parent| parent as usize);
            }
            for slot in path {
                below[slot] = Some(inside);
            }
        }
        self.environments
            .iter()
            .filter(move |(_, slots)| {
                let mut slots = slots.as_slice().iter();
                slots.any(|slot| below[*slot as usize] == Some(true))
            })
            .map(|(id, _)| *id)
    }
}

/// What an account owns is far from 2^32 things: the databases would not hold them.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
