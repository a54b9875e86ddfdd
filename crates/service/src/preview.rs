//! What a change would do to people's access: the very use case that would save it runs on a database that
//! takes everything back, and what it changed is compared with what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use accord_domain::authorize::{Denied, ReadHosting};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::index::{Index, Update};
use accord_domain::preview::{Bounds, Difference, Differences, differences};
use accord_domain::sharing::ShareDraft;
use accord_store::{Conn, Rehearsal, StoreError, access_changes, access_index, accounts};
use accord_store::{environments as environment_rows, members as member_rows};

use crate::Service;
use crate::call::Call;
use crate::environments::{DirectShare, UpdateEnvironment};
use crate::error::{Invalid, Result, ServiceError};
use crate::groups::UpdateGroup;
use crate::members::UpdateMember;
use crate::policies::UpdatePolicy;
use crate::roles::UpdateRole;

/// Differences that are listed; all are counted.
const MOST_ITEMS: usize = 200;
/// Pairs of a member and an environment that are compared: about a second's work.
const MOST_PAIRS: usize = 2_000_000;
/// How often it begins again because somebody changed something meanwhile.
const ATTEMPTS: usize = 5;

/// A change that somebody thinks of making.
#[derive(Clone, Debug)]
pub enum Change {
    Role(RoleId, UpdateRole),
    DeleteRole(RoleId, Detach),
    Policy(PolicyId, UpdatePolicy),
    DeletePolicy(PolicyId, Detach),
    Group(GroupId, UpdateGroup),
    DeleteGroup(GroupId),
    GroupEnvironments(GroupId, Vec<EnvironmentId>),
    Environment(EnvironmentId, UpdateEnvironment),
    DeleteEnvironment(EnvironmentId),
    Shares(MemberId, Vec<ShareDraft>),
    DirectRoles(EnvironmentId, MemberId, DirectShare),
    RemoveDirectRoles(EnvironmentId, MemberId),
    MemberState(MemberId, StateChange),
}

/// Whether what uses it loses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detach(pub bool);

/// What an owner may do to a member's state that changes access at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    Suspend,
    Activate,
    Remove,
}

/// What would come of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewView {
    /// The first differences, with the names of the member and the environment.
    pub items: Vec<(Difference, String, String)>,
    /// How many there are.
    pub found: Differences,
}

impl Service {
    /// Who would gain and lose what on which environment by a change. Nothing is saved.
    ///
    /// # Errors
    /// Unless the caller owns the account; and all that the change itself would be refused with, where what
    /// it names is not there as an invalid id.
    pub fn preview(
        &self,
        call: &Call,
        host: AccountId,
        change: &Change,
        expected_version: Option<i64>,
    ) -> Result<PreviewView> {
        self.read_hosting::<ReadHosting, _>(call, host, |_, _| Ok(()))?;
        for _ in 0..ATTEMPTS {
            let (revision, update) = self.rehearse(call, host, change, expected_version)?;
            let now = self.clock.now();
            let bounds = Bounds {
                most_items: MOST_ITEMS,
                most_pairs: MOST_PAIRS,
            };
            let before = self.decisions.index_at(&self.db, host, revision)?;
            let Some(before) = before else {
                continue;
            };
            let mut after = Index::clone(&before);
            after.apply(update.clone());
            let mut found = differences(&before, &after, &update, now, bounds);
            let items = std::mem::take(&mut found.items);
            return Ok(PreviewView {
                items: self.with_names(host, items)?,
                found,
            });
        }
        tracing::warn!(%host, "an account changes faster than a change of it can be previewed");
        Err(ServiceError::Unavailable)
    }

    /// Makes the change and takes it back. Answers the account's revision before, and what became of what.
    fn rehearse(
        &self,
        call: &Call,
        host: AccountId,
        change: &Change,
        expected_version: Option<i64>,
    ) -> Result<(i64, Update)> {
        let look = Arc::new(Look {
            host,
            revision: Mutex::default(),
            update: Mutex::default(),
        });
        let stage = Self {
            db: self.db.rehearsing(look.clone()),
            ..self.clone()
        };
        stage
            .make(call, host, change, expected_version)
            .map_err(in_the_body)?;
        let revision = *look.revision.lock().unwrap_or_else(PoisonError::into_inner);
        let update = look
            .update
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        revision
            .zip(update)
            .ok_or_else(|| ServiceError::internal("a change was not rehearsed"))
    }

