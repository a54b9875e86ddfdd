//! Policies, roles, groups and environments: names, use, and what a deletion takes along.

use accord_client::types::{
    CopyRole, CreateEnvironment, CreateGroup, CreatePolicy, CreateRole, DeleteQuery, ErrorCode,
    GroupEnvironments, Item, MembersQuery, PolicyKind, UpdateGroup, UpdatePolicy, UpdateRole,
};
use accord_testkit::people::share;
use accord_testkit::{TestApp, on_both_databases};

use crate::support::{invalid, refusal};

const DETACH: DeleteQuery = DeleteQuery { detach: Some(true) };

async fn the_catalogue_is_that_of_a_platform(app: TestApp) {
    let ada = app.owner("ada").await;
    let query = accord_client::types::PageQuery {
        limit: Some(200),
        cursor: None,
        ..Default::default()
    };
    let actions = ada.actions(&query).await.expect("actions").items;
    assert!(actions.len() >= 60, "{}", actions.len());
    for reserved in [
        "environment.create",
        "environment.edit",
        "environment.delete",
        "collaboration.manage",
    ] {
        assert!(
            actions.iter().any(|action| action.id == reserved),
            "{reserved}"
        );
    }
    let policies = accord_client::types::PoliciesQuery {
        limit: Some(200),
        ..Default::default()
    };
    let policies = ada
        .policies(ada.id, &policies)
        .await
        .expect("policies")
        .items;
    assert!(policies.len() >= 20, "{}", policies.len());
    for policy in &policies {
        assert_eq!(policy.kind, PolicyKind::System, "{}", policy.name);
        assert!(
            policy.allowed_actions.is_empty() && !policy.action_ids.is_empty(),
            "{policy:?}"
        );
        for action in &policy.action_ids {
            assert!(actions.iter().any(|known| known.id == *action), "{action}");
        }
    }
}

async fn system_policies_cannot_be_changed(app: TestApp) {
    let ada = app.owner("ada").await;
    let system = ada.policy_named("Read files").await;
    let change = UpdatePolicy {
        name: Some("Mine".into()),
        ..Default::default()
    };
    assert_eq!(
        refusal(ada.update_policy(ada.id, system.id, &change, None).await),
        ErrorCode::SystemPolicy
    );
    assert_eq!(
        refusal(ada.delete_policy(ada.id, system.id, &DETACH, None).await),
        ErrorCode::SystemPolicy
    );
    let same_name = CreatePolicy {
        name: "READ FILES".into(),
        description: String::new(),
        action_ids: vec!["files.read".into()],
    };
    assert_eq!(
        refusal(ada.create_policy(ada.id, &same_name).await),
        ErrorCode::NameTaken
    );
}

async fn a_policy_in_use_is_deleted_only_when_detached(app: TestApp) {
    let ada = app.owner("ada").await;
    let role = ada.role_of("Reader", &["files.read"]).await;
    let policy = ada.policy_named("Reader").await;
    let error = ada
        .delete_policy(ada.id, policy.id, &DeleteQuery::default(), None)
        .await
        .expect_err("in use");
    assert_eq!(error.code(), Some(ErrorCode::InUse));
    let used_by = &error.context().expect("says where").used_by;
    assert_eq!(
        used_by
            .iter()
            .map(|place| (place.id, place.name.as_str()))
            .collect::<Vec<_>>(),
        [(role.id, "Reader")]
    );
    ada.delete_policy(ada.id, policy.id, &DETACH, None)
        .await
        .expect("detached");
    assert!(
        ada.role(ada.id, role.id)
            .await
            .expect("the role stays")
            .policy_ids
            .is_empty()
    );
    assert_eq!(
        refusal(ada.policy(ada.id, policy.id).await),
        ErrorCode::NotFound
    );
}

