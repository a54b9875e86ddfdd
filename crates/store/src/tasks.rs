//! Tasks: the append-only record of who did what. Nothing here changes or deletes one, and the
//! database refuses it too.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::{Page, Position, Rows, keyset};
use crate::schema::tasks;
use crate::types::Sql;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, TaskId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// One entry of the record.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// On whose account it was done.
    pub account_id: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it, unless a link was enough.
    pub actor_id: Option<AccountId>,
    /// Who did it, as they were called then.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// To which member.
    pub member_id: Option<MemberId>,
    /// To which environment.
    pub environment_id: Option<EnvironmentId>,
    /// To what else.
    pub item: Option<Value>,
    /// What it was before.
    pub before: Option<Value>,
    /// What it was after.
    pub after: Option<Value>,
    /// By which means: a session, a link, a token.
    pub means: String,
    /// The request that did it.
    pub request_id: String,
    /// Where the request came from.
    pub network_address: String,
}

/// Adds an entry.
pub fn append(tx: &mut Conn<'_>, task: &Task) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(tasks::table)
        .values((
            tasks::id.eq(Sql(task.id)),
            tasks::account_id.eq(Sql(task.account_id)),
            tasks::at.eq(Sql(task.at)),
            tasks::actor_id.eq(task.actor_id.map(Sql)),
            tasks::actor_name.eq(&task.actor_name),
            tasks::action.eq(&task.action),
            tasks::member_id.eq(task.member_id.map(Sql)),
            tasks::environment_id.eq(task.environment_id.map(Sql)),
            tasks::item.eq(&task.item),
            tasks::before.eq(&task.before),
            tasks::after.eq(&task.after),
            tasks::means.eq(&task.means),
            tasks::request_id.eq(&task.request_id),
            tasks::network_address.eq(&task.network_address),
        ))
        .execute(c)
        .map(drop))
}

/// A page of the account's record, by time.
pub fn page(tx: &mut Conn<'_>, account: AccountId, page: &Page) -> Result<Rows<Task>, StoreError> {
    let after = page.after_moment::<TaskId>()?;
    let rows: Vec<Task> = on!(tx, |c| {
        let query = tasks::table
            .filter(tasks::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        keyset!(query, page, after, tasks::at, tasks::id)
            .select(Task::as_select())
            .load(c)
    })?;
    Ok(Rows::cut(rows, page, |task| {
        Position::moment(&task.at, task.id)
    }))
}
