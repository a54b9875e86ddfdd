//! What the operator decides: who may sign up and upgrade, whose account is disabled, and limits on
//! what can be tried again and again.

use accord_client::Error;
use accord_client::types::{
    AccountKind, ErrorCode, ForgotPassword, Item, MemberStatus, SignIn, SignUp,
};
use accord_testkit::people::share;
use accord_testkit::settings::{SignUp as SignUpSetting, Switch, Upgrade};
use accord_testkit::{Backend, PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::refusal;

/// An owner, and somebody who came by an invitation and sees an environment of theirs.
async fn owner_and_guest(app: &TestApp) -> (Person, Person) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    ada.adds_environment("shop").await;
    ada.invites(
        "grace@example.com",
        vec![share(Item::ENVIRONMENTS, &[&viewer])],
    )
    .await;
    let token = app.invitation_token_for("grace@example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    (ada, grace)
}

async fn a_guest_upgrades_and_then_hosts(app: TestApp) {
    let (ada, grace) = owner_and_guest(&app).await;
    assert!(grace.service_info().await.expect("info").upgrade_open);
    let account = grace.upgrade_account().await.expect("upgraded");
    assert_eq!(account.kind, AccountKind::Billing);
    let own = grace.adds_environment("own").await;
    assert_eq!(
        grace.sees().await.len(),
        2,
        "their own beside the shared one"
    );
    grace.invites("alan@example.com", Vec::new()).await;
    assert_eq!(
        refusal(ada.environment(grace.id, own.id).await),
        ErrorCode::NotFound
    );
    let again = grace.upgrade_account().await.expect("nothing left to do");
    assert_eq!(again.kind, AccountKind::Billing);
}

async fn a_disabled_account_has_no_access_and_what_it_hosts_is_frozen(app: TestApp) {
    let (ada, grace) = owner_and_guest(&app).await;
    let pending = ada.invites("alan@example.com", Vec::new()).await;
    let link = app.invitation_token_for("alan@example.com").await;

    app.disables(&grace, true).await;
    assert_eq!(
        refusal(grace.account().await),
        ErrorCode::NotSignedIn,
        "at the next request"
    );
    assert_eq!(refusal(grace.refresh().await), ErrorCode::NotSignedIn);
    let sign_in = |person: &Person| SignIn {
        email: person.email.clone(),
        password: PASSWORD.into(),
    };
    let outcome = app.visitor().sign_in(&sign_in(&grace)).await;
    assert_eq!(refusal(outcome), ErrorCode::AccountDisabled);
    let wrong = SignIn {
        password: "not-the-password-1".into(),
        ..sign_in(&grace)
    };
    let outcome = app.visitor().sign_in(&wrong).await;
    assert_eq!(
        refusal(outcome),
        ErrorCode::InvalidCredentials,
        "said to the person alone"
    );
    app.disables(&grace, false).await;
    app.signs_in(&grace).await;
    assert_eq!(grace.sees().await.len(), 1);

    app.disables(&ada, true).await;
    assert!(
        grace.sees().await.is_empty(),
        "the host's account is frozen"
    );
    let visitor = app.visitor();
    let body = accord_client::types::AcceptInvitation {
        password: Some(PASSWORD.into()),
        name: None,
    };
    assert!(
        visitor.accept_invitation(&link, &body).await.is_err(),
        "nobody joins meanwhile"
    );
    app.disables(&ada, false).await;
    app.signs_in(&ada).await;
    assert_eq!(grace.sees().await.len(), 1, "all as it was");
    assert_eq!(ada.status_of(&pending).await, MemberStatus::Pending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_only_invited_people_sign_up_an_invitation_still_works() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.sign_up = SignUpSetting::Invited;
    })
    .await;
    assert!(
        !app.visitor()
            .service_info()
            .await
            .expect("info")
            .sign_up_open
    );
    let body = SignUp {
        email: "grace@example.com".into(),
        password: PASSWORD.into(),
        name: "Grace".into(),
    };
    let outcome = app.visitor().sign_up(&body).await;
    assert_eq!(refusal(outcome), ErrorCode::SignUpClosed);
    let ada = app.operator_makes("ada@example.com", "Ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let token = app.invitation_token_for("grace@example.com").await;
    app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_upgrade_is_closed_a_guest_stays_one() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.upgrade = Upgrade::Closed;
    })
    .await;
    let (_, grace) = owner_and_guest(&app).await;
    assert_eq!(
        refusal(grace.upgrade_account().await),
        ErrorCode::UpgradeClosed
    );
    let account = grace.account().await.expect("an account");
    assert_eq!(account.kind, AccountKind::Member);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_and_asking_for_mail_are_limited() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.rate_limits = Switch::On;
    })
    .await;
    let ada = app.owner("ada").await;
    let visitor = app.visitor();
    let wrong = SignIn {
        email: ada.email.clone(),
        password: "not-the-password-1".into(),
    };
    let mut guesses = 0;
    let pause = loop {
        match visitor.sign_in(&wrong).await {
            Err(Error::Problem {
                problem,
                retry_after,
                ..
            }) => match problem.code {
                ErrorCode::InvalidCredentials => guesses += 1,
                ErrorCode::RateLimited => break retry_after.expect("says how long to wait"),
                other => panic!("{other}"),
            },
            other => panic!("{other:?}"),
        }
        assert!(guesses < 100, "nobody guesses a hundred times");
    };
    assert!(guesses >= 5, "a person may mistype: {guesses}");
    let right = SignIn {
        password: PASSWORD.into(),
        ..wrong.clone()
    };
    assert_eq!(
        refusal(visitor.sign_in(&right).await),
        ErrorCode::RateLimited
    );
    ada.account()
        .await
        .expect("who is signed in is not disturbed");
    let pause = Duration::seconds(i64::try_from(pause).expect("seconds") + 1);
    app.clock.advance(pause);
    visitor.sign_in(&right).await.expect("after the pause");

    let forgot = ForgotPassword {
        email: ada.email.clone(),
    };
    for _ in 0..60 {
        // Whether the limit was met is answered too, or it would tell who has an account.
        match visitor.forgot_password(&forgot).await {
            Ok(()) => {}
            Err(error) => assert_eq!(error.code(), Some(ErrorCode::RateLimited)),
        }
    }
    let asked = app.mail_to(&ada.email).await;
    let resets = asked
        .iter()
        .filter(|mail| mail.token("reset-password").is_some())
        .count();
    assert!(
        (1..=20).contains(&resets),
        "{resets} mails for sixty requests"
    );
}

on_both_databases! {
    a_guest_upgrades_and_then_hosts,
    a_disabled_account_has_no_access_and_what_it_hosts_is_frozen,
}
