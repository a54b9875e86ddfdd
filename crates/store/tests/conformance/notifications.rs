//! What people were told, how they chose to be told, and how often they are told of a load.

use crate::support::{account, after, environment, new_id, now, on_both, read, write};
use accord_domain::ids::{AccountId, MemberId, NotificationId};
use accord_domain::notification::{Choice, NotificationKind, Preferences};
use accord_store::load_alerts::{self, Window};
use accord_store::notifications::{self, Notification, NotificationFilter, ReadUntil};
use accord_store::{Db, Order, Page, notification_preferences};
use chrono::{DateTime, Utc};

on_both!(
    what_was_told_is_its_readers_alone,
    reading_is_noted_once,
    a_page_leaves_out_what_is_not_asked_for,
    the_old_goes,
    what_is_about_a_member_is_found_by_it,
    choices_are_counted_and_kept,
    windows_open_and_close,
);

fn told(account_id: AccountId, kind: NotificationKind, at: DateTime<Utc>) -> Notification {
    Notification {
        id: new_id(),
        account_id,
        kind,
        params: serde_json::json!({"owner_name": "Änna <b>"}),
        host_id: None,
        member_id: None,
        environment_id: None,
        created_at: at,
        read_at: None,
    }
}

fn tell(db: &Db, account: AccountId, kind: NotificationKind, seconds: i64) -> NotificationId {
    let new = told(account, kind, after(seconds));
    write(db, |tx| notifications::insert(tx, &new));
    new.id
}

fn newest_first(limit: u32) -> Page {
    Page {
        order: Order::Descending,
        ..Page::first(limit)
    }
}

fn listed(db: &Db, account: AccountId, filter: NotificationFilter) -> Vec<NotificationId> {
    let rows = read(db, |tx| {
        notifications::page(tx, account, filter, &newest_first(50))
    });
    rows.items.into_iter().map(|told| told.id).collect()
}

fn unread(db: &Db, account: AccountId) -> i64 {
    read(db, |tx| notifications::unread_count(tx, account, None))
}

const ALL: NotificationFilter = NotificationFilter {
    unread: false,
    without: None,
};

fn what_was_told_is_its_readers_alone(db: &Db) {
    let (ann, ben) = (
        account(db, "ann@example.com").id,
        account(db, "ben@example.com").id,
    );
    let id = tell(db, ann, NotificationKind::MemberLeft, 0);
    assert_eq!(listed(db, ann, ALL), [id]);
    assert_eq!(listed(db, ben, ALL), []);
    assert!(read(db, |tx| notifications::by_id(tx, ben, id)).is_none());
    let stored = read(db, |tx| notifications::by_id(tx, ann, id)).expect("it is hers");
    assert_eq!(stored.params, serde_json::json!({"owner_name": "Änna <b>"}));
    assert_eq!(
        write(db, |tx| notifications::mark_read(tx, ben, &[id], now())),
        0
    );
    assert_eq!((unread(db, ann), unread(db, ben)), (1, 0));
    let known = read(db, |tx| notifications::known(tx, ann, &[id, new_id()]));
    assert_eq!(known, [id]);
}

fn reading_is_noted_once(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let ids: Vec<NotificationId> = (0..5)
        .map(|at| tell(db, ann, NotificationKind::MemberLeft, at))
        .collect();
    let mark = |ids: &[NotificationId], at: i64| {
        write(db, |tx| notifications::mark_read(tx, ann, ids, after(at)))
    };
    assert_eq!(mark(&ids[4..], 10), 1);
    assert_eq!(mark(&ids[4..], 20), 0);
    let last = read(db, |tx| notifications::by_id(tx, ann, ids[4])).expect("there");
    assert_eq!(last.read_at, Some(after(10)));
    let until = |until: ReadUntil| {
        write(db, |tx| {
            notifications::mark_read_until(tx, ann, until, after(30))
        })
    };
    assert_eq!(until(ReadUntil::Notification(after(1), ids[1])), 2);
    assert_eq!(unread(db, ann), 2);
    assert_eq!(until(ReadUntil::Moment(after(2))), 1);
    assert_eq!(until(ReadUntil::Moment(after(2))), 0);
    assert_eq!(unread(db, ann), 1);
}

