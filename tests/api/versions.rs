//! Versions of things that change: `ETag` and `If-Match`.

use accord_client::types::{
    DeleteAccount, DeleteQuery, ErrorCode, Group, GroupEnvironments, Item, MemberStatus, Shares,
    SignIn, UpdateAccount, UpdateEnvironment, UpdateGroup, UpdateMember, UpdatePolicy, UpdateRole,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};

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

async fn an_account_is_deleted_only_as_it_was_seen(app: TestApp) {
    let ada = app.owner("ada").await;
    let seen = etag(&ada.account().await.expect("an account"));
    let renamed = UpdateAccount {
        name: Some("Ada L.".into()),
    };
    let newer = ada.update_account(&renamed, Some(&seen)).await;
    let newer = etag(&newer.expect("the right version"));
    assert_ne!(newer, seen);
    let goodbye = DeleteAccount {
        password: PASSWORD.into(),
    };
    for old in [STALE, &seen] {
        let outcome = ada.delete_account_as_of(&goodbye, old).await;
        assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed, "{old}");
    }
    assert_eq!(etag(&ada.account().await.expect("it is there")), newer);
    let wrong = DeleteAccount {
        password: "not-the-password-1".into(),
    };
    let outcome = ada.delete_account_as_of(&wrong, &newer).await;
    assert_eq!(refusal(outcome), ErrorCode::WrongPassword);
    ada.delete_account_as_of(&goodbye, &newer)
        .await
        .expect("the right version");
    let body = SignIn {
        email: ada.email.clone(),
        password: PASSWORD.into(),
    };
    let outcome = app.visitor().sign_in(&body).await;
    assert_eq!(refusal(outcome), ErrorCode::InvalidCredentials);
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

/// A group is another once it holds something else, from whichever side that was changed: who replaces what it
/// holds for an old version overwrites nothing.
async fn what_a_group_holds_is_part_of_its_version(app: TestApp) {
    let ada = app.owner("ada").await;
    let (web, data) = (ada.group_at("web").await, ada.group_at("data").await);
    let version = async |group: &Group| etag(&ada.group(ada.id, group.id).await.expect("there"));
    let groups_of = |ids: &[&Group]| UpdateEnvironment {
        group_ids: Some(ids.iter().map(|group| group.id).collect()),
        ..Default::default()
    };

    let (before, other) = (version(&web).await, version(&data).await);
    let shop = ada.adds_environment_in("shop", &[&web]).await;
    let with_shop = version(&web).await;
    assert_ne!(with_shop, before, "made in it");
    let nothing = GroupEnvironments {
        environment_ids: Vec::new(),
    };
    let outcome = ada
        .set_group_environments(ada.id, web.id, &nothing, Some(&before))
        .await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);
    assert_eq!(version(&data).await, other, "nothing became of the other");

    ada.update_environment(ada.id, shop.id, &groups_of(&[&data]), None)
        .await
        .expect("moved");
    let without_shop = version(&web).await;
    assert_ne!(without_shop, with_shop, "taken out of it");
    let filled = version(&data).await;
    assert_ne!(filled, other, "put into it");
    ada.update_environment(ada.id, shop.id, &groups_of(&[&data]), None)
        .await
        .expect("as it is");
    assert_eq!(version(&data).await, filled, "the same as before");

    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert_ne!(version(&data).await, filled, "what it held is gone");
    assert_eq!(version(&web).await, without_shop);
}

async fn direct_roles_are_changed_for_the_version_that_was_read(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let viewer = ada.role_named("Viewer").await;
    let manager = ada.role_of("Manager", &["collaboration.manage"]).await;
    let grace = app.owner("grace").await;
    let on_shop = |role| vec![share(Item::environment(shop.id), &[role])];
    ada.invites(&grace.email, on_shop(&manager)).await;
    grace.accepts(&ada).await;
    let bob = ada.invites("bob@example.com", Vec::new()).await;
    let read = async |who: &Person| who.environment_access_of(ada.id, shop.id, bob.id).await;
    assert_eq!(
        refusal(read(&grace).await),
        ErrorCode::NotFound,
        "nobody whom her list shows"
    );

    let first = read(&ada).await.expect("there");
    assert_eq!(first.direct_share, None);
    assert_eq!(
        first.etag,
        ada.member(ada.id, bob.id).await.expect("there").etag
    );
    ada.shares_directly(&shop, &bob, &[&viewer]).await;
    let now = read(&ada).await.expect("there");
    assert_ne!(now.etag, first.etag);
    let listed = ada
        .environment_access(ada.id, shop.id, &Default::default())
        .await
        .expect("a page");
    assert!(listed.items.contains(&now), "{now:?} in {listed:?}");
    let hers = read(&grace).await.expect("shown by her list, too");
    assert_eq!((hers.member_id, &hers.etag), (bob.id, &now.etag));

    let old = first.etag.as_deref();
    let outcome = ada.remove_direct_roles(ada.id, shop.id, bob.id, old).await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);
    ada.remove_direct_roles(ada.id, shop.id, bob.id, now.etag.as_deref())
        .await
        .expect("as it was read");
    assert_eq!(read(&ada).await.expect("there").direct_share, None);
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
    an_account_is_deleted_only_as_it_was_seen,
    a_member_and_its_shares_are_one_version,
    what_a_group_holds_is_part_of_its_version,
    direct_roles_are_changed_for_the_version_that_was_read,
    a_suspension_is_taken_back_only_as_it_was,
    everybody_sees_the_same_version,
}
