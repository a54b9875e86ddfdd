//! Direct roles that a delegate gives, changes and takes, and those that they may not.

use accord_client::types::{
    DirectRoles, Environment, ErrorCode, Item, PageQuery, RefusalReason, ShareEnvironment,
    UpdateRole,
};
use accord_client::{Error, Result};
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;

use super::Scene;
use crate::support::refusal;

/// The actions that a refusal says are lacking.
#[track_caller]
fn lacking<T: std::fmt::Debug>(outcome: Result<T>) -> Vec<String> {
    let error = outcome.expect_err("refused");
    assert_eq!(error.code(), Some(ErrorCode::Forbidden), "{error:?}");
    let context = error.context().expect("says what is lacking");
    context.missing_action_ids.clone()
}

async fn a_delegate_gives_changes_and_takes_direct_roles(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = [(Item::ENVIRONMENTS, &scene.reader)];
    let (bob, bobs) = scene.joins(&app, "bob", &given).await;
    assert_eq!(
        bob.actions_on(&scene.shop).await,
        ["files.read"],
        "by the category"
    );

    let row = scene.carla_gives(bobs, &[&scene.manager]).await;
    let row = row.expect("within what she has");
    assert_eq!(row.action_ids, ["collaboration.manage"]);
    assert_eq!(row.allowed_actions, ["edit", "remove"]);
    let names: Vec<&str> = row.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(
        names,
        ["Manager"],
        "roles are named to who may not look them up"
    );
    assert_eq!(bob.actions_on(&scene.shop).await, ["collaboration.manage"]);

    scene
        .carla_takes(bobs)
        .await
        .expect("what lies under it is hers too");
    assert_eq!(bob.actions_on(&scene.shop).await, ["files.read"]);
    let again = scene.carla_takes(bobs).await;
    assert_eq!(
        refusal(again),
        ErrorCode::NotFound,
        "there is no direct share"
    );
}

async fn a_delegate_may_give_the_roles_that_they_are_told_of(app: TestApp) {
    let scene = Scene::set(&app).await;
    let query = PageQuery::default();
    let names = async |who: &Person, environment: &Environment| {
        let page = who
            .shareable_roles(scene.olga.id, environment.id, &query)
            .await?;
        let names = page.items.into_iter().map(|role| (role.name, role.until));
        Ok::<Vec<_>, Error>(names.collect())
    };
    let hers = names(&scene.carla, &scene.shop).await.expect("told");
    assert_eq!(
        hers,
        [("Manager".to_owned(), None), ("Reader".to_owned(), None)]
    );
    let all = names(&scene.olga, &scene.shop).await.expect("told");
    assert_eq!(all.len(), 7, "every role of the account: {all:?}");
    let elsewhere = names(&scene.carla, &scene.blog).await;
    assert_eq!(
        refusal(elsewhere),
        ErrorCode::NotFound,
        "she does not see the blog"
    );

    // What she has until an end, she gives until that end.
    let end = app.clock.now() + Duration::hours(2);
    let body = DirectRoles {
        role_ids: vec![scene.manager.id, scene.reader.id],
        expires_at: Some(end),
    };
    let (host, shop) = (scene.olga.id, scene.shop.id);
    let limited = scene
        .olga
        .set_direct_roles(host, shop, scene.carlas_record, &body, None);
    limited.await.expect("limited");
    let hers = names(&scene.carla, &scene.shop).await.expect("told");
    let until = hers[1].1.expect("an end");
    assert_eq!(until.timestamp_micros(), end.timestamp_micros());
    let error = scene
        .carla_invites("dana@example.com", &[&scene.reader])
        .await
        .expect_err("beyond her own end");
    let context = error.context().expect("says when").clone();
    assert_eq!(context.missing_action_ids, ["files.read"]);
    assert_eq!(context.from, Some(until));
    let body = ShareEnvironment {
        email: "dana@example.com".into(),
        role_ids: vec![scene.reader.id],
        expires_at: Some(until),
    };
    let shared = scene.carla.share_environment(host, shop, &body).await;
    shared.expect("until then");
    app.clock.advance(Duration::hours(3));
    let after = names(&scene.carla, &scene.shop).await;
    assert_eq!(
        refusal(after),
        ErrorCode::NotFound,
        "her own share has ended"
    );
}

