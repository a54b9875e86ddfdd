//! Invitation links: who may use one, and what each says once it is no longer open.

use accord_client::types::{
    AcceptInvitation, AccountKind, CreateEnvironment, ErrorCode, InvitationState, Item, Member,
    MemberStatus,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::{invalid, refusal};

fn with_password(password: &str) -> AcceptInvitation {
    AcceptInvitation {
        password: Some(password.into()),
        name: None,
    }
}

async fn invited(app: &TestApp, owner: &Person, email: &str) -> (Member, String) {
    let viewer = owner.role_named("Viewer").await;
    let member = owner
        .invites(email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    (member, app.invitation_token_for(email).await)
}

async fn says(app: &TestApp, token: &str, state: InvitationState) {
    let invitation = app.visitor().invitation(token).await.expect("a known link");
    assert_eq!(invitation.state, state);
    assert_eq!(
        invitation.offer.is_some(),
        state == InvitationState::Open,
        "who and what only while open"
    );
}

async fn each_old_link_says_what_became_of_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let (member, replaced) = invited(&app, &ada, "grace@example.com").await;
    says(&app, &replaced, InvitationState::Open).await;
    ada.resend_invitation(ada.id, member.id)
        .await
        .expect("resent");
    says(&app, &replaced, InvitationState::Replaced).await;

    let withdrawn = app.invitation_token_for("grace@example.com").await;
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    says(&app, &withdrawn, InvitationState::Withdrawn).await;

    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    let rejected = app.invitation_token_for("grace@example.com").await;
    app.visitor()
        .reject_invitation(&rejected)
        .await
        .expect("rejected");
    says(&app, &rejected, InvitationState::Rejected).await;

    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    let expired = app.invitation_token_for("grace@example.com").await;
    app.clock.advance(Duration::days(7) + Duration::seconds(1));
    says(&app, &expired, InvitationState::Expired).await;
    assert_eq!(ada.status_of(&member).await, MemberStatus::Expired);

    ada.resend_invitation(ada.id, member.id)
        .await
        .expect("resent");
    let accepted = app.invitation_token_for("grace@example.com").await;
    app.accepts_as_new_person(&accepted, "Grace", PASSWORD)
        .await;
    says(&app, &accepted, InvitationState::Accepted).await;

    let visitor = app.visitor();
    for (token, state) in [
        (&replaced, InvitationState::Replaced),
        (&withdrawn, InvitationState::Withdrawn),
        (&rejected, InvitationState::Rejected),
        (&accepted, InvitationState::Accepted),
    ] {
        for outcome in [
            visitor
                .accept_invitation(token, &with_password(PASSWORD))
                .await
                .map(drop),
            visitor.reject_invitation(token).await,
        ] {
            let error = outcome.expect_err("refused");
            assert_eq!(
                error.code(),
                Some(ErrorCode::InvitationNotOpen),
                "{state}: {error:?}"
            );
            assert_eq!(error.context().expect("says why").state, Some(state));
        }
    }
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
}

async fn an_expired_invitation_cannot_be_accepted_however_late(app: TestApp) {
    let ada = app.owner("ada").await;
    let (member, token) = invited(&app, &ada, "grace@example.com").await;
    app.clock.advance(Duration::days(8));
    let error = app
        .visitor()
        .accept_invitation(&token, &with_password(PASSWORD))
        .await
        .expect_err("too late");
    assert_eq!(error.code(), Some(ErrorCode::InvitationNotOpen));
    assert_eq!(
        error.context().expect("says why").state,
        Some(InvitationState::Expired)
    );
    assert_eq!(ada.status_of(&member).await, MemberStatus::Expired);
    app.sign_up("grace@example.com", "Grace").await;
}

async fn unknown_links_are_not_found(app: TestApp) {
    app.owner("ada").await;
    let visitor = app.visitor();
    for token in [
        "x",
        "00000000-0000-7000-8000-000000000000",
        "%00",
        "a b",
        "é",
        "a/b",
        &"A".repeat(43),
        &"A".repeat(4000),
    ] {
        assert_eq!(
            refusal(visitor.invitation(token).await),
            ErrorCode::NotFound,
            "{token:.20}"
        );
        let accept = visitor
            .accept_invitation(token, &with_password(PASSWORD))
            .await;
        assert_eq!(refusal(accept), ErrorCode::NotFound, "{token:.20}");
        assert_eq!(
            refusal(visitor.reject_invitation(token).await),
            ErrorCode::NotFound,
            "{token:.20}"
        );
    }
}

async fn a_person_without_an_account_chooses_a_good_password(app: TestApp) {
    let ada = app.owner("ada").await;
    let (member, token) = invited(&app, &ada, "grace@example.com").await;
    let visitor = app.visitor();
    assert_eq!(
        invalid(
            visitor
                .accept_invitation(&token, &with_password("short"))
                .await
        ),
        "/password"
    );
    assert_eq!(
        invalid(
            visitor
                .accept_invitation(&token, &AcceptInvitation::default())
                .await
        ),
        "/password"
    );
    assert_eq!(
        ada.status_of(&member).await,
        MemberStatus::Pending,
        "the link is still good"
    );

    let accepted = visitor
        .accept_invitation(&token, &with_password(PASSWORD))
        .await
        .expect("accepted");
    assert_eq!(accepted.collaboration.owner.id, ada.id);
    let grace = visitor.account().await.expect("signed in by it");
    assert_eq!(
        (grace.kind, grace.email.as_str()),
        (AccountKind::Member, "grace@example.com")
    );
    let environment = CreateEnvironment {
        name: "mine".into(),
        ..Default::default()
    };
    assert_eq!(
        refusal(visitor.create_environment(grace.id, &environment).await),
        ErrorCode::CannotHost
    );
}

async fn rejecting_without_an_account_leaves_nothing_behind(app: TestApp) {
    let ada = app.owner("ada").await;
    let (member, token) = invited(&app, &ada, "grace@example.com").await;
    app.visitor()
        .reject_invitation(&token)
        .await
        .expect("rejected");
    assert_eq!(ada.status_of(&member).await, MemberStatus::Rejected);
    app.sign_up("grace@example.com", "Grace").await;
}

async fn who_has_an_account_signs_in_first(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let (member, token) = invited(&app, &ada, &grace.email).await;
    let visitor = app.visitor();
    let offer = visitor
        .invitation(&token)
        .await
        .expect("known")
        .offer
        .expect("open");
    assert!(offer.account_exists);
    let nobody = visitor
        .accept_invitation(&token, &AcceptInvitation::default())
        .await;
    assert_eq!(refusal(nobody), ErrorCode::NotSignedIn);
    let anew = visitor
        .accept_invitation(&token, &with_password(PASSWORD))
        .await;
    assert_eq!(refusal(anew), ErrorCode::AccountExists);
    let mallory = app.owner("mallory").await;
    assert_eq!(
        refusal(mallory.accepts_link(&token).await),
        ErrorCode::WrongAccount
    );
    assert_eq!(
        refusal(ada.accepts_link(&token).await),
        ErrorCode::OwnAccount,
        "nor the owner"
    );
    assert_eq!(ada.status_of(&member).await, MemberStatus::Pending);
    grace.accepts_link(&token).await.expect("accepted");
    assert_eq!(ada.member_now(&member).await.account_id, Some(grace.id));
}

async fn later_is_under_shared_with_me(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let shop = ada.adds_environment("shop").await;
    let (member, token) = invited(&app, &ada, &grace.email).await;
    let listed = grace.collaboration_with(&ada).await.expect("listed");
    assert_eq!(
        (listed.id, listed.status),
        (member.id, MemberStatus::Pending)
    );
    for (action, allowed) in [("accept", true), ("reject", true), ("leave", false)] {
        assert_eq!(
            listed.allowed_actions.iter().any(|known| known == action),
            allowed,
            "{action}"
        );
    }
    assert!(grace.sees().await.is_empty(), "nothing before acceptance");
    grace
        .accept_collaboration(listed.id)
        .await
        .expect("accepted");
    assert_eq!(
        grace
            .sees()
            .await
            .iter()
            .map(|seen| seen.id)
            .collect::<Vec<_>>(),
        [shop.id]
    );
    says(&app, &token, InvitationState::Accepted).await;
}

async fn only_a_verified_address_sees_its_invitations(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.sign_up("grace@example.com", "Grace").await;
    let (member, token) = invited(&app, &ada, &grace.email).await;
    assert!(grace.shared_with_me().await.is_empty());
    assert_eq!(
        refusal(grace.collaboration(member.id).await),
        ErrorCode::EmailNotVerified
    );
    let accepted = grace.accept_collaboration(member.id).await;
    assert_eq!(refusal(accepted), ErrorCode::EmailNotVerified);
    assert_eq!(ada.status_of(&member).await, MemberStatus::Pending);
    grace
        .accepts_link(&token)
        .await
        .expect("the mailed link proves the address");
    assert!(grace.account().await.expect("an account").email_verified);
}

async fn an_unverified_owner_causes_no_mail_to_others(app: TestApp) {
    let ada = app.sign_up("ada@example.com", "Ada").await;
    let body = accord_client::types::Invite {
        email: "grace@example.com".into(),
        ..Default::default()
    };
    assert_eq!(
        refusal(ada.invite(ada.id, &body).await),
        ErrorCode::EmailNotVerified
    );
    assert!(app.mail_to("grace@example.com").await.is_empty());
    assert!(
        ada.members(ada.id, &Default::default())
            .await
            .expect("members")
            .items
            .is_empty()
    );
}

async fn nobody_invites_themselves(app: TestApp) {
    let ada = app.owner("ada").await;
    for own in ["ada@example.com", "ADA@Example.COM"] {
        let body = accord_client::types::Invite {
            email: own.into(),
            ..Default::default()
        };
        assert_eq!(
            refusal(ada.invite(ada.id, &body).await),
            ErrorCode::OwnAccount,
            "{own}"
        );
    }
}

async fn a_copied_link_does_not_prove_the_address(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let (member, mailed) = invited(&app, &ada, "grace@example.com").await;
    let (elsewhere, _) = invited(&app, &bob, "grace@example.com").await;
    let link = ada
        .invitation_link(ada.id, member.id)
        .await
        .expect("no mail server is set up");
    let copied = link.url.rsplit('/').next().expect("a token").to_owned();
    assert!(
        link.url
            .starts_with(&format!("{}/invitations/", app.public_url())),
        "{}",
        link.url
    );
    assert_ne!(copied, mailed);
    let grace = app.accepts_as_new_person(&copied, "Grace", PASSWORD).await;
    assert!(!grace.account().await.expect("an account").email_verified);
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
    let listed = grace.shared_with_me().await;
    assert_eq!(
        listed.iter().map(|seen| seen.id).collect::<Vec<_>>(),
        [member.id],
        "that collaboration alone"
    );
    assert_eq!(bob.status_of(&elsewhere).await, MemberStatus::Pending);
}

async fn both_sides_hear_of_what_happens(app: TestApp) {
    let ada = app.owner("ada").await;
    let (member, token) = invited(&app, &ada, "grace@example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    let subjects = async |address: &str| {
        let mails = app.mail_to(address).await;
        mails
            .iter()
            .rev()
            .map(|mail| mail.subject.clone())
            .collect::<Vec<_>>()
    };
    let before = subjects(&grace.email).await.len();
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    ada.activate_member(ada.id, member.id)
        .await
        .expect("activated");
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    let heard = subjects(&grace.email).await.split_off(before);
    assert_eq!(heard.len(), 3, "{heard:?}");
    let told = subjects(&ada.email).await.len();
    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    grace.accepts(&ada).await;
    grace.leave_collaboration(member.id).await.expect("left");
    assert_eq!(
        subjects(&ada.email).await.split_off(told).len(),
        2,
        "accepted, then left"
    );
}

on_both_databases! {
    each_old_link_says_what_became_of_it,
    an_expired_invitation_cannot_be_accepted_however_late,
    unknown_links_are_not_found,
    a_person_without_an_account_chooses_a_good_password,
    rejecting_without_an_account_leaves_nothing_behind,
    who_has_an_account_signs_in_first,
    later_is_under_shared_with_me,
    only_a_verified_address_sees_its_invitations,
    an_unverified_owner_causes_no_mail_to_others,
    nobody_invites_themselves,
    a_copied_link_does_not_prove_the_address,
    both_sides_hear_of_what_happens,
}
