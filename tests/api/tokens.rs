//! Access tokens, refresh cookies and mailed links that are wrong, old, or used again.

use accord_client::types::{
    ChangePassword, ErrorCode, ForgotPassword, PageQuery, ResetPassword, SignIn, VerifyEmail,
};
use accord_client::{Client, RawAnswer};
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;

use crate::support::{refusal, well_formed_refusal};

const ANOTHER_PASSWORD: &str = "quite-another-long-secret-7";

async fn account_with(app: &TestApp, token: &str) -> RawAnswer {
    let bearer = format!("Bearer {token}");
    app.visitor()
        .raw("GET", "/api/v1/account", &[("authorization", &bearer)], "")
        .await
        .expect("an answer")
}

async fn is_refused(app: &TestApp, what: &str, token: &str) {
    let answer = account_with(app, token).await;
    assert_eq!(
        well_formed_refusal(what, &answer).code,
        ErrorCode::NotSignedIn,
        "{what}"
    );
}

fn token_of(person: &Person) -> String {
    person.access_token().expect("signed in")
}

/// The same token with other claims or another header, and the old signature.
fn with_part(token: &str, part: usize, change: impl Fn(&mut serde_json::Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let decoded = URL_SAFE_NO_PAD.decode(&parts[part]).expect("base64url");
    let mut json: serde_json::Value = serde_json::from_slice(&decoded).expect("JSON");
    change(&mut json);
    parts[part] = URL_SAFE_NO_PAD.encode(json.to_string());
    parts.join(".")
}

/// Signs in by hand and keeps the cookie as the browser would send it.
async fn refresh_cookie(app: &TestApp, person: &Person) -> String {
    let body =
        serde_json::json!({ "email": person.email, "password": person.password }).to_string();
    let answer = app
        .visitor()
        .raw(
            "POST",
            "/api/v1/auth/sign-in",
            &[("content-type", "application/json")],
            body,
        )
        .await
        .expect("an answer");
    cookie_in(&answer)
}

fn cookie_in(answer: &RawAnswer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let set = answer.header("set-cookie").expect("the refresh cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path="] {
        assert!(set.contains(attribute), "{set}");
    }
    set.split(';').next().expect("name=value").to_owned()
}

async fn refresh_with(app: &TestApp, cookie: &str) -> RawAnswer {
    app.visitor()
        .raw("POST", "/api/v1/auth/refresh", &[("cookie", cookie)], "")
        .await
        .expect("an answer")
}

async fn refresh_as(app: &TestApp, cookie: &str, attempt: &str) -> RawAnswer {
    let headers = [("cookie", cookie), ("refresh-attempt", attempt)];
    app.visitor()
        .raw("POST", "/api/v1/auth/refresh", &headers, "")
        .await
        .expect("an answer")
}

fn access_token_in(answer: &RawAnswer) -> String {
    let json = answer.json().expect("JSON");
    json["access_token"]
        .as_str()
        .expect("an access token")
        .to_owned()
}

async fn forged_tokens_are_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let token = token_of(&ada);
    assert_eq!(account_with(&app, &token).await.status, 200);

    let none = with_part(&token, 0, |header| header["alg"] = "none".into());
    let unsigned = format!("{}.", none.rsplit_once('.').expect("three parts").0);
    is_refused(&app, "alg none with the signature", &none).await;
    is_refused(&app, "alg none without a signature", &unsigned).await;
    is_refused(
        &app,
        "another algorithm",
        &with_part(&token, 0, |header| header["alg"] = "HS384".into()),
    )
    .await;
    is_refused(
        &app,
        "another key",
        &with_part(&token, 0, |header| header["kid"] = "other".into()),
    )
    .await;
    for claim in ["sub", "sid", "iss", "aud", "exp"] {
        let other = serde_json::Value::from(bob.id.to_string());
        let changed = with_part(&token, 1, |claims| claims[claim] = other.clone());
        is_refused(&app, claim, &changed).await;
    }
    let (body, signature) = token.rsplit_once('.').expect("three parts");
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    is_refused(
        &app,
        "a changed signature",
        &format!("{body}.{flipped}{}", &signature[1..]),
    )
    .await;
    let others = token_of(&bob);
    let mixed = format!("{body}.{}", others.rsplit_once('.').expect("three parts").1);
    is_refused(&app, "somebody else's signature", &mixed).await;
    for nonsense in [
        "",
        "x",
        "a.b.c",
        "..",
        "acc_00000000000000000000000000000000",
        &"a".repeat(8000),
    ] {
        is_refused(&app, &format!("nonsense {:.20}", nonsense), nonsense).await;
    }
    let visitor = app.visitor();
    for wrong in ["Basic YTpi", "Bearer", "bearer  ", "Token x"] {
        let answer = visitor
            .raw("GET", "/api/v1/account", &[("authorization", wrong)], "")
            .await
            .expect("an answer");
        assert_eq!(
            well_formed_refusal(wrong, &answer).code,
            ErrorCode::NotSignedIn
        );
    }
    let in_query = format!("/api/v1/account?access_token={token}");
    let answer = visitor
        .raw("GET", &in_query, &[], "")
        .await
        .expect("an answer");
    assert_eq!(
        well_formed_refusal("a token in the query", &answer).code,
        ErrorCode::NotSignedIn
    );
}

