//! Lists that are read whole: in which order, and what is found in them.

use accord_client::types::{CreateWebhook, Item, WebhookEventType};
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::owner_in_browser;

/// Waits until the first of these on the screen holds the words.
async fn first_says(browser: &Browser, of: &str, words: &str) {
    let script = format!("return document.querySelector('{of}')?.innerText ?? ''");
    accord_testkit::eventually(words, async || {
        let text = browser.script(&script).await;
        text.as_str().is_some_and(|text| text.contains(words))
    })
    .await;
}

async fn roles_and_policies_are_sorted_by_name_both_ways(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.role_of("Zoo keeper", &["files.read"]).await;
    olga.policy_of("Aviary", &["files.write"]).await;
    for (place, of) in [
        ("/settings/roles", "tbody tr"),
        ("/settings/policies?kind=custom", ".policy"),
    ] {
        browser.opens(place).await;
        first_says(&browser, of, "A").await;
        browser.field("Order").choose("By name, from the end").await;
        first_says(&browser, of, "Zoo keeper").await;
        browser.reloads().await;
        first_says(&browser, of, "Zoo keeper").await;
        browser.has_no_barriers("a list from its end").await;
    }
}

async fn what_is_shared_is_looked_through(stage: &Stage) {
    let (bob, browser) = owner_in_browser(stage, "bob").await;
    for (owner, item) in [("olga", "shop"), ("mia", "blog")] {
        let owner = stage.app.owner(owner).await;
        let viewer = owner.role_named("Viewer").await;
        let environment = owner.adds_environment(item).await;
        let shares = vec![share(Item::environment(environment.id), &[&viewer])];
        owner.invites(&bob.email, shares).await;
        bob.accepts(&owner).await;
    }
    browser.opens("/settings/shared-with-me").await;
    browser.words("2 collaborations").is_said().await;
    let search = browser.field("Find an owner or something shared");
    search.fill("SHOP").await;
    browser.words("1 collaboration").is_said().await;
    browser.words("mia@example.com").disappears().await;
    browser.words("olga@example.com").is_said().await;
    browser.reloads().await;
    browser.words("1 collaboration").is_said().await;
    browser.has_no_barriers("a part of what is shared").await;
    browser
        .field("Find an owner or something shared")
        .fill("nobody")
        .await;
    browser.words("Nothing like that").is_said().await;
    browser.button("Clear the search").click().await;
    browser.words("2 collaborations").is_said().await;
}

/// Puts what the page lists into another order, which stays when it is loaded anew.
async fn turns_round(browser: &Browser, of: &str, order: &str, first: &str) {
    browser.field("Order").choose(order).await;
    first_says(browser, of, first).await;
    browser.reloads().await;
    first_says(browser, of, first).await;
}

async fn what_comes_by_time_is_turned_round(stage: &Stage) {
    let (bob, browser) = owner_in_browser(stage, "bob").await;
    for owner in ["olga", "mia"] {
        let body = CreateWebhook {
            url: format!("https://{owner}.example.com"),
            event_types: vec![WebhookEventType::RoleCreated],
            description: String::new(),
            enabled: None,
        };
        bob.create_webhook(bob.id, &body).await.expect("a webhook");
        let owner = stage.app.owner(owner).await;
        owner.invites(&bob.email, Vec::new()).await;
        bob.accepts(&owner).await;
    }
    browser.opens("/settings/webhooks").await;
    first_says(&browser, "tbody tr", "olga").await;
    turns_round(&browser, "tbody tr", "Newest first", "mia").await;

    browser.opens("/notifications").await;
    first_says(&browser, ".told-list li", "mia").await;
    turns_round(&browser, ".told-list li", "Oldest first", "olga").await;

    let card = ".settings-page .stack > *";
    browser.opens("/settings/shared-with-me").await;
    first_says(&browser, card, "mia").await;
    turns_round(&browser, card, "By owner, from the end", "olga").await;
    browser
        .has_no_barriers("what is shared, in another order")
        .await;
}

in_chromium!(
    what_comes_by_time_is_turned_round,
    roles_and_policies_are_sorted_by_name_both_ways,
    what_is_shared_is_looked_through,
);
