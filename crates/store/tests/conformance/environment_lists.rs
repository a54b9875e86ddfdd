//! Lists of environments: one's own and those that others share.

use crate::lists::all;
use crate::support::{
    account, after, environment, environment_content, group, manage_environments, new_id, now,
    on_both, read, write,
};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::EnvironmentId;
use accord_store::environments::{EnvironmentFilter, EnvironmentSort, NewEnvironment, Visible};
use accord_store::{Db, Insert, Order, Page, Rows, environments};
use std::collections::BTreeSet;

on_both!(
    own_and_shared_environments_make_one_list,
    environments_are_filtered,
    ten_thousand_ids_and_none_at_all,
);

fn own_and_shared_environments_make_one_list(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let mut shared: Vec<EnvironmentId> = Vec::new();
    for name in ["b", "d", "f"] {
        shared.push(environment(db, bob, name, &[]).id);
    }
    environment(db, bob, "hidden", &[]);
    for name in ["a", "c", "e", "b"] {
        environment(db, ann, name, &[]);
    }
    // One's own environment shared with oneself would still be there once.
    let own = environment(db, ann, "g", &[]).id;
    shared.push(own);
    let names = |limit, order, sort, owned_by, filter: EnvironmentFilter<'_>| -> String {
        let visible = Visible {
            owned_by,
            ids: &shared,
        };
        all(db, limit, order, &|tx, page| {
            environments::page(tx, visible, &filter, sort, page)
        })
        .into_iter()
        .map(|environment| environment.name)
        .collect()
    };
    let none = EnvironmentFilter::default();
    let name = EnvironmentSort::Name;
    for limit in [1, 2, 3, 50] {
        assert_eq!(
            names(limit, Order::Ascending, name, Some(ann), none),
            "abbcdefg",
            "{limit}"
        );
        assert_eq!(
            names(limit, Order::Descending, name, Some(ann), none),
            "gfedcbba",
            "{limit}"
        );
    }
    assert_eq!(names(2, Order::Ascending, name, None, none), "bdfg");
    let of_bob = EnvironmentFilter {
        account_id: Some(bob),
        ..none
    };
    assert_eq!(names(2, Order::Ascending, name, Some(ann), of_bob), "bdf");
}

fn environments_are_filtered(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let web = group(db, ann, "web", None).id;
    for (name, display_name, status, seconds, groups) in [
        (
            "one",
            Some("The Shop"),
            EnvironmentStatus::Running,
            3,
            vec![web],
        ),
        ("two", None, EnvironmentStatus::Stopped, 2, vec![web]),
        ("three", None, EnvironmentStatus::Running, 1, vec![]),
    ] {
        let mut content = environment_content(name);
        content.display_name = display_name.map(str::to_owned);
        content.status = status;
        let group_ids = groups.into_iter().collect();
        let new = NewEnvironment {
            id: new_id(),
            content,
            created_by: None,
            group_ids,
        };
        let made = write(db, |tx| {
            environments::insert(tx, &manage_environments(ann), &new, after(seconds))
        });
        assert!(matches!(made, Insert::Done(_)));
    }
    let names = |filter: EnvironmentFilter<'_>, sort| -> Vec<String> {
        let visible = Visible {
            owned_by: Some(ann),
            ids: &[],
        };
        all(db, 1, Order::Ascending, &|tx, page| {
            environments::page(tx, visible, &filter, sort, page)
        })
        .into_iter()
        .map(|environment| environment.name)
        .collect()
    };
    let none = EnvironmentFilter::default();
    let name = EnvironmentSort::Name;
    assert_eq!(
        names(none, EnvironmentSort::CreatedAt),
        ["three", "two", "one"]
    );
    assert_eq!(names(none, name), ["one", "three", "two"]);
    let running = EnvironmentFilter {
        status: Some(EnvironmentStatus::Running),
        ..none
    };
    assert_eq!(names(running, name), ["one", "three"]);
    assert_eq!(
        names(
            EnvironmentFilter {
                group_id: Some(web),
                ..none
            },
            name
        ),
        ["one", "two"]
    );
    assert_eq!(
        names(
            EnvironmentFilter {
                group_id: Some(web),
                ..running
            },
            name
        ),
        ["one"]
    );
    assert_eq!(
        names(
            EnvironmentFilter {
                q: Some("SHOP"),
                ..none
            },
            name
        ),
        ["one"]
    );
    assert_eq!(
        names(
            EnvironmentFilter {
                q: Some("t"),
                ..none
            },
            name
        ),
        ["one", "three", "two"]
    );
}

fn ten_thousand_ids_and_none_at_all(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let web = group(db, ann, "web", None).id;
    let ids: Vec<EnvironmentId> = (0..10_000).map(|_| new_id()).collect();
    let kept: Vec<EnvironmentId> = ids.iter().step_by(500).copied().collect();
    let manage = manage_environments(ann);
    write(db, |tx| {
        for (number, id) in kept.iter().enumerate() {
            let new = NewEnvironment {
                id: *id,
                content: environment_content(&format!("environment {number:05}")),
                created_by: None,
                group_ids: BTreeSet::from([web]),
            };
            assert!(matches!(
                environments::insert(tx, &manage, &new, now())?,
                Insert::Done(_)
            ));
        }
        Ok(())
    });
    let visible = Visible {
        owned_by: None,
        ids: &ids,
    };
    let filter = EnvironmentFilter {
        group_id: Some(web),
        ..EnvironmentFilter::default()
    };
    let listed = all(db, 7, Order::Ascending, &|tx, page| {
        environments::page(tx, visible, &filter, EnvironmentSort::Name, page)
    });
    let listed: Vec<EnvironmentId> = listed.iter().map(|environment| environment.id).collect();
    assert_eq!(listed, kept);
    assert_eq!(
        read(db, |tx| environments::by_ids(tx, &ids)).len(),
        kept.len()
    );
    assert!(read(db, |tx| environments::by_ids(tx, &[])).is_empty());
    let nothing = Visible {
        owned_by: None,
        ids: &[],
    };
    let none = read(db, |tx| {
        environments::page(tx, nothing, &filter, EnvironmentSort::Name, &Page::first(5))
    });
    assert_eq!(
        none,
        Rows {
            items: Vec::new(),
            next: None
        }
    );
}
