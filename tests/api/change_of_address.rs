//! Another address for one's account: it counts only once it is proven, and collaborations follow.

use accord_client::Client;
use accord_client::types::{
    ChangeEmail, ChangePassword, ErrorCode, ForgotPassword, InvitationState, Item, MemberStatus,
    MembersQuery, Notification, NotificationKind, ResetPassword, SignIn, VerifyEmail,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;
use futures_util::future::join_all;

use crate::notifications::told;
use crate::support::{invalid, refusal};

const ANOTHER_PASSWORD: &str = "seven-quiet-otters-under-a-bridge";

fn change(email: &str) -> ChangeEmail {
    ChangeEmail {
        email: email.into(),
        password: PASSWORD.into(),
    }
}

fn credentials(email: &str) -> SignIn {
    SignIn {
        email: email.into(),
        password: PASSWORD.into(),
    }
}

/// Asks for another address; the token of the link that is mailed to it.
async fn asks_for(app: &TestApp, person: &Person, email: &str) -> String {
    person.change_email(&change(email)).await.expect("taken");
    app.token_for(email, "verify-email").await
}

async fn follows(client: &Client, token: &str) -> accord_client::Result<()> {
    let token = token.to_owned();
    client.verify_email(&VerifyEmail { token }).await
}

/// The address that the owner's record of somebody has.
pub(crate) async fn known_as(owner: &Person, person: &Person) -> Vec<String> {
    let members = owner.members(owner.id, &MembersQuery::default()).await;
    let members = members.expect("members").items.into_iter();
    members
        .filter(|member| member.account_id == Some(person.id))
        .map(|member| member.email)
        .collect()
}

async fn a_new_address_counts_only_once_it_is_proven(app: TestApp) {
    let ada = app.owner("ada").await;
    let wrong = ChangeEmail {
        password: "not-the-password-1".into(),
        ..change("new@example.com")
    };
    assert_eq!(
        refusal(ada.change_email(&wrong).await),
        ErrorCode::WrongPassword
    );
    for (bad, place) in [("nonsense", "/email"), ("ADA@example.com", "/email")] {
        assert_eq!(
            invalid(ada.change_email(&change(bad)).await),
            place,
            "{bad}"
        );
    }
    let none = ada.account_email().await.expect("her address");
    assert!(none.pending.is_none() && none.verified);

    let token = asks_for(&app, &ada, "New@Example.com").await;
    let waiting = ada.account_email().await.expect("her address");
    assert_eq!(waiting.email, "ada@example.com");
    assert_eq!(waiting.pending.expect("waits").email, "New@Example.com");
    let told = app.mail_about("ada@example.com", "was asked for").await;
    assert!(told.text.contains("New@Example.com"), "{}", told.text);
    let visitor = app.visitor();
    visitor
        .sign_in(&credentials("ada@example.com"))
        .await
        .expect("the present address counts");
    assert_eq!(
        refusal(visitor.sign_in(&credentials("new@example.com")).await),
        ErrorCode::InvalidCredentials
    );

    follows(&app.visitor(), &token).await.expect("proven");
    let account = ada.account().await.expect("still signed in");
    assert_eq!(account.email, "New@Example.com");
    assert!(account.email_verified);
    assert!(
        ada.account_email()
            .await
            .expect("her address")
            .pending
            .is_none()
    );
    let told = app.mail_about("ada@example.com", "was changed").await;
    assert!(told.text.contains("If it was not you"), "{}", told.text);
    visitor
        .sign_in(&credentials("new@example.com"))
        .await
        .expect("the new one counts");
    assert_eq!(
        refusal(visitor.sign_in(&credentials("ada@example.com")).await),
        ErrorCode::InvalidCredentials
    );
    assert_eq!(
        refusal(follows(&visitor, &token).await),
        ErrorCode::LinkUsed
    );
    app.owner("ada").await;
}

async fn a_taken_address_is_never_revealed(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let before = app.mail_to(&bob.email).await.len();
    ada.change_email(&change(&bob.email)).await.expect("taken");
    let waiting = ada.account_email().await.expect("her address");
    assert_eq!(waiting.pending.expect("as for any other").email, bob.email);
    let mails = app.mail_to(&bob.email).await;
    assert_eq!(mails.len(), before + 1);
    assert!(mails[0].subject.contains("has an account already"));
    assert_eq!(mails[0].token("verify-email"), None, "no link to it");

    let first = asks_for(&app, &ada, "both@example.com").await;
    let second = asks_for(&app, &bob, "both@example.com").await;
    follows(&app.visitor(), &second)
        .await
        .expect("bob was first");
    assert_eq!(
        refusal(follows(&app.visitor(), &first).await),
        ErrorCode::EmailTaken
    );
    assert_eq!(ada.account().await.expect("ada").email, "ada@example.com");

    let late = asks_for(&app, &ada, "late@example.com").await;
    app.sign_up("late@example.com", "Late").await;
    assert_eq!(
        refusal(follows(&app.visitor(), &late).await),
        ErrorCode::EmailTaken
    );
}

async fn what_stops_a_change_of_address(app: TestApp) {
    let ada = app.owner("ada").await;
    let visitor = app.visitor();

    let first = asks_for(&app, &ada, "one@example.com").await;
    let second = asks_for(&app, &ada, "two@example.com").await;
    assert_eq!(
        refusal(follows(&visitor, &first).await),
        ErrorCode::NotFound,
        "a newer wish"
    );
    ada.cancel_email_change().await.expect("dropped");
    ada.cancel_email_change().await.expect("nothing waits");
    assert_eq!(
        refusal(follows(&visitor, &second).await),
        ErrorCode::NotFound,
        "dropped"
    );

    let token = asks_for(&app, &ada, "three@example.com").await;
    let body = ChangePassword {
        current_password: PASSWORD.into(),
        new_password: ANOTHER_PASSWORD.into(),
    };
    ada.change_password(&body).await.expect("changed");
    assert_eq!(
        refusal(follows(&visitor, &token).await),
        ErrorCode::NotFound,
        "another password"
    );

    let wish = ChangeEmail {
        email: "four@example.com".into(),
        password: ANOTHER_PASSWORD.into(),
    };
    ada.change_email(&wish).await.expect("taken");
    let token = app.token_for("four@example.com", "verify-email").await;
    let email = ada.email.clone();
    visitor
        .forgot_password(&ForgotPassword { email })
        .await
        .expect("taken");
    let reset = ResetPassword {
        token: app.token_for(&ada.email, "reset-password").await,
        password: PASSWORD.into(),
    };
    visitor.reset_password(&reset).await.expect("reset");
    assert_eq!(
        refusal(follows(&visitor, &token).await),
        ErrorCode::NotFound,
        "a reset"
    );

    app.signs_in(&ada).await;
    let token = asks_for(&app, &ada, "five@example.com").await;
    app.clock.advance(Duration::days(3));
    assert_eq!(
        refusal(follows(&visitor, &token).await),
        ErrorCode::LinkExpired,
        "its time"
    );
    app.signs_in(&ada).await;
    let token = asks_for(&app, &ada, "six@example.com").await;
    app.disables(&ada, true).await;
    assert_eq!(
        refusal(follows(&visitor, &token).await),
        ErrorCode::LinkExpired,
        "a disabled account"
    );
    app.disables(&ada, false).await;
    app.signs_in(&ada).await;

    let forgot = ForgotPassword {
        email: ada.email.clone(),
    };
    visitor.forgot_password(&forgot).await.expect("taken");
    let reset = app.token_for(&ada.email, "reset-password").await;
    let token = asks_for(&app, &ada, "seven@example.com").await;
    follows(&visitor, &token).await.expect("proven");
    let reset = ResetPassword {
        token: reset,
        password: ANOTHER_PASSWORD.into(),
    };
    assert_eq!(
        refusal(visitor.reset_password(&reset).await),
        ErrorCode::NotFound,
        "a link that was mailed to the address before"
    );
}

async fn member_records_follow_their_person(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let viewer = ada.role_named("Viewer").await;
    ada.adds_environment("shop").await;
    let everything = || vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let joined = ada.invites(&bob.email, everything()).await;
    bob.accepts(&ada).await;
    // The same person, invited once more under the address that they will have.
    let twin = ada.invites("rob@example.com", everything()).await;
    let twins_link = app.invitation_token_for("rob@example.com").await;
    // Not accepted: it stays where it was sent.
    let cleo = app.owner("cleo").await;
    let open = cleo.invites(&bob.email, Vec::new()).await;
    // Frozen in between, and yet it follows.
    let dora = app.owner("dora").await;
    dora.invites(&bob.email, Vec::new()).await;
    bob.accepts(&dora).await;
    app.disables(&dora, true).await;

    let token = asks_for(&app, &bob, "rob@example.com").await;
    follows(&app.visitor(), &token).await.expect("proven");

    let record = ada.member_now(&joined).await;
    assert_eq!(
        (record.email.as_str(), record.status),
        ("rob@example.com", MemberStatus::Active)
    );
    assert_eq!(bob.sees().await.len(), 1, "all as it was");
    let about_twin = |told: &Notification| told.member_id == Some(twin.id);
    assert!(
        !told(&bob).await.iter().any(about_twin),
        "nothing to decide"
    );
    assert_eq!(
        refusal(ada.member(ada.id, twin.id).await),
        ErrorCode::NotFound,
        "one record for one person"
    );
    let view = app.visitor().invitation(&twins_link).await;
    assert_eq!(view.expect("known").state, InvitationState::Replaced);
    assert_eq!(cleo.member_now(&open).await.email, "bob@example.com");
    app.disables(&dora, false).await;
    app.signs_in(&dora).await;
    assert_eq!(known_as(&dora, &bob).await, ["rob@example.com"]);

    // Mail about it reaches them where they are now, and the old address is somebody else's.
    ada.suspend_member(ada.id, joined.id)
        .await
        .expect("suspended");
    app.mail_about("rob@example.com", "suspended").await;
    let other = app.owner("bob").await;
    assert!(other.sees().await.is_empty());
    let seen: Vec<_> = other.shared_with_me().await;
    assert_eq!(
        seen.iter().map(|one| one.owner.id).collect::<Vec<_>>(),
        [cleo.id],
        "only what was sent to the address and not accepted"
    );
}

/// Goes out of a collaboration that they take part in.
pub(crate) async fn leaves(person: &Person, owner: &Person) {
    let theirs = person.collaboration_with(owner).await.expect("theirs");
    person.leave_collaboration(theirs.id).await.expect("left");
}

async fn an_open_invitation_follows_its_person_and_the_link_before_dies(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let member = ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    leaves(&bob, &ada).await;
    let again = ada.reinvite_member(ada.id, member.id).await;
    again.expect("invited again");
    let old = app.invitation_token_for(&bob.email).await;
    // A frozen account mails nothing.
    let dora = app.owner("dora").await;
    let frozen = dora.invites(&bob.email, Vec::new()).await;
    bob.accepts(&dora).await;
    leaves(&bob, &dora).await;
    let again = dora.reinvite_member(dora.id, frozen.id).await;
    again.expect("invited again");
    let frozen_link = app.invitation_token_for(&bob.email).await;
    app.disables(&dora, true).await;

    let token = asks_for(&app, &bob, "rob@example.com").await;
    follows(&app.visitor(), &token).await.expect("proven");

    let reader = app.visitor();
    let view = reader.invitation(&old).await.expect("known");
    assert_eq!(view.state, InvitationState::Replaced);
    assert_eq!(
        refusal(reader.reject_invitation(&old).await),
        ErrorCode::InvitationNotOpen
    );
    let record = ada.member_now(&member).await;
    assert_eq!(
        (record.email.as_str(), record.status),
        ("rob@example.com", MemberStatus::Pending)
    );
    let invitations = app.mail_to("rob@example.com").await;
    let links = invitations
        .iter()
        .filter(|mail| mail.token("invitations").is_some());
    assert_eq!(links.count(), 1, "{invitations:#?}");
    let new = app.invitation_token_for("rob@example.com").await;
    let mut invited = told(&bob).await;
    invited.retain(|told| {
        told.member_id == Some(member.id) && told.kind == NotificationKind::InvitationReceived
    });
    assert_eq!(invited.len(), 1, "{invited:#?}");
    bob.accepts_link(&new).await.expect("the new link is good");
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);

    app.disables(&dora, false).await;
    app.signs_in(&dora).await;
    let view = reader.invitation(&frozen_link).await.expect("known");
    assert_eq!(view.state, InvitationState::Replaced);
    bob.accepts(&dora).await;
    assert_eq!(known_as(&dora, &bob).await, ["rob@example.com"]);
}

