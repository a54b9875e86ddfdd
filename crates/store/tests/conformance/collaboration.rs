//! Policies, roles, groups and environments.

use crate::support::{
    account, after, done, environment, environment_content, environment_now, grant, group,
    group_content, manage_environments, manage_members, member, member_now, new_id, now, on_both,
    read, role, role_content, share, write,
};
use accord_domain::authorize::ManageGroups;
use accord_domain::catalogue::{ActionId, Catalogue, SystemPolicy};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, PolicyId};
use accord_domain::sharing::Item;
use accord_domain::text::key_of;
use accord_store::policies::{DeletePolicy, Policy, PolicyContent};
use accord_store::roles::DeleteRole;
use accord_store::{
    Db, Insert, StoreError, UniqueRule, Update, catalogue, environments, groups, policies,
    relations, roles, shares,
};
use std::collections::BTreeSet;

on_both!(
    the_catalogue_becomes_system_policies,
    a_system_policy_that_left_the_catalogue_stays_while_a_role_holds_it,
    a_policy_is_the_accounts_own,
    a_policy_in_use_goes_only_when_detached,
    a_role_holds_policies_it_may_see,
    a_role_in_use_goes_only_when_detached,
    siblings_have_different_names,
    deleting_a_group_takes_subgroups_and_shares_along,
    groups_nest_without_limit,
    a_group_holds_exactly_the_environments_it_was_given,
    an_environment_changes_and_goes,
    relations_are_everything_the_rule_walks_over,
);

fn action(id: &str) -> ActionId {
    ActionId::parse(id).expect("an action")
}

fn content(name: &str, actions: &[&str]) -> PolicyContent {
    PolicyContent {
        name: name.to_owned(),
        name_key: key_of(name),
        description: "for tests".to_owned(),
        action_ids: actions.iter().map(|id| action(id)).collect(),
    }
}

fn policy(db: &Db, account: AccountId, name: &str, actions: &[&str]) -> Policy {
    let content = content(name, actions);
    let id = new_id();
    done(write(db, |tx| {
        policies::insert(tx, &grant(account), id, &content, now())
    }))
}

fn system_policy(key: &str, name: &str, actions: &[&str]) -> SystemPolicy {
    SystemPolicy {
        key: key.to_owned(),
        name: name.to_owned(),
        description: "from the catalogue".to_owned(),
        actions: actions.iter().map(|id| action(id)).collect(),
    }
}

fn catalogue_of(policies: Vec<SystemPolicy>) -> Catalogue {
    let mut catalogue = Catalogue::embedded();
    catalogue.policies = policies;
    catalogue
}

fn sync(db: &Db, catalogue: &Catalogue) {
    write(db, |tx| catalogue::sync(tx, catalogue, new_id, now()));
}

fn the_catalogue_becomes_system_policies(db: &Db) {
    let embedded = Catalogue::embedded();
    sync(db, &embedded);
    let first = read(db, policies::system);
    assert_eq!(first.len(), embedded.policies.len());
    sync(db, &embedded);
    assert_eq!(read(db, policies::system), first, "nothing changes twice");

    let mut changed = embedded.clone();
    changed.policies[0].actions.pop();
    changed.policies[1].name = "Another name".to_owned();
    let gone = changed.policies.pop().expect("there are some");
    sync(db, &changed);
    let second = read(db, policies::system);
    assert_eq!(second.len(), first.len() - 1);
    assert!(
        second
            .iter()
            .all(|policy| policy.system_key.as_ref() != Some(&gone.key))
    );
    let of = |policies: &[Policy], key: &str| -> Policy {
        let found = policies
            .iter()
            .find(|policy| policy.system_key.as_deref() == Some(key));
        found.expect("the policy").clone()
    };
    for key in [&embedded.policies[0].key, &embedded.policies[1].key] {
        let (before, after) = (of(&first, key), of(&second, key));
        assert_eq!(before.id, after.id, "roles go on holding it");
        assert_eq!(after.version, 2);
    }
    let actions: BTreeSet<ActionId> = changed
        .policies
        .iter()
        .flat_map(|policy| policy.actions.clone())
        .collect();
    assert_eq!(read(db, catalogue::actions_in_use), actions);
}

