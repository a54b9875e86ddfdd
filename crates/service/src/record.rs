//! The record of tasks, as far as somebody may see it.

use std::collections::{HashMap, HashSet};

use accord_domain::authorize::authorize_see_account;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, TaskId};
use accord_domain::record::{Doer, EntryFacts, MembersRecord, names_shown};
use accord_store::tasks::{self, Seen, Task, TaskFilter};
use accord_store::{Conn, Page, Rows, accounts, members};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::Service;
use crate::call::{Call, Purpose, Stage};
use crate::environments::Sight;
use crate::error::{Result, ServiceError};

/// An entry of the record as one person sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskView {
    pub id: TaskId,
    pub at: DateTime<Utc>,
    pub action: String,
    /// Whose account did it; none where a link was enough.
    pub actor_id: Option<AccountId>,
    /// What they were called then.
    pub actor_name: String,
    /// The address by which the account knows them now, where the person may know it.
    pub actor_email: Option<String>,
    pub means: String,
    pub item: Option<Value>,
    pub environment_id: Option<EnvironmentId>,
    pub member_id: Option<MemberId>,
    /// What the person is shown of how it was.
    pub before: Option<Value>,
    /// What the person is shown of how it became.
    pub after: Option<Value>,
    /// What the ids that are shown of them were called then, by id.
    pub names: Option<Value>,
    /// For the owner alone.
    pub origin: Option<TaskOrigin>,
}

/// Where the request came from that did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskOrigin {
    pub request_id: String,
    pub network_address: String,
    /// The token by which it was done, if it was one.
    pub token: Option<TaskToken>,
}

/// A token as the record names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct TaskToken {
    pub id: uuid::Uuid,
    /// What it was called then.
    pub name: String,
}

/// Somebody who reads an account's record.
#[derive(Debug)]
pub(crate) enum Reader {
    Owner,
    Member(MembersRecord),
}

impl Reader {
    fn of(tx: &mut Conn<'_>, stage: &Stage) -> Result<Self> {
        match (Sight::load(tx, stage)?, &stage.membership) {
            (Sight::Owner, _) => Ok(Self::Owner),
            (Sight::Member(sight), Some(member)) => {
                Ok(Self::Member(sight.record_of(member.id, stage.now)))
            }
            (Sight::Member(_), None) | (Sight::Nothing, _) => Err(ServiceError::HIDDEN),
        }
    }

    fn seen(&self) -> Seen<'_> {
        match self {
            Self::Owner => Seen::Everything,
            Self::Member(record) => Seen::By(record),
        }
    }

    /// The entries of an account's record as the reader sees them, without those that they do not see.
    pub(crate) fn views(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        entries: Vec<Task>,
    ) -> Result<Vec<TaskView>> {
        let addresses = self.addresses(tx, host, &entries)?;
        Ok(entries
            .into_iter()
            .filter_map(|task| self.view(task, &addresses))
            .collect())
    }

    /// The addresses that the reader may know of those who did something.
    fn addresses(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        entries: &[Task],
    ) -> Result<HashMap<AccountId, String>> {
        let actors: HashSet<AccountId> = entries.iter().filter_map(|task| task.actor_id).collect();
        let shows = |doer| match self {
            Self::Owner => true,
            Self::Member(record) => record.shows_address_of(doer),
        };
        let mut addresses = HashMap::new();
        if actors.contains(&host) && shows(Doer::Owner) {
            let owner = accounts::briefs(tx, &[host])?.remove(&host);
            addresses.extend(owner.map(|owner| (host, owner.email)));
        }
        let people: Vec<AccountId> = actors.into_iter().filter(|id| *id != host).collect();
        let known = members::addresses_of(tx, host, &people)?;
        addresses.extend(
            known
                .into_iter()
                .filter(|(_, (member, _))| shows(Doer::Member(*member)))
                .map(|(person, (_, email))| (person, email)),
        );
        Ok(addresses)
    }

    /// The entry as the reader sees it, if they do.
    fn view(&self, task: Task, addresses: &HashMap<AccountId, String>) -> Option<TaskView> {
        let Task {
            id,
            account_id: _,
            at,
            actor_id,
            actor_name,
            action,
            member_id,
            environment_id,
            item,
            before,
            after,
            means,
            request_id,
            network_address,
            token,
            names,
        } = task;
        let (before, after, names, origin) = match self {
            Self::Owner => {
                let origin = TaskOrigin {
                    request_id,
                    network_address,
                    token: token.and_then(|token| serde_json::from_value(token).ok()),
                };
                (before, after, names, Some(origin))
            }
            Self::Member(record) => {
                let shown = record.shows(EntryFacts {
                    member_id,
                    environment_id,
                })?;
                let of = |facts: Option<Value>| facts.and_then(|facts| shown.of(&facts));
                let (before, after) = (of(before), of(after));
                let facts: Vec<&Value> = before.iter().chain(&after).collect();
                let names = names.and_then(|names| names_shown(&names, &facts));
                (before, after, names, None)
            }
        };
        Some(TaskView {
            id,
            at,
            action,
            actor_id,
            actor_name,
            actor_email: actor_id.and_then(|id| addresses.get(&id).cloned()),
            means,
            item,
            environment_id,
            member_id,
            before,
            after,
            names,
            origin,
        })
    }
}

impl Service {
    /// A page of the account's record: all of it for the owner; for a member, operations on the
    /// environments they see and on their own record.
    ///
    /// # Errors
    /// Hidden from strangers.
    pub fn list_tasks(
        &self,
        call: &Call,
        host: AccountId,
        filter: &TaskFilter,
        page: &Page,
    ) -> Result<Rows<TaskView>> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            authorize_see_account(stage.caller(), &stage.host, stage.standing)?;
            let reader = Reader::of(tx, &stage)?;
            let rows = tasks::page(tx, host, reader.seen(), filter, page)?;
            Ok(Rows {
                items: reader.views(tx, host, rows.items)?,
                next: rows.next,
            })
        })
    }
}
