//! Signing up and in: what is accepted, and what no answer gives away.

use accord_client::types::{AccountKind, ErrorCode, ForgotPassword, SignIn, SignUp, UpdateAccount};
use accord_testkit::{PASSWORD, TestApp, on_both_databases};

use crate::support::{invalid, refusal};

fn sign_up(email: &str, password: &str, name: &str) -> SignUp {
    SignUp {
        email: email.into(),
        password: password.into(),
        name: name.into(),
    }
}

async fn signing_up_makes_an_account_that_may_host(app: TestApp) {
    let visitor = app.visitor();
    let signed_in = visitor
        .sign_up(&sign_up("ada@example.com", PASSWORD, " Ada "))
        .await
        .expect("signed up");
    assert_eq!(
        (signed_in.account.kind, signed_in.account.email_verified),
        (AccountKind::Billing, false)
    );
    assert_eq!(signed_in.account.name, "Ada");
    assert!(
        (60..=3600).contains(&signed_in.expires_in),
        "minutes: {}",
        signed_in.expires_in
    );
    let account = visitor.account().await.expect("signed in").into_inner();
    assert_eq!(account, signed_in.account);
    let roles = visitor
        .roles(account.id, &Default::default())
        .await
        .expect("roles")
        .items;
    let mut names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["Admin", "Developer", "User", "Viewer"],
        "the example roles"
    );
}

async fn an_address_signs_up_once_however_it_is_written(app: TestApp) {
    app.sign_up("Ada.Lovelace@Example.com", "Ada").await;
    for same in [
        "ada.lovelace@example.com",
        "ADA.LOVELACE@EXAMPLE.COM",
        " ada.lovelace@example.com ",
    ] {
        let outcome = app.visitor().sign_up(&sign_up(same, PASSWORD, "Ada")).await;
        assert_eq!(refusal(outcome), ErrorCode::EmailTaken, "{same}");
    }
    let body = SignIn {
        email: "ada.LOVELACE@example.com".into(),
        password: PASSWORD.into(),
    };
    let account = app
        .visitor()
        .sign_in(&body)
        .await
        .expect("signed in")
        .account;
    assert_eq!(account.email, "Ada.Lovelace@Example.com", "as it was typed");
}

async fn weak_passwords_are_refused_and_nothing_is_made(app: TestApp) {
    let visitor = app.visitor();
    let long = "a".repeat(10_000);
    for weak in [
        "",
        "short",
        "elevenchars",
        "password1234",
        "123456789012",
        "qwertyuiop123",
        "ada@example.com",
        &long,
    ] {
        let outcome = visitor
            .sign_up(&sign_up("ada@example.com", weak, "Ada"))
            .await;
        assert_eq!(invalid(outcome), "/password", "{weak:.20}");
    }
    app.sign_up("ada@example.com", "Ada").await;
}

async fn every_wrong_field_is_pointed_at(app: TestApp) {
    let error = app
        .visitor()
        .sign_up(&sign_up("nobody", PASSWORD, ""))
        .await
        .expect_err("refused");
    let mut pointers: Vec<&str> = error
        .field_errors()
        .iter()
        .map(|error| error.pointer.as_str())
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/email", "/name"], "{error:?}");
}

async fn a_wrong_password_and_an_unknown_address_are_answered_alike(app: TestApp) {
    app.sign_up("ada@example.com", "Ada").await;
    let visitor = app.visitor();
    let mut answers = Vec::new();
    for email in [
        "ada@example.com",
        "nobody@example.com",
        "not an address",
        "",
    ] {
        let body =
            serde_json::json!({ "email": email, "password": "not-the-password-1" }).to_string();
        let answer = visitor
            .raw(
                "POST",
                "/api/v1/auth/sign-in",
                &[("content-type", "application/json")],
                body,
            )
            .await
            .expect("an answer");
        let mut problem = answer.problem().expect("a refusal");
        problem.request_id.clear();
        let mut headers: Vec<String> = answer
            .headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        headers.sort_unstable();
        answers.push((answer.status, problem, headers));
    }
    assert_eq!(answers[0].1.code, ErrorCode::InvalidCredentials);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

async fn forgetting_a_password_never_says_whether_there_is_an_account(app: TestApp) {
    app.sign_up("ada@example.com", "Ada").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        let body = ForgotPassword {
            email: email.into(),
        };
        app.visitor()
            .forgot_password(&body)
            .await
            .expect("accepted");
    }
    assert!(app.mail_to("nobody@example.com").await.is_empty());
    app.token_for("ada@example.com", "reset-password").await;
}

async fn the_own_name_is_changed_and_shown_to_others(app: TestApp) {
    let ada = app.owner("ada").await;
    let body = UpdateAccount {
        name: Some("Ada, Countess of Lovelace 👑".into()),
    };
    let changed = ada.update_account(&body, None).await.expect("changed");
    assert_eq!(changed.name, "Ada, Countess of Lovelace 👑");
    ada.invites("grace@example.com", Vec::new()).await;
    let link = app.invitation_token_for("grace@example.com").await;
    let offer = app
        .visitor()
        .invitation(&link)
        .await
        .expect("known")
        .offer
        .expect("open");
    assert_eq!(offer.owner.name, changed.name);
}

on_both_databases! {
    signing_up_makes_an_account_that_may_host,
    an_address_signs_up_once_however_it_is_written,
    weak_passwords_are_refused_and_nothing_is_made,
    every_wrong_field_is_pointed_at,
    a_wrong_password_and_an_unknown_address_are_answered_alike,
    forgetting_a_password_never_says_whether_there_is_an_account,
    the_own_name_is_changed_and_shown_to_others,
}
