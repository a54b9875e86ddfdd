//! Whoever listens hears which accounts a commit touched, and nothing of what was not committed.

use crate::support::{
    account, after, done, grant, manage_members, member, new_id, new_member, now, on_both, role,
    write,
};
use accord_domain::ids::{AccountId, SessionId};
use accord_domain::member::StoredStatus;
use accord_store::members::{self, InsertMember, MemberLife};
use accord_store::sessions::{self, Session};
use accord_store::tasks::{self, Task};
use accord_store::{Change, Changes, Db, News, StoreError, Update, accounts, meta};
use accord_testkit::databases::{PostgresCluster, TestDatabase};
use std::time::Duration;

on_both!(
    a_commit_tells_whose_things_it_touched,
    what_is_not_committed_is_not_told,
    a_person_hears_of_their_record,
    sessions_that_begin_or_end_are_told,
);

/// What has come already, without the words that only say that some may have been missed.
fn heard(changes: &mut Changes) -> Vec<Change> {
    let mut heard = Vec::new();
    while let Some(news) = changes.waiting() {
        if let News::Changed(changed) = news {
            heard.extend(changed.iter().copied());
        }
    }
    heard
}

fn touched(account_id: AccountId) -> Change {
    Change {
        account_id,
        revision: None,
    }
}

fn task(account_id: AccountId) -> Task {
    Task {
        id: new_id(),
        account_id,
        at: now(),
        actor_id: None,
        actor_name: "Ann".to_owned(),
        action: "role.update".to_owned(),
        member_id: None,
        environment_id: None,
        item: None,
        before: None,
        after: None,
        means: "session".to_owned(),
        request_id: "r".to_owned(),
        network_address: "192.0.2.1".to_owned(),
        token: None,
        names: None,
    }
}

fn a_commit_tells_whose_things_it_touched(db: &Db) {
    let ann = account(db, "ann@example.com");
    let bob = account(db, "bob@example.com");
    let mut changes = db.changes();
    let revision = write(db, |tx| {
        accounts::bump_revision(tx, ann.id)?;
        tasks::append(tx, &task(ann.id))?;
        tasks::append(tx, &task(bob.id))?;
        accounts::bump_revision(tx, ann.id)
    });
    let mut told = heard(&mut changes);
    told.sort_by_key(|change| change.account_id != ann.id);
    let ann_change = Change {
        account_id: ann.id,
        revision: Some(revision),
    };
    assert_eq!(told, [ann_change, touched(bob.id)]);

    write(db, |tx| meta::set(tx, "key", "value"));
    assert!(heard(&mut changes).is_empty(), "no account was touched");
    let renamed = write(db, |tx| accounts::set_name(tx, ann.id, "Anna", None, now()));
    assert!(matches!(renamed, Update::Done(_)));
    assert_eq!(heard(&mut changes), [touched(ann.id)]);
}

fn what_is_not_committed_is_not_told(db: &Db) {
    let ann = account(db, "ann@example.com");
    let mut changes = db.changes();
    let failed = db.write(|tx| {
        accounts::bump_revision(tx, ann.id)?;
        Err::<(), _>(StoreError::BadPosition)
    });
    assert!(failed.is_err());
    assert!(heard(&mut changes).is_empty());
}

/// What has come already of that account.
fn of(account: AccountId, changes: &mut Changes) -> Vec<Change> {
    let mut heard = heard(changes);
    heard.retain(|change| change.account_id == account);
    heard
}

fn a_person_hears_of_their_record(db: &Db) {
    let ann = account(db, "ann@example.com");
    let bob = account(db, "bob@example.com");
    let mut changes = db.changes();
    let invited = member(db, ann.id, "bob@example.com");
    assert_eq!(
        of(bob.id, &mut changes),
        [touched(bob.id)],
        "by the address"
    );
    member(db, ann.id, "nobody@example.com");
    assert!(
        of(bob.id, &mut changes).is_empty(),
        "nobody has the address"
    );

    let life = MemberLife {
        status: StoredStatus::Active,
        person_id: Some(bob.id),
        ..invited.life()
    };
    let accepted = write(db, |tx| {
        members::update_life(tx, &manage_members(ann.id), invited.id, &life, None, now())
    });
    assert!(matches!(accepted, Update::Done(_)));
    assert_eq!(of(bob.id, &mut changes), [touched(bob.id)], "by the record");

    let refused = write(db, |tx| {
        let again = new_member("bob@example.com");
        members::insert(tx, &manage_members(ann.id), &again, now())
    });
    assert!(matches!(refused, InsertMember::Exists(_)));
    assert!(of(bob.id, &mut changes).is_empty(), "nothing was written");

    assert!(write(db, |tx| members::delete(
        tx,
        &manage_members(ann.id),
        invited.id
    )));
    assert_eq!(of(bob.id, &mut changes), [touched(bob.id)]);
}