fn a_system_policy_that_left_the_catalogue_stays_while_a_role_holds_it(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let held = system_policy("held", "Held", &["old.action"]);
    sync(db, &catalogue_of(vec![held]));
    let id = read(db, policies::system)[0].id;
    let mut keeper = role_content("Keeper");
    keeper.policy_ids.insert(id);
    let role = done(write(db, |tx| {
        roles::insert(tx, &grant(ann), new_id(), &keeper, now())
    }));
    sync(db, &catalogue_of(Vec::new()));
    assert_eq!(read(db, policies::system)[0].id, id);
    let in_use = read(db, catalogue::actions_in_use);
    assert_eq!(in_use, BTreeSet::from([action("old.action")]));
    let deleted = write(db, |tx| {
        roles::delete(tx, &grant(ann), role.id, false, now())
    });
    assert!(matches!(deleted, DeleteRole::Deleted { .. }));
    sync(db, &catalogue_of(Vec::new()));
    assert!(read(db, policies::system).is_empty());
}

fn a_policy_is_the_accounts_own(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    sync(
        db,
        &catalogue_of(vec![system_policy("view", "View", &["environment.view"])]),
    );
    let system = read(db, policies::system)[0].clone();
    let own = policy(db, ann, "Deploy", &["deploy.start", "deploy.stop"]);
    assert_eq!(own.account_id, Some(ann));
    assert_eq!(
        own.action_ids,
        [action("deploy.start"), action("deploy.stop")]
    );
    policy(db, bob, "deploy", &[]);

    let by_id = |account, id| read(db, |tx| policies::by_id(tx, account, id));
    assert_eq!(by_id(ann, own.id), Some(own.clone()));
    assert_eq!(by_id(bob, own.id), None);
    assert_eq!(by_id(bob, system.id), Some(system.clone()));
    let ids = [own.id, system.id, new_id()];
    let visible = read(db, |tx| policies::visible_among(tx, bob, &ids));
    assert_eq!(visible, [system.id]);

    for name in ["DEPLOY", "view"] {
        let taken = write(db, |tx| {
            policies::insert(tx, &grant(ann), new_id(), &content(name, &[]), now())
        });
        assert_eq!(taken, Insert::Taken(UniqueRule::PolicyName), "{name}");
    }
    let update = |account, id: PolicyId, to: &PolicyContent, expected| {
        write(db, |tx| {
            policies::update(tx, &grant(account), id, to, expected, after(1))
        })
    };
    let renamed = content("Ship", &["deploy.start"]);
    assert_eq!(update(bob, own.id, &renamed, None), Update::Missing);
    assert_eq!(update(ann, system.id, &renamed, None), Update::Missing);
    assert_eq!(
        update(ann, own.id, &renamed, Some(7)),
        Update::Stale { version: 1 }
    );
    let taken = update(ann, own.id, &content("View", &[]), None);
    assert_eq!(taken, Update::Taken(UniqueRule::PolicyName));
    let Update::Done(changed) = update(ann, own.id, &renamed, Some(1)) else {
        panic!("it is there");
    };
    assert_eq!((changed.version, changed.name.as_str()), (2, "Ship"));
    assert_eq!(changed.action_ids, [action("deploy.start")]);
    assert_eq!(by_id(ann, own.id), Some(changed));
}

fn a_policy_in_use_goes_only_when_detached(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let own = policy(db, ann, "Deploy", &["deploy.start"]);
    let mut deployer = role_content("Deployer");
    deployer.policy_ids.insert(own.id);
    let role = done(write(db, |tx| {
        roles::insert(tx, &grant(ann), new_id(), &deployer, now())
    }));
    let delete = |account, detach| {
        write(db, |tx| {
            policies::delete(tx, &grant(account), own.id, detach, after(1))
        })
    };
    assert_eq!(delete(bob, true), DeletePolicy::Missing);
    assert_eq!(
        delete(ann, false),
        DeletePolicy::InUse {
            role_ids: vec![role.id]
        }
    );
    assert_eq!(
        delete(ann, true),
        DeletePolicy::Deleted {
            detached_from: vec![role.id]
        }
    );
    assert_eq!(delete(ann, true), DeletePolicy::Missing);
    let role = read(db, |tx| roles::by_id(tx, ann, role.id)).expect("the role stays");
    assert!(role.policy_ids.is_empty());
    assert_eq!(role.version, 2);
}

