//! Policies, roles, and what the access-level rule is made of.

use crate::support::{
    account, after, done, environment, grant, group, manage_members, member, member_now, new_id,
    now, on_both, read, role, role_content, share, write,
};
use accord_domain::catalogue::{ActionId, Catalogue, SystemPolicy};
use accord_domain::ids::{AccountId, PolicyId};
use accord_domain::sharing::Item;
use accord_domain::text::key_of;
use accord_store::policies::{DeletePolicy, Policy, PolicyContent};
use accord_store::roles::DeleteRole;
use accord_store::{
    Db, Insert, StoreError, UniqueRule, Update, catalogue, policies, relations, roles, shares,
};
use std::collections::BTreeSet;

on_both!(
    the_catalogue_becomes_system_policies,
    a_system_policy_that_left_the_catalogue_stays_while_a_role_holds_it,
    a_policy_is_the_accounts_own,
    a_policy_in_use_goes_only_when_detached,
    a_role_holds_policies_it_may_see,
    a_role_in_use_goes_only_when_detached,
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
    assert_eq!((role.share_count, role.member_count), (0, 0));
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
    assert_eq!((counted.share_count, counted.member_count), (3, 2));

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

    let inside = group(db, ann, "inside", Some(live)).id;
    let deep = environment(db, ann, "deep", &[inside]).id;
    let other = account(db, "carl@example.com").id;
    let around =
        |account, environment| read(db, |tx| relations::load_around(tx, account, environment));
    let of_deep = around(ann, deep);
    let up = [(web, None), (live, Some(web)), (inside, Some(live))];
    assert_eq!(of_deep.groups, up.into(), "up to the root");
    assert_eq!(of_deep.environments, [(deep, vec![inside])].into());
    assert_eq!(
        (&of_deep.roles, &of_deep.policies),
        (&found.roles, &found.policies)
    );
    let of_shop = around(ann, shop);
    assert_eq!(of_shop.environments[&shop], found.environments[&shop]);
    assert_eq!(of_shop.groups, found.groups, "not what is inside");
    assert_eq!(around(ann, blog).groups, [].into());
    assert_eq!(
        around(other, shop).environments,
        [].into(),
        "somebody else's"
    );
}
