//! Tasks: the append-only record of who did what. Nothing here changes or deletes one, and the
//! database refuses it too.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::{CHUNK, Order, Page, Position, Rows, keyset};
use crate::schema::tasks;
use crate::types::{Sql, many};
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, TaskId};
use accord_domain::record::MembersRecord;
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
    /// The token by which it was done, if it was one: its id and what it was called then.
    pub token: Option<Value>,
    /// What the ids in which before and after differ were called then, by id.
    pub names: Option<Value>,
}

/// Adds an entry.
pub fn append(tx: &mut Conn<'_>, task: &Task) -> Result<(), StoreError> {
    tx.touch(task.account_id);
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
            tasks::token.eq(&task.token),
            tasks::names.eq(&task.names),
        ))
        .execute(c)
        .map(drop))
}

/// Which entries of an account's record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Done by this account.
    pub actor_id: Option<AccountId>,
    /// About this environment.
    pub environment_id: Option<EnvironmentId>,
    /// About this member.
    pub member_id: Option<MemberId>,
    /// This action, or every one of this family (`member` for all that begin with `member.`).
    pub action: Option<String>,
    /// Not before this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// Whose eyes look at the record.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// All of it.
    Everything,
    /// What this member sees.
    By(&'a MembersRecord),
}

/// One of the pieces in which the list is read.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Everything,
    AboutMember(MemberId),
    /// About these environments, and nobody's access to them.
    AboutEnvironments(&'a [EnvironmentId]),
}

/// A page of the account's record, by time.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    seen: Seen<'_>,
    filter: &TaskFilter,
    page: &Page,
) -> Result<Rows<Task>, StoreError> {
    let position = |task: &Task| Position::moment(&task.at, task.id);
    let record = match seen {
        Seen::Everything => {
            let rows = read(tx, account, Piece::Everything, filter, page)?;
            return Ok(Rows::cut(rows, page, position));
        }
        Seen::By(record) => record,
    };
    let environment_ids: Vec<EnvironmentId> = record
        .environment_ids()
        .filter(|id| filter.environment_id.is_none_or(|only| only == *id))
        .collect();
    let pieces = std::iter::once(Piece::AboutMember(record.member_id()))
        .chain(environment_ids.chunks(CHUNK).map(Piece::AboutEnvironments));
    // Each piece gives the first rows after the position; the first of all are the page.
    let mut rows = Vec::new();
    for piece in pieces {
        rows.extend(read(tx, account, piece, filter, page)?);
    }
    rows.sort_by_key(|task| (task.at, task.id));
    if page.order == Order::Descending {
        rows.reverse();
    }
    Ok(Rows::cut(rows, page, position))
}

fn read(
    tx: &mut Conn<'_>,
    account: AccountId,
    piece: Piece<'_>,
    filter: &TaskFilter,
    page: &Page,
) -> Result<Vec<Task>, StoreError> {
    let after = page.after_moment::<TaskId>()?;
    on!(tx, |c| {
        let mut query = tasks::table
            .filter(tasks::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        query = match piece {
            Piece::Everything => query,
            Piece::AboutMember(id) => query.filter(tasks::member_id.eq(Some(Sql(id)))),
            Piece::AboutEnvironments(ids) => query
                .filter(tasks::member_id.is_null())
                .filter(tasks::environment_id.eq_any(many(ids).into_iter().map(Some))),
        };
        if let Some(actor) = filter.actor_id {
            query = query.filter(tasks::actor_id.eq(Some(Sql(actor))));
        }
        if let Some(environment) = filter.environment_id {
            query = query.filter(tasks::environment_id.eq(Some(Sql(environment))));
        }
        if let Some(member) = filter.member_id {
            query = query.filter(tasks::member_id.eq(Some(Sql(member))));
        }
        if let Some(action) = &filter.action {
            query = query.filter(
                tasks::action
                    .eq(action.clone())
                    .or(tasks::action.like(family_of(action)).escape('\\')),
            );
        }
        if let Some(from) = filter.from {
            query = query.filter(tasks::at.ge(Sql(from)));
        }
        if let Some(to) = filter.to {
            query = query.filter(tasks::at.lt(Sql(to)));
        }
        keyset!(query, page, after, tasks::at, tasks::id)
            .select(Task::as_select())
            .load(c)
    })
}

/// The pattern of every action that begins with these words.
fn family_of(action: &str) -> String {
    let mut pattern = String::with_capacity(action.len() + 2);
    for c in action.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push_str(".%");
    pattern
}

/// The entries of an account's record from a moment on, the newest first, at most this many.
pub fn since(
    tx: &mut Conn<'_>,
    account: AccountId,
    from: DateTime<Utc>,
    at_most: u32,
) -> Result<Vec<(TaskId, DateTime<Utc>)>, StoreError> {
    on!(tx, |c| tasks::table
        .filter(tasks::account_id.eq(Sql(account)))
        .filter(tasks::at.ge(Sql(from)))
        .order((tasks::at.desc(), tasks::id.desc()))
        .limit(i64::from(at_most))
        .select((tasks::id, tasks::at))
        .load(c))
}

/// Those of the entries that are of the account's record, the oldest first.
pub fn by_ids(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[TaskId],
) -> Result<Vec<Task>, StoreError> {
    let mut found: Vec<Task> = Vec::new();
    for ids in ids.chunks(CHUNK) {
        found.extend(on!(tx, |c| tasks::table
            .filter(tasks::id.eq_any(many(ids)))
            .filter(tasks::account_id.eq(Sql(account)))
            .select(Task::as_select())
            .load::<Task>(c))?);
    }
    found.sort_by_key(|task| (task.at, task.id));
    Ok(found)
}

/// The newest entries of an account's record, and of what its person did on others', each once.
pub fn newest_about(
    tx: &mut Conn<'_>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    let on_it: Vec<Task> = on!(tx, |c| tasks::table
        .filter(tasks::account_id.eq(Sql(account)))
        .order((tasks::at.desc(), tasks::id.desc()))
        .select(Task::as_select())
        .limit(i64::from(limit))
        .load(c))?;
    let elsewhere: Vec<Task> = on!(tx, |c| tasks::table
        .filter(tasks::actor_id.eq(Some(Sql(account))))
        .filter(tasks::account_id.ne(Sql(account)))
        .order((tasks::at.desc(), tasks::id.desc()))
        .select(Task::as_select())
        .limit(i64::from(limit))
        .load(c))?;
    let mut all = on_it;
    all.extend(elsewhere);
    all.sort_by_key(|task| std::cmp::Reverse((task.at, task.id)));
    all.truncate(limit as usize);
    Ok(all)
}

/// What was done to a member, of these actions, in the order in which it happened.
pub fn of_member(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
    actions: &[&str],
) -> Result<Vec<Task>, StoreError> {
    on!(tx, |c| tasks::table
        .filter(tasks::account_id.eq(Sql(account)))
        .filter(tasks::member_id.eq(Some(Sql(member))))
        .filter(tasks::action.eq_any(actions))
        .order((tasks::at.asc(), tasks::id.asc()))
        .select(Task::as_select())
        .load(c))
}
