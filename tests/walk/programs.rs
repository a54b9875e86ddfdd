//! The programs of a small company: what they call with, and where events are sent.

use accord_client::types::{
    CreateApiToken, CreateWebhook, TokenScope, UpdateWebhook, Webhook, WebhookEventType,
};
use accord_testkit::browser::{Browser, Key, Stage};
use accord_testkit::receiver::{Receiver, Reply};
use accord_testkit::{Person, eventually};

use super::super::steps::choose_from_menu;
use super::{Eye, signed_in, visit};

/// Both screens and their dialogs, from nothing on.
pub(crate) async fn programs(stage: &Stage, eye: &mut impl Eye) {
    let owner = stage.app.owner("ingrid").await;
    let browser = signed_in(stage, &owner).await;
    tokens(stage, eye, &owner, &browser).await;
    webhooks(eye, &owner, &browser).await;
    webhooks_own_page(eye, &owner, &browser).await;
}

async fn tokens(stage: &Stage, eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let place = "/settings/tokens";
    visit(eye, browser, "tokens-empty", place, "No API tokens yet").await;
    browser.button("New token").first().click().await;
    let form = browser.dialog("New API token");
    form.button("Create token").click().await;
    form.words("Give the token a name").is_said().await;
    form.field("Ends").choose("On a day").await;
    form.field("Ends on").appears().await;
    eye.look(browser, "token-new-wrong").await;
    form.field("Name").fill("Deployment of the shop").await;
    form.checkbox("Read").click().await;
    form.checkbox("Manage environments").click().await;
    form.field("Ends").choose("Never").await;
    form.words("It counts until you revoke it").is_said().await;
    eye.look(browser, "token-new").await;
    form.button("Create token").click().await;
    let secret = browser.dialog("Token Deployment of the shop is made");
    secret.button("Copy").appears().await;
    eye.look(browser, "token-secret").await;
    browser.presses(Key::Escape).await;
    browser.button("Stay here").appears().await;
    eye.look(browser, "token-secret-asks").await;
    browser.button("Stay here").click().await;
    secret.button("I have saved it").click().await;
    secret.disappears().await;

    let everything = CreateApiToken {
        name: "nightly audit with a name that is rather long for a table of this width".into(),
        scopes: TokenScope::ALL.to_vec(),
        expires_at: Some(stage.app.clock.now() + chrono::Duration::days(40)),
    };
    let made = owner.create_api_token(&everything).await.expect("a token");
    let program = stage.app.with_token(&made.secret);
    program.account().await.expect("it may read");
    let soon = CreateApiToken {
        name: "Trial".into(),
        scopes: vec![TokenScope::Checks],
        expires_at: Some(stage.app.clock.now() + chrono::Duration::minutes(10)),
    };
    owner.create_api_token(&soon).await.expect("a token");
    // A quarter of an hour is less than what the browser's session lasts.
    stage.app.clock.advance(chrono::Duration::minutes(12));
    browser.opens(place).await;
    browser.row("Trial").says("Ended").await;
    eye.look(browser, "tokens").await;
    browser
        .button("Revoke Deployment of the shop")
        .click()
        .await;
    browser
        .dialog("Revoke Deployment of the shop?")
        .appears()
        .await;
    eye.look(browser, "token-revoke").await;
    let nothing = "/settings/tokens?q=qqq";
    visit(
        eye,
        browser,
        "tokens-narrowed",
        nothing,
        "Nothing like that",
    )
    .await;
}

async fn hook(owner: &Person, url: &str, description: &str, all: bool) -> Webhook {
    let some = [
        WebhookEventType::RoleCreated,
        WebhookEventType::SharesChanged,
    ];
    let body = CreateWebhook {
        url: url.into(),
        event_types: if all {
            WebhookEventType::ALL.to_vec()
        } else {
            some.to_vec()
        },
        description: description.into(),
        enabled: None,
    };
    let made = owner.create_webhook(owner.id, &body).await;
    made.expect("a webhook").into_inner().webhook
}

/// Waits until this holds of the webhook.
async fn becomes(owner: &Person, hook: &Webhook, what: &str, holds: impl Fn(&Webhook) -> bool) {
    eventually(what, async || {
        holds(&owner.webhook(owner.id, hook.id).await.expect("there"))
    })
    .await;
}

