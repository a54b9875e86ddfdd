//! Ends of shares that people are to be told of.

use crate::support::{
    account, after, environment, manage_members, member, new_id, now, on_both, read, role, share,
    write,
};
use accord_domain::ids::{AccountId, MemberId, RoleId, ShareId};
use accord_domain::member::StoredStatus;
use accord_domain::sharing::{Item, Share};
use accord_store::share_ends::{self, ShareEnd};
use accord_store::{Db, Update, members, shares};

on_both!(
    who_is_there_is_reminded_from_half_way_on,
    everybody_is_told_of_ends_whoever_is_there,
    ends_and_accounts_come_in_parts,
);

/// A member whose shares on these items, all set now, end then.
fn member_until(
    db: &Db,
    account: AccountId,
    name: &str,
    items: &[Item],
    role: RoleId,
    end: i64,
) -> (MemberId, Vec<Share>) {
    let member = member(db, account, &format!("{name}@example.com"));
    let shares: Vec<Share> = items
        .iter()
        .map(|item| Share {
            expires_at: Some(after(end)),
            ..share(*item, &[role])
        })
        .collect();
    write(db, |tx| {
        shares::replace_all(tx, &manage_members(account), member.id, &shares, now())
    });
    (member.id, shares)
}

fn becomes(db: &Db, account: AccountId, id: MemberId, status: StoredStatus) {
    let member = read(db, |tx| members::by_id(tx, account, id)).expect("there");
    let mut life = member.life();
    life.status = status;
    let moved = write(db, |tx| {
        members::update_life(tx, &manage_members(account), id, &life, None, now())
    });
    assert!(matches!(moved, Update::Done(_)), "{moved:?}");
}

/// What is to be told at that moment where reminders come up to `before` seconds before an end.
fn due(db: &Db, account: AccountId, at: i64, before: i64) -> Vec<ShareId> {
    let ends = read(db, |tx| {
        share_ends::of_account(tx, account, after(at), after(at + before), 100)
    });
    let accounts = read(db, |tx| {
        share_ends::accounts_to_tell(tx, after(at), after(at + before), None, 100)
    });
    assert_eq!(accounts.contains(&account), !ends.is_empty());
    ends.into_iter().map(|end| end.share_id).collect()
}

fn who_is_there_is_reminded_from_half_way_on(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let (bob, of_bob) = member_until(db, ann, "bob", &[Item::Environments], viewer, 1_000);
    let share = of_bob[0].id;
    assert_eq!(due(db, ann, 999, 600), [], "pending");
    becomes(db, ann, bob, StoredStatus::Suspended);
    assert_eq!(due(db, ann, 999, 600), [], "suspended");
    becomes(db, ann, bob, StoredStatus::Active);
    assert_eq!(due(db, ann, 499, 600), [], "not yet half way");
    assert_eq!(due(db, ann, 500, 600), [share]);
    assert_eq!(due(db, ann, 699, 300), []);
    assert_eq!(due(db, ann, 700, 300), [share]);
    write(db, |tx| share_ends::mark_reminded(tx, &[share], after(700)));
    assert_eq!(due(db, ann, 999, 300), [], "once");

    let later = Share {
        expires_at: Some(after(2_000)),
        ..of_bob[0].clone()
    };
    write(db, |tx| {
        shares::upsert(tx, &manage_members(ann), bob, &later, after(800))
    });
    assert_eq!(
        due(db, ann, 1_399, 900),
        [],
        "half way from when it was set"
    );
    assert_eq!(due(db, ann, 1_400, 900), [share]);
}

fn everybody_is_told_of_ends_whoever_is_there(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let (_, of_bob) = member_until(db, ann, "bob", &[Item::Environments], viewer, 1_000);
    assert_eq!(due(db, ann, 999, 600), []);
    assert_eq!(due(db, ann, 1_000, 600), [of_bob[0].id]);
    write(db, |tx| {
        share_ends::mark_told(tx, &[of_bob[0].id], after(1_000))
    });
    assert_eq!(due(db, ann, 1_001, 600), []);
}

fn ends_and_accounts_come_in_parts(db: &Db) {
    let accounts: Vec<AccountId> = ["ann@example.com", "eve@example.com", "zoe@example.com"]
        .map(|email| account(db, email).id)
        .to_vec();
    for owner in &accounts {
        let viewer = role(db, *owner, "Viewer").id;
        let items: Vec<Item> = ["a", "b"]
            .map(|name| Item::Environment(environment(db, *owner, name, &[]).id))
            .to_vec();
        member_until(db, *owner, "bob", &items, viewer, 20);
        member_until(db, *owner, "carl", &items[..1], viewer, 10);
    }
    let page = |last: Option<AccountId>| {
        read(db, |tx| {
            share_ends::accounts_to_tell(tx, after(30), after(30), last, 2)
        })
    };
    let mut sorted = accounts.clone();
    sorted.sort_unstable();
    assert_eq!(page(None), sorted[..2]);
    assert_eq!(page(Some(sorted[1])), sorted[2..]);
    assert_eq!(page(Some(sorted[2])), []);

    let of = |limit: u32| -> Vec<ShareEnd> {
        read(db, |tx| {
            share_ends::of_account(tx, accounts[0], after(30), after(30), limit)
        })
    };
    let all = of(10);
    let ends: Vec<_> = all.iter().map(|end| end.at).collect();
    assert_eq!(ends, [after(10), after(20), after(20)]);
    assert_eq!(of(2), all[..2]);
    let ids: Vec<ShareId> = all.iter().map(|end| end.share_id).collect();
    let held = read(db, |tx| shares::by_ids(tx, accounts[0], &ids[..2]));
    assert_eq!(held.len(), 2, "by their members");
    let held: Vec<ShareId> = held.into_values().flatten().map(|share| share.id).collect();
    assert!(held.contains(&ids[0]) && held.contains(&ids[1]));
    let of_another = read(db, |tx| shares::by_ids(tx, accounts[1], &ids));
    assert!(of_another.is_empty());
    let unknown = read(db, |tx| shares::by_ids(tx, accounts[0], &[new_id()]));
    assert!(unknown.is_empty());
}
