//! Accounts, sessions and single-use tokens.

use crate::support::{account, after, new_account, new_id, now, on_both, read, write};
use accord_domain::account::AccountKind;
use accord_store::account_tokens::{self, AccountToken, TokenPurpose};
use accord_store::sessions::{self, Session};
use accord_store::{Conn, Db, Insert, StoreError, UniqueRule, Update, accounts, meta};

on_both!(
    an_account_comes_back_as_it_was_stored,
    an_address_has_one_account_and_the_transaction_goes_on,
    every_change_of_an_account_counts_its_version,
    the_revision_counts_alone,
    a_session_lives_until_it_expires_or_ends,
    ending_all_sessions_can_spare_one,
    a_refresh_token_is_used_once,
    used_refresh_tokens_go_but_for_the_last,
    a_mailed_token_is_used_once_and_older_ones_can_be_dropped,
    an_address_moves_unless_another_account_has_it,
    what_is_remembered_first_stays,
    a_failed_write_leaves_nothing,
    nothing_can_be_written_in_a_read,
);

fn an_account_comes_back_as_it_was_stored(db: &Db) {
    let mut new = new_account("Ann@Example.com");
    new.kind = AccountKind::Member;
    new.email_verified_at = Some(after(-60));
    let inserted = write(db, |tx| accounts::insert(tx, &new, now()));
    let Insert::Done(stored) = inserted else {
        panic!("{inserted:?}");
    };
    assert_eq!(stored.kind, AccountKind::Member);
    assert_eq!(stored.email, "Ann@Example.com");
    assert_eq!(stored.email_key, "ann@example.com");
    assert_eq!(stored.email_verified_at, Some(after(-60)));
    assert_eq!(stored.created_at, now(), "microseconds are kept");
    assert_eq!((stored.revision, stored.version), (1, 1));
    let by_id = read(db, |tx| accounts::by_id(tx, new.id));
    let by_key = read(db, |tx| accounts::by_email_key(tx, "ann@example.com"));
    assert!(by_id.as_ref() == Some(&stored) && by_key == Some(stored));
    assert!(read(db, |tx| accounts::by_email_key(tx, "Ann@Example.com")).is_none());
}

fn an_address_has_one_account_and_the_transaction_goes_on(db: &Db) {
    account(db, "ann@example.com");
    let (taken, other) = write(db, |tx| {
        let taken = accounts::insert(tx, &new_account("ANN@example.com"), now())?;
        let other = accounts::insert(tx, &new_account("bob@example.com"), now())?;
        Ok((taken, other))
    });
    assert!(matches!(taken, Insert::Taken(UniqueRule::AccountEmail)));
    assert!(matches!(other, Insert::Done(_)));
    assert_eq!(read(db, accounts::list).len(), 2);
}

fn every_change_of_an_account_counts_its_version(db: &Db) {
    let id = account(db, "ann@example.com").id;
    let later = after(10);
    write(db, |tx| accounts::set_password_hash(tx, id, "other", later));
    write(db, |tx| accounts::set_verified(tx, id, later));
    write(db, |tx| {
        accounts::set_kind(tx, id, AccountKind::Member, later)
    });
    write(db, |tx| accounts::set_disabled(tx, id, Some(later), later));
    let stale = write(db, |tx| accounts::set_name(tx, id, "Anna", Some(4), later));
    assert!(matches!(stale, Update::Stale { version: 5 }));
    let Update::Done(account) = write(db, |tx| accounts::set_name(tx, id, "Anna", Some(5), later))
    else {
        panic!("the version is right");
    };
    assert_eq!(account.version, 6);
    assert_eq!(account.name, "Anna");
    assert_eq!(account.password_hash, "other");
    assert_eq!(account.kind, AccountKind::Member);
    assert_eq!(account.email_verified_at, Some(later));
    assert_eq!(account.disabled_at, Some(later));
    assert_eq!((account.created_at, account.updated_at), (now(), later));
    let nobody = write(db, |tx| accounts::set_name(tx, new_id(), "x", None, later));
    assert!(matches!(nobody, Update::Missing));
    assert!(write(db, |tx| accounts::set_verified(tx, new_id(), later)).is_none());
}

fn the_revision_counts_alone(db: &Db) {
    let id = account(db, "ann@example.com").id;
    assert_eq!(write(db, |tx| accounts::bump_revision(tx, id)), 2);
    assert_eq!(write(db, |tx| accounts::bump_revision(tx, id)), 3);
    let locked = write(db, |tx| accounts::lock(tx, id)).expect("it is there");
    assert_eq!((locked.revision, locked.version), (3, 1));
    let briefs = read(db, |tx| accounts::briefs(tx, &[id, new_id()]));
    assert_eq!(briefs.len(), 1);
    assert_eq!(briefs[&id].email, "ann@example.com");
}

