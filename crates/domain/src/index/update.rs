//! What has become of things, and how it is applied.

use std::collections::BTreeSet;

use super::actions::{ActionBit, ActionSet};
use super::people::Person;
use super::places::Place;
use super::{Index, Slot, number};
use crate::access::{MemberAccess, Relations};
use crate::catalogue::ActionId;
use crate::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use crate::sharing::{Item, Share};

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
    /// Single shares of members who have access and are not named above, each with what is shared. Of others
    /// none is told: their record is, once they have access.
    pub shares: Vec<(MemberId, Item, Option<Share>)>,
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
            shares: Vec::new(),
        }
    }
}

impl Index {
    /// Makes what changed what it is now.
    pub fn apply(&mut self, update: Update) {
        let gone = update.groups.iter().filter(|(_, parent)| parent.is_none());
        self.gone += gone.count();
        let moved = update.groups.into_iter();
        self.groups
            .put(moved.map(|(id, parent)| (id, parent.flatten())));
        for (id, groups) in update.environments {
            match groups {
                Some(groups) => {
                    let slots = groups.into_iter().map(|id| self.groups.slot(id));
                    self.environments.put(id, &slots.collect::<Vec<_>>());
                }
                None => self.gone += usize::from(self.environments.remove(id)),
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
            let actions = policies
                .as_deref()
                .map(|policies| self.actions_of(policies));
            self.role_actions.set(slot, actions);
            self.roles[slot as usize].policies = policies;
        }
        // Who is gone goes first: their person may be in another record by now.
        for (id, _) in &update.members {
            if let Some(person) = self.persons.remove(id) {
                self.people.remove(person);
            }
        }
        for (id, member) in update.members {
            if let Some((person, access)) = member {
                self.put_member(id, person, access);
            }
        }
        for (member, item, share) in update.shares {
            let place = self.place_of(item);
            let given = share.map(|share| (self.slots_of(share.role_ids), share.expires_at));
            let person = self.persons.get(&member);
            if let Some(person) = person.and_then(|person| self.people.get_mut(*person)) {
                person.put(place, given);
            }
        }
    }

    fn put_member(&mut self, id: MemberId, person: AccountId, access: MemberAccess) {
        if !access.status.gives_access() {
            return;
        }
        self.persons.insert(id, person);
        // Who is disabled has nothing.
        let shares = if access.account_disabled {
            Vec::new()
        } else {
            access.shares
        };
        let given = shares.into_iter().map(|share| {
            let place = self.place_of(share.item);
            (place, self.slots_of(share.role_ids), share.expires_at)
        });
        let given: Vec<_> = given.collect();
        self.people.insert(person, Person::new(given.into_iter()));
    }

    fn place_of(&mut self, item: Item) -> Place {
        match item {
            Item::Environments => Place::ENVIRONMENTS,
            Item::Groups => Place::GROUPS,
            Item::Group(id) => Place::group(self.groups.slot(id)),
            Item::Environment(id) => Place::environment(self.environments.number_of(id)),
        }
    }

    fn slots_of(&mut self, roles: BTreeSet<RoleId>) -> Box<[Slot]> {
        roles.into_iter().map(|id| self.role_slot(id)).collect()
    }

    fn recompile_roles_with(&mut self, changed: &BTreeSet<PolicyId>) {
        for slot in 0..self.roles.len() {
            let Some(policies) = &self.roles[slot].policies else {
                continue;
            };
            if policies.iter().any(|policy| changed.contains(policy)) {
                let actions = self.actions_of(policies);
                self.role_actions.set(number(slot), Some(actions));
            }
        }
    }

    fn actions_of(&self, policies: &[PolicyId]) -> ActionSet {
        let mut actions = ActionSet::default();
        for policy in policies.iter().filter_map(|id| self.policies.get(id)) {
            actions.add(policy.words());
        }
        actions
    }

    fn bit(&mut self, action: ActionId) -> ActionBit {
        // The first bit is not an action's.
        let next = ActionBit(number(self.bits.len() + 1));
        *self.bits.entry(action).or_insert(next)
    }

    fn role_slot(&mut self, id: RoleId) -> Slot {
        let next = number(self.roles.len());
        let slot = *self.role_slots.entry(id).or_insert(next);
        if slot == next {
            self.roles.push(super::Role { id, policies: None });
            self.role_actions.push();
        }
        slot
    }
}
