//! E-mail that waits to be sent.

use crate::support::{account, after, member, new_id, now, on_both, read, write};
use accord_store::outbox::{self, AfterFailure, Mail, NewMail};
use accord_store::{Db, StoreError};

on_both!(
    mail_is_claimed_in_order_for_a_while,
    a_sent_mail_loses_its_link_and_is_never_due_again,
    a_failed_mail_waits_and_may_be_given_up,
    who_was_too_slow_has_no_say,
    mail_is_found_by_its_member,
    a_rolled_back_change_queues_nothing,
    finished_mail_is_deleted_once_it_is_old,
    the_mail_of_an_account_goes_with_it,
);

pub(crate) fn mail(recipient: &str) -> NewMail {
    NewMail {
        id: new_id(),
        account_id: None,
        member_id: None,
        kind: "invitation".to_owned(),
        recipient: recipient.to_owned(),
        params: serde_json::json!({"name": "<b>\"Ann\"</b>", "expires": "2026"}),
        sealed_link: Some(vec![0, 1, 255]),
        recipient_id: None,
    }
}

fn claim(db: &Db, at: i64, lease: i64, limit: u32) -> Vec<Mail> {
    write(db, |tx| {
        outbox::claim_due(tx, after(at), after(at + lease), after(at), limit)
    })
}

fn recipients(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.recipient.as_str()).collect()
}

fn mail_is_claimed_in_order_for_a_while(db: &Db) {
    for (recipient, seconds) in [("b", 2), ("a", 1), ("c", 3), ("later", 100)] {
        write(db, |tx| {
            outbox::enqueue(tx, &mail(recipient), after(seconds))
        });
    }
    let first = claim(db, 10, 60, 2);
    assert_eq!(recipients(&first), ["a", "b"]);
    assert_eq!(first[0].attempts, 1);
    assert_eq!(first[0].claimed_until, Some(after(70)));
    assert_eq!(
        first[0].sealed_link.as_deref(),
        Some([0, 1, 255].as_slice())
    );
    assert_eq!(first[0].params, mail("a").params);
    assert_eq!(recipients(&claim(db, 10, 60, 10)), ["c"]);
    assert!(claim(db, 69, 60, 10).is_empty());
    let again = claim(db, 70, 60, 10);
    assert_eq!(recipients(&again), ["a", "b", "c"], "whoever had them died");
    assert_eq!(again[0].attempts, 2);
}

fn a_sent_mail_loses_its_link_and_is_never_due_again(db: &Db) {
    write(db, |tx| outbox::enqueue(tx, &mail("a"), now()));
    let claimed = claim(db, 1, 60, 1);
    write(db, |tx| outbox::mark_sent(tx, &claimed[0], after(2)));
    assert!(claim(db, 1_000, 60, 1).is_empty());
    let recent = read(db, |tx| outbox::recent(tx, 10));
    assert_eq!(recent[0].sent_at, Some(after(2)));
    assert_eq!(
        (&recent[0].sealed_link, recent[0].claimed_until),
        (&None, None)
    );
}

fn a_failed_mail_waits_and_may_be_given_up(db: &Db) {
    write(db, |tx| outbox::enqueue(tx, &mail("a"), now()));
    let claimed = claim(db, 1, 60, 1).remove(0);
    let retry = AfterFailure::RetryAt(after(30));
    let noted = write(db, |tx| {
        outbox::mark_failed(tx, &claimed, "no route", retry, after(2))
    });
    assert!(noted);
    assert!(claim(db, 29, 60, 1).is_empty());
    let claimed = claim(db, 30, 60, 1).remove(0);
    assert_eq!(claimed.attempts, 2);
    assert_eq!(claimed.last_error.as_deref(), Some("no route"));
    assert!(claimed.sealed_link.is_some());
    let noted = write(db, |tx| {
        outbox::mark_failed(
            tx,
            &claimed,
            "no such address",
            AfterFailure::GiveUp,
            after(31),
        )
    });
    assert!(noted);
    assert!(claim(db, 10_000, 60, 1).is_empty());
    let given_up = read(db, |tx| outbox::recent(tx, 1)).remove(0);
    assert_eq!(given_up.gave_up_at, Some(after(31)));
    assert_eq!(
        given_up.sealed_link, None,
        "a link that nobody gets is not kept"
    );
}