fn session(db: &Db, account: accord_domain::ids::AccountId) -> Session {
    let session = Session {
        id: new_id(),
        account_id: account,
        created_at: now(),
        last_used_at: now(),
        expires_at: after(100),
        ended_at: None,
        user_agent: "a browser".to_owned(),
        network_address: "192.0.2.1".to_owned(),
    };
    write(db, |tx| sessions::insert(tx, &session));
    session
}

fn a_session_lives_until_it_expires_or_ends(db: &Db) {
    let account = account(db, "ann@example.com");
    let first = session(db, account.id);
    let live = |at| read(db, |tx| sessions::live_with_account(tx, first.id, at));
    assert!(live(after(99)) == Some((first.clone(), account.clone())));
    assert!(live(after(100)).is_none(), "the end itself is too late");
    write(db, |tx| {
        sessions::touch(tx, first.id, after(200), after(50))
    });
    let (touched, _) = live(after(150)).expect("it was extended");
    assert_eq!(touched.last_used_at, after(50));
    let stranger = self::account_id(db);
    assert!(!write(db, |tx| sessions::end(
        tx,
        stranger,
        first.id,
        after(60)
    )));
    assert!(write(db, |tx| sessions::end(
        tx,
        account.id,
        first.id,
        after(60)
    )));
    assert!(!write(db, |tx| sessions::end(
        tx,
        account.id,
        first.id,
        after(61)
    )));
    assert!(live(after(70)).is_none());
    let second = session(db, account.id);
    let listed = read(db, |tx| sessions::list_live(tx, account.id, after(1)));
    assert_eq!(listed, [second]);
    assert_eq!(write(db, |tx| sessions::delete_over(tx, after(61))), 1);
}

fn account_id(db: &Db) -> accord_domain::ids::AccountId {
    account(db, "stranger@example.com").id
}

fn ending_all_sessions_can_spare_one(db: &Db) {
    let account = account(db, "ann@example.com");
    let sessions: Vec<Session> = (0..3).map(|_| session(db, account.id)).collect();
    let keep = Some(sessions[1].id);
    let ended = write(db, |tx| {
        sessions::end_all_of_account(tx, account.id, keep, after(1))
    });
    assert_eq!(ended, 2);
    let left = read(db, |tx| sessions::list_live(tx, account.id, after(2)));
    assert_eq!(left, [sessions[1].clone()]);
}

fn a_refresh_token_is_used_once(db: &Db) {
    let account = account(db, "ann@example.com");
    let session = session(db, account.id);
    let insert =
        |tx: &mut Conn<'_>| sessions::insert_refresh_token(tx, &[1; 32], session.id, now());
    write(db, insert);
    let of = |hash: u8| read(db, |tx| sessions::of_refresh_token(tx, &[hash; 32]));
    let is_unused = |of| {
        read(db, |tx| {
            sessions::has_unused_refresh_token(tx, of, &[1; 32])
        })
    };
    assert!(of(2).is_none());
    assert!(is_unused(session.id) && !is_unused(new_id()));
    let mark = || write(db, |tx| sessions::use_refresh_token(tx, &[1; 32], after(5)));
    assert!(mark());
    assert!(!mark());
    assert!(!is_unused(session.id));
    let seen = of(1).map(|session| session.id);
    assert_eq!(seen, Some(session.id), "a replay is seen");
    assert!(matches!(
        db.write(insert),
        Err(StoreError::Conflict(UniqueRule::Identity))
    ));
}

fn used_refresh_tokens_go_but_for_the_last(db: &Db) {
    let account = account(db, "ann@example.com");
    let session = session(db, account.id);
    let is_there = |hash: u8| read(db, |tx| sessions::of_refresh_token(tx, &[hash; 32])).is_some();
    for (hash, minutes) in [(1, 5), (2, 10), (3, 15)] {
        write(db, |tx| {
            sessions::insert_refresh_token(tx, &[hash; 32], session.id, now())
        });
        if hash < 3 {
            write(db, |tx| {
                sessions::use_refresh_token(tx, &[hash; 32], after(minutes))?;
                sessions::touch(tx, session.id, after(60), after(minutes))
            });
        }
    }
    let sweep = |minutes| {
        write(db, |tx| {
            sessions::delete_used_refresh_tokens(tx, after(minutes))
        })
    };
    assert_eq!(sweep(5), 0, "it is kept for a while");
    assert_eq!(sweep(60), 1);
    assert_eq!([1, 2, 3].map(is_there), [false, true, true]);
}

