//! Several at once: exactly one wins, and nobody sees half a change.

use crate::outbox::mail;
use crate::support::{
    account, after, manage_members, member, new_account, new_id, new_member, now, on_both, read,
    write,
};
use accord_domain::ids::MailId;
use accord_domain::member::StoredStatus;
use accord_store::members::InsertMember;
use accord_store::sessions::{self, Session};
use accord_store::{Db, Insert, StoreError, UniqueRule, Update, accounts, members, meta, outbox};
use std::collections::BTreeSet;
use std::sync::{Barrier, mpsc};
use std::thread;

on_both!(
    an_address_invited_many_times_at_once_has_one_member,
    an_address_signed_up_many_times_at_once_has_one_account,
    a_refresh_token_used_many_times_at_once_is_good_once,
    a_member_decided_many_times_at_once_moves_once,
    no_mail_is_handed_out_twice,
    who_locks_the_account_loses_no_update,
    a_read_sees_one_moment,
);

const CROWD: usize = 8;

/// The same work on many threads, which begin together.
fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(CROWD);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CROWD)
            .map(|number| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(number)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("the thread ends well"))
            .collect()
    })
}

fn an_address_invited_many_times_at_once_has_one_member(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let outcomes = at_once(|_| {
        let new = new_member("bob@example.com");
        write(db, |tx| {
            members::insert(tx, &manage_members(ann), &new, now())
        })
    });
    let made: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            InsertMember::Done(member) => Some(member.id),
            InsertMember::Exists(_) => None,
        })
        .collect();
    assert_eq!(made.len(), 1);
    for outcome in outcomes {
        if let InsertMember::Exists(member) = outcome {
            assert_eq!((member.id, member.status), (made[0], StoredStatus::Pending));
        }
    }
}

fn an_address_signed_up_many_times_at_once_has_one_account(db: &Db) {
    let outcomes = at_once(|_| {
        let new = new_account("ann@example.com");
        write(db, |tx| accounts::insert(tx, &new, now()))
    });
    let made = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Insert::Done(_)))
        .count();
    let taken = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Insert::Taken(UniqueRule::AccountEmail)))
        .count();
    assert_eq!((made, taken), (1, CROWD - 1));
}

fn a_refresh_token_used_many_times_at_once_is_good_once(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let session = Session {
        id: new_id(),
        account_id: ann,
        created_at: now(),
        last_used_at: now(),
        expires_at: after(60),
        ended_at: None,
        user_agent: String::new(),
        network_address: String::new(),
    };
    write(db, |tx| {
        sessions::insert(tx, &session)?;
        sessions::insert_refresh_token(tx, &[7; 32], session.id, now())
    });
    let used = at_once(|_| write(db, |tx| sessions::use_refresh_token(tx, &[7; 32], after(1))));
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
}

fn a_member_decided_many_times_at_once_moves_once(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com");
    let outcomes = at_once(|number| {
        let to = if number % 2 == 0 {
            StoredStatus::Active
        } else {
            StoredStatus::Removed
        };
        write(db, |tx| {
            accounts::lock(tx, ann)?;
            let found = members::by_id(tx, ann, bob.id)?.expect("it is there");
            if found.status != StoredStatus::Pending {
                return Ok(None);
            }
            let mut life = found.life();
            life.status = to;
            let expected = Some(found.version);
            members::update_life(tx, &manage_members(ann), bob.id, &life, expected, now()).map(Some)
        })
    });
    let moved: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(moved.len(), 1);
    let Update::Done(moved) = &moved[0] else {
        panic!("{moved:?}");
    };
    let stored = read(db, |tx| members::by_id(tx, ann, bob.id));
    assert_eq!(stored.as_ref(), Some(moved));
    assert_eq!(moved.version, 2);
}

fn no_mail_is_handed_out_twice(db: &Db) {
    const MAILS: usize = 150;
    write(db, |tx| {
        (0..MAILS).try_for_each(|number| {
            outbox::enqueue(tx, &mail(&format!("{number}@example.com")), now())
        })
    });
    let claimed = at_once(|_| {
        let mut mine: Vec<MailId> = Vec::new();
        // Whoever finds nothing may have met rows that another one was just claiming.
        while read(db, |tx| {
            let waiting = outbox::recent(tx, MAILS as u32)?;
            Ok(waiting.iter().any(|mail| mail.claimed_until.is_none()))
        }) {
            let found = write(db, |tx| {
                outbox::claim_due(tx, after(1), after(60), after(1), 7)
            });
            assert!(found.iter().all(|mail| mail.attempts == 1));
            mine.extend(found.iter().map(|mail| mail.id));
        }
        mine
    });
    let all: Vec<MailId> = claimed.into_iter().flatten().collect();
    let different: BTreeSet<MailId> = all.iter().copied().collect();
    assert_eq!((all.len(), different.len()), (MAILS, MAILS));
}

fn who_locks_the_account_loses_no_update(db: &Db) {
    const TURNS: usize = 10;
    let ann = account(db, "ann@example.com").id;
    at_once(|_| {
        for _ in 0..TURNS {
            write(db, |tx| {
                accounts::lock(tx, ann)?;
                let before: usize =
                    meta::get(tx, "count")?.map_or(0, |count| count.parse().expect("a number"));
                meta::set(tx, "count", &(before + 1).to_string())
            });
        }
    });
    let count = read(db, |tx| meta::get(tx, "count"));
    assert_eq!(count, Some((CROWD * TURNS).to_string()));
}

fn a_read_sees_one_moment(db: &Db) {
    let (opened, wait_until_opened) = mpsc::channel();
    let (written, wait_until_written) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            wait_until_opened.recv().expect("the read has begun");
            write(db, |tx| meta::set(tx, "key", "new"));
            written.send(()).expect("somebody waits");
        });
        let seen = read(db, |tx| {
            let first = meta::get(tx, "key")?;
            opened.send(()).expect("somebody waits");
            wait_until_written
                .recv()
                .expect("the write goes on meanwhile");
            Ok((first, meta::get(tx, "key")?))
        });
        assert_eq!(seen, (None, None));
    });
    assert_eq!(read(db, |tx| meta::get(tx, "key")).as_deref(), Some("new"));
}

/// SQLite has one writer at a time, so only PostgreSQL can get into this.
#[test]
fn postgres_two_that_lock_crosswise_both_get_through() {
    let database = accord_testkit::databases::TestDatabase::postgres();
    let db = database.connect();
    let one = account(&db, "one@example.com").id;
    let two = account(&db, "two@example.com").id;
    let both_hold_one = Barrier::new(2);
    let crosswise = |first, second| -> Result<u32, StoreError> {
        let mut attempts = 0;
        db.write(|tx| {
            attempts += 1;
            accounts::lock(tx, first)?;
            if attempts == 1 {
                both_hold_one.wait();
            }
            accounts::lock(tx, second)?;
            accounts::bump_revision(tx, second)?;
            Ok(attempts)
        })
    };
    let (left, right) = thread::scope(|scope| {
        let left = scope.spawn(|| crosswise(one, two));
        let right = scope.spawn(|| crosswise(two, one));
        (
            left.join().expect("it ends"),
            right.join().expect("it ends"),
        )
    });
    let attempts = left.expect("it gets through") + right.expect("it gets through");
    assert_eq!(attempts, 3, "one of them was run again");
    for id in [one, two] {
        let account = read(&db, |tx| accounts::by_id(tx, id)).expect("it is there");
        assert_eq!(account.revision, 2);
    }
}
