//! Webhooks: made and tried with a real receiver, edited by two at a time, and switched on again.

use accord_client::types::{
    CreateWebhook, UpdateWebhook, Webhook, WebhookEventType, WebhookOffBecause,
};
use accord_testkit::browser::Stage;
use accord_testkit::receiver::{Receiver, Reply};
use accord_testkit::{Person, in_chromium};

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};
use super::tokens::{knows, secret_shown};

async fn hook(owner: &Person, url: &str) -> Webhook {
    let body = CreateWebhook {
        url: url.into(),
        event_types: vec![WebhookEventType::RoleCreated],
        description: String::new(),
        enabled: None,
    };
    let made = owner.create_webhook(owner.id, &body).await;
    made.expect("a webhook").into_inner().webhook
}

async fn one_is_made_tried_and_deleted(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let receiver = Receiver::start().await;
    let name = receiver.address().to_string();
    browser.opens("/settings/webhooks").await;
    browser.words("No webhooks yet").is_said().await;
    browser.button("New webhook").first().click().await;
    let form = browser.dialog("New webhook");
    form.field("Address").fill("ftp://example.com").await;
    form.checkbox("An environment was made").click().await;
    browser.expects(422, "/accounts/");
    form.button("Create webhook").click().await;
    form.field("Address").appears().await;
    form.words("Webhooks are sent by https:// alone.")
        .is_said()
        .await;
    form.field("Address").fill(&receiver.url("/hooks")).await;
    form.button("Create webhook").click().await;
    let shown = browser.dialog(&format!("The secret for {name}"));
    shown.field("Secret").appears().await;
    let secret = secret_shown(&browser).await;
    assert!(secret.starts_with("whsec_"));
    shown.button("I have saved it").click().await;
    shown.disappears().await;
    assert!(!knows(&browser, &secret).await, "it is shown once");

    // What happens is told, and the page tells of it by itself.
    browser.row(&name).says("An environment was made").await;
    browser.link(&receiver.url("/hooks")).click().await;
    browser.words("Nothing was sent yet").is_said().await;
    receiver.answers_next([Reply::Status(500, "on fire".into())]);
    olga.adds_environment("shop").await;
    let told = browser.row("environment.created");
    told.says("Tried again").await;
    told.says("500").await;
    browser.words("On, but failing").is_said().await;
    browser
        .button("Redeliver: An environment was made")
        .click()
        .await;
    dismiss_notice(&browser, "It is on its way again.").await;
    told.says("Delivered").await;
    browser.words("On, but failing").disappears().await;
    browser.button("Send a test").click().await;
    browser.row("webhook.test").says("Delivered").await;
    let came = receiver.wait_for(3).await;
    assert_eq!(came[0].header("webhook-id"), came[1].header("webhook-id"));
    browser.button("A test").click().await;
    browser
        .dialog("A test")
        .words("webhook.test")
        .is_said()
        .await;
    browser.dialog("A test").button("Close").click().await;

    let menu = format!("What to do with {name}");
    choose_from_menu(&browser, &menu, "Change the secret").await;
    let question = browser.dialog(&format!("Change the secret of {name}?"));
    question.button("Make a new secret").click().await;
    let shown = browser.dialog(&format!("The new secret for {name}"));
    shown.field("Secret").appears().await;
    assert_ne!(secret_shown(&browser).await, secret);
    shown.button("I have saved it").click().await;
    browser.words("Former secret signs until").is_said().await;

    choose_from_menu(&browser, &menu, "Delete").await;
    let question = browser.dialog(&format!("Delete the webhook to {name}?"));
    question.words(&receiver.url("/hooks")).is_said().await;
    browser.expects(404, "/accounts/");
    question.button("Delete webhook").click().await;
    browser.is_at("/settings/webhooks").await;
    browser.words("No webhooks yet").is_said().await;
}

async fn two_who_edit_at_a_time_lose_nothing(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let receiver = Receiver::start().await;
    let made = hook(&olga, &receiver.url("/hooks")).await;
    browser
        .opens(&format!("/settings/webhooks/{}", made.id))
        .await;
    browser.button("Edit").click().await;
    let form = browser.dialog(&format!("Edit the webhook to {}", receiver.address()));
    form.field("Description optional")
        .fill("The board in the hall")
        .await;
    let theirs = UpdateWebhook {
        event_types: Some(vec![
            WebhookEventType::RoleCreated,
            WebhookEventType::MemberLeft,
        ]),
        ..UpdateWebhook::default()
    };
    let saved = olga.update_webhook(olga.id, made.id, &theirs, None).await;
    saved.expect("saved");
    form.entry("It is told of more:")
        .entry("A member left")
        .appears()
        .await;
    // Who saves all the same overwrites nothing.
    browser.expects(412, "/accounts/");
    form.button("Save webhook").click().await;
    form.button("Take over these changes").click().await;
    form.words("Somebody else changed this webhook")
        .disappears()
        .await;
    assert!(form.checkbox("A member left").is_ticked().await);
    form.field("Description optional")
        .holds("The board in the hall")
        .await;
    // Another state is no other content: the change still fits.
    let off = UpdateWebhook {
        enabled: Some(false),
        ..UpdateWebhook::default()
    };
    let saved = olga.update_webhook(olga.id, made.id, &off, None).await;
    saved.expect("switched off");
    form.button("Save webhook").click().await;
    form.disappears().await;
    browser
        .words("Nothing is sent while it is off")
        .is_said()
        .await;
    let now = olga.webhook(olga.id, made.id).await.expect("there");
    assert_eq!(now.description, "The board in the hall");
    assert_eq!(now.event_types.len(), 2);
    assert_eq!(now.disabled_because, Some(WebhookOffBecause::Owner));
}

async fn one_that_was_switched_off_is_led_to_and_switched_on(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let receiver = Receiver::start().await;
    let made = hook(&olga, &receiver.url("/hooks")).await;
    receiver.answers_next([Reply::Status(410, String::new())]);
    olga.test_webhook(olga.id, made.id).await.expect("queued");
    browser.button("Notifications, 1 unread").click().await;
    browser.link("A webhook was switched off").click().await;
    browser
        .is_at(&format!("/settings/webhooks/{}", made.id))
        .await;
    browser
        .words("answered that it is gone (410)")
        .is_said()
        .await;
    browser.row("A test").says("Given up").await;
    assert_eq!(browser.button("Send a test").count().await, 0);
    browser.button("Switch on").click().await;
    browser.button("Redeliver: A test").click().await;
    browser.row("A test").says("Delivered").await;

    let menu = format!("What to do with {}", receiver.address());
    choose_from_menu(&browser, &menu, "Switch off").await;
    let question = browser.dialog(&format!(
        "Switch off the webhook to {}?",
        receiver.address()
    ));
    question.button("Switch off").click().await;
    browser
        .words("Nothing is sent while it is off")
        .is_said()
        .await;
    browser.link("Webhooks").first().click().await;
    browser
        .row(&receiver.address().to_string())
        .says("Off")
        .await;
}

in_chromium!(both: one_is_made_tried_and_deleted);
in_chromium!(
    two_who_edit_at_a_time_lose_nothing,
    one_that_was_switched_off_is_led_to_and_switched_on,
);