async fn an_access_token_lasts_minutes_and_the_cookie_renews_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let token = token_of(&ada);
    app.clock.advance(Duration::minutes(20));
    is_refused(&app, "expired", &token).await;
    ada.account().await.expect("refreshed by the cookie");
    assert_ne!(token_of(&ada), token);
    app.clock.advance(Duration::days(365));
    assert_eq!(
        refusal(ada.account().await),
        ErrorCode::NotSignedIn,
        "a session ends too"
    );
}

async fn a_replayed_refresh_cookie_ends_the_session(app: TestApp) {
    let ada = app.owner("ada").await;
    let first = refresh_cookie(&app, &ada).await;
    let answer = refresh_with(&app, &first).await;
    let second = cookie_in(&answer);
    assert_ne!(first, second, "refreshing rotates the cookie");
    let token = access_token_in(&answer);
    assert_eq!(account_with(&app, &token).await.status, 200);

    let replayed = refresh_with(&app, &first).await;
    assert_eq!(
        well_formed_refusal("replayed", &replayed).code,
        ErrorCode::NotSignedIn
    );
    is_refused(&app, "the session has ended with it", &token).await;
    let newest = refresh_with(&app, &second).await;
    assert_eq!(
        well_formed_refusal("the newest cookie too", &newest).code,
        ErrorCode::NotSignedIn
    );
    ada.account()
        .await
        .expect("another session of the same person lives on");
}

/// As where a page is left, or the network fails, while it refreshes.
async fn a_refresh_whose_answer_was_lost_is_made_again(app: TestApp) {
    let ada = app.owner("ada").await;
    let first = refresh_cookie(&app, &ada).await;
    let attempt = "an-attempt-that-nobody-guesses";
    let lost = cookie_in(&refresh_as(&app, &first, attempt).await);
    // However late, and however often at once.
    app.clock.advance(Duration::days(5));
    app.sweeps().await.expect("swept");
    let again = (0..8).map(|_| refresh_as(&app, &first, attempt));
    let answers = futures_util::future::join_all(again).await;
    for answer in &answers {
        assert_eq!(cookie_in(answer), lost, "the same one each time");
    }
    let token = access_token_in(&answers[0]);
    assert_eq!(account_with(&app, &token).await.status, 200);
    let newest = cookie_in(&refresh_as(&app, &lost, "the-next-of-its-attempts").await);

    // Its answer has arrived: the same attempt once more is a replay like any other.
    let replayed = refresh_as(&app, &first, attempt).await;
    assert_eq!(
        well_formed_refusal("replayed", &replayed).code,
        ErrorCode::NotSignedIn
    );
    is_refused(&app, "the session has ended with it", &token).await;
    let newest = refresh_with(&app, &newest).await;
    assert_eq!(
        well_formed_refusal("the newest cookie too", &newest).code,
        ErrorCode::NotSignedIn
    );
}

/// Who has the cookie, but does not know under which name it was used.
async fn another_attempt_with_a_used_cookie_ends_the_session(app: TestApp) {
    let ada = app.owner("ada").await;
    let attempt = "an-attempt-that-nobody-guesses";
    let first = refresh_cookie(&app, &ada).await;
    let second = cookie_in(&refresh_as(&app, &first, attempt).await);
    for made_up in ["", "short", "with a space in between", &"x".repeat(256)] {
        let refused = refresh_as(&app, &first, made_up).await;
        assert_eq!(
            well_formed_refusal(made_up, &refused).code,
            ErrorCode::ValidationFailed
        );
    }
    let guessed = refresh_as(&app, &first, "another-attempt-than-that").await;
    assert_eq!(
        well_formed_refusal("guessed", &guessed).code,
        ErrorCode::NotSignedIn
    );
    let newest = refresh_with(&app, &second).await;
    assert_eq!(
        well_formed_refusal("ended", &newest).code,
        ErrorCode::NotSignedIn
    );
}