async fn an_open_invitation_outlives_an_ended_record_of_the_same_person(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let viewer = ada.role_named("Viewer").await;
    ada.adds_environment("shop").await;
    let ended = ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    leaves(&bob, &ada).await;
    let open = ada
        .invites(
            "rob@example.com",
            vec![share(Item::ENVIRONMENTS, &[&viewer])],
        )
        .await;
    let link = app.invitation_token_for("rob@example.com").await;
    // With another owner both are over: then it is the one that was accepted once that stays.
    let cleo = app.owner("cleo").await;
    let left = cleo.invites(&bob.email, Vec::new()).await;
    bob.accepts(&cleo).await;
    leaves(&bob, &cleo).await;
    let rejected = cleo.invites("rob@example.com", Vec::new()).await;
    let rejected_link = app.invitation_token_for("rob@example.com").await;
    let visitor = app.visitor();
    visitor
        .reject_invitation(&rejected_link)
        .await
        .expect("rejected");

    let token = asks_for(&app, &bob, "rob@example.com").await;
    follows(&visitor, &token).await.expect("proven");

    assert_eq!(
        refusal(ada.member(ada.id, ended.id).await),
        ErrorCode::NotFound,
        "one record for one person"
    );
    assert_eq!(ada.status_of(&open).await, MemberStatus::Pending);
    let invited = bob.collaboration_with(&ada).await.expect("an invitation");
    assert_eq!((invited.id, invited.shares.len()), (open.id, 1));
    bob.accepts_link(&link).await.expect("its link is good");
    assert_eq!(bob.sees().await.len(), 1);
    assert_eq!(known_as(&ada, &bob).await, ["rob@example.com"]);

    assert_eq!(
        refusal(cleo.member(cleo.id, rejected.id).await),
        ErrorCode::NotFound
    );
    let record = cleo.member_now(&left).await;
    assert_eq!(
        (record.email.as_str(), record.status),
        ("rob@example.com", MemberStatus::Left)
    );
}

