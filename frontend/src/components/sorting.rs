//! Lists that are sorted by the headings of their table. Where the table folds there are no headings: then a
//! choice above its rows gives the same orders. The stylesheet shows one of the two, by the table's own width.

use leptos::html;
use leptos::prelude::*;

use super::{Glyph, Icon, Select};

/// What a list can be sorted by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// As the API calls it.
    pub(crate) name: &'static str,
    /// Both orders in words: upwards and downwards.
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
    /// Times begin with the latest.
    pub(crate) down_first: bool,
}

/// How a list is sorted. An empty order is the first one of the first column.
#[derive(Clone, Copy)]
pub(crate) struct Sorting {
    pub(crate) columns: &'static [Column],
    pub(crate) order: RwSignal<String>,
}

impl Column {
    fn upwards(self) -> String {
        self.name.to_owned()
    }

    fn downwards(self) -> String {
        format!("-{}", self.name)
    }

    /// Its orders as the API calls them, with their words, the first one first.
    fn orders(self) -> [(String, &'static str); 2] {
        let (up, down) = ((self.upwards(), self.up), (self.downwards(), self.down));
        if self.down_first {
            [down, up]
        } else {
            [up, down]
        }
    }
}

/// The orders of these columns, as they are chosen from: (value, words).
pub(crate) fn orders(columns: &[Column]) -> Vec<(String, String)> {
    let usual = usual(columns);
    let orders = columns.iter().flat_map(|column| column.orders());
    orders
        .map(|(order, words)| {
            let value = if order == usual { String::new() } else { order };
            (value, words.to_owned())
        })
        .collect()
}

/// What the API is asked for. What stands in the address may be anything: what means nothing is left aside.
pub(crate) fn order_asked_for(columns: &[Column], order: &str) -> String {
    let known = columns.iter().flat_map(|column| column.orders());
    known
        .map(|(known, _)| known)
        .find(|known| known == order)
        .unwrap_or_else(|| usual(columns))
}

/// The order that is meant when none is named.
fn usual(columns: &[Column]) -> String {
    let first = columns.first().map(|column| column.orders());
    first.map(|[(usual, _), _]| usual).unwrap_or_default()
}

/// The heading of a column by which a list can be sorted.
#[component]
pub(crate) fn SortHead(
    sorting: Sorting,
    /// As the API calls it.
    column: &'static str,
    words: &'static str,
) -> impl IntoView {
    let Sorting { columns, order } = sorting;
    let direction = move || order.with(|order| direction(columns, order, column));
    let turn = move |_| order.update(|order| *order = next(columns, order, column));
    view! {
        <th scope="col" class=format!("head-{column}") aria-sort=direction>
            <button class="sort" type="button" on:click=turn>
                {words}
                <Glyph icon=Icon::ArrowUpDown size=12/>
            </button>
        </th>
    }
}

/// The frame of a table that is sorted by its headings, with the choice that takes their place.
#[component]
pub(crate) fn SortedFrame(
    #[prop(optional)] frame: NodeRef<html::Div>,
    #[prop(into)] choices: Signal<Vec<(String, String)>>,
    order: RwSignal<String>,
    /// What else there is in the headings.
    #[prop(optional, into)]
    tools: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame" node_ref=frame>
            <div class="for-headings">
                {tools.run()}
                <Select label="Order" bare=true value=order choices=choices/>
            </div>
            {children()}
        </div>
    }
}

/// How a list in this order is sorted by the column.
fn direction(columns: &[Column], order: &str, column: &str) -> &'static str {
    let order = order_asked_for(columns, order);
    match order.strip_prefix('-') {
        Some(down) if down == column => "descending",
        None if order == column => "ascending",
        _ => "none",
    }
}

/// The order after a column's heading was pressed: the other way round where it is sorted so.
fn next(columns: &[Column], order: &str, column: &str) -> String {
    let order = order_asked_for(columns, order);
    let pressed = columns.iter().find(|one| one.name == column);
    let Some([(first, _), (second, _)]) = pressed.map(|one| one.orders()) else {
        return order;
    };
    let next = if order == first { second } else { first };
    if next == usual(columns) {
        String::new()
    } else {
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 2] = [
        Column {
            name: "email",
            up: "By address",
            down: "By address, from the end",
            down_first: false,
        },
        Column {
            name: "invited_at",
            up: "Oldest first",
            down: "Newest first",
            down_first: true,
        },
    ];

    #[test]
    fn a_heading_sorts_by_its_column_and_then_the_other_way_round() {
        assert_eq!(direction(&COLUMNS, "", "email"), "ascending");
        assert_eq!(direction(&COLUMNS, "-email", "email"), "descending");
        assert_eq!(direction(&COLUMNS, "invited_at", "email"), "none");
        assert_eq!(next(&COLUMNS, "", "email"), "-email");
        assert_eq!(next(&COLUMNS, "-email", "email"), "");
        assert_eq!(next(&COLUMNS, "", "invited_at"), "-invited_at");
        assert_eq!(next(&COLUMNS, "-invited_at", "invited_at"), "invited_at");
        assert_eq!(next(&COLUMNS, "invited_at", "invited_at"), "-invited_at");
        assert_eq!(next(&COLUMNS, "invited_at", "email"), "");
    }

    #[test]
    fn the_choice_has_the_orders_that_headings_give() {
        let choices = orders(&COLUMNS);
        assert_eq!(
            choices,
            [
                ("", "By address"),
                ("-email", "By address, from the end"),
                ("-invited_at", "Newest first"),
                ("invited_at", "Oldest first"),
            ]
            .map(|(value, words)| (value.to_owned(), words.to_owned()))
        );
        for (order, _) in &choices {
            for column in COLUMNS {
                let given = next(&COLUMNS, order, column.name);
                assert!(choices.iter().any(|(value, _)| *value == given), "{given}");
            }
        }
    }

    #[test]
    fn what_means_nothing_is_the_usual_order() {
        assert_eq!(order_asked_for(&COLUMNS, ""), "email");
        assert_eq!(order_asked_for(&COLUMNS, "mass"), "email");
        assert_eq!(order_asked_for(&COLUMNS, "--email"), "email");
        assert_eq!(order_asked_for(&COLUMNS, "invited_at"), "invited_at");
        assert_eq!(direction(&COLUMNS, "mass", "email"), "ascending");
    }
}
