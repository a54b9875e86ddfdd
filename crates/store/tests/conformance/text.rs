//! Whatever text arrives: it is kept to the character, or refused, and nothing breaks.

use crate::support::{account, environment, member, new_account, now, on_both, read, role, write};
use accord_store::{Db, StoreError, accounts, environments, members, roles};

on_both!(
    text_in_any_script_is_kept,
    a_nul_character_breaks_nothing,
    a_time_that_cannot_be_stored_is_refused,
);

const TEXTS: &[&str] = &[
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈",
    "עברית ושלום",
    "العربية",
    "'; DROP TABLE accounts; --",
    "\"quoted\" \\ %s $1 ? :name {}",
    "a_b%c",
    "  spaces  ",
    "ﬁ ligature, e\u{301} combining, \u{1F600}",
    "tab\tand\nnewline",
];

fn text_in_any_script_is_kept(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    for (number, text) in TEXTS.iter().enumerate() {
        let role = role(db, ann, text);
        let environment = environment(db, ann, text, &[]);
        let member = member(db, ann, &format!("{number}-{text}@example.com"));
        let role = read(db, |tx| roles::by_id(tx, ann, role.id)).expect("the role");
        assert_eq!(role.name, *text);
        let environment =
            read(db, |tx| environments::by_id(tx, ann, environment.id)).expect("the environment");
        assert_eq!(environment.name, *text);
        let found = read(db, |tx| members::by_email_key(tx, ann, &member.email_key));
        assert_eq!(found, Some(member));
    }
    let long = "ü".repeat(100_000);
    let id = role(db, ann, &long[..2_000]).id;
    assert_eq!(
        read(db, |tx| roles::by_id(tx, ann, id))
            .expect("it")
            .name
            .len(),
        2_000
    );
    write(db, |tx| {
        accounts::set_name(tx, ann, &long, None, now()).map(drop)
    });
    assert_eq!(
        read(db, |tx| accounts::by_id(tx, ann)).expect("it").name,
        long
    );
}

fn a_nul_character_breaks_nothing(db: &Db) {
    // PostgreSQL cannot keep it, SQLite can; the rules above refuse it before it comes here.
    let mut new = new_account("nul@example.com");
    new.name = "nul\0inside".to_owned();
    match db.write(|tx| accounts::insert(tx, &new, now())) {
        Ok(_) => {
            let stored = read(db, |tx| accounts::by_id(tx, new.id)).expect("it was stored");
            assert_eq!(stored.name, "nul\0inside");
        }
        Err(error) => assert!(matches!(error, StoreError::Internal(_)), "{error:?}"),
    }
    let found = db.read(|tx| accounts::by_email_key(tx, "a\0b"));
    assert!(matches!(found, Ok(None) | Err(StoreError::Internal(_))));
    account(db, "after@example.com");
}

fn a_time_that_cannot_be_stored_is_refused(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    for far in [
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
        chrono::DateTime::<chrono::Utc>::MIN_UTC,
    ] {
        let refused = db.write(|tx| accounts::set_disabled(tx, ann, Some(far), now()));
        assert!(matches!(refused, Err(StoreError::Internal(_))));
    }
    let early: chrono::DateTime<chrono::Utc> = "0001-01-01T00:00:00Z".parse().expect("a time");
    let late: chrono::DateTime<chrono::Utc> =
        "9999-12-31T23:59:59.999999Z".parse().expect("a time");
    for edge in [early, late] {
        let kept = write(db, |tx| accounts::set_disabled(tx, ann, Some(edge), now()));
        assert_eq!(kept.expect("it is there").disabled_at, Some(edge));
    }
}