async fn whoever_mistyped_their_address_puts_it_right_and_a_stranger_hears_nothing(app: TestApp) {
    let ada = app.sign_up("adda@example.com", "Ada").await;
    let before = app.mail_to("adda@example.com").await;
    let token = asks_for(&app, &ada, "ada@example.com").await;
    follows(&app.visitor(), &token).await.expect("proven");
    let account = ada.account().await.expect("still signed in");
    assert_eq!(
        (account.email.as_str(), account.email_verified),
        ("ada@example.com", true)
    );
    assert_eq!(app.mail_to("adda@example.com").await, before);
}

async fn whoever_joins_while_their_address_changes_is_known_by_one_address(app: TestApp) {
    for round in 0..4 {
        let ada = app.owner(&format!("ada{round}")).await;
        let host = app.owner(&format!("host{round}")).await;
        host.invites(&ada.email, Vec::new()).await;
        let invited = ada.collaboration_with(&host).await.expect("an invitation");
        let new = format!("new{round}@example.com");
        let token = asks_for(&app, &ada, &new).await;
        let visitor = app.visitor();
        let elsewhere = ada.signed_in_elsewhere().await;
        visitor.livez().await.expect("connected");
        let (joined, changed) = tokio::join!(
            elsewhere.accept_collaboration(invited.id),
            follows(&visitor, &token)
        );
        changed.expect("proven");
        let account = ada.account().await.expect("ada");
        assert_eq!(account.email, new);
        match joined {
            Ok(_) => assert_eq!(known_as(&host, &ada).await, [new]),
            Err(error) => {
                assert_eq!(error.code(), Some(ErrorCode::NotFound), "{error:?}");
                assert!(known_as(&host, &ada).await.is_empty());
            }
        }
    }
}