    /// The use case that saves the change.
    fn make(
        &self,
        call: &Call,
        host: AccountId,
        change: &Change,
        expected: Option<i64>,
    ) -> Result<()> {
        match change {
            Change::Role(id, to) => drop(self.update_role(call, host, *id, to, expected)?),
            Change::DeleteRole(id, Detach(detach)) => {
                self.delete_role(call, host, *id, *detach, expected)?;
            }
            Change::Policy(id, to) => drop(self.update_policy(call, host, *id, to, expected)?),
            Change::DeletePolicy(id, Detach(detach)) => {
                self.delete_policy(call, host, *id, *detach, expected)?;
            }
            Change::Group(id, to) => drop(self.update_group(call, host, *id, to, expected)?),
            Change::DeleteGroup(id) => self.delete_group(call, host, *id, expected)?,
            Change::GroupEnvironments(id, to) => {
                drop(self.set_group_environments(call, host, *id, to, expected)?);
            }
            Change::Environment(id, to) => {
                drop(self.update_environment(call, host, *id, to, expected)?);
            }
            Change::DeleteEnvironment(id) => self.delete_environment(call, host, *id, expected)?,
            Change::Shares(id, to) => {
                let to = UpdateMember {
                    display_name: None,
                    shares: Some(to.clone()),
                };
                drop(self.update_member(call, host, *id, &to, expected)?);
            }
            Change::DirectRoles(id, member, to) => {
                drop(self.share_environment(call, host, *id, *member, to, expected)?);
            }
            Change::RemoveDirectRoles(id, member) => {
                self.unshare_environment(call, host, *id, *member, expected)?;
            }
            Change::MemberState(id, StateChange::Suspend) => {
                drop(self.suspend_member(call, host, *id, expected)?);
            }
            Change::MemberState(id, StateChange::Activate) => {
                drop(self.activate_member(call, host, *id, expected)?);
            }
            Change::MemberState(id, StateChange::Remove) => {
                drop(self.remove_member(call, host, *id, expected)?);
            }
        }
        Ok(())
    }

    fn with_names(
        &self,
        host: AccountId,
        items: Vec<Difference>,
    ) -> Result<Vec<(Difference, String, String)>> {
        let member_ids: Vec<MemberId> = items.iter().map(|item| item.member_id).collect();
        let environment_ids: Vec<EnvironmentId> =
            items.iter().map(|item| item.environment_id).collect();
        let (members, environments) = self.db.read(|tx| -> Result<_> {
            let members = member_rows::by_ids(tx, host, &member_ids)?;
            Ok((members, environment_rows::by_ids(tx, &environment_ids)?))
        })?;
        let members: HashMap<MemberId, String> = members
            .into_iter()
            .map(|member| (member.id, member.display_name.unwrap_or(member.email)))
            .collect();
        let environments: HashMap<EnvironmentId, String> = environments
            .into_iter()
            .map(|environment| (environment.id, environment.name))
            .collect();
        Ok(items
            .into_iter()
            .map(|item| {
                let member = members.get(&item.member_id).cloned();
                let environment = environments.get(&item.environment_id).cloned();
                (
                    item,
                    member.unwrap_or_default(),
                    environment.unwrap_or_default(),
                )
            })
            .collect())
    }
}

/// Where the change stands in the request. Who may preview it knows all of the account: what is hidden from
/// them is not there.
fn in_the_body(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Denied(Denied::Hidden) => {
            ServiceError::invalid("/change/id", "There is no such thing here.")
        }
        ServiceError::Invalid(places) => ServiceError::Invalid(
            places
                .into_iter()
                .map(|place| Invalid {
                    pointer: format!("/change/to{}", place.pointer),
                    detail: place.detail,
                })
                .collect(),
        ),
        other => other,
    }
}

/// Sees what a rehearsed change does.
struct Look {
    host: AccountId,
    revision: Mutex<Option<i64>>,
    update: Mutex<Option<Update>>,
}

impl Rehearsal for Look {
    fn before(&self, tx: &mut Conn<'_>) -> Result<(), StoreError> {
        // From here on nobody else changes anything.
        let account = accounts::lock(tx, self.host)?;
        *self.revision.lock().unwrap_or_else(PoisonError::into_inner) =
            account.map(|account| account.revision);
        Ok(())
    }

    fn after(&self, tx: &mut Conn<'_>) -> Result<(), StoreError> {
        let things = access_changes::noted(tx, self.host);
        let update = access_index::things(tx, self.host, &things)?;
        *self.update.lock().unwrap_or_else(PoisonError::into_inner) = Some(update);
        Ok(())
    }
}
