//! One's own account: taking everything along, and the end of it.

use accord_client::types::{
    AcceptInvitation, DeleteAccount, ErrorCode, InvitationState, Item, MemberStatus, SignIn, SignUp,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};

use crate::change_of_address::{known_as, leaves};
use crate::support::refusal;

fn goodbye() -> DeleteAccount {
    DeleteAccount {
        password: PASSWORD.into(),
    }
}

fn credentials(email: &str) -> SignIn {
    SignIn {
        email: email.into(),
        password: PASSWORD.into(),
    }
}

async fn everything_is_taken_along(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let group = ada.group_at("web/shop").await;
    ada.adds_environment_in("shop", &[&group]).await;
    let role = ada.role_of("Own", &["files.read"]).await;
    ada.invites(
        "grace@example.com",
        vec![share(Item::group(group.id), &[&role])],
    )
    .await;
    bob.invites(&ada.email, Vec::new()).await;
    ada.accepts(&bob).await;
    let cleo = app.owner("cleo").await;
    let over = cleo.invites(&ada.email, Vec::new()).await;
    ada.accepts(&cleo).await;
    leaves(&ada, &cleo).await;

    let export = ada.export_account().await.expect("an export");
    assert_eq!(export.account.email, ada.email);
    assert!(export.sessions.iter().any(|session| session.current));
    let names = |items: Vec<&str>| items.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let policies = export.policies.iter().map(|one| one.name.as_str());
    assert_eq!(names(policies.collect()), ["Own"], "not the system's");
    assert!(export.roles.iter().any(|one| one.name == "Own"));
    let groups = export.groups.iter().map(|one| one.path.as_str());
    assert_eq!(names(groups.collect()), ["web", "web/shop"]);
    assert_eq!(export.environments[0].name, "shop");
    assert_eq!(export.members[0].email, "grace@example.com");
    assert_eq!(export.members[0].shares.len(), 1);
    assert_eq!(export.collaborations.len(), 1);
    assert_eq!(export.collaborations[0].owner.id, bob.id);
    let ended = export.ended_collaborations.iter();
    let ended: Vec<_> = ended.map(|one| (one.id, one.status)).collect();
    assert_eq!(ended, [(over.id, MemberStatus::Left)]);
    assert!(export.tasks_complete);
    let at_bobs: Vec<_> = export
        .tasks
        .iter()
        .filter(|task| task.account_id == bob.id)
        .collect();
    assert_eq!(at_bobs.len(), 1, "what she did there, not what bob did");
    assert_eq!(at_bobs[0].action, "member.accept");
    assert!(at_bobs[0].before.is_none() && at_bobs[0].after.is_none());
    assert!(
        export
            .tasks
            .iter()
            .any(|task| task.action == "group.create" && task.after.is_some())
    );

    let answer = ada.raw("GET", "/api/v1/account/export", &[], "").await;
    let answer = answer.expect("an answer");
    let disposition = answer.header("content-disposition").expect("a file");
    assert!(disposition.starts_with("attachment"), "{disposition}");
    let text = answer.text();
    assert!(
        !text.contains("password_hash")
            && !text.contains("token_hash")
            && !text.contains("refresh"),
        "{text}"
    );
    assert!(
        !text.contains(&cleo.email),
        "who is left tells no news: {text}"
    );
}