fn a_page_leaves_out_what_is_not_asked_for(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let invited = tell(db, ann, NotificationKind::InvitationReceived, 1);
    let left = tell(db, ann, NotificationKind::MemberLeft, 2);
    let gone = tell(db, ann, NotificationKind::CollaborationEnded, 3);
    write(db, |tx| notifications::mark_read(tx, ann, &[gone], now()));
    assert_eq!(listed(db, ann, ALL), [gone, left, invited]);
    let unread_ones = NotificationFilter {
        unread: true,
        ..ALL
    };
    assert_eq!(listed(db, ann, unread_ones), [left, invited]);
    let without = Some(NotificationKind::InvitationReceived);
    assert_eq!(
        listed(db, ann, NotificationFilter { without, ..ALL }),
        [gone, left]
    );
    assert_eq!(
        read(db, |tx| notifications::unread_count(tx, ann, without)),
        1
    );

    let mut page = newest_first(2);
    let first = read(db, |tx| notifications::page(tx, ann, ALL, &page));
    page = page.following(first.next.expect("there is more"));
    let second = read(db, |tx| notifications::page(tx, ann, ALL, &page));
    assert_eq!(second.items.len(), 1);
    assert_eq!((second.items[0].id, second.next), (invited, None));
}

fn the_old_goes(db: &Db) {
    let (ann, ben) = (
        account(db, "ann@example.com").id,
        account(db, "ben@example.com").id,
    );
    for account in [ann, ben] {
        tell(db, account, NotificationKind::MemberLeft, 0);
        tell(db, account, NotificationKind::MemberLeft, 100);
    }
    assert_eq!(
        write(db, |tx| notifications::delete_older(tx, ann, after(100))),
        1
    );
    assert_eq!((unread(db, ann), unread(db, ben)), (1, 2));
    assert_eq!(
        write(db, |tx| notifications::delete_all_older(tx, after(101))),
        3
    );
}

fn what_is_about_a_member_is_found_by_it(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let member: MemberId = new_id();
    let kind = NotificationKind::InvitationReceived;
    let about = |kind: NotificationKind, member_id: MemberId| {
        let new = Notification {
            member_id: Some(member_id),
            ..told(ann, kind, now())
        };
        write(db, |tx| notifications::insert(tx, &new));
    };
    about(kind, member);
    about(kind, new_id());
    about(NotificationKind::MemberLeft, member);
    let read_about = |kind| {
        write(db, |tx| {
            notifications::mark_read_about_member(tx, ann, kind, member, now())
        })
    };
    assert_eq!((read_about(kind), read_about(kind)), (1, 0));
    assert_eq!(unread(db, ann), 2);
    let gone = write(db, |tx| {
        notifications::delete_about_member(tx, ann, kind, member)
    });
    assert_eq!((gone, listed(db, ann, ALL).len()), (1, 2));
}

fn choices_are_counted_and_kept(db: &Db) {
    let (ann, ben) = (
        account(db, "ann@example.com").id,
        account(db, "ben@example.com").id,
    );
    let stored = read(db, |tx| notification_preferences::of(tx, ann));
    assert_eq!(
        (stored.version, &stored.preferences),
        (0, &Preferences::default())
    );
    let mut preferences = Preferences::default();
    let no_mail = Choice {
        email: Some(false),
        dashboard: None,
    };
    preferences
        .choose(NotificationKind::LoadAlert, no_mail)
        .expect("optional");
    let set = |preferences: &Preferences| {
        write(db, |tx| {
            notification_preferences::set(tx, ann, preferences, now())
        })
    };
    assert_eq!((set(&preferences), set(&preferences)), (1, 2));
    let stored = read(db, |tx| notification_preferences::of(tx, ann));
    assert_eq!((stored.version, &stored.preferences), (2, &preferences));
    let many = read(db, |tx| notification_preferences::of_many(tx, &[ann, ben]));
    assert_eq!(many.len(), 1);
    assert!(!many[&ann].mails(NotificationKind::LoadAlert));
}

fn windows_open_and_close(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (shop, attic) = (
        environment(db, ann, "shop", &[]).id,
        environment(db, ann, "attic", &[]).id,
    );
    let id = tell(db, ann, NotificationKind::LoadAlert, 0);
    let window = |metric: &str, seconds: i64| Window {
        environment_id: shop,
        account_id: ann,
        metric: metric.to_owned(),
        opened_at: after(seconds),
        notification_id: Some(id),
    };
    for (metric, seconds) in [("CPU", 0), ("cpu", 60), ("Memory", 61)] {
        write(db, |tx| load_alerts::open(tx, &window(metric, seconds)));
    }
    assert!(read(db, |tx| load_alerts::windows(tx, attic)).is_empty());
    assert_eq!(
        write(db, |tx| load_alerts::close_opened_until(
            tx,
            attic,
            after(100)
        )),
        0
    );
    assert_eq!(
        write(db, |tx| load_alerts::close_opened_until(
            tx,
            shop,
            after(60)
        )),
        2
    );
    write(db, |tx| notifications::delete_older(tx, ann, after(1)));
    let left = read(db, |tx| load_alerts::windows(tx, shop));
    let expected = Window {
        notification_id: None,
        ..window("Memory", 61)
    };
    assert_eq!(left, [expected], "it outlives what it counts in");
}
