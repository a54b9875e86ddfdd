//! Lists of environments, over what one account owns and what it was given.

use super::{Environment, Row, with_groups};
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::{CHUNK, Order, Page, Position, Rows, Search, keyset};
use crate::schema::{environment_groups, environments};
use crate::types::{Sql, many};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId};
use diesel::dsl::exists;
use diesel::prelude::*;

/// Which environments there are to choose from.
#[derive(Clone, Copy, Debug)]
pub struct Visible<'a> {
    /// All of this account.
    pub owned_by: Option<AccountId>,
    /// These too, whosever they are.
    pub ids: &'a [EnvironmentId],
}

/// Which of them to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentFilter<'a> {
    /// Only in this state.
    pub status: Option<EnvironmentStatus>,
    /// Only of this account.
    pub account_id: Option<AccountId>,
    /// Only those that this group itself holds.
    pub group_id: Option<GroupId>,
    /// Only those whose name or shown name contains this text.
    pub q: Option<&'a str>,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvironmentSort {
    /// The name.
    #[default]
    Name,
    /// When it was made.
    CreatedAt,
}

impl EnvironmentSort {
    fn position(self, row: &Row) -> Position {
        match self {
            Self::Name => Position::text(&row.name_key, row.id),
            Self::CreatedAt => Position::moment(&row.created_at, row.id),
        }
    }
}

/// One of the pieces in which the list is read.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Owned(AccountId),
    Ids(&'a [EnvironmentId]),
}

/// A page of environments.
pub fn page(
    tx: &mut Conn<'_>,
    visible: Visible<'_>,
    filter: &EnvironmentFilter<'_>,
    sort: EnvironmentSort,
    page: &Page,
) -> Result<Rows<Environment>, StoreError> {
    let pattern = match Search::new(filter.q) {
        Search::Nothing => return Ok(Rows::none()),
        Search::Everything => None,
        Search::Contains(pattern) => Some(pattern),
    };
    let pieces = visible
        .owned_by
        .map(Piece::Owned)
        .into_iter()
        .chain(visible.ids.chunks(CHUNK).map(Piece::Ids));
    // Each piece gives the first rows after the position; the first of all are the page.
    let mut rows = Vec::new();
    for piece in pieces {
        rows.extend(read(tx, piece, filter, pattern.as_deref(), sort, page)?);
    }
    let key = |row: &Row| {
        let position = sort.position(row);
        (position.key, position.id)
    };
    rows.sort_by_cached_key(key);
    rows.dedup_by_key(|row| row.id);
    if page.order == Order::Descending {
        rows.reverse();
    }
    let rows = Rows::cut(rows, page, |row| sort.position(row));
    let next = rows.next;
    Ok(Rows {
        items: with_groups(tx, rows.items)?,
        next,
    })
}

fn read(
    tx: &mut Conn<'_>,
    piece: Piece<'_>,
    filter: &EnvironmentFilter<'_>,
    pattern: Option<&str>,
    sort: EnvironmentSort,
    page: &Page,
) -> Result<Vec<Row>, StoreError> {
    let after_name = match sort {
        EnvironmentSort::Name => page.after_text::<EnvironmentId>()?,
        EnvironmentSort::CreatedAt => None,
    };
    let after_time = match sort {
        EnvironmentSort::Name => None,
        EnvironmentSort::CreatedAt => page.after_moment::<EnvironmentId>()?,
    };
    on!(tx, |c| {
        let mut query = environments::table.into_boxed::<DB>();
        query = match piece {
            Piece::Owned(account) => query.filter(environments::account_id.eq(Sql(account))),
            Piece::Ids(ids) => query.filter(environments::id.eq_any(many(ids))),
        };
        if let Some(status) = filter.status {
            query = query.filter(environments::status.eq(Sql(status)));
        }
        if let Some(account) = filter.account_id {
            query = query.filter(environments::account_id.eq(Sql(account)));
        }
        if let Some(group) = filter.group_id {
            query = query.filter(exists(
                environment_groups::table
                    .filter(environment_groups::environment_id.eq(environments::id))
                    .filter(environment_groups::group_id.eq(Sql(group))),
            ));
        }
        if let Some(pattern) = pattern {
            query = query.filter(
                environments::name_key
                    .like(pattern)
                    .escape('\\')
                    .or(environments::display_name_key.like(pattern).escape('\\')),
            );
        }
        match sort {
            EnvironmentSort::Name => keyset!(
                query,
                page,
                after_name,
                environments::name_key,
                environments::id
            )
            .select(Row::as_select())
            .load(c),
            EnvironmentSort::CreatedAt => keyset!(
                query,
                page,
                after_time,
                environments::created_at,
                environments::id
            )
            .select(Row::as_select())
            .load(c),
        }
    })
}
