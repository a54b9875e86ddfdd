//! Groups and environments.

use crate::support::{
    account, after, environment, environment_content, environment_now, grant, group, group_content,
    manage_environments, manage_members, member, member_now, new_id, now, on_both, read, role,
    share, write,
};
use accord_domain::authorize::ManageGroups;
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{EnvironmentId, GroupId};
use accord_domain::sharing::Item;
use accord_store::{Db, Insert, StoreError, UniqueRule, Update, environments, groups, shares};
use std::collections::BTreeSet;

on_both!(
    siblings_have_different_names,
    deleting_a_group_takes_subgroups_and_shares_along,
    groups_nest_without_limit,
    a_group_holds_exactly_the_environments_it_was_given,
    a_group_is_another_when_it_holds_other_environments,
    an_environment_changes_and_goes,
);

fn siblings_have_different_names(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let web = group(db, ann, "web", None);
    let live = group(db, ann, "live", Some(web.id));
    group(db, ann, "web", Some(web.id));
    group(db, bob, "web", None);
    for (name, parent) in [("WEB", None), ("Live", Some(web.id))] {
        let taken = write(db, |tx| {
            groups::insert(
                tx,
                &grant(ann),
                new_id(),
                &group_content(name, parent),
                now(),
            )
        });
        assert_eq!(taken, Insert::Taken(UniqueRule::GroupName), "{name}");
    }
    let foreign = db.write(|tx| {
        groups::insert(
            tx,
            &grant(bob),
            new_id(),
            &group_content("x", Some(web.id)),
            now(),
        )
    });
    assert!(matches!(foreign, Err(StoreError::MissingReference)));
    let update = |account, to: &accord_store::groups::GroupContent, expected| {
        write(db, |tx| {
            groups::update(tx, &grant(account), live.id, to, expected, after(1))
        })
    };
    assert_eq!(
        update(bob, &group_content("x", None), None),
        Update::Missing
    );
    assert_eq!(
        update(ann, &group_content("x", None), Some(3)),
        Update::Stale { version: 1 }
    );
    let taken = update(ann, &group_content("Web", None), None);
    assert_eq!(taken, Update::Taken(UniqueRule::GroupName));
    let Update::Done(moved) = update(ann, &group_content("live", None), Some(1)) else {
        panic!("it is there");
    };
    assert_eq!((moved.parent_id, moved.version), (None, 2));
    assert_eq!(read(db, |tx| groups::all(tx, ann)).len(), 3);
}

fn deleting_a_group_takes_subgroups_and_shares_along(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let web = group(db, ann, "web", None);
    let live = group(db, ann, "live", Some(web.id));
    let other = group(db, ann, "other", None);
    let shop = environment(db, ann, "shop", &[live.id, other.id]);
    let viewer = role(db, ann, "Viewer");
    let one = member(db, ann, "one@example.com");
    let given = [
        share(Item::Group(live.id), &[viewer.id]),
        share(Item::Group(other.id), &[viewer.id]),
    ];
    write(db, |tx| {
        shares::replace_all(tx, &manage_members(ann), one.id, &given, now())
    });
    let delete = |account| {
        write(db, |tx| {
            groups::delete(tx, &grant(account), web.id, after(1))
        })
    };
    assert_eq!(delete(bob), None);
    let deleted = delete(ann).expect("it is there");
    assert_eq!(deleted.group_ids, [web.id, live.id]);
    assert_eq!(deleted.environment_ids, [shop.id]);
    assert_eq!(deleted.member_ids, [one.id]);
    assert_eq!(delete(ann), None);
    let shop = environment_now(db, ann, shop.id);
    assert_eq!((shop.group_ids, shop.version), (vec![other.id], 2));
    let left = read(db, |tx| shares::of_member(tx, ann, one.id));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].item, Item::Group(other.id));
}

fn groups_nest_without_limit(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let ids: Vec<GroupId> = (0..2_500).map(|_| new_id()).collect();
    let manage = grant::<ManageGroups>(ann);
    write(db, |tx| {
        let mut parent = None;
        for id in &ids {
            let inserted = groups::insert(tx, &manage, *id, &group_content("deep", parent), now())?;
            assert!(matches!(inserted, Insert::Done(_)));
            parent = Some(*id);
        }
        Ok(())
    });
    let deleted = write(db, |tx| groups::delete(tx, &manage, ids[1], now()));
    assert_eq!(deleted.expect("it is there").group_ids.len(), ids.len() - 1);
    assert_eq!(read(db, |tx| groups::all(tx, ann)).len(), 1);
}

