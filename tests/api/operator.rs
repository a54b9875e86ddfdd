//! What the operator decides: who may sign up and upgrade, whose account is disabled, and limits on
//! what can be tried again and again.

use accord_client::Error;
use accord_client::types::{
    AccessLevel, AccountKind, ErrorCode, ExportTasksQuery, ForgotPassword, Item, MemberStatus,
    SignIn, SignUp,
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
    let seen = async || {
        let shop = ada.sees().await.remove(0);
        let query = Default::default();
        let access = ada.environment_access(ada.id, shop.id, &query).await;
        let there = access.expect("who has access").items.remove(0);
        let of_member = ada
            .member_access(ada.id, there.member_id, &Default::default())
            .await;
        let level = of_member.expect("their access").items[0].access_level;
        assert_eq!(level, there.access_level, "both views say the same");
        assert_eq!(there.status, MemberStatus::Active);
        (there.account_disabled, there.access_level)
    };
    assert_eq!(seen().await, (true, AccessLevel::None), "no access now");
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
    assert_eq!(seen().await, (false, AccessLevel::Base));

    let shop = grace.sees().await.remove(0);
    let shared = grace.collaboration_with(&ada).await.expect("shared").id;
    app.disables(&ada, true).await;
    assert!(
        grace.sees().await.is_empty(),
        "the host's account is frozen"
    );
    assert!(grace.shared_with_me().await.is_empty());
    assert_eq!(
        refusal(grace.environment(ada.id, shop.id).await),
        ErrorCode::NotFound
    );
    assert_eq!(
        refusal(grace.collaboration(shared).await),
        ErrorCode::NotFound
    );
    assert_eq!(
        refusal(grace.leave_collaboration(shared).await),
        ErrorCode::NotFound
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_to_somebody_is_limited_by_their_address_whoever_sends_it_and_how() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.rate_limits = Switch::On;
    })
    .await;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let grace = "grace@example.com";
    let at_adas = ada.invites(grace, Vec::new()).await;
    for _ in 0..2 {
        let sent = ada.resend_invitation(ada.id, at_adas.id).await;
        sent.expect("tries are left");
    }
    let at_bobs = bob.invites("Grace@Example.com", Vec::new()).await;
    let sent = bob.resend_invitation(bob.id, at_bobs.id).await;
    sent.expect("the fifth");
    assert_eq!(
        refusal(bob.resend_invitation(bob.id, at_bobs.id).await),
        ErrorCode::RateLimited
    );
    assert_eq!(
        refusal(bob.resend_invitation(ada.id, at_adas.id).await),
        ErrorCode::NotFound,
        "a stranger learns nothing of the limit"
    );

    let joined = ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    let mut activated = 0;
    loop {
        let suspended = ada.suspend_member(ada.id, joined.id).await;
        suspended.expect("suspending is never held up");
        match ada.activate_member(ada.id, joined.id).await {
            Ok(_) => activated += 1,
            Err(error) => {
                assert_eq!(error.code(), Some(ErrorCode::RateLimited));
                break;
            }
        }
        assert!(activated < 50, "nobody is told fifty times");
    }
    assert!(activated >= 3, "a mistake is put right: {activated}");
    app.clock.advance(Duration::minutes(10));
    app.signs_in(&ada).await;
    let active = ada.activate_member(ada.id, joined.id).await;
    active.expect("after a pause");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_a_record_away_is_limited() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.rate_limits = Switch::On;
    })
    .await;
    let ada = app.owner("ada").await;
    let query = ExportTasksQuery::default();
    let mut taken = 0;
    loop {
        match ada.export_tasks(ada.id, &query).await {
            Ok(_) => taken += 1,
            Err(error) => {
                assert_eq!(error.code(), Some(ErrorCode::RateLimited));
                break;
            }
        }
        assert!(taken < 50, "nobody needs fifty at once");
    }
    assert!(taken >= 3, "another format, another filter: {taken}");
    let bob = app.owner("bob").await;
    let others = bob.export_tasks(bob.id, &query).await;
    others.expect("others have their own tries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_somebodys_password_does_not_lock_them_out() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.rate_limits = Switch::On;
        options.trusted_proxies = Some("127.0.0.0/8".into());
    })
    .await;
    let ada = app.owner("ada").await;
    let visitor = app.visitor();
    let sign_in = async |password: &str, network: &str| {
        let body = serde_json::json!({ "email": ada.email, "password": password }).to_string();
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", network),
        ];
        let answer = visitor
            .raw("POST", "/api/v1/auth/sign-in", &headers, body)
            .await
            .expect("an answer");
        answer.status
    };
    let (home, evil) = ("192.0.2.1", "198.51.100.1");
    assert_eq!(sign_in(PASSWORD, home).await, 200);
    let mut guesses = 0;
    while sign_in("not-the-password-1", evil).await == 401 {
        guesses += 1;
        assert!(guesses < 100, "nobody guesses a hundred times");
    }
    assert_eq!(sign_in(PASSWORD, evil).await, 429);
    assert_eq!(sign_in(PASSWORD, home).await, 200, "not hers to suffer");
    assert_eq!(sign_in(PASSWORD, "203.0.113.9").await, 200, "nor elsewhere");
}