fn sessions_that_begin_or_end_are_told(db: &Db) {
    let ann = account(db, "ann@example.com");
    let open = || Session {
        id: new_id::<SessionId>(),
        account_id: ann.id,
        created_at: now(),
        last_used_at: now(),
        expires_at: after(3600),
        ended_at: None,
        user_agent: String::new(),
        network_address: String::new(),
    };
    let (one, other) = (open(), open());
    let mut changes = db.changes();
    write(db, |tx| {
        sessions::insert(tx, &one)?;
        sessions::insert(tx, &other)
    });
    assert_eq!(heard(&mut changes), [touched(ann.id)]);
    assert!(write(db, |tx| sessions::end(tx, ann.id, one.id, now())));
    assert_eq!(heard(&mut changes), [touched(ann.id)]);
    write(db, |tx| {
        sessions::end_all_of_account(tx, ann.id, None, now())
    });
    assert_eq!(heard(&mut changes), [touched(ann.id)]);
}

/// Waits for the next news; fails when none comes.
fn next(changes: &mut Changes) -> News {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(async {
            tokio::time::timeout(Duration::from_secs(30), changes.next())
                .await
                .expect("news")
        })
        .expect("the database is open")
}

/// Waits until this very change is heard.
fn hears(changes: &mut Changes, change: Change) {
    while !matches!(next(changes), News::Changed(told) if told.contains(&change)) {}
}

#[test]
fn postgres_instances_hear_each_other() {
    let database = TestDatabase::postgres();
    let (here, there) = (database.connect(), database.connect());
    let ann = account(&here, "ann@example.com");
    let mut changes = there.changes();
    assert_eq!(next(&mut changes), News::Missed, "the channel is open");
    let revision = write(&here, |tx| accounts::bump_revision(tx, ann.id));
    hears(
        &mut changes,
        Change {
            account_id: ann.id,
            revision: Some(revision),
        },
    );
    done(write(&there, |tx| {
        let content = crate::support::role_content("Own");
        accord_store::roles::insert(tx, &grant(ann.id), new_id(), &content, now())
    }));
    write(&there, |tx| tasks::append(tx, &task(ann.id)));
    hears(&mut changes, touched(ann.id));
    // Its own words came at once and do not come back by the channel.
    write(&here, |tx| accounts::bump_revision(tx, ann.id));
    assert_eq!(
        next(&mut changes),
        News::Changed(
            [Change {
                account_id: ann.id,
                // The role counted it up, too.
                revision: Some(revision + 2)
            }]
            .into()
        )
    );
    role(&here, ann.id, "Other");
}

#[test]
fn postgres_a_commit_that_touches_many_is_told_whole() {
    let database = TestDatabase::postgres();
    let (here, there) = (database.connect(), database.connect());
    let mut changes = there.changes();
    assert_eq!(next(&mut changes), News::Missed);
    let many: Vec<AccountId> = (0..300).map(|_| new_id()).collect();
    write(&here, |tx| {
        for id in &many {
            tasks::append(tx, &task(*id))?;
        }
        Ok(())
    });
    let mut told = Vec::new();
    while told.len() < many.len() {
        if let News::Changed(changed) = next(&mut changes) {
            told.extend(changed.iter().map(|change| change.account_id));
        }
    }
    told.sort();
    let mut many = many;
    many.sort();
    assert_eq!(told, many);
}

#[test]
fn postgres_the_channel_comes_back_after_an_outage() {
    let cluster = PostgresCluster::private();
    let url = cluster.create_database("accord");
    let (here, there) = (
        Db::connect(&url, 2).expect("it answers"),
        Db::connect(&url, 2).expect("it answers"),
    );
    here.migrate().expect("it migrates");
    let ann = account(&here, "ann@example.com");
    let mut changes = there.changes();
    assert_eq!(next(&mut changes), News::Missed, "the channel is open");
    cluster.stop();
    assert_eq!(next(&mut changes), News::Missed, "the channel is lost");
    assert_eq!(
        next(&mut changes),
        News::Missed,
        "while it is lost, listeners are told to look from time to time"
    );
    cluster.start();
    // Whatever is said before the channel is open again is made up for by looking.
    loop {
        write(&here, |tx| accounts::bump_revision(tx, ann.id));
        if matches!(next(&mut changes), News::Changed(_)) {
            break;
        }
    }
}
