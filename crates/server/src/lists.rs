//! Pages of lists: `limit`, `cursor` and `sort` on one side, the store's positions on the other.

use accord_api_types::{DEFAULT_LIMIT, FieldError, MAX_LIMIT, Page};
use accord_service::{Order, Page as StorePage, Position, Rows};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::problem::ApiError;

const LONGEST_SEARCH: usize = 200;
const LONGEST_CURSOR: usize = 4_096;

/// One order in which a list can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) name: &'static str,
    /// Whether it sorts by a time.
    pub(crate) by_time: bool,
}

impl Sort {
    pub(crate) const fn by_text(name: &'static str) -> Self {
        Self {
            name,
            by_time: false,
        }
    }

    pub(crate) const fn by_time(name: &'static str) -> Self {
        Self {
            name,
            by_time: true,
        }
    }
}

/// What a cursor holds: where the page ended, in which list order.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    sort: String,
    #[serde(flatten)]
    position: Position,
}

/// A page that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) sort: Sort,
    pub(crate) page: StorePage,
}

/// Reads what was asked; the first of `sorts` counts where none is named.
pub(crate) fn ask(
    limit: Option<u32>,
    cursor: Option<&str>,
    sort: Option<&str>,
    sorts: &[Sort],
) -> Result<Asked, ApiError> {
    let mut errors = Vec::new();
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        errors.push(error(
            "?limit",
            format!("Expected a number from 1 to {MAX_LIMIT}."),
        ));
    }
    let (name, order) = match sort {
        Some(sort) => match sort.strip_prefix('-') {
            Some(name) => (Some(name), Order::Descending),
            None => (Some(sort), Order::Ascending),
        },
        None => (None, Order::Ascending),
    };
    let sort = match name {
        Some(name) => sorts.iter().find(|sort| sort.name == name),
        None => sorts.first(),
    };
    let Some(sort) = sort.copied() else {
        let known: Vec<&str> = sorts.iter().map(|sort| sort.name).collect();
        errors.push(error(
            "?sort",
            format!(
                "Expected one of {}; with - before it, the other way round.",
                known.join(", ")
            ),
        ));
        return Err(ApiError::invalid(errors));
    };
    let after = match cursor {
        Some(cursor) => match read_cursor(cursor, sort, order) {
            Some(position) => Some(position),
            None => {
                errors.push(error(
                    "?cursor",
                    "This is not the next_cursor of a page of this list.",
                ));
                None
            }
        },
        None => None,
    };
    if errors.is_empty() {
        Ok(Asked {
            sort,
            page: StorePage {
                limit,
                after,
                order,
            },
        })
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// What is searched for, if anything.
pub(crate) fn search(q: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(q) = q.map(str::trim).filter(|q| !q.is_empty()) else {
        return Ok(None);
    };
    if q.chars().count() > LONGEST_SEARCH {
        return Err(ApiError::invalid_at(
            "?q",
            format!("This is too long: at most {LONGEST_SEARCH} characters."),
        ));
    }
    if q.chars().any(char::is_control) {
        return Err(ApiError::invalid_at(
            "?q",
            "Control characters are not allowed.",
        ));
    }
    Ok(Some(q.to_owned()))
}

/// The page as it travels.
pub(crate) fn page<T, U>(asked: &Asked, rows: Rows<T>, each: impl FnMut(T) -> U) -> Page<U> {
    let cursor = |position| {
        let cursor = Cursor {
            sort: sort_text(asked.sort, asked.page.order),
            position,
        };
        serde_json::to_vec(&cursor)
            .ok()
            .map(|json| BASE64_URL_SAFE_NO_PAD.encode(json))
    };
    Page {
        next_cursor: rows.next.and_then(cursor),
        items: rows.items.into_iter().map(each).collect(),
    }
}

fn read_cursor(text: &str, sort: Sort, order: Order) -> Option<Position> {
    if text.len() > LONGEST_CURSOR {
        return None;
    }
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let cursor: Cursor = serde_json::from_slice(&json).ok()?;
    let key = &cursor.position.key;
    let fits = if sort.by_time {
        is_storable_time(key)
    } else {
        !key.contains('\0')
    };
    (fits && cursor.sort == sort_text(sort, order)).then_some(cursor.position)
}

fn is_storable_time(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok_and(|time| is_storable(&time))
}

/// Whether both databases can compare with that time.
pub(crate) fn is_storable<Zone: chrono::TimeZone>(time: &chrono::DateTime<Zone>) -> bool {
    use chrono::Datelike as _;
    (1..=9998).contains(&time.year())
}

fn sort_text(sort: Sort, order: Order) -> String {
    match order {
        Order::Ascending => sort.name.to_owned(),
        Order::Descending => format!("-{}", sort.name),
    }
}

fn error(pointer: &str, detail: impl Into<String>) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_api_types::ErrorCode;
    use uuid::Uuid;

    const SORTS: &[Sort] = &[Sort::by_text("name"), Sort::by_time("created_at")];

    fn next_cursor(asked: &Asked, key: &str) -> String {
        let next = Some(Position {
            key: key.into(),
            id: Uuid::from_u128(7),
        });
        let page = page(
            asked,
            Rows {
                items: vec![1],
                next,
            },
            |item| item,
        );
        page.next_cursor.expect("a next page")
    }

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let asked = ask(None, None, Some("-name"), SORTS).expect("good");
        assert_eq!(
            (asked.page.limit, asked.page.order),
            (DEFAULT_LIMIT, Order::Descending)
        );
        let cursor = next_cursor(&asked, "größe");
        let following = ask(Some(200), Some(&cursor), Some("-name"), SORTS).expect("good");
        assert_eq!(following.page.after.expect("a position").key, "größe");
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let asked = ask(None, None, None, SORTS).expect("good");
        let cursor = next_cursor(&asked, "a");
        for sort in ["-name", "created_at"] {
            let refused = ask(None, Some(&cursor), Some(sort), SORTS).expect_err("another order");
            assert_eq!(refused.code(), ErrorCode::ValidationFailed);
        }
        let by_time = ask(None, None, Some("created_at"), SORTS).expect("good");
        let forged = next_cursor(&by_time, "yesterday");
        assert!(ask(None, Some(&forged), Some("created_at"), SORTS).is_err());
        assert!(ask(None, Some("nonsense"), None, SORTS).is_err());
    }

    #[test]
    fn limits_and_orders_have_bounds() {
        for limit in [0, 201] {
            assert!(ask(Some(limit), None, None, SORTS).is_err(), "{limit}");
        }
        for sort in ["", "-", "color", "--name"] {
            assert!(ask(None, None, Some(sort), SORTS).is_err(), "{sort}");
        }
    }

    #[test]
    fn searches_are_one_line() {
        assert_eq!(search(Some("  ")).expect("good"), None);
        assert_eq!(search(Some(" a b ")).expect("good").as_deref(), Some("a b"));
        assert!(search(Some("a\0b")).is_err());
        assert!(search(Some(&"x".repeat(201))).is_err());
    }
}
