//! Keys of writes: whose turn it is, and what is known of a turn that is over.

use crate::support::{
    account, after, environment_content, manage_environments, new_id, now, on_both, read, write,
};
use accord_domain::ids::{AccountId, CredentialId, EnvironmentId};
use accord_store::environments::{self, NewEnvironment};
use accord_store::idempotency::{self, Claim, InUse, Kept, KeptAnswer};
use accord_store::{Db, Insert, StoreError};
use std::collections::BTreeSet;

on_both!(
    a_turn_is_done_with_what_it_writes,
    a_turn_that_was_taken_over_commits_nothing,
    what_failed_leaves_the_turn_as_it_was,
    a_turn_without_an_answer_is_known_only_where_it_committed,
    keys_are_counted_while_they_mean_something,
);

fn claim(key: u8, credential: CredentialId, at: i64) -> Claim {
    Claim {
        key_hash: vec![key; 32],
        credential_id: credential,
        body_hash: vec![1; 32],
        claim_id: new_id(),
        claimed_at: after(at),
        claimed_until: after(at + 120),
        expires_at: after(at + 1_000),
    }
}

fn claimed(db: &Db, claim: &Claim) -> Kept {
    assert!(write(db, |tx| idempotency::claim(tx, claim)));
    known(db, claim).expect("it was claimed")
}

fn known(db: &Db, claim: &Claim) -> Option<Kept> {
    read(db, |tx| idempotency::find(tx, &claim.key_hash))
}

fn answer(bytes: usize) -> KeptAnswer {
    KeptAnswer {
        status: 201,
        headers: serde_json::json!([]),
        body: vec![b' '; bytes],
    }
}

/// Adds an environment, on whichever handle.
fn add(db: &Db, account: AccountId, id: EnvironmentId) -> Result<(), StoreError> {
    let new = NewEnvironment {
        id,
        content: environment_content("shop"),
        created_by: None,
        group_ids: BTreeSet::new(),
    };
    let added =
        db.write(|tx| environments::insert(tx, &manage_environments(account), &new, now()))?;
    assert!(matches!(added, Insert::Done(_)), "{added:?}");
    Ok(())
}

fn is_there(db: &Db, account: AccountId, id: EnvironmentId) -> bool {
    read(db, |tx| environments::by_id(tx, account, id)).is_some()
}

fn a_turn_is_done_with_what_it_writes(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let turn = claim(1, new_id(), 0);
    assert!(!claimed(db, &turn).carried_out);
    add(&db.carrying_out(turn.clone()), ann, new_id()).expect("added");
    let kept = known(db, &turn).expect("it was claimed");
    assert!(kept.carried_out && kept.answer.is_none());
    let later = claim(1, turn.credential_id, 200);
    let unaware = Kept {
        carried_out: false,
        ..kept
    };
    let taken = write(db, |tx| idempotency::take_over(tx, &unaware, &later));
    assert!(!taken, "it committed meanwhile");
    let given = answer(3);
    write(db, |tx| idempotency::keep(tx, &turn, &given));
    assert_eq!(known(db, &turn).expect("kept").answer, Some(given));

    let over = known(db, &turn).expect("kept");
    assert!(write(db, |tx| idempotency::take_over(tx, &over, &later)));
    let anew = known(db, &later).expect("it was claimed");
    assert_eq!((anew.carried_out, anew.answer), (false, None));
}

fn a_turn_that_was_taken_over_commits_nothing(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let slow = claim(1, new_id(), 0);
    let broke_off = claimed(db, &slow);
    let next = claim(1, slow.credential_id, 200);
    assert!(write(db, |tx| idempotency::take_over(
        tx, &broke_off, &next
    )));
    let shop = new_id();
    let late = add(&db.carrying_out(slow.clone()), ann, shop);
    assert!(matches!(late, Err(StoreError::TurnLost)), "{late:?}");
    assert!(!is_there(db, ann, shop));
    add(&db.carrying_out(next.clone()), ann, shop).expect("it is its turn");
    assert!(is_there(db, ann, shop));
    write(db, |tx| idempotency::keep(tx, &slow, &answer(3)));
    write(db, |tx| idempotency::forget(tx, &slow));
    let kept = known(db, &next).expect("nothing of the other turn");
    assert!(kept.carried_out && kept.answer.is_none());
}

fn what_failed_leaves_the_turn_as_it_was(db: &Db) {
    let turn = claim(1, new_id(), 0);
    claimed(db, &turn);
    let failed: Result<(), StoreError> = db
        .carrying_out(turn.clone())
        .write(|_| Err(StoreError::MissingReference));
    assert!(failed.is_err());
    assert!(!known(db, &turn).expect("still claimed").carried_out);
}

fn a_turn_without_an_answer_is_known_only_where_it_committed(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (failed, done) = (claim(1, new_id(), 0), claim(2, new_id(), 0));
    claimed(db, &failed);
    claimed(db, &done);
    add(&db.carrying_out(done.clone()), ann, new_id()).expect("added");
    for turn in [&failed, &done] {
        write(db, |tx| idempotency::release(tx, turn, after(5)));
    }
    assert_eq!(known(db, &failed), None);
    let kept = known(db, &done).expect("it committed");
    assert_eq!((kept.carried_out, kept.claimed_until), (true, after(5)));
    write(db, |tx| idempotency::forget(tx, &done));
    assert_eq!(known(db, &done), None);
}

fn keys_are_counted_while_they_mean_something(db: &Db) {
    let (one, other) = (new_id(), new_id());
    let [first, second, of_other] = [claim(1, one, 0), claim(2, one, 10), claim(3, other, 0)];
    for claim in [&first, &second, &of_other] {
        claimed(db, claim);
    }
    write(db, |tx| idempotency::keep(tx, &first, &answer(700)));
    write(db, |tx| idempotency::keep(tx, &second, &answer(30)));
    let look = |seconds: i64| {
        let at = after(seconds);
        read(db, |tx| {
            let in_use = idempotency::in_use(tx, one, at)?;
            Ok((in_use, idempotency::first_end(tx, one, at)?))
        })
    };
    let uses = |keys, bytes| InUse { keys, bytes };
    assert_eq!(look(999), (uses(2, 730), Some(after(1_000))));
    assert_eq!(look(1_000), (uses(1, 30), Some(after(1_010))));
    assert_eq!(look(1_010), (uses(0, 0), None));
    let swept = write(db, |tx| idempotency::delete_over(tx, after(1_000)));
    assert_eq!(swept, 2, "one of each credential");
}
