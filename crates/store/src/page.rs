//! Lists, one page at a time: a page begins after the last row of the one before, so that rows
//! which come and go in between neither repeat nor hide others.

use crate::error::StoreError;
use crate::types::{Sql, moment_text, parse_moment};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) type MomentPosition<Id> = Option<(Sql<DateTime<Utc>>, Sql<Id>)>;

/// Which part of a list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most this many rows.
    pub limit: u32,
    /// Begin after this position; at the start without one.
    pub after: Option<Position>,
    /// In which direction.
    pub order: Order,
}

impl Page {
    /// The first page in ascending order.
    pub fn first(limit: u32) -> Self {
        Self {
            limit,
            after: None,
            order: Order::Ascending,
        }
    }

    /// Where to begin in a list that is sorted by text.
    pub(crate) fn after_text<Id: From<Uuid>>(
        &self,
    ) -> Result<Option<(String, Sql<Id>)>, StoreError> {
        match &self.after {
            None => Ok(None),
            Some(position) if position.key.contains('\0') => Err(StoreError::BadPosition),
            Some(position) => Ok(Some((position.key.clone(), Sql(position.id.into())))),
        }
    }

    /// Where to begin in a list that is sorted by time.
    pub(crate) fn after_moment<Id: From<Uuid>>(&self) -> Result<MomentPosition<Id>, StoreError> {
        let Some(position) = &self.after else {
            return Ok(None);
        };
        let time = parse_moment(&position.key).ok_or(StoreError::BadPosition)?;
        // A year that cannot be stored cannot be compared with either.
        moment_text(&time).map_err(|_| StoreError::BadPosition)?;
        Ok(Some((Sql(time), Sql(position.id.into()))))
    }

    /// The page that follows one that ended at `position`.
    pub fn following(&self, position: Position) -> Self {
        Self {
            after: Some(position),
            ..self.clone()
        }
    }
}

/// The direction of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The smallest first.
    #[default]
    Ascending,
    /// The greatest first.
    Descending,
}

/// Where a page ended: the value that the list is sorted by, and the row's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The sort value; a time in its fixed-width text.
    pub key: String,
    /// The row.
    pub id: Uuid,
}

impl Position {
    pub(crate) fn text(key: &str, id: impl Into<Uuid>) -> Self {
        Self {
            key: key.to_owned(),
            id: id.into(),
        }
    }

    pub(crate) fn moment(key: &DateTime<Utc>, id: impl Into<Uuid>) -> Self {
        Self {
            key: moment_text(key).unwrap_or_default(),
            id: id.into(),
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; without one this was the last.
    pub next: Option<Position>,
}

impl<T> Rows<T> {
    pub(crate) fn none() -> Self {
        Self {
            items: Vec::new(),
            next: None,
        }
    }

    /// From rows that were read with a limit of one more than the page holds.
    pub(crate) fn cut(mut items: Vec<T>, page: &Page, position: impl Fn(&T) -> Position) -> Self {
        let limit = page.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items.last().map(position)
        } else {
            None
        };
        Self { items, next }
    }

    /// The same page with each row made into something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Rows<U> {
        Rows {
            items: self.items.into_iter().map(each).collect(),
            next: self.next,
        }
    }
}

/// How many rows to ask for so as to know whether there are more.
pub(crate) fn one_more(page: &Page) -> i64 {
    i64::from(page.limit) + 1
}

/// Sorts a boxed query by a column and the id, and begins after the page's position.
macro_rules! keyset {
    ($query:expr, $page:expr, $after:expr, $column:expr, $id:expr) => {{
        let mut query = $query;
        let after = $after;
        let query = match $page.order {
            $crate::page::Order::Ascending => {
                if let Some((key, id)) = after {
                    query = query
                        .filter($column.ge(key.clone()))
                        .filter($column.gt(key).or($id.gt(id)));
                }
                query.order(($column.asc(), $id.asc()))
            }
            $crate::page::Order::Descending => {
                if let Some((key, id)) = after {
                    query = query
                        .filter($column.le(key.clone()))
                        .filter($column.lt(key).or($id.lt(id)));
                }
                query.order(($column.desc(), $id.desc()))
            }
        };
        query.limit($crate::page::one_more($page))
    }};
}
pub(crate) use keyset;

/// A search text as a `LIKE` pattern on a key column, with `\` as the escape character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Everything,
    Nothing,
    Contains(String),
}

/// Longer than any key that is stored, and far below SQLite's bound on patterns.
const LONGEST_SEARCH: usize = 4_096;

impl Search {
    pub(crate) fn new(q: Option<&str>) -> Self {
        let key = match q {
            None => return Self::Everything,
            Some(q) if q.len() > LONGEST_SEARCH || q.contains('\0') => return Self::Nothing,
            Some(q) => accord_domain::text::key_of(q),
        };
        if key.is_empty() {
            return Self::Everything;
        }
        let mut pattern = String::with_capacity(key.len() + 2);
        pattern.push('%');
        for c in key.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        Self::Contains(pattern)
    }
}

/// Lists of ids go to the database in pieces that fit its limit of bound values.
pub(crate) const CHUNK: usize = 1_000;
