//! What a comparison of two indexes walks over.

use std::collections::HashSet;

use super::actions::ActionBit;
use super::people::Person;
use super::{Index, number};
use crate::catalogue::ActionId;
use crate::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use crate::sharing::Item;

impl Index {
    pub(crate) fn members(&self) -> impl Iterator<Item = (MemberId, AccountId)> {
        self.persons
            .iter()
            .map(|(member, person)| (*member, *person))
    }

    pub(crate) fn environments(&self) -> impl Iterator<Item = EnvironmentId> {
        self.environments.iter().map(|(id, _)| id)
    }

    pub(crate) fn actions(&self) -> impl Iterator<Item = (&ActionId, ActionBit)> {
        self.bits.iter().map(|(id, bit)| (id, *bit))
    }

    pub(crate) fn items_of(&self, person: AccountId) -> impl Iterator<Item = Item> {
        let shares = self.people.get(person).map_or(&[][..], Person::shares);
        shares
            .iter()
            .filter_map(|held| self.environments.item(held.place(), &self.groups))
    }

    pub(crate) fn has_direct_shares_alone(&self, person: AccountId) -> bool {
        self.items_of(person)
            .all(|item| matches!(item, Item::Environment(_)))
    }

    pub(crate) fn roles_of(&self, person: AccountId) -> impl Iterator<Item = RoleId> {
        let person = self.people.get(person);
        person
            .into_iter()
            .flat_map(|person| {
                let shares = person.shares().iter();
                shares.flat_map(|held| person.roles(held))
            })
            .map(|slot| self.roles[*slot as usize].id)
    }

    pub(crate) fn roles_with<'i>(
        &'i self,
        policies: &'i HashSet<PolicyId>,
    ) -> impl Iterator<Item = RoleId> + 'i {
        self.roles
            .iter()
            .filter(|role| {
                let held = role.policies.iter().flatten();
                held.into_iter().any(|policy| policies.contains(policy))
            })
            .map(|role| role.id)
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
            let mut at = Some(number(start));
            let mut inside = false;
            while let Some(slot) = at {
                if let Some(known) = below[slot as usize] {
                    inside = known;
                    break;
                }
                if path.len() > self.groups.len() {
                    break;
                }
                path.push(slot);
                if groups.contains(&self.groups.id(slot)) {
                    inside = true;
                    break;
                }
                at = self.groups.parent(slot);
            }
            for slot in path {
                below[slot as usize] = Some(inside);
            }
        }
        self.environments
            .iter()
            .filter(move |(_, environment)| {
                let mut slots = self.environments.groups_of(environment).iter();
                slots.any(|slot| below[*slot as usize] == Some(true))
            })
            .map(|(id, _)| id)
    }
}
