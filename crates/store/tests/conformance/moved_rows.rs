//! Rows that a migration moves are there after it, up and down.

use crate::support::{
    account, after, grant, manage_members, member, new_id, now, read, role, share, write,
};
use accord_domain::member::StoredStatus;
use accord_domain::sharing::{Item, Share};
use accord_domain::webhook::WebhookEvent;
use accord_store::webhook_secrets::{self, FormerSecret, SealedSecrets};
use accord_store::webhooks::{self, WebhookContent};
use accord_store::{Db, members, share_ends, shares};
use accord_testkit::databases::TestDatabase;
use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// The statements of one migration, down and then up again.
macro_rules! down_and_up {
    ($backend:literal, $migration:literal) => {
        concat!(
            include_str!(concat!(
                "../../migrations/",
                $backend,
                "/",
                $migration,
                "/down.sql"
            )),
            include_str!(concat!(
                "../../migrations/",
                $backend,
                "/",
                $migration,
                "/up.sql"
            )),
        )
    };
}

fn former(sealed: u8, ends_at: i64) -> FormerSecret {
    FormerSecret {
        sealed: vec![sealed],
        ends_at: after(ends_at),
    }
}

fn a_webhooks_former_secret_stays(db: &Db, down_and_up: impl FnOnce()) {
    let ann = account(db, "ann@example.com").id;
    let content = WebhookContent {
        url: "https://example.com/".to_owned(),
        description: String::new(),
        events: vec![WebhookEvent::RoleUpdated],
        switched_off: None,
        failing_since: None,
    };
    let mut hooks = [new_id(), new_id()].map(|id| {
        write(db, |tx| {
            webhooks::insert(tx, &grant(ann), id, &content, &[1], now())
        })
    });
    let secrets = SealedSecrets {
        secret: vec![3],
        former: vec![former(2, 120), former(1, 60)],
    };
    let rotated = write(db, |tx| {
        webhook_secrets::replace(tx, &grant(ann), hooks[0].id, &secrets, now())
    });
    hooks[0] = rotated.expect("there");
    down_and_up();
    hooks[0].former_secrets.truncate(1);
    for hook in hooks {
        let now = read(db, |tx| webhooks::by_id(tx, ann, hook.id));
        assert_eq!(now, Some(hook), "with the newest former secret");
    }
}

fn a_share_is_reminded_of_at_the_same_moment(db: &Db, down_and_up: impl FnOnce()) {
    let ann = account(db, "ann@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let bob = member(db, ann, "bob@example.com");
    let mut life = bob.life();
    life.status = StoredStatus::Active;
    let everything = Share {
        expires_at: Some(after(1_000)),
        ..share(Item::Environments, &[viewer])
    };
    let for_good = share(Item::Groups, &[viewer]);
    write(db, |tx| {
        let grant = manage_members(ann);
        shares::replace_all(
            tx,
            &grant,
            bob.id,
            &[everything.clone(), for_good.clone()],
            now(),
        )?;
        members::update_life(tx, &grant, bob.id, &life, None, now()).map(drop)
    });
    down_and_up();
    // As exactly as both databases count.
    let due = |at: i64| {
        let ends = read(db, |tx| {
            share_ends::of_account(tx, ann, after(at), after(2_000), 10)
        });
        ends.into_iter().map(|end| end.share_id).collect::<Vec<_>>()
    };
    assert_eq!(due(499), []);
    assert_eq!(due(501), [everything.id]);
}

#[test]
fn former_secrets_on_sqlite() {
    let database = TestDatabase::sqlite();
    a_webhooks_former_secret_stays(&database.connect(), || {
        sqlite(
            &database,
            down_and_up!("sqlite", "2026-11-30-000100_former_secrets"),
        );
    });
}

#[test]
fn former_secrets_on_postgres() {
    let database = TestDatabase::postgres();
    a_webhooks_former_secret_stays(&database.connect(), || {
        postgres(
            &database,
            down_and_up!("postgres", "2026-11-30-000100_former_secrets"),
        );
    });
}

#[test]
fn reminders_on_sqlite() {
    let database = TestDatabase::sqlite();
    a_share_is_reminded_of_at_the_same_moment(&database.connect(), || {
        sqlite(
            &database,
            down_and_up!("sqlite", "2026-11-30-000110_share_reminders"),
        );
    });
}

#[test]
fn reminders_on_postgres() {
    let database = TestDatabase::postgres();
    a_share_is_reminded_of_at_the_same_moment(&database.connect(), || {
        postgres(
            &database,
            down_and_up!("postgres", "2026-11-30-000110_share_reminders"),
        );
    });
}

fn sqlite(database: &TestDatabase, statements: &str) {
    let path = database.url().trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(path).expect("it opens");
    connection.batch_execute(statements).expect("they run");
}

fn postgres(database: &TestDatabase, statements: &str) {
    let mut connection = PgConnection::establish(database.url()).expect("it opens");
    connection.batch_execute(statements).expect("they run");
}
