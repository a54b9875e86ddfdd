//! Lists: order, pages, search and filters.

use crate::support::{
    account, after, grant, group, manage_members, member, new_id, new_member, now, on_both, read,
    role, write,
};
use accord_domain::ids::AccountId;
use accord_domain::member::{MemberStatus, StoredStatus};
use accord_domain::text::key_of;
use accord_store::members::{InsertMember, MemberFilter, MemberSort};
use accord_store::tasks::{Seen, Task, TaskFilter};
use accord_store::{
    Conn, Db, Order, Page, Position, Rows, StoreError, Update, groups, members, roles, tasks,
};
use uuid::Uuid;

on_both!(
    pages_neither_repeat_nor_skip,
    a_page_goes_on_although_rows_come_and_go,
    positions_that_do_not_fit_are_refused,
    names_are_sorted_alike_everywhere,
    search_takes_every_character_for_itself,
    members_are_filtered_by_their_state_at_the_moment,
    members_are_sorted_three_ways,
    tasks_come_by_time,
);

pub(crate) type Lister<'a, T> = dyn Fn(&mut Conn<'_>, &Page) -> Result<Rows<T>, StoreError> + 'a;

/// Every row, in pages of `limit`.
pub(crate) fn all<T>(db: &Db, limit: u32, order: Order, list: &Lister<'_, T>) -> Vec<T> {
    let mut page = Page {
        limit,
        after: None,
        order,
    };
    let mut found = Vec::new();
    loop {
        let rows = read(db, |tx| list(tx, &page));
        assert!(rows.items.len() <= limit as usize);
        found.extend(rows.items);
        match rows.next {
            Some(next) => page = page.following(next),
            None => return found,
        }
    }
}

fn role_names(db: &Db, account: AccountId, limit: u32, order: Order) -> Vec<String> {
    all(db, limit, order, &|tx, page| {
        roles::page(tx, account, None, page)
    })
    .into_iter()
    .map(|role| role.name)
    .collect()
}

fn pages_neither_repeat_nor_skip(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let names: Vec<String> = (0..10).map(|number| format!("role {number}")).collect();
    for name in names.iter().rev() {
        role(db, ann, name);
    }
    role(
        db,
        account(db, "bob@example.com").id,
        "role of somebody else",
    );
    let mut reversed = names.clone();
    reversed.reverse();
    for limit in [1, 3, 5, 10, 11] {
        assert_eq!(
            role_names(db, ann, limit, Order::Ascending),
            names,
            "{limit}"
        );
        assert_eq!(
            role_names(db, ann, limit, Order::Descending),
            reversed,
            "{limit}"
        );
    }
    let full = read(db, |tx| roles::page(tx, ann, None, &Page::first(10)));
    assert_eq!(full.next, None, "an exactly full page is the last");
}

fn a_page_goes_on_although_rows_come_and_go(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    for name in ["a", "c", "e"] {
        group(db, ann, name, None);
    }
    let page = Page::first(2);
    let first = read(db, |tx| groups::page(tx, ann, None, &page));
    let last = first.items[1].clone();
    assert_eq!(last.name, "c");
    group(db, ann, "b", None);
    group(db, ann, "d", None);
    write(db, |tx| groups::delete(tx, &grant(ann), last.id, now()));
    let page = page.following(first.next.expect("there is more"));
    let second = read(db, |tx| groups::page(tx, ann, None, &page));
    let names: Vec<&str> = second
        .items
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    assert_eq!(names, ["d", "e"]);
}

fn positions_that_do_not_fit_are_refused(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let at = |key: &str| Page {
        limit: 5,
        after: Some(Position {
            key: key.to_owned(),
            id: Uuid::nil(),
        }),
        order: Order::Ascending,
    };
    let nul = db.read(|tx| roles::page(tx, ann, None, &at("a\0b")));
    assert!(matches!(nul, Err(StoreError::BadPosition)));
    for key in [
        "",
        "yesterday",
        "2026-03-01",
        "+12026-03-01T12:00:00Z",
        "\0",
    ] {
        let filter = MemberFilter::default();
        let sort = MemberSort::InvitedAt;
        let found = db.read(|tx| members::page(tx, ann, &filter, sort, &at(key), now()));
        assert!(
            matches!(found, Err(StoreError::BadPosition)),
            "{key:?}: {found:?}"
        );
    }
}

fn names_are_sorted_alike_everywhere(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    // Locales disagree on these; the keys are compared byte by byte.
    for name in [
        "ä", "z", "a b", "ab", "a-b", "A_b", "Zoë", "日本", "мир", "😀", "é", "e",
    ] {
        role(db, ann, name);
    }
    let mut expected = role_names(db, ann, 50, Order::Ascending);
    expected.sort_by_key(|name| key_of(name));
    assert_eq!(role_names(db, ann, 2, Order::Ascending), expected);
}

fn search_takes_every_character_for_itself(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let names = [
        "100% sure",
        "1000 sure",
        "snake_case",
        "snakeXcase",
        r"back\slash",
        "It's \"it\"",
        "ÄRGER",
        "Δοκιμή",
        "مرحبا",
        "👩‍💻 dev",
    ];
    for name in names {
        role(db, ann, name);
    }
    let found = |q: &str| -> Vec<String> {
        let rows = read(db, |tx| roles::page(tx, ann, Some(q), &Page::first(50)));
        rows.items.into_iter().map(|role| role.name).collect()
    };
    assert_eq!(found("0% "), ["100% sure"]);
    assert_eq!(found("E_C"), ["snake_case"]);
    assert_eq!(found(r"K\S"), [r"back\slash"]);
    assert_eq!(found("'S \"I"), ["It's \"it\""]);
    assert_eq!(found("ärg"), ["ÄRGER"]);
    assert_eq!(found("A\u{308}rg"), ["ÄRGER"], "composed or not");
    assert_eq!(found("ΔΟΚ"), ["Δοκιμή"]);
    assert_eq!(found("رحب"), ["مرحبا"]);
    assert_eq!(found("👩‍💻"), ["👩‍💻 dev"]);
    assert_eq!(found("").len(), names.len(), "no text, no filter");
    for nothing in [
        "' OR 1=1 --",
        "\0",
        "a\0b",
        &"x".repeat(100_000),
        &"%".repeat(60_000),
    ] {
        assert!(found(nothing).is_empty());
    }
}

