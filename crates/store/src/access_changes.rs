//! What changed at which revision of an account, for who keeps what it shares in memory: they read again
//! what is listed here, and nothing else.
//!
//! The notes hang on the writes themselves, so that no use case can forget one: before a transaction is
//! committed, each account of which something is noted has a new revision and a row that lists it.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::{access_changes, accounts};
use crate::types::Sql;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::sharing::{Item, ItemError, ItemKind};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// More things than these are not listed: whoever keeps them reads everything anew.
const MOST_THINGS: usize = 2_000;
/// Rows that are kept of an account, counted in revisions.
const KEPT: i64 = 1_024;
/// How often, in revisions, older ones are deleted.
const PRUNED_EVERY: i64 = 64;

/// What is shared with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct SharedItem {
    /// With whom.
    pub member: MemberId,
    /// What.
    pub item: Item,
}

/// The same in its parts.
#[derive(Serialize, Deserialize)]
struct Listed(MemberId, ItemKind, Option<Uuid>);

impl From<SharedItem> for Listed {
    fn from(SharedItem { member, item }: SharedItem) -> Self {
        Self(member, item.kind(), item.id())
    }
}

impl TryFrom<Listed> for SharedItem {
    type Error = ItemError;

    fn try_from(Listed(member, kind, id): Listed) -> Result<Self, ItemError> {
        let item = Item::from_parts(kind, id)?;
        Ok(Self { member, item })
    }
}

/// Things of one account that may have changed, come or gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Things {
    /// Members whose state, person or shares changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<MemberId>,
    /// Members one share of whom changed, with what was shared.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shares: BTreeSet<SharedItem>,
    /// Roles whose policies changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<RoleId>,
    /// Policies whose actions changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub policies: BTreeSet<PolicyId>,
    /// Groups that are in another group.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupId>,
    /// Environments that are in other groups.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub environments: BTreeSet<EnvironmentId>,
}

impl Things {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.members.len()
            + self.shares.len()
            + self.roles.len()
            + self.policies.len()
            + self.groups.len()
            + self.environments.len()
    }

    fn add(&mut self, other: Self) {
        self.members.extend(other.members);
        self.shares.extend(other.shares);
        self.roles.extend(other.roles);
        self.policies.extend(other.policies);
        self.groups.extend(other.groups);
        self.environments.extend(other.environments);
    }
}

/// What a transaction noted of one account.
#[derive(Debug, Default)]
pub(crate) struct Note {
    things: Things,
    /// The revision before, and the one that it was counted up to.
    revisions: Option<(i64, i64)>,
}

/// What a transaction noted so far.
pub(crate) type Noted = BTreeMap<AccountId, Note>;

impl Conn<'_> {
    pub(crate) fn note_members(
        &mut self,
        account: AccountId,
        ids: impl IntoIterator<Item = MemberId>,
    ) {
        self.things_of(account).members.extend(ids);
    }

    pub(crate) fn note_shares(
        &mut self,
        account: AccountId,
        member: MemberId,
        items: impl IntoIterator<Item = Item>,
    ) {
        let shares = items.into_iter().map(|item| SharedItem { member, item });
        self.things_of(account).shares.extend(shares);
    }

    pub(crate) fn note_roles(&mut self, account: AccountId, ids: impl IntoIterator<Item = RoleId>) {
        self.things_of(account).roles.extend(ids);
    }

    pub(crate) fn note_policies(
        &mut self,
        account: AccountId,
        ids: impl IntoIterator<Item = PolicyId>,
    ) {
        self.things_of(account).policies.extend(ids);
    }

    pub(crate) fn note_groups(
        &mut self,
        account: AccountId,
        ids: impl IntoIterator<Item = GroupId>,
    ) {
        self.things_of(account).groups.extend(ids);
    }

    pub(crate) fn note_environments(
        &mut self,
        account: AccountId,
        ids: impl IntoIterator<Item = EnvironmentId>,
    ) {
        self.things_of(account).environments.extend(ids);
    }

    /// Notes that the account's revision was counted up by one.
    pub(crate) fn note_revision(&mut self, account: AccountId, revision: i64) {
        let revisions = &mut self.noted.entry(account).or_default().revisions;
        let since = revisions.map_or(revision - 1, |(since, _)| since);
        *revisions = Some((since, revision));
    }

    fn things_of(&mut self, account: AccountId) -> &mut Things {
        &mut self.noted.entry(account).or_default().things
    }
}

/// What the transaction changed of the account so far.
pub fn noted(tx: &Conn<'_>, account: AccountId) -> Things {
    tx.noted
        .get(&account)
        .map(|note| note.things.clone())
        .unwrap_or_default()
}

/// Writes what the transaction noted. Accounts whose revision nobody counted up yet are counted up here.
pub(crate) fn settle(tx: &mut Conn<'_>) -> Result<(), StoreError> {
    for (account, note) in std::mem::take(&mut tx.noted) {
        let revisions = match note.revisions {
            Some(revisions) => Some(revisions),
            None if note.things == Things::default() => None,
            None => {
                let revision: Option<i64> =
                    on!(tx, |c| diesel::update(accounts::table.find(Sql(account)))
                        .set(accounts::revision.eq(accounts::revision + 1))
                        .returning(accounts::revision)
                        .get_result(c)
                        .optional())?;
                revision.map(|revision| {
                    tx.touch_revision(account, revision);
                    (revision - 1, revision)
                })
            }
        };
        let Some((since, revision)) = revisions else {
            continue;
        };
        let things = if note.things.count() > MOST_THINGS {
            None
        } else {
            let things = serde_json::to_value(&note.things);
            Some(things.map_err(|error| StoreError::Internal(error.to_string()))?)
        };
        on!(tx, |c| diesel::insert_into(access_changes::table)
            .values((
                access_changes::account_id.eq(Sql(account)),
                access_changes::revision.eq(revision),
                access_changes::since.eq(since),
                access_changes::things.eq(things.as_ref()),
            ))
            .execute(c))?;
        if since / PRUNED_EVERY != revision / PRUNED_EVERY {
            on!(tx, |c| diesel::delete(
                access_changes::table
                    .filter(access_changes::account_id.eq(Sql(account)))
                    .filter(access_changes::revision.le(revision - KEPT))
            )
            .execute(c))?;
        }
    }
    Ok(())
}

/// Everything that may have changed of the account after a revision, up to the present one; `None` where
/// that is not known any more, or too much.
pub fn after(
    tx: &mut Conn<'_>,
    account: AccountId,
    revision: i64,
    present: i64,
) -> Result<Option<Things>, StoreError> {
    let rows: Vec<(i64, i64, Option<Value>)> = on!(tx, |c| access_changes::table
        .filter(access_changes::account_id.eq(Sql(account)))
        .filter(access_changes::revision.gt(revision))
        .order(access_changes::revision.asc())
        .select((
            access_changes::since,
            access_changes::revision,
            access_changes::things,
        ))
        .load(c))?;
    let mut at = revision;
    let mut changed = Things::default();
    for (since, revision, things) in rows {
        let Some(things) = things.filter(|_| since == at) else {
            return Ok(None);
        };
        changed.add(
            serde_json::from_value(things)
                .map_err(|error| StoreError::Internal(error.to_string()))?,
        );
        at = revision;
    }
    Ok((at == present && changed.count() <= MOST_THINGS).then_some(changed))
}
