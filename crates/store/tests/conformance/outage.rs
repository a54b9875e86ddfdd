//! The database away, and back again.

use crate::support::{account, now, read, write};
use accord_store::{Db, StoreError, accounts, meta};
use accord_testkit::databases::{PostgresCluster, TestDatabase};
use std::sync::mpsc;
use std::thread;

fn is_unavailable<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

#[test]
fn postgres_goes_and_comes_back() {
    let cluster = PostgresCluster::private();
    let url = cluster.create_database("accord");
    let db = Db::connect(&url, 3).expect("it answers");
    db.migrate().expect("it migrates");
    let ann = account(&db, "ann@example.com");

    cluster.stop();
    let away = db.read(|tx| accounts::by_id(tx, ann.id));
    assert!(is_unavailable(&away), "{away:?}");

    cluster.start();
    db.ping().expect("it is back");
    assert!(read(&db, |tx| accounts::by_id(tx, ann.id)) == Some(ann));
    write(&db, |tx| meta::set(tx, "key", "value"));
}

#[test]
fn postgres_dies_inside_a_transaction() {
    let cluster = PostgresCluster::private();
    let db = Db::connect(&cluster.create_database("accord"), 3).expect("it answers");
    db.migrate().expect("it migrates");
    let broken = db.write(|tx| {
        meta::set(tx, "key", "lost")?;
        cluster.stop();
        meta::set(tx, "key", "lost too")
    });
    assert!(is_unavailable(&broken), "{broken:?}");
    let uncommitted = {
        cluster.start();
        db.write(|tx| {
            meta::set(tx, "key", "lost as well")?;
            cluster.stop();
            Ok::<_, StoreError>(())
        })
    };
    assert!(
        is_unavailable(&uncommitted),
        "nothing is acknowledged: {uncommitted:?}"
    );
    cluster.start();
    assert_eq!(read(&db, |tx| meta::get(tx, "key")), None);
}

#[test]
fn a_database_that_is_nowhere_is_unavailable() {
    for url in [
        "sqlite:///nowhere/at/all/accord.db",
        "postgres://accord@%2Fnowhere%2Fat%2Fall/accord",
    ] {
        let nowhere = Db::connect(url, 1).map(drop);
        assert!(is_unavailable(&nowhere), "{url}: {nowhere:?}");
    }
    for url in [
        "",
        "mysql://localhost/accord",
        "accord.db",
        "sqlite://",
        "sqlite://:memory:",
    ] {
        let wrong = Db::connect(url, 1).map(drop);
        assert!(
            matches!(wrong, Err(StoreError::BadAddress(_))),
            "{url}: {wrong:?}"
        );
    }
}

#[test]
fn sqlite_a_writer_that_never_ends_makes_others_give_up() {
    let database = TestDatabase::sqlite();
    let db = database.connect();
    let (release, wait_until_released) = mpsc::channel::<()>();
    let (begun, wait_until_begun) = mpsc::channel();
    thread::scope(|scope| {
        let (db, holder) = (&db, &db);
        scope.spawn(move || {
            write(holder, |tx| {
                meta::set(tx, "key", "held")?;
                begun.send(()).expect("somebody waits");
                wait_until_released.recv().expect("somebody releases");
                Ok(())
            });
        });
        wait_until_begun.recv().expect("the writer has begun");
        let refused = db.write(|tx| meta::set(tx, "key", "other"));
        assert!(is_unavailable(&refused), "{refused:?}");
        db.ping().expect("readers go on");
        release.send(()).expect("the writer waits");
    });
    assert_eq!(
        read(&db, |tx| meta::get(tx, "key")).as_deref(),
        Some("held")
    );
}

#[test]
fn sqlite_keeps_what_was_acknowledged_when_it_is_opened_again() {
    let database = TestDatabase::sqlite();
    let ann = account(&database.connect(), "ann@example.com");
    let again = database.connect();
    assert!(read(&again, |tx| accounts::by_id(tx, ann.id)) == Some(ann.clone()));
    let renamed = write(&again, |tx| {
        accounts::set_name(tx, ann.id, "Anna", None, now())
    });
    assert!(matches!(renamed, accord_store::Update::Done(_)));
}