async fn a_deleted_account_leaves_and_what_it_hosts_ends(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let cleo = app.owner("cleo").await;
    let viewer = ada.role_named("Viewer").await;
    let developer = bob.role_named("Developer").await;
    let group = ada.group_at("web/shop").await;
    ada.adds_environment_in("shop", &[&group]).await;
    ada.role_of("Own", &["files.read"]).await;
    let everything = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    ada.invites(&bob.email, everything.clone()).await;
    bob.accepts(&ada).await;
    ada.invites(&cleo.email, everything).await;
    let open = app.invitation_token_for(&cleo.email).await;
    let joined = bob
        .invites(&ada.email, vec![share(Item::ENVIRONMENTS, &[&developer])])
        .await;
    ada.accepts(&bob).await;
    let elsewhere = ada.signed_in_elsewhere().await;

    let wrong = DeleteAccount {
        password: "not-the-password-1".into(),
    };
    assert_eq!(
        refusal(ada.delete_account(&wrong).await),
        ErrorCode::WrongPassword
    );
    assert_eq!(bob.sees().await.len(), 1, "nothing happened");
    ada.delete_account(&goodbye()).await.expect("deleted");

    assert_eq!(refusal(ada.account().await), ErrorCode::NotSignedIn);
    assert_eq!(refusal(elsewhere.account().await), ErrorCode::NotSignedIn);
    assert_eq!(refusal(elsewhere.refresh().await), ErrorCode::NotSignedIn);
    let outcome = app.visitor().sign_in(&credentials(&ada.email)).await;
    assert_eq!(refusal(outcome), ErrorCode::InvalidCredentials);
    let subjects: Vec<String> = app
        .mail_to(&ada.email)
        .await
        .into_iter()
        .map(|mail| mail.subject)
        .filter(|subject| !subject.contains("invites you"))
        .collect();
    assert_eq!(
        subjects.len(),
        1,
        "what was mailed to her is forgotten, but for what is about others' records: {subjects:?}"
    );
    assert!(subjects[0].contains("was deleted"), "{subjects:?}");

    assert!(bob.sees().await.is_empty());
    assert!(bob.shared_with_me().await.is_empty());
    assert!(cleo.shared_with_me().await.is_empty());
    app.mail_about(&bob.email, "has ended").await;
    app.mail_about(&cleo.email, "has ended").await;
    let view = app.visitor().invitation(&open).await.expect("known");
    assert_eq!(view.state, InvitationState::Withdrawn);
    let body = AcceptInvitation::default();
    assert_eq!(
        refusal(cleo.accept_invitation(&open, &body).await),
        ErrorCode::InvitationNotOpen
    );

    let record = bob.member_now(&joined).await;
    assert_eq!(record.status, MemberStatus::Left);
    assert_eq!(
        (record.email.as_str(), record.account_id),
        (ada.email.as_str(), None)
    );
    app.mail_about(&bob.email, "left your account").await;

    let body = SignUp {
        email: ada.email.clone(),
        password: PASSWORD.into(),
        name: "Ada again".into(),
    };
    let anew = app.visitor();
    let account = anew.sign_up(&body).await.expect("anew").account;
    assert_ne!(account.id, ada.id);
    let again = Person {
        client: anew,
        id: account.id,
        ..ada
    };
    app.verify(&again).await;
    assert!(again.sees().await.is_empty() && again.shared_with_me().await.is_empty());
    bob.reinvite_member(bob.id, joined.id)
        .await
        .expect("invited again");
    again.accepts(&bob).await;
    assert_eq!(
        known_as(&bob, &again).await,
        std::slice::from_ref(&again.email)
    );
}

async fn a_guest_and_a_member_of_a_frozen_host_may_go(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let token = app.invitation_token_for("grace@example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    app.disables(&ada, true).await;
    grace.delete_account(&goodbye()).await.expect("deleted");
    app.disables(&ada, false).await;
    app.signs_in(&ada).await;
    assert_eq!(ada.status_of(&member).await, MemberStatus::Left);
}

async fn two_who_share_with_each_other_may_go_at_once(app: TestApp) {
    for round in 0..4 {
        let ada = app.owner(&format!("ada{round}")).await;
        let bob = app.owner(&format!("bob{round}")).await;
        ada.invites(&bob.email, Vec::new()).await;
        bob.accepts(&ada).await;
        bob.invites(&ada.email, Vec::new()).await;
        ada.accepts(&bob).await;
        let body = goodbye();
        let (one, other) = tokio::join!(ada.delete_account(&body), bob.delete_account(&body));
        one.expect("deleted");
        other.expect("deleted");
        for person in [&ada, &bob] {
            let outcome = app.visitor().sign_in(&credentials(&person.email)).await;
            assert_eq!(refusal(outcome), ErrorCode::InvalidCredentials);
        }
    }
}

on_both_databases! {
    everything_is_taken_along,
    a_deleted_account_leaves_and_what_it_hosts_ends,
    a_guest_and_a_member_of_a_frozen_host_may_go,
    two_who_share_with_each_other_may_go_at_once,
}
