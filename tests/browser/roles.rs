//! Roles: made of policies by area, copied, seen where they are used, and removed with a warning.

use accord_client::types::Item;
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};

async fn a_role_is_made_of_policies_by_area(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.policy_of("Release day", &["files.read", "logs.read"])
        .await;
    browser.opens("/settings/roles").await;
    browser.button("New role").click().await;
    let form = browser.dialog("New role");
    form.field("Name").fill("Operator").await;
    form.button("Create role").click().await;
    form.words("Choose at least one policy: a role without one allows nothing.")
        .is_said()
        .await;
    form.checkbox("Release day").click().await;
    form.words("Your own").is_said().await;
    form.words("Read files").first().is_said().await;
    browser.has_no_barriers("the policies of a role").await;

    // The keyboard moves along, and the hint with it.
    let names = "return document.querySelector('.choice-hint').innerText";
    let before = browser.script(names).await;
    browser.presses(accord_testkit::browser::Key::Down).await;
    browser.presses(accord_testkit::browser::Key::Space).await;
    assert_ne!(
        browser.script(names).await,
        before,
        "the hint follows the focus"
    );

    form.button("Select all of Backups").click().await;
    form.field("Find a policy").fill("restore").await;
    form.checkbox("View backups").disappears().await;
    assert!(form.checkbox("Back up and restore").is_ticked().await);
    form.field("Find a policy").fill("").await;
    form.checkbox("Deploy").appears().await;
    form.checkbox("Only selected (5)").click().await;
    form.checkbox("Deploy").disappears().await;
    form.checkbox("Receive load alerts").click().await;
    form.button("Create role").click().await;
    dismiss_notice(&browser, "Role Operator saved.").await;
    browser.row("Operator").says("Receives").await;
    browser.row("Operator").says("Not in use").await;
    let made = olga.role_named("Operator").await;
    assert_eq!((made.policy_ids.len(), made.receive_load_alerts), (5, true));

    choose_from_menu(&browser, "What to do with Operator", "Copy").await;
    let copy = browser.dialog("Copy Operator");
    copy.field("Name of the copy").holds("Operator copy").await;
    copy.button("Copy role").click().await;
    dismiss_notice(&browser, "Role Operator copy created.").await;
    assert_eq!(
        olga.role_named("Operator copy").await.policy_ids.len(),
        5,
        "the same policies"
    );

    browser.field("Find a role").fill("Release").await;
    browser.row("Operator copy").appears().await;
    browser.row("Viewer").disappears().await;
    browser.reloads().await;
    browser.row("Operator copy").appears().await;
    assert_eq!(browser.row("Viewer").count().await, 0);
}

async fn a_role_in_use_says_where_and_is_detached(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let shop = olga.adds_environment("shop").await;
    let web = olga.group_at("web").await;
    let user = olga.role_named("User").await;
    let viewer = olga.role_named("Viewer").await;
    let bob = olga
        .invites(
            "bob@example.com",
            vec![
                share(Item::group(web.id), &[&user]),
                share(Item::environment(shop.id), &[&user, &viewer]),
            ],
        )
        .await;
    browser.opens("/settings/roles").await;
    browser.row("User").says("1 member · 2 shares").await;
    browser
        .button("Who has User: 1 member · 2 shares")
        .click()
        .await;
    let users = browser.dialog("Who has User");
    users
        .entry("bob@example.com")
        .says("web · 1 environment")
        .await;
    browser.has_no_barriers("who has a role").await;
    users.link("bob@example.com").click().await;
    browser
        .is_at(&format!("/settings/members/{}", bob.id))
        .await;

    browser.opens("/settings/roles").await;
    choose_from_menu(&browser, "What to do with User", "Remove").await;
    let question = browser.dialog("Remove User?");
    question.words("It is in use.").is_said().await;
    question.entry("bob@example.com").appears().await;
    browser.has_no_barriers("removing a role in use").await;
    question.button("Take away and remove").click().await;
    dismiss_notice(&browser, "Role User removed.").await;
    browser.row("User").disappears().await;
    let left = olga.member_now(&bob).await.shares;
    assert_eq!(left.len(), 1, "{left:?}");
}

/// A role that was given to somebody after the list was read.
async fn a_role_that_came_into_use_meanwhile_is_asked_about(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let user = olga.role_named("User").await;
    browser.opens("/settings/roles").await;
    choose_from_menu(&browser, "What to do with User", "Remove").await;
    let question = browser.dialog("Remove User?");
    question.words("Nobody has it.").is_said().await;
    olga.invites("bob@example.com", vec![share(Item::ENVIRONMENTS, &[&user])])
        .await;
    browser.expects(409, "/accounts/");
    question.button("Remove role").click().await;
    question.words("It is in use.").is_said().await;
    question.entry("bob@example.com").appears().await;
    question.button("Take away and remove").click().await;
    dismiss_notice(&browser, "Role User removed.").await;
}

in_chromium!(both: a_role_in_use_says_where_and_is_detached);
in_chromium!(
    a_role_is_made_of_policies_by_area,
    a_role_that_came_into_use_meanwhile_is_asked_about,
);