fn a_group_holds_exactly_the_environments_it_was_given(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let web = group(db, ann, "web", None);
    let shop = environment(db, ann, "shop", &[web.id]);
    let blog = environment(db, ann, "blog", &[]);
    let wiki = environment(db, ann, "wiki", &[web.id]);
    let foreign = environment(db, bob, "foreign", &[]);
    let manage = grant::<ManageGroups>(ann);
    let set = |ids: &[EnvironmentId]| {
        let ids: BTreeSet<EnvironmentId> = ids.iter().copied().collect();
        db.write(|tx| groups::set_environments(tx, &manage, web.id, &ids, after(1)))
    };
    assert!(matches!(
        set(&[foreign.id]),
        Err(StoreError::MissingReference)
    ));
    let changed = set(&[blog.id, wiki.id])
        .expect("both are Ann's")
        .expect("so is the group");
    assert_eq!(changed, [shop.id, blog.id]);
    let mut held = vec![blog.id, wiki.id];
    held.sort();
    assert_eq!(
        read(db, |tx| groups::environments_of(tx, ann, web.id)),
        held
    );
    assert!(environment_now(db, ann, shop.id).group_ids.is_empty());
    assert_eq!(environment_now(db, ann, blog.id).version, 2);
    assert_eq!(
        environment_now(db, ann, wiki.id).version,
        1,
        "nothing changed for it"
    );
    assert_eq!(
        set(&[])
            .expect("empty is fine")
            .map(|changed| changed.len()),
        Some(2)
    );
    let nobody = write(db, |tx| {
        groups::set_environments(tx, &manage, new_id(), &BTreeSet::new(), now())
    });
    assert_eq!(nobody, None);
}

fn a_group_is_another_when_it_holds_other_environments(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let web = group(db, ann, "web", None);
    let live = group(db, ann, "live", Some(web.id));
    let other = group(db, ann, "other", None);
    let versions = || {
        [web.id, live.id, other.id].map(|id| {
            let group = read(db, |tx| groups::by_id(tx, ann, id));
            group.expect("it is there").version
        })
    };
    assert_eq!(versions(), [1, 1, 1]);
    let shop = environment(db, ann, "shop", &[live.id, other.id]);
    assert_eq!(versions(), [1, 2, 2], "what it holds itself was added");
    environment(db, ann, "blog", &[]);
    let set = |ids: &[GroupId]| {
        let ids: BTreeSet<GroupId> = ids.iter().copied().collect();
        let manage = manage_environments(ann);
        write(db, |tx| {
            environments::set_groups(tx, &manage, shop.id, &ids, after(1))
        });
    };
    set(&[web.id, live.id]);
    assert_eq!(versions(), [2, 2, 3], "one got it and one lost it");
    set(&[web.id, live.id]);
    assert_eq!(versions(), [2, 2, 3], "nothing changed");
    let manage = manage_environments(ann);
    let to = environment_content("store");
    let renamed = write(db, |tx| {
        environments::update(tx, &manage, shop.id, &to, None, after(2))
    });
    assert!(matches!(renamed, Update::Done(_)), "{renamed:?}");
    assert_eq!(versions(), [2, 2, 3], "they hold the same ones");
    write(db, |tx| {
        environments::delete(tx, &manage, shop.id, after(3))
    });
    assert_eq!(versions(), [3, 3, 3], "both lost it");
}

fn an_environment_changes_and_goes(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let web = group(db, ann, "web", None);
    let shop = environment(db, ann, "Shop", &[web.id]);
    assert_eq!(shop.group_ids, [web.id]);
    assert_eq!(shop.created_by, Some(ann));
    environment(db, bob, "shop", &[]);
    let again = accord_store::environments::NewEnvironment {
        id: new_id(),
        content: environment_content("SHOP"),
        created_by: None,
        group_ids: BTreeSet::new(),
    };
    let taken = write(db, |tx| {
        environments::insert(tx, &manage_environments(ann), &again, now())
    });
    assert_eq!(taken, Insert::Taken(UniqueRule::EnvironmentName));

    let mut to = environment_content("Store");
    to.display_name = Some("The store".to_owned());
    to.status = EnvironmentStatus::Sleeping;
    let update = |account, expected| {
        let grant = manage_environments(account);
        write(db, |tx| {
            environments::update(tx, &grant, shop.id, &to, expected, after(1))
        })
    };
    assert_eq!(update(bob, None), Update::Missing);
    assert_eq!(update(ann, Some(9)), Update::Stale { version: 1 });
    let Update::Done(changed) = update(ann, Some(1)) else {
        panic!("it is there");
    };
    assert_eq!(changed.status, EnvironmentStatus::Sleeping);
    assert_eq!(changed.display_name.as_deref(), Some("The store"));
    assert_eq!((changed.group_ids, changed.version), (vec![web.id], 2));

    let set = |groups: BTreeSet<GroupId>| {
        let manage = manage_environments(ann);
        write(db, |tx| {
            environments::set_groups(tx, &manage, shop.id, &groups, after(2))
        })
    };
    let same = set(BTreeSet::from([web.id])).expect("it is there");
    assert_eq!(same.version, 2, "nothing changed");
    let none = set(BTreeSet::new()).expect("it is there");
    assert_eq!((none.version, none.group_ids.len()), (3, 0));

    let one = member(db, ann, "one@example.com");
    let viewer = role(db, ann, "Viewer");
    let given = [share(Item::Environment(shop.id), &[viewer.id])];
    write(db, |tx| {
        shares::replace_all(tx, &manage_members(ann), one.id, &given, now())
    });
    let delete = |account| {
        let grant = manage_environments(account);
        write(db, |tx| environments::delete(tx, &grant, shop.id, after(3)))
    };
    assert_eq!(delete(bob), None);
    assert_eq!(delete(ann), Some(vec![one.id]));
    assert_eq!(delete(ann), None);
    assert!(read(db, |tx| shares::of_member(tx, ann, one.id)).is_empty());
    assert_eq!(member_now(db, ann, one.id).version, 3);
}
