//! The record of tasks, read by what it is about, by whoever may see it.

use crate::support::{account, after, new_id, now, on_both, read, write};
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, TaskId};
use accord_domain::record::MembersRecord;
use accord_store::tasks::{self, Seen, Task, TaskFilter};
use accord_store::{Db, Order, Page};

on_both!(
    the_record_is_filtered_by_what_it_is_about,
    a_member_reads_their_part_page_by_page,
    what_came_since_a_moment,
);

fn task(account_id: AccountId, action: &str, seconds: i64) -> Task {
    Task {
        id: new_id(),
        account_id,
        at: after(seconds),
        actor_id: None,
        actor_name: "Ann".to_owned(),
        action: action.to_owned(),
        member_id: None,
        environment_id: None,
        item: None,
        before: None,
        after: None,
        means: "session".to_owned(),
        request_id: String::new(),
        network_address: String::new(),
        token: None,
        names: None,
    }
}

fn append(db: &Db, tasks: &[Task]) {
    write(db, |tx| {
        tasks.iter().try_for_each(|task| tasks::append(tx, task))
    });
}

/// The whole list, three at a time, the newest first.
fn walk(db: &Db, account: AccountId, seen: Seen<'_>, filter: &TaskFilter) -> Vec<TaskId> {
    let mut page = Page {
        limit: 3,
        after: None,
        order: Order::Descending,
    };
    let mut walked = Vec::new();
    loop {
        let rows = read(db, |tx| tasks::page(tx, account, seen, filter, &page));
        assert!(rows.items.len() <= 3);
        walked.extend(rows.items.into_iter().map(|task| task.id));
        match rows.next {
            Some(position) => page = page.following(position),
            None => return walked,
        }
    }
}

fn the_record_is_filtered_by_what_it_is_about(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let (member, environment) = (new_id::<MemberId>(), new_id::<EnvironmentId>());
    let suspended = Task {
        member_id: Some(member),
        actor_id: Some(bob),
        ..task(ann, "member.suspend", 1)
    };
    let started = Task {
        environment_id: Some(environment),
        ..task(ann, "environment.update", 2)
    };
    let alert = task(ann, "load_alert.post", 3);
    let similar = task(ann, "loadXalert.post", 4);
    let elsewhere = task(bob, "member.suspend", 1);
    append(
        db,
        &[
            suspended.clone(),
            started.clone(),
            alert.clone(),
            similar.clone(),
            elsewhere,
        ],
    );
    let found = |filter: TaskFilter| walk(db, ann, Seen::Everything, &filter);
    assert_eq!(
        found(TaskFilter::default()),
        [similar.id, alert.id, started.id, suspended.id]
    );
    let by = |action: &str| {
        found(TaskFilter {
            action: Some(action.to_owned()),
            ..TaskFilter::default()
        })
    };
    assert_eq!(by("member.suspend"), [suspended.id]);
    assert_eq!(by("member"), [suspended.id]);
    assert_eq!(by("load_alert"), [alert.id], "_ stands for itself");
    assert!(by("mem").is_empty());
    assert!(by("%").is_empty());
    let filters = [
        (
            TaskFilter {
                actor_id: Some(bob),
                ..TaskFilter::default()
            },
            vec![suspended.id],
        ),
        (
            TaskFilter {
                member_id: Some(member),
                ..TaskFilter::default()
            },
            vec![suspended.id],
        ),
        (
            TaskFilter {
                environment_id: Some(environment),
                ..TaskFilter::default()
            },
            vec![started.id],
        ),
        (
            TaskFilter {
                from: Some(after(2)),
                to: Some(after(4)),
                ..TaskFilter::default()
            },
            vec![alert.id, started.id],
        ),
    ];
    for (filter, expected) in filters {
        assert_eq!(found(filter.clone()), expected, "{filter:?}");
    }
}

fn a_member_reads_their_part_page_by_page(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (own, other) = (new_id::<MemberId>(), new_id::<MemberId>());
    let (seen, hidden) = (new_id::<EnvironmentId>(), new_id::<EnvironmentId>());
    let mut theirs = Vec::new();
    for second in 0..12 {
        let about = |member_id, environment_id| Task {
            member_id,
            environment_id,
            ..task(ann, "x", second)
        };
        let shown = [
            about(Some(own), None),
            about(Some(own), Some(hidden)),
            about(None, Some(seen)),
        ];
        let not_shown = [
            about(None, None),
            about(Some(other), None),
            about(Some(other), Some(seen)),
            about(None, Some(hidden)),
        ];
        append(db, &shown);
        append(db, &not_shown);
        theirs.extend(shown.map(|task| (task.at, task.id)));
    }
    theirs.sort();
    theirs.reverse();
    let expected: Vec<TaskId> = theirs.into_iter().map(|(_, id)| id).collect();
    // More environments than go into one query.
    let many = (0..1_500).map(|_| new_id()).chain([seen]);
    let record = MembersRecord::new(own, many);
    let walked = walk(db, ann, Seen::By(&record), &TaskFilter::default());
    assert_eq!(walked, expected);
    let only_seen = TaskFilter {
        environment_id: Some(seen),
        ..TaskFilter::default()
    };
    assert_eq!(walk(db, ann, Seen::By(&record), &only_seen).len(), 12);
    let of_other = TaskFilter {
        member_id: Some(other),
        ..TaskFilter::default()
    };
    assert!(walk(db, ann, Seen::By(&record), &of_other).is_empty());
}

fn what_came_since_a_moment(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let all: Vec<Task> = (0..5).map(|second| task(ann, "x", second)).collect();
    append(db, &all);
    let elsewhere = task(bob, "x", 3);
    append(db, std::slice::from_ref(&elsewhere));
    let since = read(db, |tx| tasks::since(tx, ann, after(2), 2));
    let ids: Vec<TaskId> = since.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        ids,
        [all[4].id, all[3].id],
        "the newest, no more than asked"
    );
    assert_eq!(since[0].1, after(4));
    let found = read(db, |tx| {
        tasks::by_ids(tx, ann, &[all[4].id, elsewhere.id, all[0].id])
    });
    let ids: Vec<TaskId> = found.iter().map(|task| task.id).collect();
    assert_eq!(
        ids,
        [all[0].id, all[4].id],
        "the oldest first, and none of others"
    );
    assert!(
        read(db, |tx| tasks::since(
            tx,
            ann,
            now() + chrono::TimeDelta::days(1),
            5
        ))
        .is_empty()
    );
}