fn members_are_filtered_by_their_state_at_the_moment(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let pending = member(db, ann, "pending@example.com");
    let mut short = new_member("short@example.com");
    short.invitation_expires_at = after(10);
    let made = write(db, |tx| {
        members::insert(tx, &manage_members(ann), &short, now())
    });
    assert!(matches!(made, InsertMember::Done(_)));
    let active = member(db, ann, "active@example.com");
    let mut life = active.life();
    life.status = StoredStatus::Active;
    let updated = write(db, |tx| {
        members::update_life(tx, &manage_members(ann), active.id, &life, None, now())
    });
    assert!(matches!(updated, Update::Done(_)));
    let in_state = |status, at| -> Vec<String> {
        let filter = MemberFilter {
            status,
            ..MemberFilter::default()
        };
        let sort = MemberSort::Email;
        let page = Page::first(50);
        let rows = read(db, |tx| members::page(tx, ann, &filter, sort, &page, at));
        rows.items.into_iter().map(|member| member.email).collect()
    };
    let both = [pending.email.as_str(), "short@example.com"];
    assert_eq!(in_state(Some(MemberStatus::Pending), after(9)), both);
    assert!(in_state(Some(MemberStatus::Expired), after(9)).is_empty());
    assert_eq!(
        in_state(Some(MemberStatus::Pending), after(10)),
        [pending.email.as_str()]
    );
    assert_eq!(
        in_state(Some(MemberStatus::Expired), after(10)),
        ["short@example.com"]
    );
    assert_eq!(
        in_state(Some(MemberStatus::Active), after(10)),
        ["active@example.com"]
    );
    assert!(in_state(Some(MemberStatus::Left), after(10)).is_empty());
    assert_eq!(in_state(None, after(10)).len(), 3);
}

fn members_are_sorted_three_ways(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let people = [
        ("c@example.com", Some("Zoë"), 3),
        ("a@example.com", None, 2),
        ("b@example.com", Some("Änne"), 1),
        ("d@example.com", Some("zoë"), 4),
    ];
    for (email, display_name, seconds) in people {
        let mut new = new_member(email);
        new.display_name = display_name.map(str::to_owned);
        let made = write(db, |tx| {
            members::insert(tx, &manage_members(ann), &new, after(seconds))
        });
        assert!(matches!(made, InsertMember::Done(_)));
    }
    let sorted = |sort, order| -> String {
        let filter = MemberFilter::default();
        all(db, 1, order, &|tx, page| {
            members::page(tx, ann, &filter, sort, page, now())
        })
        .into_iter()
        .map(|member| member.email[..1].to_owned())
        .collect()
    };
    assert_eq!(sorted(MemberSort::Email, Order::Ascending), "abcd");
    assert_eq!(sorted(MemberSort::InvitedAt, Order::Ascending), "bacd");
    assert_eq!(sorted(MemberSort::InvitedAt, Order::Descending), "dcab");
    assert_eq!(
        sorted(MemberSort::DisplayName, Order::Ascending),
        "acdb",
        "no name first"
    );
    assert_eq!(sorted(MemberSort::DisplayName, Order::Descending), "bdca");
    let q = |q| {
        let filter = MemberFilter {
            q: Some(q),
            ..MemberFilter::default()
        };
        let sort = MemberSort::Email;
        let page = Page::first(50);
        let rows = read(db, |tx| members::page(tx, ann, &filter, sort, &page, now()));
        rows.items.len()
    };
    assert_eq!((q("ZOË"), q("EXAMPLE"), q("a@"), q("nobody")), (2, 4, 1, 0));
}

fn tasks_come_by_time(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    for (account_id, seconds) in [(ann, 3), (bob, 2), (ann, 1), (ann, 2)] {
        let task = Task {
            id: new_id(),
            account_id,
            at: after(seconds),
            actor_id: Some(bob),
            actor_name: "Bob".to_owned(),
            action: format!("task {seconds}"),
            member_id: None,
            environment_id: None,
            item: Some(serde_json::json!({"kind": "groups"})),
            before: None,
            after: Some(serde_json::json!({"text": "line\u{0}break 😀", "roles": [1, 2.5, null]})),
            means: "session".to_owned(),
            request_id: "r".to_owned(),
            network_address: "192.0.2.1".to_owned(),
            token: None,
            names: None,
        };
        write(db, |tx| tasks::append(tx, &task));
    }
    let found = all(db, 1, Order::Descending, &|tx, page| {
        tasks::page(tx, ann, Seen::Everything, &TaskFilter::default(), page)
    });
    let actions: Vec<&str> = found.iter().map(|task| task.action.as_str()).collect();
    assert_eq!(actions, ["task 3", "task 2", "task 1"]);
    assert_eq!(found[0].item, Some(serde_json::json!({"kind": "groups"})));
    let text = found[0]
        .after
        .as_ref()
        .and_then(|value| value["text"].as_str());
    assert_eq!(text, Some("line\u{0}break 😀"));
}
