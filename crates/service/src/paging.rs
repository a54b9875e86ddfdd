//! Pages of lists that are put together in memory, from several accounts or in the order of a tree.

use accord_store::{Order, Page, Position, Rows};
use chrono::{DateTime, Utc};
use uuid::Uuid;

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

/// A time as a sort key.
pub(crate) fn moment_key(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
