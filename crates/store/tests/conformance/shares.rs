//! Shares: what a member was given.

use crate::support::{
    account, after, environment, group, manage_members, member, member_now, new_id, now, on_both,
    read, role, share, write,
};
use accord_domain::ids::MemberId;
use accord_domain::sharing::{Item, Share};
use accord_store::{Db, StoreError, UniqueRule, shares};

on_both!(
    every_kind_of_item_comes_back,
    replacing_keeps_what_stays_and_its_id,
    one_share_changes_and_goes_alone,
    shares_are_found_by_member_account_and_environment,
    nothing_of_another_account_can_be_shared,
    an_item_is_shared_once,
);

fn sorted(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_by_key(|share| share.item);
    shares
}

fn replace(
    db: &Db,
    account: accord_domain::ids::AccountId,
    member: MemberId,
    new: &[Share],
) -> Vec<Share> {
    write(db, |tx| {
        shares::replace_all(tx, &manage_members(account), member, new, after(1))
    })
}

fn every_kind_of_item_comes_back(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let web = group(db, ann, "web", None).id;
    let shop = environment(db, ann, "shop", &[]).id;
    let (viewer, admin) = (role(db, ann, "Viewer").id, role(db, ann, "Admin").id);
    let bob = member(db, ann, "bob@example.com");
    let mut ending = share(Item::Environment(shop), &[viewer, admin]);
    ending.expires_at = Some(after(60));
    let given = vec![
        share(Item::Environments, &[viewer]),
        share(Item::Groups, &[admin]),
        share(Item::Group(web), &[viewer]),
        ending,
    ];
    let stored = replace(db, ann, bob.id, &given);
    assert_eq!(sorted(stored), given);
    assert_eq!(member_now(db, ann, bob.id).version, 2);
}

fn replacing_keeps_what_stays_and_its_id(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (viewer, admin) = (role(db, ann, "Viewer").id, role(db, ann, "Admin").id);
    let bob = member(db, ann, "bob@example.com").id;
    let first = replace(
        db,
        ann,
        bob,
        &[
            share(Item::Environments, &[viewer]),
            share(Item::Groups, &[viewer]),
        ],
    );
    let second = replace(db, ann, bob, &[share(Item::Environments, &[admin])]);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].item, Item::Environments);
    assert_eq!(second[0].role_ids, [admin].into());
    let before = first.iter().find(|share| share.item == Item::Environments);
    assert_eq!(before.map(|share| share.id), Some(second[0].id));
    assert!(replace(db, ann, bob, &[]).is_empty());
}

fn one_share_changes_and_goes_alone(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (viewer, admin) = (role(db, ann, "Viewer").id, role(db, ann, "Admin").id);
    let shop = environment(db, ann, "shop", &[]).id;
    let bob = member(db, ann, "bob@example.com").id;
    replace(db, ann, bob, &[share(Item::Environments, &[viewer])]);
    let manage = manage_members(ann);
    let direct = share(Item::Environment(shop), &[viewer]);
    let stored = write(db, |tx| shares::upsert(tx, &manage, bob, &direct, after(2)));
    assert_eq!(stored, direct);
    let mut changed = share(Item::Environment(shop), &[admin]);
    changed.expires_at = Some(after(60));
    let stored = write(db, |tx| {
        shares::upsert(tx, &manage, bob, &changed, after(3))
    });
    assert_eq!(stored.id, direct.id, "it is the same share");
    assert_eq!(
        (stored.role_ids, stored.expires_at),
        (changed.role_ids, changed.expires_at)
    );
    assert_eq!(read(db, |tx| shares::of_member(tx, ann, bob)).len(), 2);
    let gone = write(db, |tx| {
        shares::delete(tx, &manage, bob, Item::Environment(shop), after(4))
    });
    assert_eq!(gone.map(|share| share.id), Some(direct.id));
    let again = write(db, |tx| {
        shares::delete(tx, &manage, bob, Item::Environment(shop), after(4))
    });
    assert_eq!(again, None);
    let left = read(db, |tx| shares::of_member(tx, ann, bob));
    assert_eq!(left.len(), 1);
    assert_eq!(member_now(db, ann, bob).version, 5, "one for each change");
}

