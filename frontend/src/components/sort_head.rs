use leptos::prelude::*;

use super::{Glyph, Icon};

/// The heading of a column by which a list can be sorted. An empty order is the `usual` one.
#[component]
pub(crate) fn SortHead(
    column: &'static str,
    words: &'static str,
    sort: RwSignal<String>,
    usual: &'static str,
    /// Times begin with the latest.
    #[prop(optional)]
    down_first: bool,
) -> impl IntoView {
    let first = if down_first {
        format!("-{column}")
    } else {
        column.to_owned()
    };
    view! {
        <th scope="col" class=format!("head-{column}") aria-sort=move || sort.with(|sort| direction(sort, usual, column))>
            <button class="sort" type="button" on:click=move |_| sort.update(|sort| *sort = next(sort, usual, &first))>
                {words}
                <Glyph icon=Icon::ArrowUpDown size=12/>
            </button>
        </th>
    }
}

fn order<'a>(sort: &'a str, usual: &'a str) -> &'a str {
    if sort.is_empty() { usual } else { sort }
}

/// How a list in this order is sorted by the column.
fn direction(sort: &str, usual: &str, column: &str) -> &'static str {
    let sort = order(sort, usual);
    match sort.strip_prefix('-') {
        Some(down) if down == column => "descending",
        None if sort == column => "ascending",
        _ => "none",
    }
}

/// The order after a column's heading was pressed, whose first order this is: the other way round where it is
/// sorted so.
fn next(sort: &str, usual: &str, first: &str) -> String {
    let next = if order(sort, usual) != first {
        first.to_owned()
    } else if let Some(column) = first.strip_prefix('-') {
        column.to_owned()
    } else {
        format!("-{first}")
    };
    if next == usual { String::new() } else { next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_sorts_by_its_column_and_then_the_other_way_round() {
        assert_eq!(direction("", "email", "email"), "ascending");
        assert_eq!(direction("-email", "email", "email"), "descending");
        assert_eq!(direction("status", "email", "email"), "none");
        assert_eq!(next("", "email", "email"), "-email");
        assert_eq!(next("-email", "email", "email"), "");
        assert_eq!(next("", "email", "status"), "status");
        assert_eq!(next("status", "email", "status"), "-status");
        assert_eq!(next("status", "email", "email"), "");
        assert_eq!(next("", "name", "-created_at"), "-created_at");
        assert_eq!(next("-created_at", "name", "-created_at"), "created_at");
        assert_eq!(next("created_at", "name", "-created_at"), "-created_at");
    }
}
