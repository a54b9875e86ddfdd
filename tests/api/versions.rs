//! Versions of things that change: `ETag` and `If-Match`.

use accord_client::types::{
    DeleteQuery, ErrorCode, GroupEnvironments, Item, MemberStatus, Shares, UpdateEnvironment,
    UpdateGroup, UpdateMember, UpdatePolicy, UpdateRole,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, TestApp, on_both_databases};

use crate::support::refusal;

const STALE: &str = "\"0\"";

fn etag<T>(versioned: &accord_client::Versioned<T>) -> String {
    let etag = versioned.etag.clone().expect("a version");
    assert!(
        etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2,
        "a strong one: {etag}"
    );
    etag
}

async fn a_write_with_an_old_version_changes_nothing(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let group = ada.group_at("web").await;
    let policy = ada.policy_of("Reading", &["files.read"]).await;
    let role = ada.role_of("Reader", &["logs.read"]).await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let (a, old) = (ada.id, Some(STALE));

    let environment = UpdateEnvironment {
        name: Some("changed".into()),
        ..Default::default()
    };
    let group_change = UpdateGroup {
        name: Some("changed".into()),
        ..Default::default()
    };
    let policy_change = UpdatePolicy {
        name: Some("changed".into()),
        ..Default::default()
    };
    let role_change = UpdateRole {
        name: Some("changed".into()),
        ..Default::default()
    };
    let member_change = UpdateMember {
        display_name: Some(Some("changed".into())),
        ..Default::default()
    };
    let held = GroupEnvironments {
        environment_ids: vec![shop.id],
    };
    let shares = Shares {
        shares: vec![share(Item::ENVIRONMENTS, &[&role])],
    };
    let asked = DeleteQuery { detach: Some(true) };
    let outcomes = [
        (
            "PATCH environment",
            ada.update_environment(a, shop.id, &environment, old)
                .await
                .map(drop),
        ),
        (
            "DELETE environment",
            ada.delete_environment(a, shop.id, old).await,
        ),
        (
            "PATCH group",
            ada.update_group(a, group.id, &group_change, old)
                .await
                .map(drop),
        ),
        (
            "PUT group's environments",
            ada.set_group_environments(a, group.id, &held, old)
                .await
                .map(drop),
        ),
        ("DELETE group", ada.delete_group(a, group.id, old).await),
        (
            "PATCH policy",
            ada.update_policy(a, policy.id, &policy_change, old)
                .await
                .map(drop),
        ),
        (
            "DELETE policy",
            ada.delete_policy(a, policy.id, &asked, old).await,
        ),
        (
            "PATCH role",
            ada.update_role(a, role.id, &role_change, old)
                .await
                .map(drop),
        ),
        (
            "DELETE role",
            ada.delete_role(a, role.id, &asked, old).await,
        ),
        (
            "PATCH member",
            ada.update_member(a, member.id, &member_change, old)
                .await
                .map(drop),
        ),
        (
            "PUT member's shares",
            ada.set_member_shares(a, member.id, &shares, old)
                .await
                .map(drop),
        ),
        (
            "DELETE member",
            ada.remove_member(a, member.id, old).await.map(drop),
        ),
    ];
    for (what, outcome) in outcomes {
        let code = outcome.expect_err(what).code();
        assert_eq!(code, Some(ErrorCode::PreconditionFailed), "{what}");
    }
    assert_eq!(
        ada.environment(a, shop.id)
            .await
            .expect("there")
            .into_inner(),
        shop
    );
    assert_eq!(
        ada.group(a, group.id).await.expect("there").into_inner(),
        group
    );
    assert_eq!(
        ada.policy(a, policy.id).await.expect("there").into_inner(),
        policy
    );
    assert_eq!(
        ada.role(a, role.id).await.expect("there").into_inner(),
        role
    );
    assert_eq!(ada.member_now(&member).await, member);
}

