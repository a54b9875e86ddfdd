//! A form that got no answer is sent again as it was: under the same key, so that it is carried out once.

use accord_client::types::PageQuery;
use accord_testkit::browser::{Browser, Place, Stage};
use accord_testkit::in_chromium;
use accord_testkit::receiver::Receiver;

use super::steps::{choose_from_menu, owner_in_browser};

/// The first answer to a `POST` to an address that ends so never arrives: what is sent is lost on the way
/// there, or carried out first.
async fn loses_the_first_answer(browser: &Browser, end: &str, carried_out: bool) {
    browser
        .script(&format!(
            "const real = window.fetch;
             window.keys = [];
             window.fetch = async (what, ...more) => {{
               const counts = what.method === 'POST' && new URL(what.url).pathname.endsWith('{end}');
               if (!counts) return real(what, ...more);
               window.keys.push(what.headers.get('idempotency-key'));
               if (window.keys.length > 1) return real(what, ...more);
               if ({carried_out}) await real(what, ...more);
               throw new TypeError('no answer');
             }};"
        ))
        .await;
}

/// Presses it until there is an answer: twice, under one key.
async fn sends_twice(browser: &Browser, form: &Place, button: &str) {
    form.button(button).click().await;
    form.words("No answer came.").is_said().await;
    form.button(button).click().await;
    form.disappears().await;
    let keys = browser.script("return window.keys").await;
    let keys = keys.as_array().expect("keys");
    assert_eq!(keys.len(), 2, "{button}: {keys:?}");
    assert!(keys[0].is_string(), "{button}: {keys:?}");
    assert_eq!(keys[0], keys[1], "{button}");
}

async fn a_role_whose_answer_was_lost_is_made_once(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let there = olga.roles(olga.id, &Default::default()).await;
    let there = there.expect("roles").items.len();
    browser.opens("/settings/roles").await;
    browser.button("New role").first().click().await;
    let form = browser.dialog("New role");
    form.field("Name").fill("Night shift").await;
    form.checkbox("View deployments").click().await;
    loses_the_first_answer(&browser, "/roles", true).await;
    sends_twice(&browser, &form, "Create role").await;
    browser.row("Night shift").appears().await;
    let now = olga.roles(olga.id, &Default::default()).await;
    assert_eq!(now.expect("roles").items.len(), there + 1);
}

async fn what_is_shown_once_is_asked_for_under_one_key(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/tokens").await;
    browser.button("New token").first().click().await;
    let form = browser.dialog("New API token");
    form.field("Name").fill("deploy").await;
    form.checkbox("Manage environments").click().await;
    loses_the_first_answer(&browser, "/account/tokens", false).await;
    sends_twice(&browser, &form, "Create token").await;
    let shown = browser.dialog("Token deploy is made");
    shown.button("I have saved it").click().await;
    let made = olga.api_tokens(&PageQuery::default()).await;
    assert_eq!(made.expect("tokens").items.len(), 1);

    let receiver = Receiver::start().await;
    let name = receiver.address().to_string();
    browser.opens("/settings/webhooks").await;
    browser.button("New webhook").first().click().await;
    let form = browser.dialog("New webhook");
    form.field("Address").fill(&receiver.url("/hooks")).await;
    form.checkbox("An environment was made").click().await;
    loses_the_first_answer(&browser, "/webhooks", false).await;
    sends_twice(&browser, &form, "Create webhook").await;
    let shown = browser.dialog(&format!("The secret for {name}"));
    shown.button("I have saved it").click().await;
    let made = olga.webhooks(olga.id, &PageQuery::default()).await;
    assert_eq!(made.expect("webhooks").items.len(), 1);

    let menu = format!("What to do with {name}");
    choose_from_menu(&browser, &menu, "Change the secret").await;
    let question = browser.dialog(&format!("Change the secret of {name}?"));
    loses_the_first_answer(&browser, "/rotate-secret", false).await;
    sends_twice(&browser, &question, "Make a new secret").await;
    browser
        .dialog(&format!("The new secret for {name}"))
        .field("Secret")
        .appears()
        .await;
}

in_chromium!(
    a_role_whose_answer_was_lost_is_made_once,
    what_is_shown_once_is_asked_for_under_one_key,
);