fn who_was_too_slow_has_no_say(db: &Db) {
    write(db, |tx| outbox::enqueue(tx, &mail("a"), now()));
    let slow = claim(db, 1, 10, 1).remove(0);
    let quick = claim(db, 11, 10, 1).remove(0);
    assert_eq!(slow.id, quick.id);
    let give_up = |mail: &Mail| {
        write(db, |tx| {
            outbox::mark_failed(tx, mail, "late", AfterFailure::GiveUp, after(12))
        })
    };
    assert!(!give_up(&slow));
    write(db, |tx| outbox::mark_sent(tx, &quick, after(12)));
    assert!(!give_up(&quick), "what was sent did not fail");
    let sent = read(db, |tx| outbox::recent(tx, 1)).remove(0);
    assert_eq!((sent.sent_at, sent.gave_up_at), (Some(after(12)), None));
}

fn mail_is_found_by_its_member(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let mut about_bob = mail("bob@example.com");
    about_bob.account_id = Some(ann);
    about_bob.member_id = Some(bob);
    write(db, |tx| outbox::enqueue(tx, &about_bob, now()));
    write(db, |tx| outbox::enqueue(tx, &mail("other"), after(1)));
    let found = read(db, |tx| outbox::of_member(tx, bob));
    assert_eq!(recipients(&found), ["bob@example.com"]);
    assert_eq!(
        recipients(&read(db, |tx| outbox::recent(tx, 1))),
        ["other"],
        "newest first"
    );
}

fn a_rolled_back_change_queues_nothing(db: &Db) {
    let failed: Result<(), StoreError> = db.write(|tx| {
        outbox::enqueue(tx, &mail("a"), now())?;
        Err(StoreError::MissingReference)
    });
    assert!(failed.is_err());
    assert!(read(db, |tx| outbox::recent(tx, 1)).is_empty());
}

fn finished_mail_is_deleted_once_it_is_old(db: &Db) {
    for recipient in ["sent", "waits", "given up"] {
        write(db, |tx| outbox::enqueue(tx, &mail(recipient), now()));
    }
    let claimed = claim(db, 1, 60, 3);
    let of = |recipient: &str| {
        let found = claimed.iter().find(|mail| mail.recipient == recipient);
        found.expect("claimed").clone()
    };
    let (sent, lost) = (of("sent"), of("given up"));
    write(db, |tx| outbox::mark_sent(tx, &sent, after(2)));
    write(db, |tx| {
        outbox::mark_failed(tx, &lost, "no", AfterFailure::GiveUp, after(3))
    });
    let left = |before| {
        write(db, |tx| outbox::delete_finished(tx, after(before)));
        let mut left: Vec<String> = read(db, |tx| outbox::recent(tx, 10))
            .into_iter()
            .map(|mail| mail.recipient)
            .collect();
        left.sort();
        left
    };
    assert_eq!(left(2), ["given up", "sent", "waits"]);
    assert_eq!(left(3), ["given up", "waits"]);
    assert_eq!(left(1_000_000), ["waits"], "however old it is");
}

fn the_mail_of_an_account_goes_with_it(db: &Db) {
    let ann = account(db, "ann@example.com");
    let queue = |recipient: &str, about: Option<_>, to: Option<_>| {
        let new = NewMail {
            account_id: about,
            recipient_id: to,
            ..mail(recipient)
        };
        write(db, |tx| outbox::enqueue(tx, &new, now()));
    };
    queue("ann@example.com", None, Some(ann.id));
    queue("ann@example.com", None, None);
    queue("guest@example.com", Some(ann.id), None);
    queue("ben@example.com", None, None);
    let sent = claim(db, 1, 2, 1).remove(0);
    write(db, |tx| outbox::mark_sent(tx, &sent, after(2)));
    write(db, |tx| {
        outbox::delete_of_account(tx, ann.id, "ann@example.com", after(5))
    });
    let left = read(db, |tx| outbox::recent(tx, 10));
    assert_eq!(recipients(&left), ["ben@example.com"]);
}
