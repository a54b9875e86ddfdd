//! The main job end to end, as a new user would try it.

use accord_client::types::{
    AccessLevel, AccountKind, CopyMember, GroupEnvironments, InvitationState, Item, MemberStatus,
};
use accord_testkit::people::share;
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, PASSWORD, TestApp, on_both_databases};

async fn told_with_the_development_mailbox(app: TestApp) {
    tell(app).await;
}

/// A mail server that demands a password, over TLS by a private authority.
async fn mail_server() -> SmtpPeer {
    SmtpPeer::start(SmtpMode::new(SmtpTls::StartTls).with_auth("accord", "p@ss:word")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_with_real_mail_on_sqlite() {
    tell(TestApp::start_with_mail_server(Backend::Sqlite, mail_server().await).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_with_real_mail_on_postgresql() {
    tell(TestApp::start_with_mail_server(Backend::PostgreSql, mail_server().await).await).await;
}

async fn tell(app: TestApp) {
    let ada = app.sign_up("ada@example.com", "Ada").await;
    assert!(!ada.account().await.expect("an account").email_verified);
    app.verify(&ada).await;
    assert!(ada.account().await.expect("an account").email_verified);

    let shop = ada.adds_environment("shop").await;
    let blog = ada.adds_environment("blog").await;
    ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    assert_eq!(live.path, "web/live");
    let held = GroupEnvironments {
        environment_ids: vec![shop.id],
    };
    ada.set_group_environments(ada.id, live.id, &held, None)
        .await
        .expect("held");

    let deployer = ada
        .role_of("Deployer", &["deployment.run", "logs.read"])
        .await;
    let viewer = ada.role_named("Viewer").await;
    let web = ada.group_at("web").await;
    let member = ada
        .invites(
            "Grace.Hopper+accord@Example.com",
            vec![
                share(Item::group(web.id), &[&deployer]),
                share(Item::ENVIRONMENTS, &[&viewer]),
            ],
        )
        .await;
    assert_eq!(
        (member.status, member.account_id),
        (MemberStatus::Pending, None)
    );
    assert_eq!(member.email, "Grace.Hopper+accord@Example.com");

    // The mail goes to the address as it was typed; opening the link changes nothing.
    let first_link = app
        .invitation_token_for("Grace.Hopper+accord@Example.com")
        .await;
    let visitor = app.visitor();
    for _ in 0..2 {
        let opened = visitor.invitation(&first_link).await.expect("known");
        let offer = opened.offer.expect("open");
        assert_eq!(
            (opened.state, offer.account_exists),
            (InvitationState::Open, false)
        );
        assert_eq!((offer.owner.name.as_str(), offer.shares.len()), ("Ada", 2));
    }
    assert_eq!(ada.status_of(&member).await, MemberStatus::Pending);

    let grace = app
        .accepts_as_new_person(&first_link, "Grace", PASSWORD)
        .await;
    let account = grace.account().await.expect("an account");
    assert_eq!(
        (account.kind, account.email_verified),
        (AccountKind::Member, true),
        "a mailed link proves it"
    );
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
    app.mail_about("ada@example.com", "accepted").await;

    let levels = |seen: &[accord_client::types::Environment]| {
        seen.iter()
            .map(|environment| (environment.name.clone(), environment.access_level))
            .collect::<Vec<_>>()
    };
    let seen = grace.sees().await;
    assert_eq!(
        levels(&seen),
        [
            ("blog".into(), AccessLevel::Base),
            ("shop".into(), AccessLevel::Group)
        ]
    );
    assert_eq!(
        grace.actions_on(&shop).await,
        ["deployment.run", "logs.read"]
    );
    let viewers = grace.actions_on(&blog).await;
    assert!(
        viewers.iter().any(|action| action == "environment.view"),
        "{viewers:?}"
    );
    assert!(
        !viewers.iter().any(|action| action == "deployment.run"),
        "{viewers:?}"
    );

    ada.shares_directly(&shop, &member, &[&viewer]).await;
    let seen = grace.sees().await;
    assert_eq!(seen[1].access_level, AccessLevel::Direct);
    assert_eq!(
        grace.actions_on(&shop).await,
        viewers,
        "Viewer's, and no more Deployer's"
    );

    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    assert!(grace.sees().await.is_empty());
    let why = grace.collaboration_with(&ada).await.expect("still listed");
    assert_eq!((why.status, why.shares.len()), (MemberStatus::Suspended, 0));
    ada.activate_member(ada.id, member.id)
        .await
        .expect("activated");
    assert_eq!(grace.sees().await, seen);

    grace.leave_collaboration(member.id).await.expect("left");
    assert!(grace.sees().await.is_empty() && grace.collaboration_with(&ada).await.is_none());
    assert_eq!(ada.status_of(&member).await, MemberStatus::Left);

    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    let second_link = app.invitation_token_for(&member.email).await;
    assert_ne!(first_link, second_link);
    grace.accepts_link(&second_link).await.expect("accepted");
    assert_eq!(grace.sees().await, seen, "the shares are back");

    let removed = ada
        .remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    assert_eq!(
        (removed.status, removed.shares.len()),
        (MemberStatus::Removed, 0)
    );
    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    let third_link = app.invitation_token_for(&member.email).await;
    grace.accepts_link(&third_link).await.expect("accepted");
    assert!(
        grace.sees().await.is_empty(),
        "a removed member starts empty"
    );
    assert!(ada.member_now(&member).await.shares.is_empty());

    ada.shares_directly(&shop, &member, &[&deployer]).await;
    let body = CopyMember {
        email: "alan@example.com".into(),
        display_name: Some("Alan".into()),
    };
    let copy = ada
        .copy_member(ada.id, member.id, &body)
        .await
        .expect("copied");
    assert_eq!(
        (copy.status, copy.email.as_str()),
        (MemberStatus::Pending, "alan@example.com")
    );
    assert_eq!(copy.shares, ada.member_now(&member).await.shares);

    for link in [&first_link, &second_link, &third_link] {
        let old = visitor
            .invitation(link)
            .await
            .expect("each link says what became of it");
        assert_eq!((old.state, old.offer), (InvitationState::Accepted, None));
    }
    let alans = app.invitation_token_for("alan@example.com").await;
    visitor
        .reject_invitation(&alans)
        .await
        .expect("rejected by the link alone");
    assert_eq!(ada.status_of(&copy).await, MemberStatus::Rejected);
    assert_eq!(
        visitor.invitation(&alans).await.expect("known").state,
        InvitationState::Rejected
    );
}

on_both_databases! {
    told_with_the_development_mailbox,
}
