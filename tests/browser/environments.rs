//! The list of environments: found, narrowed, sorted, made, and removed with what goes along.

use accord_client::types::{CreateEnvironment, EnvironmentStatus, Item};
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{
    assert_search, choose_from_menu, dismiss_notice, fill_sign_in, owner_in_browser,
};

async fn what_narrows_the_list_stands_in_the_address(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let live = olga.group_at("web/live").await;
    olga.adds_environment_in("shop", &[&live]).await;
    let stopped = CreateEnvironment {
        name: "blog".into(),
        status: Some(EnvironmentStatus::Stopped),
        ..Default::default()
    };
    olga.create_environment(olga.id, &stopped)
        .await
        .expect("an environment");
    browser.reloads().await;
    browser.row("shop").says("by you").await;
    browser.row("blog").says("Stopped").await;
    browser.words("2 environments").is_said().await;

    browser.field("Find an environment").fill("SHO").await;
    browser.row("blog").disappears().await;
    assert_search(&browser, "?q=SHO").await;
    browser.reloads().await;
    browser.row("shop").appears().await;
    browser.field("Find an environment").holds("SHO").await;
    assert_eq!(browser.row("blog").count().await, 0);
    browser.button("Clear").click().await;
    browser.row("blog").appears().await;
    browser.field("Find an environment").holds("").await;

    browser.field("Group").choose("web/live").await;
    browser.row("blog").disappears().await;
    assert_search(&browser, &format!("?group={}", live.id)).await;
    browser.has_no_barriers("a list that is narrowed").await;
    browser.button("Clear").click().await;

    browser.field("Status").choose("Stopped").await;
    browser.row("shop").disappears().await;
    browser.field("Find an environment").fill("shop").await;
    browser.words("Nothing like that").is_said().await;
    browser.has_no_barriers("a list without a find").await;
    browser.button("Show all environments").click().await;
    browser.row("shop").appears().await;

    // The tag of a group leads to what it holds; back leads back.
    browser.row("shop").link("web/live").click().await;
    browser.row("blog").disappears().await;
    browser.goes_back().await;
    browser.row("blog").appears().await;

    browser.opens("/environments?sort=-name").await;
    browser.row("shop").appears().await;
    let order = "return [...document.querySelectorAll('tbody .cell-name a')].map((link) => link.textContent)";
    assert_eq!(
        browser.script(order).await,
        serde_json::json!(["shop", "blog"])
    );
}

/// Signed out in the meantime: whoever signs in again is back at the list as it was narrowed.
async fn a_narrowed_list_is_found_again_after_signing_in(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    olga.adds_environment("shop").await;
    olga.adds_environment("blog").await;
    let browser = stage.browser_of("olga").await;
    browser.opens("/environments?q=shop&sort=-name").await;
    browser.is_at("/sign-in").await;
    fill_sign_in(&browser, &olga.email).await;
    browser.row("shop").appears().await;
    browser.field("Find an environment").holds("shop").await;
    assert_eq!(browser.row("blog").count().await, 0);
    assert_search(&browser, "?q=shop&sort=-name").await;
    let title = browser.script("return document.title").await;
    assert_eq!(title, "Environments · Accord");
}

async fn thousands_come_page_by_page(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    for number in 0..60 {
        olga.adds_environment(&format!("shop-{number:03}")).await;
    }
    browser.reloads().await;
    browser.words("the first 50 environments").is_said().await;
    assert_eq!(browser.row("shop-055").count().await, 0);
    browser.button("Show more").click().await;
    browser.row("shop-055").appears().await;
    browser.words("60 environments").is_said().await;
    browser.button("Show more").disappears().await;
    browser.field("Find an environment").fill("shop-05").await;
    browser.words("10 environments").is_said().await;
}

async fn a_new_one_goes_into_groups_that_are_made_on_the_way(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.group_at("web").await;
    browser.button("New environment").first().click().await;
    let form = browser.dialog("New environment");
    form.field("Name").fill("shop").await;
    form.checkbox("web").click().await;
    form.field("Find a group, or type a path")
        .fill("web/live")
        .await;
    form.button("Create group web/live").click().await;
    form.checkbox("web/live").appears().await;
    assert!(form.checkbox("web/live").is_ticked().await);
    browser.has_no_barriers("groups of a new environment").await;
    form.button("Create environment").click().await;
    dismiss_notice(&browser, "Environment shop saved.").await;
    browser.row("shop").says("web/live").await;
    let made = olga.sees().await.remove(0);
    assert_eq!(made.group_ids.len(), 2, "{made:?}");

    choose_from_menu(&browser, "What to do with shop", "Edit").await;
    let form = browser.dialog("Edit shop");
    form.checkbox("web").appears().await;
    form.checkbox("web").click().await;
    form.field("Name").fill("store").await;
    form.button("Save environment").click().await;
    dismiss_notice(&browser, "Environment store saved.").await;
    browser.row("store").says("web/live").await;
    assert_eq!(olga.sees().await.remove(0).group_ids.len(), 1);
}

async fn removing_names_who_loses_access(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let shop = olga.adds_environment("shop").await;
    let viewer = olga.role_named("Viewer").await;
    let direct = vec![share(Item::environment(shop.id), &[&viewer])];
    olga.invites("bob@example.com", direct).await;
    let everything = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    olga.invites("carol@example.com", everything).await;
    browser.reloads().await;
    choose_from_menu(&browser, "What to do with shop", "Remove").await;
    let question = browser.dialog("Remove shop?");
    question
        .words("Direct shares that go with it")
        .is_said()
        .await;
    question.words("bob@example.com").is_said().await;
    assert_eq!(question.words("carol@example.com").count().await, 0);
    browser.has_no_barriers("removing an environment").await;
    question.button("Remove environment").click().await;
    dismiss_notice(&browser, "Environment shop removed.").await;
    browser.words("No environments yet").is_said().await;
}

async fn a_member_sees_the_owners_tags_and_filters_by_owner(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let live = olga.group_at("web/live").await;
    olga.adds_environment_in("shop", &[&live]).await;
    let viewer = olga.role_named("Viewer").await;
    let (bob, browser) = owner_in_browser(stage, "bob").await;
    olga.invites(&bob.email, vec![share(Item::group(live.id), &[&viewer])])
        .await;
    bob.accepts(&olga).await;
    bob.adds_environment("mine").await;
    browser.reloads().await;
    browser.row("shop").says("live").await;
    browser.row("shop").says("by olga").await;
    browser.row("shop").says("Group").await;
    browser.field("Owner").choose("olga").await;
    browser.row("mine").disappears().await;
    assert_search(&browser, &format!("?owner={}", olga.id)).await;
    browser.reloads().await;
    browser.row("shop").appears().await;
    assert_eq!(browser.row("mine").count().await, 0);
    browser.has_no_barriers("environments of one owner").await;
}

in_chromium!(
    both:
    a_new_one_goes_into_groups_that_are_made_on_the_way,
    a_member_sees_the_owners_tags_and_filters_by_owner,
);
in_chromium!(
    what_narrows_the_list_stands_in_the_address,
    a_narrowed_list_is_found_again_after_signing_in,
    thousands_come_page_by_page,
    removing_names_who_loses_access,
);
