//! API tokens: made for a program, shown once, and revoked.

use accord_client::types::{CreateApiToken, ErrorCode, TokenScope};
use accord_testkit::browser::{Browser, Key, Stage};
use accord_testkit::in_chromium;

use super::steps::{dismiss_notice, owner_in_browser};

/// What a field for a secret holds.
pub(super) async fn secret_shown(browser: &Browser) -> String {
    let shown = browser
        .script("return document.querySelector('.to-copy').value")
        .await;
    shown.as_str().expect("a text").to_owned()
}

/// Whether the page holds this anywhere.
pub(super) async fn knows(browser: &Browser, secret: &str) -> bool {
    let looked_for = format!(
        "return document.documentElement.innerHTML.includes({secret:?})
           || [...document.querySelectorAll('input, textarea')].some((one) => one.value.includes({secret:?}))"
    );
    browser.script(&looked_for).await == true
}

async fn a_token_is_made_by_keyboard_shown_once_and_revoked(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/tokens").await;
    browser.words("No API tokens yet").is_said().await;
    browser.button("New token").first().click().await;
    let form = browser.dialog("New API token");
    form.button("Create token").click().await;
    form.words("Give the token a name.").is_said().await;
    form.words("Choose at least one thing that it may do.")
        .is_said()
        .await;
    form.field("Name").fill("deploy").await;
    browser.tabs_to(&form.checkbox("Manage environments")).await;
    browser.presses(Key::Space).await;
    form.words("Choose at least one thing that it may do.")
        .disappears()
        .await;
    form.field("Ends").choose("On a day").await;
    form.button("Create token").click().await;
    form.words("Choose a day and a time.").is_said().await;

    // Nothing typed is lost by leaving by accident.
    browser.presses(Key::Escape).await;
    browser.button("Keep editing").click().await;
    form.field("Name").holds("deploy").await;
    form.field("Ends").choose("In 30 days").await;
    form.button("Create token").click().await;

    let shown = browser.dialog("Token deploy is made");
    shown.field("Token").appears().await;
    assert!(shown.field("Token").has_focus().await, "it can be copied");
    let secret = secret_shown(&browser).await;
    let program = stage.app.with_token(&secret);
    let account = program.account().await;
    assert_eq!(
        account.expect_err("it may not read").code(),
        Some(ErrorCode::ScopeMissing)
    );
    // Neither a key, nor the back button, nor the cross takes it away before it is kept.
    browser.presses(Key::Escape).await;
    browser.button("Stay here").click().await;
    // A way back that is not taken would be waited for.
    browser.script("history.back()").await;
    browser.button("Stay here").click().await;
    shown.button("Close").click().await;
    browser.button("Stay here").click().await;
    assert_eq!(secret_shown(&browser).await, secret);
    shown.button("Copy").click().await;
    shown.words("Copied: keep it").is_said().await;
    browser.presses(Key::Escape).await;
    shown.disappears().await;
    assert!(!knows(&browser, &secret).await, "it is shown once");
    browser.is_at("/settings/tokens").await;

    // By the list one knows what stops; what another tab makes appears by itself.
    browser.row("deploy").says("in 30 days").await;
    let other = CreateApiToken {
        name: "audit".into(),
        scopes: vec![TokenScope::Read],
        expires_at: None,
    };
    olga.create_api_token(&other).await.expect("a token");
    browser.row("audit").says("Read").await;
    browser.row("audit").says("Never").await;
    browser.field("Order").choose("By name").await;
    browser.field("Find a token").fill("environments").await;
    browser.row("audit").disappears().await;

    browser.button("Revoke deploy").click().await;
    let question = browser.dialog("Revoke deploy?");
    question.entry("Manage environments").appears().await;
    question.button("Revoke token").click().await;
    dismiss_notice(&browser, "Token deploy revoked.").await;
    browser.row("deploy").disappears().await;
    let refused = program
        .account()
        .await
        .expect_err("it is no token any more");
    assert_eq!(refused.code(), Some(ErrorCode::NotSignedIn));
}

in_chromium!(a_token_is_made_by_keyboard_shown_once_and_revoked);
