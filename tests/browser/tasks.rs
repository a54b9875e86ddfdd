//! The record of tasks, read in words.

use accord_client::types::{Item, Shares, UpdateEnvironment};
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{choose_from_menu, owner_in_browser};

async fn an_owner_reads_what_was_done(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    browser.link("Tasks").click().await;
    browser.heading("Tasks").appears().await;
    browser.words("made the environment shop").is_said().await;
    browser.has_no_barriers("the record").await;

    // What happens meanwhile appears by itself.
    let bob = stage.app.owner("bob").await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    olga.invites(&bob.email, shares).await;
    browser.words("invited bob@example.com").is_said().await;
    bob.accepts(&olga).await;
    let accepted = browser.entry("accepted the invitation");
    accepted.says("bob@example.com").await;
    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    olga.update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("renamed");
    browser
        .words("changed the environment store")
        .is_said()
        .await;

    // Whatever narrows it stands in the address.
    browser.field("About").choose("Members").await;
    browser
        .words("changed the environment store")
        .disappears()
        .await;
    browser.words("invited bob@example.com").is_said().await;
    browser.reloads().await;
    browser.words("invited bob@example.com").is_said().await;
    assert_eq!(browser.words("made the environment shop").count().await, 0);
    browser.has_no_barriers("a part of the record").await;
    browser.link("bob").first().click().await;
    browser.words("invited bob@example.com").disappears().await;
    browser.words("accepted the invitation").is_said().await;
    browser.goes_back().await;
    browser.words("invited bob@example.com").is_said().await;
    browser.field("About").choose("Policies").await;
    browser.words("Nothing like that").is_said().await;
    browser.has_no_barriers("nothing of the record").await;
    browser.button("Show everything").click().await;
    browser.words("made the environment shop").is_said().await;

    // What came first may stand first, and does so after a reload.
    browser.field("Order").choose("Oldest first").await;
    let first = async || {
        browser
            .script("return document.querySelector('.task').innerText")
            .await
    };
    accord_testkit::eventually("the oldest stands first", async || {
        first()
            .await
            .as_str()
            .is_some_and(|text| text.contains("proved the e-mail address"))
    })
    .await;
    browser.reloads().await;
    browser.words("made the environment shop").is_said().await;
    let first = first().await;
    assert!(
        first
            .as_str()
            .is_some_and(|text| text.contains("proved the e-mail address")),
        "{first}"
    );

    choose_from_menu(&browser, "Export", "For a spreadsheet (CSV)").await;
    browser
        .words("The record was saved as a file.")
        .is_said()
        .await;
}

async fn a_member_reads_their_part(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    olga.adds_environment("hidden").await;
    let (bob, browser) = owner_in_browser(stage, "bob").await;
    let shares = vec![share(Item::environment(shop.id), &[&viewer])];
    olga.invites(&bob.email, shares).await;
    bob.accepts(&olga).await;
    browser.opens("/tasks").await;
    browser.words("proved the e-mail address").is_said().await;
    browser.field("Whose record").choose("olga").await;
    browser.words("made the environment shop").is_said().await;
    browser.words("invited bob@example.com").is_said().await;
    assert_eq!(
        browser.words("made the environment hidden").count().await,
        0
    );
    browser
        .has_no_barriers("a member's part of the record")
        .await;
}

async fn the_record_is_reached_from_what_it_is_about(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let (viewer, user) = (
        olga.role_named("Viewer").await,
        olga.role_named("User").await,
    );
    let shop = olga.adds_environment("shop").await;
    let on_shop = |role| vec![share(Item::environment(shop.id), &[role])];
    let member = olga.invites("bob@example.com", on_shop(&viewer)).await;
    olga.invites("carol@example.com", on_shop(&viewer)).await;
    let body = Shares {
        shares: on_shop(&user),
    };
    olga.set_member_shares(olga.id, member.id, &body, None)
        .await
        .expect("changed");

    browser
        .opens(&format!("/settings/members/{}", member.id))
        .await;
    browser.link("Record").click().await;
    browser.heading("Tasks").appears().await;
    // One role for another is as many roles as before, and a change all the same.
    browser
        .entry("changed the shares or the name of bob@example.com")
        .says("Roles on shop: added User; removed Viewer")
        .await;
    browser
        .entry("invited bob@example.com")
        .says("Roles on shop: added Viewer")
        .await;
    assert_eq!(browser.words("invited carol@example.com").count().await, 0);
    browser.has_no_barriers("the record of a member").await;
    browser
        .link("About the member bob@example.com – show the rest, too")
        .click()
        .await;
    browser.words("invited carol@example.com").is_said().await;
    browser.words("About the member").disappears().await;

    browser
        .opens(&format!("/environments/{}/{}", olga.id, shop.id))
        .await;
    browser.link("Record").click().await;
    browser.words("About the environment shop").is_said().await;
    browser.words("made the environment shop").is_said().await;
    assert_eq!(browser.words("invited").count().await, 0);
}

in_chromium!(
    both:
    an_owner_reads_what_was_done,
    a_member_reads_their_part,
    the_record_is_reached_from_what_it_is_about,
);
