//! What an account owns at one revision, shared by all who look at it then: when something changes, every
//! member who listens looks at the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use accord_domain::access::Relations;
use accord_domain::ids::{AccountId, RoleId};
use accord_domain::sharing::Share;
use accord_store::members::Member;
use accord_store::{Conn, accounts, members, relations, roles, shares};
use chrono::{DateTime, Utc};

use crate::environments::all_members;
use crate::error::Result;

/// Every member of an account.
#[derive(Debug)]
pub(crate) struct People {
    standing: (i64, i64),
    pub members: Vec<Given>,
    /// What the account's roles are called, and their descriptions.
    pub role_names: HashMap<RoleId, (String, String)>,
}

/// A member, and what they have been given.
#[derive(Debug)]
pub(crate) struct Given {
    pub member: Member,
    /// Whether their own account is disabled.
    pub account_disabled: bool,
    pub shares: Vec<Share>,
}

/// Environments, groups, members and shares held at most, of all accounts together; about 100 bytes each.
const MOST_ITEMS: usize = 500_000;

#[derive(Debug, Default)]
pub(crate) struct HostSnapshots(Mutex<Vec<Held>>);

/// The last used stand last.
#[derive(Debug)]
struct Held {
    host: AccountId,
    revision: i64,
    relations: Arc<Relations>,
    /// Once a delegate looked.
    people: Option<Arc<People>>,
}

impl Held {
    fn items(&self) -> usize {
        let people = self.people.as_ref().map_or(0, |people| {
            // A member weighs as much as a few of the others.
            let members = people.members.iter().map(|one| 4 + one.shares.len());
            people.role_names.len() + members.sum::<usize>()
        });
        self.relations.environments.len() + self.relations.groups.len() + people
    }
}

impl HostSnapshots {
    /// What the account owns, which in this transaction is at that revision.
    pub(crate) fn at(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        revision: i64,
    ) -> Result<Arc<Relations>> {
        if let Some((relations, _)) = self.held(host, revision) {
            return Ok(relations);
        }
        let loaded = Arc::new(relations::load(tx, host)?);
        self.keep(Held {
            host,
            revision,
            relations: Arc::clone(&loaded),
            people: None,
        });
        Ok(loaded)
    }

    /// The account's members, at the same revision; `relations` are its own.
    pub(crate) fn people_at(
        &self,
        tx: &mut Conn<'_>,
        (host, revision): (AccountId, i64),
        relations: &Relations,
        now: DateTime<Utc>,
    ) -> Result<Arc<People>> {
        // What they are called changes no access, and so not the revision.
        let standing = members::standing(tx, host)?;
        if let Some((_, Some(people))) = self.held(host, revision)
            && people.standing == standing
        {
            return Ok(people);
        }
        let members = all_members(tx, host, now)?;
        let mut given = shares::of_account(tx, host)?;
        let people: Vec<AccountId> = members.iter().filter_map(|one| one.person_id).collect();
        let people = accounts::briefs(tx, &people)?;
        let members = members.into_iter().map(|member| {
            let person = member.person_id.and_then(|person| people.get(&person));
            Given {
                account_disabled: person.is_some_and(|person| person.disabled_at.is_some()),
                shares: given.remove(&member.id).unwrap_or_default(),
                member,
            }
        });
        let role_ids: Vec<RoleId> = relations.roles.keys().copied().collect();
        let all = Arc::new(People {
            standing,
            members: members.collect(),
            role_names: roles::names(tx, &role_ids)?,
        });
        self.keep_people(host, revision, &all);
        Ok(all)
    }

    fn keep_people(&self, host: AccountId, revision: i64, people: &Arc<People>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = all.iter_mut();
        if let Some(held) = held.find(|held| held.host == host && held.revision == revision) {
            held.people = Some(Arc::clone(people));
            make_room(&mut all);
        }
    }

    fn held(
        &self,
        host: AccountId,
        revision: i64,
    ) -> Option<(Arc<Relations>, Option<Arc<People>>)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all
            .iter()
            .position(|held| held.host == host && held.revision == revision)?;
        let held = all.remove(at);
        let found = (Arc::clone(&held.relations), held.people.clone());
        all.push(held);
        Some(found)
    }

    fn keep(&self, new: Held) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of two revisions the later one is asked for again.
        if all
            .iter()
            .any(|held| held.host == new.host && held.revision >= new.revision)
        {
            return;
        }
        all.retain(|held| held.host != new.host);
        all.push(new);
        make_room(&mut all);
    }
}

/// The least used go.
fn make_room(all: &mut Vec<Held>) {
    let mut items: usize = all.iter().map(Held::items).sum();
    while items > MOST_ITEMS {
        items -= all.remove(0).items();
    }
}