async fn the_version_changes_with_every_change_and_only_then(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let first = etag(&ada.environment(ada.id, shop.id).await.expect("there"));
    assert_eq!(
        etag(&ada.environment(ada.id, shop.id).await.expect("there")),
        first,
        "reading changes nothing"
    );
    let body = UpdateEnvironment {
        display_name: Some(Some("The shop".into())),
        ..Default::default()
    };
    let second = etag(
        &ada.update_environment(ada.id, shop.id, &body, Some(&first))
            .await
            .expect("the right version"),
    );
    assert_ne!(second, first);
    assert_eq!(
        etag(&ada.environment(ada.id, shop.id).await.expect("there")),
        second,
        "as the write answered"
    );
    let outcome = ada
        .update_environment(ada.id, shop.id, &body, Some(&first))
        .await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);
    ada.update_environment(ada.id, shop.id, &body, None)
        .await
        .expect("without a version it is unconditional");
    ada.update_environment(ada.id, shop.id, &body, Some("*"))
        .await
        .expect("any version");
    let last = etag(&ada.environment(ada.id, shop.id).await.expect("there"));
    ada.delete_environment(ada.id, shop.id, Some(&last))
        .await
        .expect("deleted");
}

async fn a_member_and_its_shares_are_one_version(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let member = ada
        .invites(
            "grace@example.com",
            vec![share(Item::ENVIRONMENTS, &[&viewer])],
        )
        .await;
    let of_member = etag(&ada.member(ada.id, member.id).await.expect("there"));
    let of_shares = etag(
        &ada.member_shares(ada.id, member.id, &Default::default())
            .await
            .expect("there"),
    );
    assert_eq!(of_member, of_shares);
    let body = Shares {
        shares: vec![share(Item::GROUPS, &[&viewer])],
    };
    let changed = ada
        .set_member_shares(ada.id, member.id, &body, Some(&of_member))
        .await
        .expect("the right version");
    let newer = etag(&ada.member(ada.id, member.id).await.expect("there"));
    assert_eq!(etag(&changed), newer);
    let old = ada
        .set_member_shares(ada.id, member.id, &body, Some(&of_shares))
        .await;
    assert_eq!(refusal(old), ErrorCode::PreconditionFailed);
}

async fn a_suspension_is_taken_back_only_as_it_was(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let member = ada.invites(&grace.email, Vec::new()).await;
    grace.accepts(&ada).await;
    let first = ada.suspend_member(ada.id, member.id).await;
    let first = etag(&first.expect("suspended"));
    let back = ada
        .activate_member_as_of(ada.id, member.id, &first)
        .await
        .expect("nothing has changed since");
    assert_eq!(back.status, MemberStatus::Active);
    let outcome = ada.suspend_member_as_of(ada.id, member.id, &first).await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
    ada.suspend_member_as_of(ada.id, member.id, &etag(&back))
        .await
        .expect("the right version");
    let outcome = ada.activate_member_as_of(ada.id, member.id, &first).await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);
    assert_eq!(ada.status_of(&member).await, MemberStatus::Suspended);
}

async fn everybody_sees_the_same_version(app: TestApp) {
    let ada = app.owner("ada").await;
    let editor = ada.role_of("Editor", &["environment.edit"]).await;
    let shop = ada.adds_environment("shop").await;
    ada.invites(
        "grace@example.com",
        vec![share(Item::environment(shop.id), &[&editor])],
    )
    .await;
    let token = app.invitation_token_for("grace@example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    let owners = etag(&ada.environment(ada.id, shop.id).await.expect("there"));
    assert_eq!(
        etag(&grace.environment(ada.id, shop.id).await.expect("seen")),
        owners
    );
    let body = UpdateEnvironment {
        display_name: Some(Some("By Grace".into())),
        ..Default::default()
    };
    let graces = etag(
        &grace
            .update_environment(ada.id, shop.id, &body, Some(&owners))
            .await
            .expect("changed"),
    );
    let outcome = ada
        .update_environment(ada.id, shop.id, &body, Some(&owners))
        .await;
    assert_eq!(
        refusal(outcome),
        ErrorCode::PreconditionFailed,
        "not over Grace's change"
    );
    ada.update_environment(ada.id, shop.id, &body, Some(&graces))
        .await
        .expect("with the newest");
}

on_both_databases! {
    a_write_with_an_old_version_changes_nothing,
    the_version_changes_with_every_change_and_only_then,
    a_member_and_its_shares_are_one_version,
    a_suspension_is_taken_back_only_as_it_was,
    everybody_sees_the_same_version,
}
