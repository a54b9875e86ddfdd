//! Each write is seen by the next check, and says from which revision on.

use accord_client::types::{
    CheckSubject, DirectRoles, ErrorCode, GroupEnvironments, Item, Shares, UpdateGroup,
    UpdatePolicy, UpdateRole, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;

use super::{DETACH, all, check, may};
use crate::support::refusal;

async fn a_check_sees_every_write_that_was_answered(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let policy = ada.policy_of("Reading", &["files.read"]).await;
    let other_policy = ada.policy_of("Starting", &["environment.start"]).await;
    let role = ada.role_of("Other", &["logs.read"]).await;
    let web = ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada
        .invites(&grace.email, vec![share(Item::group(web.id), &[&role])])
        .await;
    let now = async |what: &str, wanted: bool| {
        assert_eq!(
            may(&ada, &grace, &shop).await,
            wanted,
            "{what}, to the owner"
        );
        assert_eq!(may(&grace, &grace, &shop).await, wanted, "{what}, to them");
    };
    now("invited", false).await;
    grace.accepts(&ada).await;
    now("the environment is in no group", false).await;

    let holds = async |ids: Vec<Uuid>| {
        let body = GroupEnvironments {
            environment_ids: ids,
        };
        ada.set_group_environments(ada.id, live.id, &body, None)
            .await
            .expect("set")
    };
    holds(vec![shop.id]).await;
    now("the role does not hold the action", false).await;
    let body = UpdateRole {
        policy_ids: Some(vec![policy.id]),
        ..Default::default()
    };
    ada.update_role(ada.id, role.id, &body, None)
        .await
        .expect("a role");
    now("the role holds it", true).await;
    let body = UpdatePolicy {
        action_ids: Some(vec!["logs.read".into()]),
        ..Default::default()
    };
    ada.update_policy(ada.id, policy.id, &body, None)
        .await
        .expect("a policy");
    now("the policy holds it no more", false).await;
    let body = UpdatePolicy {
        action_ids: Some(vec!["files.read".into()]),
        ..Default::default()
    };
    ada.update_policy(ada.id, policy.id, &body, None)
        .await
        .expect("a policy");
    now("the policy holds it again", true).await;

    let direct = ada.role_of("Direct", &["environment.start"]).await;
    ada.shares_directly(&shop, &member, &[&direct]).await;
    now("a direct share hides the group's", false).await;
    let body = DirectRoles {
        role_ids: vec![direct.id],
        expires_at: Some(app.clock.now() + Duration::minutes(1)),
    };
    ada.set_direct_roles(ada.id, shop.id, member.id, &body, None)
        .await
        .expect("shared");
    now("until it ends", false).await;
    app.clock.advance(Duration::minutes(1));
    now("it has ended", true).await;
    ada.delete_role(ada.id, direct.id, &DETACH, None)
        .await
        .expect("deleted");
    ada.delete_policy(ada.id, other_policy.id, &DETACH, None)
        .await
        .expect("deleted");
    now("what does not matter went", true).await;

    holds(Vec::new()).await;
    now("the group holds it no more", false).await;
    holds(vec![shop.id]).await;
    now("the group holds it again", true).await;
    let body = UpdateGroup {
        parent_id: Some(None),
        ..Default::default()
    };
    ada.update_group(ada.id, live.id, &body, None)
        .await
        .expect("moved");
    now("the group was moved away", false).await;
    let body = UpdateGroup {
        parent_id: Some(Some(web.id)),
        ..Default::default()
    };
    ada.update_group(ada.id, live.id, &body, None)
        .await
        .expect("moved");
    now("the group was moved back", true).await;

    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    now("suspended", false).await;
    ada.activate_member(ada.id, member.id)
        .await
        .expect("active");
    now("active again", true).await;
    app.disables(&grace, true).await;
    assert!(!may(&ada, &grace, &shop).await, "their account is disabled");
    let themselves = check(CheckSubject::account(grace.id), shop.id, &["files.read"]);
    let refused = grace.check_access(&all(vec![themselves.clone()])).await;
    assert_eq!(refusal(refused), ErrorCode::NotSignedIn);
    app.disables(&grace, false).await;
    assert!(may(&ada, &grace, &shop).await, "their account is enabled");
    app.signs_in(&grace).await;
    now("signed in again", true).await;
    app.disables(&ada, true).await;
    assert!(!may(&grace, &grace, &shop).await, "the owner is frozen");
    app.disables(&ada, false).await;
    app.signs_in(&ada).await;
    now("the owner is back", true).await;

    let copy = Person {
        client: app.visitor(),
        ..grace.clone()
    };
    copy.client.set_access_token(grace.access_token());
    assert!(may(&copy, &copy, &shop).await);
    grace.sign_out().await.expect("signed out");
    let refused = copy.check_access(&all(vec![themselves])).await;
    assert_eq!(
        refusal(refused),
        ErrorCode::NotSignedIn,
        "the session ended"
    );

    ada.delete_group(ada.id, web.id, None)
        .await
        .expect("deleted");
    assert!(!may(&ada, &grace, &shop).await, "the group is gone");
    let body = vec![share(Item::ENVIRONMENTS, &[&role])];
    let body = Shares { shares: body };
    ada.set_member_shares(ada.id, member.id, &body, None)
        .await
        .expect("shared");
    assert!(may(&ada, &grace, &shop).await, "everything is shared");
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    assert!(!may(&ada, &grace, &shop).await, "removed");
    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert!(!may(&ada, &ada, &shop).await, "the environment is gone");
}

async fn a_write_tells_its_revision_and_a_check_takes_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada
        .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    grace.accepts(&ada).await;
    let account = format!("/api/v1/accounts/{}", ada.id);
    let address = format!("{account}/members/{}/suspend", member.id);
    let answer = ada.raw("POST", &address, &[], "").await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let revision: i64 = answer
        .header("accord-revision")
        .expect("it changed access")
        .parse()
        .expect("a number");
    let mut body = all(vec![check(
        CheckSubject::account(grace.id),
        shop.id,
        &["files.read"],
    )]);
    body.at_least_revision = Some(revision);
    let answers = ada.check_access(&body).await.expect("it has got there");
    assert_eq!(answers.revision, revision);
    assert!(!answers.results[0].allowed);

    body.at_least_revision = Some(revision + 1);
    let ahead = ada.check_access(&body).await;
    assert_eq!(refusal(ahead), ErrorCode::RevisionAhead);
    let hidden = grace
        .check_access(&body)
        .await
        .expect("no more than nothing");
    assert_eq!(hidden.revision, 0, "suspended: the account is not there");

    for (method, path, body) in [
        ("GET", format!("{account}/members"), ""),
        (
            "PATCH",
            format!("{account}/members/{}", member.id),
            r#"{"display_name":"G"}"#,
        ),
        (
            "POST",
            format!("{account}/members/{}/suspend", member.id),
            "",
        ),
    ] {
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else {
            &[("content-type", "application/json")]
        };
        let answer = ada
            .raw(method, &path, headers, body)
            .await
            .expect("an answer");
        assert_eq!(
            answer.header("accord-revision"),
            None,
            "{method} {path} changed no access"
        );
    }
}

on_both_databases! {
    a_check_sees_every_write_that_was_answered,
    a_write_tells_its_revision_and_a_check_takes_it,
}