async fn nothing_is_made_again_for_who_is_signed_out_or_disabled(app: TestApp) {
    let attempt = "an-attempt-that-nobody-guesses";
    let ada = app.owner("ada").await;
    let first = refresh_cookie(&app, &ada).await;
    refresh_as(&app, &first, attempt).await;
    app.visitor()
        .raw("POST", "/api/v1/auth/sign-out", &[("cookie", &first)], "")
        .await
        .expect("an answer");
    let signed_out = refresh_as(&app, &first, attempt).await;
    assert_eq!(
        well_formed_refusal("signed out", &signed_out).code,
        ErrorCode::NotSignedIn
    );
    let first = refresh_cookie(&app, &ada).await;
    refresh_as(&app, &first, attempt).await;
    app.disables(&ada, true).await;
    let disabled = refresh_as(&app, &first, attempt).await;
    assert_eq!(
        well_formed_refusal("disabled", &disabled).code,
        ErrorCode::NotSignedIn
    );
}

async fn a_made_up_refresh_cookie_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let real = refresh_cookie(&app, &ada).await;
    let (name, value) = real.split_once('=').expect("name=value");
    for made_up in [
        format!("{name}="),
        format!("{name}=x"),
        format!("{name}={}x", value),
        "other=1".to_owned(),
    ] {
        let answer = refresh_with(&app, &made_up).await;
        assert_eq!(
            well_formed_refusal(&made_up, &answer).code,
            ErrorCode::NotSignedIn
        );
    }
    assert_eq!(
        refusal(app.visitor().refresh().await),
        ErrorCode::NotSignedIn
    );
    assert_eq!(
        refresh_with(&app, &real).await.status,
        200,
        "the real one was not harmed"
    );
}

async fn signing_out_ends_the_session_at_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let elsewhere = ada.signed_in_elsewhere().await;
    let token = token_of(&elsewhere);
    elsewhere.sign_out().await.expect("signed out");
    is_refused(&app, "signed out", &token).await;
    assert_eq!(refusal(elsewhere.refresh().await), ErrorCode::NotSignedIn);
    ada.account()
        .await
        .expect("the other browser is still signed in");
}

async fn a_person_ends_their_other_sessions(app: TestApp) {
    let ada = app.owner("ada").await;
    let elsewhere = ada.signed_in_elsewhere().await;
    let sessions = ada
        .sessions(&PageQuery::default())
        .await
        .expect("sessions")
        .items;
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let other = sessions
        .iter()
        .find(|session| !session.current)
        .expect("the other browser's");
    let token = token_of(&elsewhere);
    ada.end_session(other.id).await.expect("ended");
    is_refused(&app, "ended from elsewhere", &token).await;
    let left = ada
        .sessions(&PageQuery::default())
        .await
        .expect("sessions")
        .items;
    assert!(left.len() == 1 && left[0].current, "{left:?}");

    let bob = app.owner("bob").await;
    assert_eq!(
        refusal(bob.end_session(left[0].id).await),
        ErrorCode::NotFound,
        "not somebody else's"
    );
    ada.account().await.expect("still signed in");
}

async fn a_changed_password_ends_the_other_sessions(app: TestApp) {
    let ada = app.owner("ada").await;
    let elsewhere = ada.signed_in_elsewhere().await;
    let token = token_of(&elsewhere);
    let wrong = ChangePassword {
        current_password: "not-the-password-1".into(),
        new_password: ANOTHER_PASSWORD.into(),
    };
    assert_eq!(
        refusal(ada.change_password(&wrong).await),
        ErrorCode::WrongPassword
    );
    let right = ChangePassword {
        current_password: PASSWORD.into(),
        new_password: ANOTHER_PASSWORD.into(),
    };
    ada.change_password(&right).await.expect("changed");
    ada.account().await.expect("still signed in here");
    is_refused(&app, "signed in elsewhere", &token).await;
    let old = SignIn {
        email: ada.email.clone(),
        password: PASSWORD.into(),
    };
    assert_eq!(
        refusal(app.visitor().sign_in(&old).await),
        ErrorCode::InvalidCredentials
    );
}

