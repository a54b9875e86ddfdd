//! *Why?*: from wherever access is shown, the way to a yes or a no, with links to what made it.

use accord_client::types::Item;
use accord_testkit::browser::{Key, Stage};
use accord_testkit::people::share;
use accord_testkit::{eventually, in_chromium};

use super::steps::{owner_in_browser, sign_in};

async fn an_owner_follows_the_way_to_an_answer(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let web = olga.group_at("web").await;
    let live = olga.group_at("web/live").await;
    let shop = olga.adds_environment_in("shop", &[&live]).await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    let pilot = olga.role_of("Pilot", &["environment.start"]).await;
    let bob = stage.app.owner("bob").await;
    let shares = vec![
        share(Item::group(web.id), &[&reader]),
        share(Item::ENVIRONMENTS, &[&pilot]),
    ];
    let member = olga.invites(&bob.email, shares).await;
    bob.accepts(&olga).await;

    let page = format!("/environments/{}/{}", olga.id, shop.id);
    browser.opens(&page).await;
    browser.link("Why? Access of bob@example.com").click().await;
    let dialog = browser.dialog("Access of bob@example.com to shop");
    dialog.words("No action chosen").is_said().await;
    dialog.words("Not allowed").is_said().await;
    dialog.field("Find an action").fill("files.read").await;
    dialog.radio("Read files").click().await;
    dialog
        .words("Yes: bob@example.com may do this on shop.")
        .is_said()
        .await;
    dialog.entry("above web/live").first().says("Reader").await;
    dialog
        .words("These roles do not apply: a higher level has roles")
        .first()
        .is_said()
        .await;
    browser.has_no_barriers("why somebody may").await;

    dialog
        .field("Find an action")
        .fill("environment.start")
        .await;
    dialog.radio("Read files").disappears().await;
    // The keyboard alone will do.
    browser.presses(Key::Tab).await;
    browser.presses(Key::Space).await;
    dialog
        .words("No: bob@example.com may not do this on shop.")
        .is_said()
        .await;
    dialog
        .words("None of the roles that apply holds this action.")
        .is_said()
        .await;

    // The answer is a place: it can be come back to, and what it names can be gone to.
    browser.reloads().await;
    dialog
        .words("No: bob@example.com may not do this on shop.")
        .is_said()
        .await;
    dialog.link("Pilot").first().click().await;
    browser.is_at("/settings/roles").await;
    browser.row("Pilot").appears().await;
    assert_eq!(browser.row("Viewer").count().await, 0, "found by its name");
    browser.goes_back().await;
    dialog.link("The member's shares").first().click().await;
    browser
        .is_at(&format!("/settings/members/{}", member.id))
        .await;

    browser.link("Why? Access to shop").click().await;
    dialog.words("No action chosen").is_said().await;
    browser.presses(Key::Escape).await;
    dialog.disappears().await;
    let link = browser.link("Why? Access to shop");
    eventually("the focus is where it was", async || link.has_focus().await).await;
    assert_eq!(
        browser.script("return location.search").await,
        "",
        "nothing is asked any more"
    );
}

async fn members_ask_about_themselves_and_meet_no_closed_door(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let web = olga.group_at("web").await;
    olga.adds_environment_in("shop", &[&web]).await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    let bob = stage.app.owner("bob").await;
    olga.invites(&bob.email, vec![share(Item::group(web.id), &[&reader])])
        .await;
    bob.accepts(&olga).await;
    let browser = stage.browser_of("bob").await;
    sign_in(&browser, &bob.email).await;
    browser.opens("/settings/shared-with-me").await;
    browser.button("What you may do where").click().await;
    browser.link("Why? Your access to shop").click().await;
    let dialog = browser.dialog("Your access to shop");
    dialog.radio("Read files").click().await;
    dialog
        .words("Yes: you may do this on shop.")
        .is_said()
        .await;
    dialog.entry("web").first().says("Reader").await;
    assert_eq!(
        dialog.link("Reader").count().await,
        0,
        "the owner's roles are not theirs to open"
    );
    dialog.link("web").click().await;
    browser.is_at("/environments").await;
    browser.row("shop").appears().await;
}

async fn who_is_not_active_is_shown_what_would_be(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.adds_environment("shop").await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    let bob = olga
        .invites(
            "bob@example.com",
            vec![share(Item::ENVIRONMENTS, &[&reader])],
        )
        .await;
    browser
        .opens(&format!("/settings/members/{}", bob.id))
        .await;
    browser.row("shop").says("Base").await;
    browser.row("shop").says("Reader").await;
    browser
        .words("They are not active and have no access now")
        .is_said()
        .await;
    browser.link("Why? Access to shop").click().await;
    let dialog = browser.dialog("Access of bob@example.com to shop");
    dialog.words("Would be allowed").first().is_said().await;
    dialog.radio("Read files").click().await;
    dialog.words("The member is not active.").is_said().await;
}

in_chromium!(both: an_owner_follows_the_way_to_an_answer);
in_chromium!(
    members_ask_about_themselves_and_meet_no_closed_door,
    who_is_not_active_is_shown_what_would_be,
);