fn shares_are_found_by_member_account_and_environment(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let foreign_role = role(db, carl, "Viewer").id;
    let shop = environment(db, ann, "shop", &[]).id;
    let one = member(db, ann, "one@example.com").id;
    let two = member(db, ann, "two@example.com").id;
    let none = member(db, ann, "none@example.com").id;
    let foreign = member(db, carl, "one@example.com").id;
    let of_one = replace(
        db,
        ann,
        one,
        &[
            share(Item::Environment(shop), &[viewer]),
            share(Item::Groups, &[viewer]),
        ],
    );
    let of_two = replace(db, ann, two, &[share(Item::Environment(shop), &[viewer])]);
    let of_foreign = replace(
        db,
        carl,
        foreign,
        &[share(Item::Environments, &[foreign_role])],
    );

    let of_ann = read(db, |tx| shares::of_account(tx, ann));
    assert_eq!(of_ann, [(one, of_one.clone()), (two, of_two)].into());
    let by_members = read(db, |tx| shares::of_members(tx, &[one, none, foreign]));
    assert_eq!(by_members, [(one, of_one), (foreign, of_foreign)].into());
    assert!(read(db, |tx| shares::of_members(tx, &[])).is_empty());
    assert!(read(db, |tx| shares::of_member(tx, carl, one)).is_empty());
    let mut direct = read(db, |tx| shares::of_environment(tx, ann, shop));
    direct.sort_by_key(|(member, _)| *member);
    let mut members: Vec<MemberId> = direct.iter().map(|(member, _)| *member).collect();
    members.sort();
    let mut expected = vec![one, two];
    expected.sort();
    assert_eq!(members, expected);
    assert!(
        direct
            .iter()
            .all(|(_, share)| share.item == Item::Environment(shop))
    );
    assert!(read(db, |tx| shares::of_environment(tx, carl, shop)).is_empty());
}

fn nothing_of_another_account_can_be_shared(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let bob = member(db, ann, "bob@example.com").id;
    let foreign_member = member(db, carl, "bob@example.com").id;
    let foreign_role = role(db, carl, "Viewer").id;
    let foreign_group = group(db, carl, "web", None).id;
    let foreign_environment = environment(db, carl, "shop", &[]).id;
    let cases = [
        (foreign_member, share(Item::Environments, &[viewer])),
        (bob, share(Item::Environments, &[foreign_role])),
        (bob, share(Item::Environments, &[viewer, foreign_role])),
        (bob, share(Item::Environments, &[new_id()])),
        (bob, share(Item::Group(foreign_group), &[viewer])),
        (
            bob,
            share(Item::Environment(foreign_environment), &[viewer]),
        ),
        (new_id(), share(Item::Environments, &[viewer])),
    ];
    for (member, share) in cases {
        let manage = manage_members(ann);
        let alone = db.write(|tx| shares::upsert(tx, &manage, member, &share, now()));
        assert!(
            matches!(alone, Err(StoreError::MissingReference)),
            "{share:?}: {alone:?}"
        );
        let all = [share.clone()];
        let replaced = db.write(|tx| shares::replace_all(tx, &manage, member, &all, now()));
        assert!(
            matches!(replaced, Err(StoreError::MissingReference)),
            "{share:?}"
        );
    }
    assert!(read(db, |tx| shares::of_account(tx, ann)).is_empty());
}

fn an_item_is_shared_once(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let viewer = role(db, ann, "Viewer").id;
    let web = group(db, ann, "web", None).id;
    let shop = environment(db, ann, "shop", &[]).id;
    let bob = member(db, ann, "bob@example.com").id;
    let manage = manage_members(ann);
    for item in [
        Item::Environments,
        Item::Groups,
        Item::Group(web),
        Item::Environment(shop),
    ] {
        let twice = [share(item, &[viewer]), share(item, &[viewer])];
        let stored = db.write(|tx| shares::replace_all(tx, &manage, bob, &twice, now()));
        let expected = matches!(stored, Err(StoreError::Conflict(UniqueRule::ShareItem)));
        assert!(expected, "{item:?}: {stored:?}");
    }
    assert!(read(db, |tx| shares::of_member(tx, ann, bob)).is_empty());
}