async fn a_role_in_use_is_deleted_only_when_detached(app: TestApp) {
    let ada = app.owner("ada").await;
    let reader = ada.role_of("Reader", &["files.read"]).await;
    let writer = ada.role_of("Writer", &["files.write"]).await;
    let shares = vec![
        share(Item::ENVIRONMENTS, &[&reader, &writer]),
        share(Item::GROUPS, &[&reader]),
    ];
    let member = ada.invites("grace@example.com", shares).await;
    let counted = ada.role(ada.id, reader.id).await.expect("there");
    assert_eq!((counted.share_count, counted.member_count), (2, 1));
    ada.invites("alan@example.com", vec![share(Item::GROUPS, &[&writer])])
        .await;
    let with = MembersQuery {
        role_id: Some(reader.id),
        ..Default::default()
    };
    let users = ada.members(ada.id, &with).await.expect("members").items;
    assert_eq!(
        users.iter().map(|user| user.id).collect::<Vec<_>>(),
        [member.id],
        "whoever has the role by a share"
    );
    let unknown = MembersQuery {
        role_id: Some(member.id),
        ..Default::default()
    };
    let nobody = ada.members(ada.id, &unknown).await.expect("members").items;
    assert!(nobody.is_empty(), "{nobody:?}");
    let error = ada
        .delete_role(ada.id, reader.id, &DeleteQuery::default(), None)
        .await
        .expect_err("in use");
    assert_eq!(error.code(), Some(ErrorCode::InUse));
    let used_by = &error.context().expect("says where").used_by;
    assert_eq!(
        used_by.iter().map(|place| place.id).collect::<Vec<_>>(),
        [member.id]
    );
    ada.delete_role(ada.id, reader.id, &DETACH, None)
        .await
        .expect("detached");
    let left = ada.member_now(&member).await.shares;
    assert_eq!(
        left.len(),
        1,
        "a share left without roles is deleted: {left:?}"
    );
    assert_eq!(
        (left[0].item, left[0].role_ids.as_slice()),
        (Item::ENVIRONMENTS, [writer.id].as_slice())
    );
}

async fn roles_are_edited_and_copied(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let copy = ada
        .copy_role(
            ada.id,
            viewer.id,
            &CopyRole {
                name: "Viewer too".into(),
            },
        )
        .await
        .expect("copied");
    assert_eq!(
        (&copy.policy_ids, &copy.description),
        (&viewer.policy_ids, &viewer.description)
    );
    assert_eq!(
        refusal(
            ada.copy_role(
                ada.id,
                viewer.id,
                &CopyRole {
                    name: "VIEWER".into()
                }
            )
            .await
        ),
        ErrorCode::NameTaken
    );
    let other = ada.policy_named("Read logs").await;
    let body = UpdateRole {
        receive_load_alerts: Some(true),
        policy_ids: Some(vec![other.id]),
        ..Default::default()
    };
    let changed = ada
        .update_role(ada.id, copy.id, &body, None)
        .await
        .expect("changed");
    assert!(changed.receive_load_alerts && changed.name == "Viewer too");
    assert_eq!(changed.policy_ids, [other.id]);
    assert_eq!(
        ada.role(ada.id, viewer.id)
            .await
            .expect("there")
            .into_inner(),
        viewer,
        "the first is untouched"
    );
    let unknown = CreatePolicy {
        name: "Odd".into(),
        description: String::new(),
        action_ids: vec!["no.such.action".into()],
    };
    assert!(invalid(ada.create_policy(ada.id, &unknown).await).starts_with("/action_ids"));
    let empty = CreateRole {
        name: "Empty".into(),
        description: String::new(),
        policy_ids: vec![],
        receive_load_alerts: false,
    };
    assert_eq!(
        invalid(ada.create_role(ada.id, &empty).await),
        "/policy_ids"
    );
}

async fn names_belong_to_one_account_alone(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    for owner in [&ada, &bob] {
        owner.adds_environment("shop").await;
        owner.group_at("web").await;
        owner.role_of("Deployer", &["deployment.run"]).await;
    }
    let shop = CreateEnvironment {
        name: "SHOP".into(),
        ..Default::default()
    };
    assert_eq!(
        refusal(ada.create_environment(ada.id, &shop).await),
        ErrorCode::NameTaken
    );
    assert_eq!(
        refusal(ada.create_environment(bob.id, &shop).await),
        ErrorCode::NotFound
    );
}

