//! The invite form: roles by click, by keys held down and for several lines at once, and groups
//! changed on the way, with nothing lost that was typed.

use accord_client::types::ItemKind;
use accord_testkit::browser::{Key, Stage};
use accord_testkit::in_chromium;

use super::steps::{choose_and_confirm, choose_from_menu, dismiss_notice, owner_in_browser};

const BOB: &str = "bob@example.com";

async fn roles_are_replaced_added_and_set_on_all_selected(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    for name in ["blog", "mail", "shop"] {
        olga.adds_environment(name).await;
    }
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill(BOB).await;

    // A click replaces and closes the list; with Ctrl it adds, and the list stays for more.
    form.button("Roles on blog: No role").click().await;
    browser.option("User").click().await;
    form.button("Roles on blog: User").click().await;
    browser.option("Viewer").click().await;
    form.button("Roles on blog: Viewer").click().await;
    browser
        .option("Developer")
        .click_holding(Key::Control)
        .await;
    browser.option("Viewer").appears().await;
    form.button("Roles on blog: Developer, Viewer")
        .appears()
        .await;
    browser.presses(Key::Escape).await;
    browser.option("Viewer").disappears().await;

    // With Alt it replaces on everything that is selected.
    form.checkbox("Select mail").click().await;
    form.checkbox("Select shop").click().await;
    browser
        .has_no_barriers("lines selected in the invite form")
        .await;
    form.button("Roles on mail: No role").click().await;
    browser.option("User").click_holding(Key::Alt).await;
    form.button("Roles on mail: User").appears().await;
    form.button("Roles on shop: User").appears().await;
    form.button("Roles on blog: Developer, Viewer")
        .appears()
        .await;
    form.words("3 items are shared.").is_said().await;

    form.button("Send invitation").click().await;
    browser.row(BOB).says("3 environments").await;
    let members = olga.members(olga.id, &Default::default()).await;
    let shares = members.expect("members").items.remove(0).shares;
    let mut role_counts: Vec<_> = shares.iter().map(|share| share.role_ids.len()).collect();
    role_counts.sort_unstable();
    assert_eq!(role_counts, [1, 1, 2]);
    assert!(
        shares
            .iter()
            .all(|share| share.item.kind == ItemKind::Environment)
    );
}

async fn groups_are_changed_on_the_way(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.group_at("web").await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill(BOB).await;
    form.button("Roles on web: No role").click().await;
    browser.option("Viewer").click().await;

    choose_from_menu(&browser, "Change group web", "Add a group inside").await;
    let group = browser.dialog("New group in web");
    group.field("Name").fill("live").await;
    browser
        .has_no_barriers("a new group inside the invite form")
        .await;
    group.button("Create group").click().await;
    group.disappears().await;
    form.button("Roles on web/live: No role").appears().await;
    form.button("Roles on web: Viewer").appears().await;
    form.field("E-mail address").holds(BOB).await;

    form.button("Send invitation").click().await;
    browser.row(BOB).says("1 group").await;
}

async fn an_address_that_is_known_leads_to_its_record(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.invites(BOB, Vec::new()).await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill("bob@").await;
    form.button("Send invitation").click().await;
    form.words("Enter an address such as name@example.com")
        .is_said()
        .await;
    assert!(form.field("E-mail address").has_focus().await);
    browser
        .has_no_barriers("the invite form with an error")
        .await;

    browser.expects(409, "/accounts/");
    form.field("E-mail address").fill("BOB@example.com").await;
    form.button("Send invitation").click().await;
    form.link("Open the record that exists").appears().await;
    form.field("E-mail address").holds("BOB@example.com").await;
    browser
        .has_no_barriers("inviting somebody who is known")
        .await;
    form.link("Open the record that exists").click().await;
    form.button("Discard").click().await;
    browser.heading(BOB).appears().await;
}

async fn what_was_done_by_mistake_is_undone(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = stage.app.owner("bob").await;
    olga.invites(BOB, Vec::new()).await;
    bob.accepts(&olga).await;
    browser.opens("/settings/members").await;
    browser.row(BOB).says("Active").await;
    let menu = "What to do with bob@example.com";
    choose_and_confirm(&browser, menu, "Suspend").await;
    browser.row(BOB).says("Suspended").await;
    browser.button("Undo").click().await;
    browser.row(BOB).says("Active").await;
    dismiss_notice(&browser, "Activated bob@example.com.").await;
}

in_chromium!(
    both:
    roles_are_replaced_added_and_set_on_all_selected,
    groups_are_changed_on_the_way,
);
in_chromium!(
    an_address_that_is_known_leads_to_its_record,
    what_was_done_by_mistake_is_undone,
);
