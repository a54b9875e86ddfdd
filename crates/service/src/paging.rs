//! Pages of lists that are put together in memory, from several accounts or in the order of a tree.

use accord_store::{Order, Page, Position, Rows};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::Result;

/// The page of `items`, sorted by the key and then the id.
pub(crate) fn page_of<T>(
    mut items: Vec<T>,
    page: &Page,
    key: impl Fn(&T) -> (String, Uuid),
) -> Rows<T> {
    items.sort_by_cached_key(&key);
    if page.order == Order::Descending {
        items.reverse();
    }
    let begin = page.after.as_ref().map_or(0, |after| {
        let after = (after.key.clone(), after.id);
        items.partition_point(|item| match page.order {
            Order::Ascending => key(item) <= after,
            Order::Descending => key(item) >= after,
        })
    });
    let mut items = items.split_off(begin);
    let limit = page.limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|item| {
        let (key, id) = key(item);
        Position { key, id }
    });
    Rows { items, next }
}

/// The page of things in an order of their own. A position names the last thing, and its place in
/// case that thing is gone.
pub(crate) fn page_of_walk<T: Copy + PartialEq + Into<Uuid>>(walk: Vec<T>, page: &Page) -> Rows<T> {
    let begin = page.after.as_ref().map_or(0, |after| {
        walk.iter()
            .position(|thing| (*thing).into() == after.id)
            .map_or_else(|| after.key.parse().unwrap_or(0), |place| place + 1)
    });
    let end = begin.saturating_add(page.limit as usize).min(walk.len());
    let items = walk.get(begin..end).unwrap_or_default().to_vec();
    let next = items
        .last()
        .filter(|_| end < walk.len())
        .map(|last| Position {
            key: (end - 1).to_string(),
            id: (*last).into(),
        });
    Rows { items, next }
}

/// Every item of a list, page by page.
pub(crate) fn every<T>(mut read: impl FnMut(&Page) -> Result<Rows<T>>) -> Result<Vec<T>> {
    const AT_ONCE: u32 = 1_000;
    let mut page = Page::first(AT_ONCE);
    let mut all = Vec::new();
    loop {
        let rows = read(&page)?;
        all.extend(rows.items);
        match rows.next {
            Some(position) => page = page.following(position),
            None => return Ok(all),
        }
    }
}

/// A time as a sort key.
pub(crate) fn moment_key(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_on_after_its_last_thing_or_where_that_was() {
        let walk: Vec<Uuid> = (0..7).map(Uuid::from_u128).collect();
        let mut page = Page::first(3);
        let first = page_of_walk(walk.clone(), &page);
        assert_eq!(first.items, walk[..3]);
        page = page.following(first.next.expect("more"));
        let mut moved = walk.clone();
        moved.insert(0, Uuid::from_u128(99));
        assert_eq!(page_of_walk(moved, &page).items, walk[3..6]);
        let mut gone = walk.clone();
        gone.remove(2);
        assert_eq!(page_of_walk(gone, &page).items, walk[3..6]);
        page = page.following(page_of_walk(walk.clone(), &page).next.expect("more"));
        let last = page_of_walk(walk.clone(), &page);
        assert_eq!((last.items.as_slice(), last.next), (&walk[6..], None));
    }

    #[test]
    fn walking_the_pages_meets_every_item_once_in_order() {
        let names = ["b", "a", "c", "b", "d", "a", "e"];
        let items: Vec<(String, Uuid)> = names
            .iter()
            .zip(1u128..)
            .map(|(name, id)| ((*name).to_owned(), Uuid::from_u128(id)))
            .collect();
        for order in [Order::Ascending, Order::Descending] {
            for limit in 1..=8 {
                let mut page = Page {
                    limit,
                    after: None,
                    order,
                };
                let mut walked = Vec::new();
                loop {
                    let rows = page_of(items.clone(), &page, Clone::clone);
                    walked.extend(rows.items);
                    match rows.next {
                        Some(position) => page.after = Some(position),
                        None => break,
                    }
                }
                let mut expected = items.clone();
                expected.sort();
                if order == Order::Descending {
                    expected.reverse();
                }
                assert_eq!(walked, expected, "{order:?} by {limit}");
            }
        }
    }
}
