//! Whom a delegate invites, and what they learn of others.

use accord_client::types::{DirectRoles, ErrorCode, Item, MemberStatus, ShareEnvironment, Uuid};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, TestApp, on_both_databases};

use super::Scene;
use crate::support::refusal;

async fn a_delegate_invites_in_the_owners_name(app: TestApp) {
    let scene = Scene::set(&app).await;
    let row = scene
        .carla_invites("dana@example.com", &[&scene.reader])
        .await;
    let row = row.expect("invited");
    assert_eq!(row.status, MemberStatus::Pending);
    assert_eq!(
        row.allowed_actions,
        ["edit", "withdraw", "remove", "resend"]
    );
    let mail = app.mail_about("dana@example.com", "olga invites you").await;
    let text = mail.text.replace('\n', " ");
    assert!(
        text.contains("carla invites you in the name of olga"),
        "{text}"
    );
    let host = scene.olga.id;
    let record = scene
        .olga
        .member(host, row.member_id)
        .await
        .expect("a record");
    let items: Vec<Item> = record.shares.iter().map(|share| share.item).collect();
    assert_eq!(items, [scene.on_shop()], "nothing but the direct share");

    // Again, and the old link dies.
    let first = app.invitation_token_for("dana@example.com").await;
    let resent = scene
        .carla
        .resend_environment_invitation(host, scene.shop.id, row.member_id)
        .await;
    resent.expect("sent again");
    let second = app.invitation_token_for("dana@example.com").await;
    assert_ne!(first, second);

    // Taken back: nothing else was shared, so the invitation is over.
    scene.carla_takes(row.member_id).await.expect("taken back");
    let record = scene.olga.member(host, row.member_id).await.expect("kept");
    assert_eq!(record.status, MemberStatus::Removed);
    let link = app.visitor().invitation(&second).await.expect("known");
    assert_eq!(link.state.as_str(), "withdrawn");
    assert!(
        scene
            .rows()
            .await
            .iter()
            .all(|one| one.member_id != row.member_id)
    );

    // And made again.
    let again = scene
        .carla_invites("dana@example.com", &[&scene.manager])
        .await;
    let again = again.expect("invited again");
    assert_eq!(
        (again.member_id, again.status),
        (row.member_id, MemberStatus::Pending)
    );
    let token = app.invitation_token_for("dana@example.com").await;
    let dana = app.accepts_as_new_person(&token, "Dana", PASSWORD).await;
    assert_eq!(dana.actions_on(&scene.shop).await, ["collaboration.manage"]);
}

async fn a_delegate_learns_nothing_of_other_members(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (erin, erins) = scene
        .joins(
            &app,
            "erin",
            &[(Item::environment(scene.blog.id), &scene.writer)],
        )
        .await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let (lea, leas) = scene
        .joins(&app, "lea", &[(scene.on_shop(), &scene.reader)])
        .await;
    lea.leave_collaboration(leas).await.expect("left");

    let listed: Vec<Uuid> = scene.rows().await.iter().map(|row| row.member_id).collect();
    assert_eq!(listed, [bobs, scene.carlas_record], "by address");
    for unseen in [erins, leas] {
        let put = scene.carla_gives(unseen, &[&scene.reader]).await;
        assert_eq!(refusal(put), ErrorCode::NotFound);
        assert_eq!(
            refusal(scene.carla_takes(unseen).await),
            ErrorCode::NotFound
        );
    }
    // Who is listed is named.
    let error = scene
        .carla_invites("bob@example.com", &[&scene.reader])
        .await
        .expect_err("listed already");
    assert_eq!(error.code(), Some(ErrorCode::MemberExists));
    assert_eq!(error.context().expect("names them").member_id, Some(bobs));
    // What another environment is about is not her affair.
    let error = scene
        .carla_invites(&lea.email, &[&scene.reader])
        .await
        .expect_err("only the owner brings back");
    assert_eq!(error.code(), Some(ErrorCode::MemberExists));
    assert!(error.context().is_none(), "{error:?}");
    // Who has no access here yet is shared with as a new address would be.
    let row = scene.carla_invites(&erin.email, &[&scene.reader]).await;
    let row = row.expect("shared with");
    assert_eq!((row.member_id, row.status), (erins, MemberStatus::Active));
    assert_eq!(erin.actions_on(&scene.shop).await, ["files.read"]);
    assert_eq!(erin.actions_on(&scene.blog).await.len(), 2, "as before");

    let others = scene
        .carla
        .members(scene.olga.id, &Default::default())
        .await;
    assert_eq!(
        refusal(others),
        ErrorCode::Forbidden,
        "members are the owner's"
    );
}

async fn an_invitation_that_carries_more_is_the_owners(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = vec![
        share(scene.on_shop(), &[&scene.reader]),
        share(Item::environment(scene.blog.id), &[&scene.writer]),
    ];
    let pending = scene.olga.invites("finn@example.com", given).await;
    let row = scene.row(pending.id).await;
    assert_eq!(row.allowed_actions, ["edit", "remove"]);
    let resent = scene
        .carla
        .resend_environment_invitation(scene.olga.id, scene.shop.id, pending.id)
        .await;
    assert_eq!(refusal(resent), ErrorCode::Forbidden);
    scene.carla_takes(pending.id).await.expect("her part of it");
    let record = scene.olga.member_now(&pending).await;
    assert_eq!(
        record.status,
        MemberStatus::Pending,
        "the rest still stands"
    );
    assert_eq!(record.shares.len(), 1);
}

async fn an_unproven_address_invites_nobody(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = vec![share(scene.on_shop(), &[&scene.manager, &scene.reader])];
    let member = scene.olga.invites("gus@example.com", given).await;
    let link = scene.olga.invitation_link(scene.olga.id, member.id).await;
    let url = link.expect("a link to copy").url;
    let token = url.rsplit('/').next().expect("a token");
    let gus = app.accepts_as_new_person(token, "Gus", PASSWORD).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let body = ShareEnvironment {
        email: "dana@example.com".into(),
        role_ids: vec![scene.reader.id],
        expires_at: None,
    };
    let (host, shop) = (scene.olga.id, scene.shop.id);
    let invited = gus.share_environment(host, shop, &body).await;
    assert_eq!(refusal(invited), ErrorCode::EmailNotVerified);
    let body = DirectRoles {
        role_ids: vec![scene.manager.id],
        expires_at: None,
    };
    let put = gus.set_direct_roles(host, shop, bobs, &body, None).await;
    put.expect("writes to nobody");
}

on_both_databases! {
    a_delegate_invites_in_the_owners_name,
    a_delegate_learns_nothing_of_other_members,
    an_invitation_that_carries_more_is_the_owners,
    an_unproven_address_invites_nobody,
}