async fn nobody_gives_what_they_lack(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let asks = scene.carla_gives(bobs, &[&scene.writer]).await;
    assert_eq!(lacking(asks), ["files.write"]);
    let asks = scene
        .carla_invites("dana@example.com", &[&scene.writer])
        .await;
    assert_eq!(lacking(asks), ["files.write"]);
    assert!(app.mail_to("dana@example.com").await.is_empty());

    // A share that holds more than she has is left alone.
    let (_, wills) = scene
        .joins(&app, "will", &[(scene.on_shop(), &scene.writer)])
        .await;
    assert_eq!(
        lacking(scene.carla_gives(wills, &[&scene.reader]).await),
        ["files.write"]
    );
    assert_eq!(lacking(scene.carla_takes(wills).await), ["files.write"]);
    let row = scene.row(wills).await;
    assert!(row.allowed_actions.is_empty(), "{row:?}");
    let why: Vec<_> = row
        .refusals
        .iter()
        .map(|one| (one.action.as_str(), one.reason))
        .collect();
    assert_eq!(
        why,
        [
            ("edit", RefusalReason::Holds),
            ("remove", RefusalReason::Holds)
        ]
    );

    // One that hides more is not taken away, nor given an end.
    let given = [
        (scene.on_shop(), &scene.reader),
        (Item::ENVIRONMENTS, &scene.writer),
    ];
    let (_, hannas) = scene.joins(&app, "hanna", &given).await;
    assert_eq!(lacking(scene.carla_takes(hannas).await), ["files.write"]);
    let row = scene.row(hannas).await;
    assert_eq!(row.allowed_actions, ["edit"]);
    assert_eq!(row.refusals[0].reason, RefusalReason::Gains);
    assert_eq!(row.refusals[0].missing_action_ids, ["files.write"]);
    let body = DirectRoles {
        role_ids: vec![scene.reader.id],
        expires_at: Some(app.clock.now() + Duration::hours(1)),
    };
    let ending = scene
        .carla
        .set_direct_roles(scene.olga.id, scene.shop.id, hannas, &body, None)
        .await;
    assert_eq!(lacking(ending), ["files.write"]);
}

async fn nobody_touches_their_own_access_or_the_owners(app: TestApp) {
    let scene = Scene::set(&app).await;
    let own = scene.carlas_record;
    let row = scene.row(own).await;
    assert!(row.allowed_actions.is_empty());
    assert!(
        row.refusals
            .iter()
            .all(|one| one.reason == RefusalReason::Own)
    );
    assert_eq!(
        refusal(scene.carla_gives(own, &[&scene.reader]).await),
        ErrorCode::Forbidden
    );
    assert_eq!(refusal(scene.carla_takes(own).await), ErrorCode::Forbidden);
    for email in [scene.carla.email.clone(), scene.olga.email.clone()] {
        let invited = scene.carla_invites(&email, &[&scene.reader]).await;
        assert_eq!(refusal(invited), ErrorCode::OwnAccount, "{email}");
    }
}

async fn what_a_delegate_may_do_ends_with_their_access(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let (host, own) = (scene.olga.id, scene.carlas_record);
    scene
        .olga
        .suspend_member(host, own)
        .await
        .expect("suspended");
    let put = scene.carla_gives(bobs, &[&scene.reader]).await;
    assert_eq!(refusal(put), ErrorCode::NotFound);
    scene.olga.activate_member(host, own).await.expect("active");
    let role = UpdateRole {
        policy_ids: Some(scene.reader.policy_ids.clone()),
        ..Default::default()
    };
    let emptied = scene
        .olga
        .update_role(host, scene.manager.id, &role, None)
        .await;
    emptied.expect("the role manages nothing any more");
    let put = scene.carla_gives(bobs, &[&scene.reader]).await;
    assert_eq!(refusal(put), ErrorCode::Forbidden, "she sees it still");
}

on_both_databases! {
    a_delegate_gives_changes_and_takes_direct_roles,
    a_delegate_may_give_the_roles_that_they_are_told_of,
    nobody_gives_what_they_lack,
    nobody_touches_their_own_access_or_the_owners,
    what_a_delegate_may_do_ends_with_their_access,
}