fn a_mailed_token_is_used_once_and_older_ones_can_be_dropped(db: &Db) {
    let account = account(db, "ann@example.com");
    let token = |hash: u8, purpose| AccountToken {
        token_hash: vec![hash; 32],
        account_id: account.id,
        purpose,
        email_key: "ann@example.com".to_owned(),
        created_at: now(),
        expires_at: after(60),
        used_at: None,
        new_email: None,
    };
    let verify = token(1, TokenPurpose::VerifyEmail);
    let reset = token(2, TokenPurpose::ResetPassword);
    let used = token(3, TokenPurpose::ResetPassword);
    for token in [&verify, &reset, &used] {
        write(db, |tx| account_tokens::insert(tx, token));
    }
    assert!(write(db, |tx| account_tokens::mark_used(
        tx,
        &[3; 32],
        after(1)
    )));
    assert!(!write(db, |tx| account_tokens::mark_used(
        tx,
        &[3; 32],
        after(1)
    )));
    let dropped = write(db, |tx| {
        account_tokens::delete_unused(tx, account.id, TokenPurpose::ResetPassword)
    });
    assert_eq!(dropped, 1);
    let find = |hash: u8| read(db, |tx| account_tokens::find(tx, &[hash; 32]));
    assert_eq!(find(1), Some(verify));
    assert_eq!(find(2), None);
    assert_eq!(find(3).expect("used ones stay").used_at, Some(after(1)));
    let waits = |purpose, at| read(db, |tx| account_tokens::unused(tx, account.id, purpose, at));
    assert!(waits(TokenPurpose::VerifyEmail, after(59)).is_some());
    assert!(
        waits(TokenPurpose::VerifyEmail, after(60)).is_none(),
        "its end"
    );
    assert!(
        waits(TokenPurpose::ResetPassword, after(1)).is_none(),
        "used"
    );
    write(db, |tx| account_tokens::delete_over(tx, after(2)));
    assert_eq!(find(3), None, "used before");
    assert!(find(1).is_some());
    write(db, |tx| account_tokens::delete_over(tx, after(61)));
    assert_eq!(find(1), None, "ended before");
}

fn an_address_moves_unless_another_account_has_it(db: &Db) {
    let ann = account(db, "ann@example.com");
    let ben = account(db, "ben@example.com");
    let moved = write(db, |tx| {
        accounts::set_email(tx, ann.id, "Ben@Example.com", &ben.email_key, after(1))
    });
    assert!(matches!(moved, Update::Taken(_)), "{moved:?}");
    let moved = write(db, |tx| {
        accounts::set_email(tx, ann.id, "Anna@Example.com", "anna@example.com", after(1))
    });
    let Update::Done(moved) = moved else {
        panic!("{moved:?}");
    };
    assert_eq!(moved.email, "Anna@Example.com");
    assert_eq!(moved.email_verified_at, Some(after(1)));
    assert_eq!(moved.version, ann.version + 1);
    assert!(read(db, |tx| accounts::by_email_key(tx, "ann@example.com")).is_none());
}

fn what_is_remembered_first_stays(db: &Db) {
    assert_eq!(read(db, |tx| meta::get(tx, "key")), None);
    let kept = write(db, |tx| meta::set_if_absent(tx, "key", "one"));
    assert_eq!(kept, "one");
    let kept = write(db, |tx| meta::set_if_absent(tx, "key", "two"));
    assert_eq!(kept, "one");
    write(db, |tx| meta::set(tx, "key", "three"));
    write(db, |tx| meta::set(tx, "other", "four"));
    assert_eq!(
        read(db, |tx| meta::get(tx, "key")).as_deref(),
        Some("three")
    );
    assert_eq!(
        read(db, |tx| meta::get(tx, "other")).as_deref(),
        Some("four")
    );
}

fn a_failed_write_leaves_nothing(db: &Db) {
    let failed: Result<(), StoreError> = db.write(|tx| {
        meta::set(tx, "key", "value")?;
        Err(StoreError::BadPosition)
    });
    assert!(matches!(failed, Err(StoreError::BadPosition)));
    assert_eq!(read(db, |tx| meta::get(tx, "key")), None);
}

fn nothing_can_be_written_in_a_read(db: &Db) {
    let written = db.read(|tx| meta::set(tx, "key", "value"));
    assert!(
        matches!(written, Err(StoreError::Internal(_))),
        "{written:?}"
    );
    write(db, |tx| meta::set(tx, "key", "value"));
}