on_both_databases! {
    a_guest_upgrades_and_then_hosts,
    a_disabled_account_has_no_access_and_what_it_hosts_is_frozen,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_says_what_is_left() {
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.rate_limits = Switch::On;
    })
    .await;
    let ada = app.owner("ada").await;
    let policy = "ratelimit-policy";
    let get = async |client: &accord_client::Client, path: &str| {
        let answer = client.raw("GET", path, &[], "").await;
        answer.expect("an answer")
    };
    let own = get(&ada, "/api/v1/account").await;
    assert_eq!(own.header(policy), Some(r#""api";q=1200;w=60"#));
    let left = own.header("ratelimit").expect("what is left");
    assert!(left.starts_with(r#""api";r=11"#), "{left}");
    let refused = get(&ada, "/api/v1/account/sessions/nonsense").await;
    assert_eq!(refused.status, 404);
    assert!(refused.header("ratelimit").is_some(), "refusals say it too");
    let visitor = app.visitor();
    let open = get(&visitor, "/api/v1/service").await;
    assert_eq!(open.header(policy), Some(r#""anonymous";q=600;w=60"#));
    let too_much = loop {
        let answer = get(&visitor, "/api/v1/service").await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(too_much.status, 429, "{}", too_much.text());
    assert!(too_much.header("retry-after").is_some());
    let left = too_much.header("ratelimit").expect("what is left");
    assert!(left.starts_with(r#""anonymous";r=0;"#), "{left}");
    assert_eq!(
        get(&ada, "/api/v1/account").await.status,
        200,
        "counted apart"
    );
    let invited = ada
        .raw(
            "POST",
            &format!("/api/v1/accounts/{}/members", ada.id),
            &[
                ("idempotency-key", "the first"),
                ("content-type", "application/json"),
            ],
            r#"{"email":"bob@example.com","shares":[]}"#,
        )
        .await
        .expect("an answer");
    assert_eq!(invited.status, 201, "{}", invited.text());
    assert_eq!(
        invited.header(policy),
        Some(r#""api";q=1200;w=60, "invite";q=200;w=2000"#),
        "the stricter limit too; not how often everybody has invited that address"
    );
    let left = invited.header("ratelimit").expect("what is left");
    assert!(left.contains(r#", "invite";r=199;t=10"#), "{left}");
    let control = app.platform_token("Control", "read", None).await;
    let free = get(&control, "/api/v1/actions").await;
    assert_eq!((free.status, free.header("ratelimit")), (200, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarding_headers_count_from_trusted_proxies_alone() {
    for (proxies, counts) in [(None, false), (Some("127.0.0.1"), true)] {
        let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
            options.rate_limits = Switch::On;
            options.trusted_proxies = proxies.map(str::to_owned);
        })
        .await;
        let visitor = app.visitor();
        let ask = async |address: &str| {
            let headers = [("x-forwarded-for", address)];
            let answer = visitor.raw("GET", "/api/v1/service", &headers, "").await;
            let answer = answer.expect("an answer");
            answer.header("ratelimit").expect("what is left").to_owned()
        };
        let first = ask("2001:db8::1").await;
        let neighbour = ask("2001:db8::ffff:1").await;
        let elsewhere = ask("2001:db8:0:1::1").await;
        assert!(first.contains("r=599"), "{first}");
        assert!(neighbour.contains("r=598"), "one network: {neighbour}");
        let fresh = elsewhere.contains("r=599");
        assert_eq!(fresh, counts, "{proxies:?}: {elsewhere}");
    }
}