async fn groups_nest_move_and_never_into_themselves(app: TestApp) {
    let ada = app.owner("ada").await;
    let leaf = ada.group_at("a/b/c/d/e").await;
    assert_eq!(leaf.path, "a/b/c/d/e");
    let all = ada
        .groups(ada.id, &Default::default())
        .await
        .expect("groups")
        .items;
    let paths: Vec<&str> = all.iter().map(|group| group.path.as_str()).collect();
    assert_eq!(
        paths,
        ["a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/e"],
        "in the order of the tree"
    );
    let body = CreateGroup {
        path: Some("A/B/new".into()),
        ..Default::default()
    };
    let new = ada
        .create_group(ada.id, &body)
        .await
        .expect("made under what is there");
    assert_eq!(
        (new.path.as_str(), new.parent_id),
        ("a/b/new", Some(all[1].id))
    );
    let root = |id| UpdateGroup {
        parent_id: Some(Some(id)),
        ..Default::default()
    };
    assert_eq!(
        refusal(
            ada.update_group(ada.id, all[0].id, &root(leaf.id), None)
                .await
        ),
        ErrorCode::GroupCycle
    );
    assert_eq!(
        refusal(
            ada.update_group(ada.id, all[0].id, &root(all[0].id), None)
                .await
        ),
        ErrorCode::GroupCycle
    );
    let to_the_root = UpdateGroup {
        parent_id: Some(None),
        name: Some("B".into()),
        ..Default::default()
    };
    let moved = ada
        .update_group(ada.id, all[1].id, &to_the_root, None)
        .await
        .expect("moved");
    assert_eq!((moved.path.as_str(), moved.parent_id), ("B", None));
    assert_eq!(
        ada.group(ada.id, leaf.id).await.expect("there").path,
        "B/c/d/e"
    );
    let whole = CreateGroup {
        path: Some("b/C/d/e".into()),
        ..Default::default()
    };
    let found = ada.create_group(ada.id, &whole).await.expect("the leaf");
    assert_eq!(found.id, leaf.id, "nothing was missing on this path");
    let sibling = CreateGroup {
        name: Some("b".into()),
        ..Default::default()
    };
    assert_eq!(
        refusal(ada.create_group(ada.id, &sibling).await),
        ErrorCode::NameTaken,
        "siblings, whatever the case"
    );
    let elsewhere = CreateGroup {
        name: Some("b".into()),
        parent_id: Some(all[0].id),
        ..Default::default()
    };
    ada.create_group(ada.id, &elsewhere)
        .await
        .expect("another parent's child may be called so");
    let slash = CreateGroup {
        name: Some("x/y".into()),
        ..Default::default()
    };
    assert_eq!(invalid(ada.create_group(ada.id, &slash).await), "/name");
    for wrong in ["", "/", "a//b", "/a", "a/", " /b"] {
        let body = CreateGroup {
            path: Some(wrong.into()),
            ..Default::default()
        };
        assert_eq!(
            invalid(ada.create_group(ada.id, &body).await),
            "/path",
            "{wrong:?}"
        );
    }
    let both = CreateGroup {
        name: Some("x".into()),
        path: Some("y".into()),
        ..Default::default()
    };
    invalid(ada.create_group(ada.id, &both).await);
    invalid(ada.create_group(ada.id, &CreateGroup::default()).await);
    for wrong in ["red", "#12345", "#1234567", "123456", "#gggggg"] {
        let body = CreateGroup {
            name: Some("colour".into()),
            color: Some(wrong.into()),
            ..Default::default()
        };
        assert_eq!(
            invalid(ada.create_group(ada.id, &body).await),
            "/color",
            "{wrong}"
        );
    }
}

async fn an_environment_is_in_many_groups(app: TestApp) {
    let ada = app.owner("ada").await;
    let web = ada.group_at("web").await;
    let live = ada.group_at("live").await;
    let shop = ada.adds_environment_in("shop", &[&web, &live]).await;
    let blog = ada.adds_environment("blog").await;
    let mut held = shop.group_ids.clone();
    held.sort_unstable();
    let mut expected = vec![web.id, live.id];
    expected.sort_unstable();
    assert_eq!(held, expected);
    let body = GroupEnvironments {
        environment_ids: vec![blog.id],
    };
    let group = ada
        .set_group_environments(ada.id, web.id, &body, None)
        .await
        .expect("replaced");
    assert_eq!(group.environment_count, 1);
    assert_eq!(
        ada.environment(ada.id, shop.id)
            .await
            .expect("there")
            .group_ids,
        [live.id]
    );
    assert_eq!(
        ada.environment(ada.id, blog.id)
            .await
            .expect("there")
            .group_ids,
        [web.id]
    );
}

async fn what_is_deleted_is_gone_and_its_name_free(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert_eq!(
        refusal(ada.environment(ada.id, shop.id).await),
        ErrorCode::NotFound
    );
    assert_eq!(
        refusal(ada.delete_environment(ada.id, shop.id, None).await),
        ErrorCode::NotFound
    );
    let again = ada.adds_environment("shop").await;
    assert_ne!(again.id, shop.id);
}

on_both_databases! {
    the_catalogue_is_that_of_a_platform,
    system_policies_cannot_be_changed,
    a_policy_in_use_is_deleted_only_when_detached,
    a_role_in_use_is_deleted_only_when_detached,
    roles_are_edited_and_copied,
    names_belong_to_one_account_alone,
    groups_nest_move_and_never_into_themselves,
    an_environment_is_in_many_groups,
    what_is_deleted_is_gone_and_its_name_free,
}