async fn two_people_who_want_one_address_at_once_do_not_both_get_it(app: TestApp) {
    for round in 0..3 {
        let wanted = format!("wanted{round}@example.com");
        let mut links = Vec::new();
        for name in ["ada", "bob", "cleo"] {
            let person = app.owner(&format!("{name}{round}")).await;
            links.push(asks_for(&app, &person, &wanted).await);
        }
        let visitors: Vec<Client> = links.iter().map(|_| app.visitor()).collect();
        join_all(visitors.iter().map(Client::livez)).await;
        let outcomes = join_all(
            visitors
                .iter()
                .zip(&links)
                .map(|(visitor, link)| follows(visitor, link)),
        )
        .await;
        let (got, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(got.len(), 1, "{refused:?}");
        for outcome in refused {
            assert_eq!(refusal(outcome), ErrorCode::EmailTaken);
        }
    }
}

on_both_databases! {
    a_new_address_counts_only_once_it_is_proven,
    a_taken_address_is_never_revealed,
    what_stops_a_change_of_address,
    member_records_follow_their_person,
    an_open_invitation_follows_its_person_and_the_link_before_dies,
    an_open_invitation_outlives_an_ended_record_of_the_same_person,
    whoever_mistyped_their_address_puts_it_right_and_a_stranger_hears_nothing,
    whoever_joins_while_their_address_changes_is_known_by_one_address,
    two_people_who_want_one_address_at_once_do_not_both_get_it,
}