async fn webhooks(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let place = "/settings/webhooks";
    visit(eye, browser, "webhooks-empty", place, "No webhooks yet").await;
    browser.button("New webhook").first().click().await;
    let form = browser.dialog("New webhook");
    form.button("Create webhook").click().await;
    form.words("Choose at least one event").is_said().await;
    eye.look(browser, "webhook-new-wrong").await;
    let receiver = Receiver::start().await;
    form.field("Address").fill(&receiver.url("/board")).await;
    form.field("Description optional")
        .fill("The board in the hall")
        .await;
    form.button("Select all of Members and shares")
        .click()
        .await;
    form.button("Create webhook").click().await;
    let name = format!("The secret for {}", receiver.address());
    let secret = browser.dialog(&name);
    secret.button("Copy").appears().await;
    eye.look(browser, "webhook-secret").await;
    secret.button("I have saved it").click().await;
    secret.disappears().await;

    // One that works, one that fails, one whose receiver is gone, and one that is off.
    let works = hook(owner, &receiver.url("/deployments"), "", true).await;
    owner.adds_environment("shop").await;
    becomes(owner, &works, "it was told", |hook| {
        hook.last_success_at.is_some()
    })
    .await;
    let failing = Receiver::start().await;
    failing.answers(Reply::Status(500, "The database is away".into()));
    let long = "/a-path-that-is-rather-long-for-a-table/and-goes-on-for-a-while/as-some-do";
    let fails = hook(owner, &failing.url(long), "Bills", true).await;
    owner
        .test_webhook(owner.id, fails.id)
        .await
        .expect("queued");
    becomes(owner, &fails, "it failed", |hook| {
        hook.failing_since.is_some()
    })
    .await;
    let gone = Receiver::start().await;
    gone.answers(Reply::Status(410, String::new()));
    let over = hook(owner, &gone.url("/hooks"), "The former tool", false).await;
    owner.test_webhook(owner.id, over.id).await.expect("queued");
    becomes(owner, &over, "it is off", |hook| !hook.enabled).await;
    let off = hook(owner, &receiver.url("/later"), "Not in use yet", false).await;
    let switched_off = UpdateWebhook {
        enabled: Some(false),
        ..UpdateWebhook::default()
    };
    let saved = owner
        .update_webhook(owner.id, off.id, &switched_off, None)
        .await;
    saved.expect("switched off");
    browser.opens(place).await;
    browser.row("The former tool").says("Off").await;
    eye.look(browser, "webhooks").await;
    let nothing = "/settings/webhooks?q=qqq";
    visit(
        eye,
        browser,
        "webhooks-narrowed",
        nothing,
        "Nothing like that",
    )
    .await;

    let pages = [
        ("webhook-off", &off, "Nothing was sent yet"),
        ("webhook-gone", &over, "answered that it is gone"),
        ("webhook-failing", &fails, "The last attempt"),
    ];
    for (name, hook, words) in pages {
        let place = format!("/settings/webhooks/{}", hook.id);
        visit(eye, browser, name, &place, words).await;
    }
    browser.row("A test").appears().await;
    browser.button("A test").click().await;
    browser.words("The database is away").is_said().await;
    eye.look(browser, "webhook-delivery").await;
    browser.expects(404, "/accounts/");
    let place = "/settings/webhooks/00000000-0000-0000-0000-000000000001";
    visit(eye, browser, "webhook-unknown", place, "Not found").await;
}

async fn webhooks_own_page(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let hooks = owner.webhooks(owner.id, &Default::default()).await;
    let hooks = hooks.expect("webhooks").items;
    let works = hooks
        .iter()
        .find(|hook| hook.url.ends_with("/deployments"))
        .expect("the one that works");
    let place = format!("/settings/webhooks/{}", works.id);
    let name = works.url.trim_start_matches("http://");
    let name = name.trim_end_matches("/deployments");
    visit(eye, browser, "webhook", &place, "An environment was made").await;
    let menu = format!("What to do with {name}");
    browser.button(&menu).click().await;
    browser.menu_item("Switch off").appears().await;
    eye.look(browser, "webhook-menu").await;
    browser.menu_item("Switch off").click().await;
    let question = browser.dialog(&format!("Switch off the webhook to {name}?"));
    question.appears().await;
    eye.look(browser, "webhook-switch-off").await;
    question.button("Cancel").click().await;
    choose_from_menu(browser, &menu, "Delete").await;
    let question = browser.dialog(&format!("Delete the webhook to {name}?"));
    question.appears().await;
    eye.look(browser, "webhook-delete").await;
    question.button("Cancel").click().await;
    let rotated = owner.rotate_webhook_secret(owner.id, works.id).await;
    rotated.expect("another secret");
    browser.words("Former secret signs until").is_said().await;
    choose_from_menu(browser, &menu, "Change the secret").await;
    let question = browser.dialog(&format!("Change the secret of {name}?"));
    question.words("It goes on until then").is_said().await;
    eye.look(browser, "webhook-rotate").await;
    question.button("Cancel").click().await;

    browser.button("Edit").click().await;
    let form = browser.dialog(&format!("Edit the webhook to {name}"));
    form.field("Description optional").fill("Deployments").await;
    let theirs = UpdateWebhook {
        description: Some("Whatever is deployed".into()),
        event_types: Some(vec![WebhookEventType::RoleCreated]),
        ..UpdateWebhook::default()
    };
    let saved = owner
        .update_webhook(owner.id, works.id, &theirs, None)
        .await;
    saved.expect("saved");
    form.words("Somebody else changed this webhook")
        .is_said()
        .await;
    eye.look(browser, "webhook-conflict").await;
}
