//! What was added and taken away is named in the record as it was called then.

use std::collections::BTreeSet;

use accord_client::types::{
    CreateGroup, GroupEnvironments, Item, Role, Shares, Task, TasksQuery, UpdateEnvironment,
    UpdateRole, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};

/// The newest entry of this action, as the reader sees it.
async fn newest(reader: &Person, owner: &Person, action: &str) -> Task {
    let query = TasksQuery {
        action: Some(action.into()),
        ..Default::default()
    };
    let page = reader.tasks(owner.id, &query).await.expect("the record");
    page.items.into_iter().next().expect("an entry")
}

fn names(task: &Task) -> BTreeSet<(Uuid, &str)> {
    let names = task.names.iter();
    names.map(|(id, name)| (*id, name.as_str())).collect()
}

async fn renames(owner: &Person, role: &Role, name: &str) {
    let body = UpdateRole {
        name: Some(name.into()),
        ..Default::default()
    };
    owner
        .update_role(owner.id, role.id, &body, None)
        .await
        .expect("renamed");
}

async fn roles_of_shares_are_named_for_the_owner_and_for_the_member(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let (shop, blog) = (
        olga.adds_environment("shop").await,
        olga.adds_environment("blog").await,
    );
    let reader = olga.role_of("Reader", &["files.read"]).await;
    let writer = olga.role_of("Writer", &["files.write"]).await;
    let on_shop = |role: &Role| share(Item::environment(shop.id), &[role]);
    let on_blog = || share(Item::environment(blog.id), &[&reader]);
    let member = olga
        .invites(&bob.email, vec![on_shop(&reader), on_blog()])
        .await;
    bob.accepts(&olga).await;
    let given = newest(&bob, &olga, "member.invite").await;
    let all = [(shop.id, "shop"), (blog.id, "blog"), (reader.id, "Reader")];
    assert_eq!(names(&given), all.into());

    // One role for another: as many as before.
    let body = Shares {
        shares: vec![on_shop(&writer), on_blog()],
    };
    olga.set_member_shares(olga.id, member.id, &body, None)
        .await
        .expect("changed");
    renames(&olga, &reader, "Former").await;
    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    olga.update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("renamed");
    for who in [&olga, &bob] {
        let changed = newest(who, &olga, "member.update").await;
        let all = [
            (shop.id, "shop"),
            (reader.id, "Reader"),
            (writer.id, "Writer"),
        ];
        assert_eq!(names(&changed), all.into(), "{}", who.name);
    }
}

async fn what_roles_groups_and_environments_hold_is_named(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let (read, write) = (
        olga.policy_of("Read", &["files.read"]).await,
        olga.policy_of("Write", &["files.write"]).await,
    );
    let role = olga.role_of("Files", &["files.permissions"]).await;
    let held = role.policy_ids[0];
    let body = UpdateRole {
        policy_ids: Some(vec![held, read.id]),
        ..Default::default()
    };
    olga.update_role(olga.id, role.id, &body, None)
        .await
        .expect("changed");
    let body = UpdateRole {
        policy_ids: Some(vec![held, write.id]),
        ..Default::default()
    };
    olga.update_role(olga.id, role.id, &body, None)
        .await
        .expect("changed");
    let changed = newest(&olga, &olga, "role.update").await;
    let both = [(read.id, "Read"), (write.id, "Write")];
    assert_eq!(names(&changed), both.into(), "what stays needs no name");

    let group = CreateGroup {
        path: Some("web/live".into()),
        ..Default::default()
    };
    let live = olga.create_group(olga.id, &group).await.expect("a group");
    let live = live.into_inner();
    let (shop, blog) = (
        olga.adds_environment_in("shop", &[&live]).await,
        olga.adds_environment("blog").await,
    );
    let made = olga.tasks(olga.id, &TasksQuery::default()).await;
    let made = made.expect("the record").items;
    let made = made
        .iter()
        .find(|task| task.environment_id == Some(shop.id))
        .expect("made");
    assert_eq!(names(made), [(live.id, "web/live")].into());
    let body = GroupEnvironments {
        environment_ids: vec![blog.id],
    };
    olga.set_group_environments(olga.id, live.id, &body, None)
        .await
        .expect("changed");
    let moved = newest(&olga, &olga, "group.set_environments").await;
    let both = [(shop.id, "shop"), (blog.id, "blog")];
    assert_eq!(names(&moved), both.into());

    // Which groups hold an environment is the owner's to know.
    olga.invites(&bob.email, vec![share(Item::ENVIRONMENTS, &[&role])])
        .await;
    bob.accepts(&olga).await;
    let seen = newest(&bob, &olga, "environment.create").await;
    assert_eq!(names(&seen), BTreeSet::new());
    let seen = bob.tasks(olga.id, &TasksQuery::default()).await;
    for task in seen.expect("the record").items {
        assert!(!task.names.contains_key(&live.id), "{task:?}");
    }
}

on_both_databases!(
    roles_of_shares_are_named_for_the_owner_and_for_the_member,
    what_roles_groups_and_environments_hold_is_named,
);