fn a_role_holds_policies_it_may_see(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let foreign = policy(db, bob, "Bob's", &["deploy.start"]);
    let own = policy(db, ann, "Ann's", &["deploy.start"]);
    let mut with_foreign = role_content("Deployer");
    with_foreign.policy_ids.insert(foreign.id);
    let refused = db.write(|tx| roles::insert(tx, &grant(ann), new_id(), &with_foreign, now()));
    assert!(matches!(refused, Err(StoreError::MissingReference)));

    let mut deployer = role_content("Deployer");
    deployer.policy_ids.insert(own.id);
    deployer.receive_load_alerts = true;
    let role = done(write(db, |tx| {
        roles::insert(tx, &grant(ann), new_id(), &deployer, now())
    }));
    assert_eq!(role.policy_ids, [own.id]);
    assert!(role.receive_load_alerts);
    assert_eq!(role.share_count, 0);
    let taken = write(db, |tx| {
        roles::insert(tx, &grant(ann), new_id(), &role_content("DEPLOYER"), now())
    });
    assert_eq!(taken, Insert::Taken(UniqueRule::RoleName));
    assert_eq!(read(db, |tx| roles::by_id(tx, bob, role.id)), None);
    let update = |account, to: &accord_store::roles::RoleContent, expected| {
        write(db, |tx| {
            roles::update(tx, &grant(account), role.id, to, expected, after(1))
        })
    };
    assert_eq!(update(bob, &role_content("x"), None), Update::Missing);
    assert_eq!(
        update(ann, &role_content("x"), Some(2)),
        Update::Stale { version: 1 }
    );
    let Update::Done(changed) = update(ann, &role_content("Shipper"), Some(1)) else {
        panic!("it is there");
    };
    assert_eq!((changed.version, changed.policy_ids.len()), (2, 0));
    let names = read(db, |tx| roles::names(tx, &[role.id]));
    assert_eq!(names[&role.id].0, "Shipper");
}

fn a_role_in_use_goes_only_when_detached(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let (viewer, admin) = (role(db, ann, "Viewer"), role(db, ann, "Admin"));
    let shop = environment(db, ann, "shop", &[]);
    let (one, two) = (
        member(db, ann, "one@example.com"),
        member(db, ann, "two@example.com"),
    );
    let give = |member, shares: &[accord_domain::sharing::Share]| {
        write(db, |tx| {
            shares::replace_all(tx, &manage_members(ann), member, shares, now())
        })
    };
    give(
        one.id,
        &[
            share(Item::Environments, &[viewer.id]),
            share(Item::Environment(shop.id), &[viewer.id, admin.id]),
        ],
    );
    give(two.id, &[share(Item::Groups, &[viewer.id])]);
    let counted = read(db, |tx| roles::by_id(tx, ann, viewer.id)).expect("the role");
    assert_eq!(counted.share_count, 3);

    let delete = |account, detach| {
        write(db, |tx| {
            roles::delete(tx, &grant(account), viewer.id, detach, after(9))
        })
    };
    assert_eq!(delete(bob, true), DeleteRole::Missing);
    let mut member_ids = vec![one.id, two.id];
    member_ids.sort();
    assert_eq!(
        delete(ann, false),
        DeleteRole::InUse {
            member_ids: member_ids.clone()
        }
    );
    let detached = DeleteRole::Deleted {
        member_ids,
        deleted_shares: 2,
    };
    assert_eq!(delete(ann, true), detached);
    let left = read(db, |tx| shares::of_member(tx, ann, one.id));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].role_ids, BTreeSet::from([admin.id]));
    assert!(read(db, |tx| shares::of_member(tx, ann, two.id)).is_empty());
    assert_eq!(member_now(db, ann, two.id).version, two.version + 2);
}

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

fn relations_are_everything_the_rule_walks_over(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    sync(
        db,
        &catalogue_of(vec![system_policy("view", "View", &["environment.view"])]),
    );
    let system = read(db, policies::system)[0].id;
    let own = policy(db, ann, "Deploy", &["deploy.start"]).id;
    policy(db, bob, "Foreign", &["deploy.start"]);
    role(db, bob, "Foreign");
    environment(db, bob, "foreign", &[]);
    group(db, bob, "foreign", None);
    let web = group(db, ann, "web", None).id;
    let live = group(db, ann, "live", Some(web)).id;
    let shop = environment(db, ann, "shop", &[web, live]).id;
    let blog = environment(db, ann, "blog", &[]).id;
    let mut content = role_content("Deployer");
    content.policy_ids = BTreeSet::from([own, system]);
    content.receive_load_alerts = true;
    let deployer = done(write(db, |tx| {
        roles::insert(tx, &grant(ann), new_id(), &content, now())
    }));
    let found = read(db, |tx| relations::load(tx, ann));
    assert_eq!(found.groups, [(web, None), (live, Some(web))].into());
    let mut of_shop = vec![web, live];
    of_shop.sort();
    assert_eq!(found.environments, [(shop, of_shop), (blog, vec![])].into());
    assert_eq!(found.roles.len(), 1);
    assert_eq!(found.roles[&deployer.id].policy_ids, deployer.policy_ids);
    assert!(found.roles[&deployer.id].receive_load_alerts);
    let view = BTreeSet::from([action("environment.view")]);
    let start = BTreeSet::from([action("deploy.start")]);
    assert_eq!(found.policies, [(system, view), (own, start)].into());
}