async fn a_password_reset_works_once_and_ends_all_sessions(app: TestApp) {
    let ada = app.owner("ada").await;
    let visitor = app.visitor();
    visitor
        .forgot_password(&ForgotPassword {
            email: "ADA@EXAMPLE.COM".into(),
        })
        .await
        .expect("always accepted");
    let link = app.token_for(&ada.email, "reset-password").await;

    let weak = ResetPassword {
        token: link.clone(),
        password: "short".into(),
    };
    assert_eq!(
        crate::support::invalid(visitor.reset_password(&weak).await),
        "/password"
    );
    let reset = ResetPassword {
        token: link,
        password: ANOTHER_PASSWORD.into(),
    };
    visitor.reset_password(&reset).await.expect("reset");
    assert_eq!(
        refusal(visitor.reset_password(&reset).await),
        ErrorCode::LinkUsed
    );
    assert_eq!(
        refusal(ada.account().await),
        ErrorCode::NotSignedIn,
        "all sessions have ended"
    );
    let again = SignIn {
        email: ada.email.clone(),
        password: ANOTHER_PASSWORD.into(),
    };
    visitor
        .sign_in(&again)
        .await
        .expect("with the new password");
}

async fn a_reset_link_ends_and_a_newer_one_replaces_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let visitor = app.visitor();
    let forgot = ForgotPassword {
        email: ada.email.clone(),
    };
    visitor.forgot_password(&forgot).await.expect("accepted");
    let first = app.token_for(&ada.email, "reset-password").await;
    visitor.forgot_password(&forgot).await.expect("accepted");
    let second = app.token_for(&ada.email, "reset-password").await;
    assert_ne!(first, second);
    let with = |token: &str| ResetPassword {
        token: token.to_owned(),
        password: ANOTHER_PASSWORD.into(),
    };
    assert_eq!(
        refusal(visitor.reset_password(&with(&first)).await),
        ErrorCode::NotFound
    );
    app.clock.advance(Duration::days(2));
    assert_eq!(
        refusal(visitor.reset_password(&with(&second)).await),
        ErrorCode::LinkExpired
    );
    for nonsense in ["", "x", "../../etc/passwd", "\0", &"a".repeat(5000)] {
        assert_eq!(
            refusal(visitor.reset_password(&with(nonsense)).await),
            ErrorCode::NotFound,
            "{nonsense:.20}"
        );
    }
    app.signs_in(&ada).await;
}

async fn an_address_is_verified_once_by_the_right_kind_of_link(app: TestApp) {
    let ada = app.sign_up("ada@example.com", "Ada").await;
    let visitor: Client = app.visitor();
    let token = app.token_for(&ada.email, "verify-email").await;
    let as_reset = ResetPassword {
        token: token.clone(),
        password: ANOTHER_PASSWORD.into(),
    };
    assert_eq!(
        refusal(visitor.reset_password(&as_reset).await),
        ErrorCode::NotFound,
        "a link does one thing"
    );
    visitor
        .verify_email(&VerifyEmail {
            token: token.clone(),
        })
        .await
        .expect("verified");
    assert_eq!(
        refusal(visitor.verify_email(&VerifyEmail { token }).await),
        ErrorCode::LinkUsed
    );
    assert_eq!(
        refusal(ada.resend_verification().await),
        ErrorCode::AlreadyVerified
    );

    let bob = app.sign_up("bob@example.com", "Bob").await;
    let first = app.token_for(&bob.email, "verify-email").await;
    app.clock.advance(Duration::days(3));
    assert_eq!(
        refusal(visitor.verify_email(&VerifyEmail { token: first }).await),
        ErrorCode::LinkExpired
    );
    bob.resend_verification().await.expect("another mail");
    let second = app.token_for(&bob.email, "verify-email").await;
    visitor
        .verify_email(&VerifyEmail { token: second })
        .await
        .expect("verified");
}

on_both_databases! {
    forged_tokens_are_refused,
    an_access_token_lasts_minutes_and_the_cookie_renews_it,
    a_replayed_refresh_cookie_ends_the_session,
    a_refresh_whose_answer_was_lost_is_made_again,
    another_attempt_with_a_used_cookie_ends_the_session,
    nothing_is_made_again_for_who_is_signed_out_or_disabled,
    a_made_up_refresh_cookie_is_refused,
    signing_out_ends_the_session_at_once,
    a_person_ends_their_other_sessions,
    a_changed_password_ends_the_other_sessions,
    a_password_reset_works_once_and_ends_all_sessions,
    a_reset_link_ends_and_a_newer_one_replaces_it,
    an_address_is_verified_once_by_the_right_kind_of_link,
}
