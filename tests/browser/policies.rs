//! Policies: the system's to read, one's own put together from the catalogue.

use accord_client::types::CreateRole;
use accord_testkit::browser::{Key, Stage};
use accord_testkit::in_chromium;

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};

async fn the_systems_are_read_by_area_and_found_by_action(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/policies").await;
    browser.article("Files").appears().await;
    browser
        .field("Find a policy or an action")
        .fill("ssh.keys")
        .await;
    browser.article("Files").disappears().await;
    browser
        .article("SSH")
        .entry("Manage SSH keys")
        .appears()
        .await;
    browser
        .script("document.querySelector('.policy details').open = true")
        .await;
    browser
        .words("Open a shell on nodes")
        .first()
        .is_said()
        .await;
    browser.words("ssh.connect").is_said().await;
    browser.words("In the roles").is_said().await;
    browser.has_no_barriers("a policy with its actions").await;
    // The system's cannot be changed, but what one puts together can begin as a copy.
    browser
        .button("What to do with Connect by SSH")
        .click()
        .await;
    browser.menu_item("Copy").appears().await;
    assert_eq!(browser.menu_item("Edit").count().await, 0);
    browser.presses(Key::Escape).await;
    browser.field("Kind").choose("Your own").await;
    browser.words("Nothing like that").is_said().await;
    browser.button("Clear the search").click().await;
    browser.article("Files").appears().await;
}

async fn ones_own_is_put_together_and_taken_apart(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/policies?kind=custom").await;
    browser.words("No policies of your own").is_said().await;
    browser.has_no_barriers("no policies of one's own").await;
    browser.button("New policy").first().click().await;
    let form = browser.dialog("New policy");
    form.field("Name").fill("Night watch").await;
    form.button("Create policy").click().await;
    form.words("Choose at least one action.").is_said().await;
    form.button("Select all of Logs").click().await;
    form.words("4 actions").is_said().await;
    form.field("Find an action").fill("usage over time").await;
    form.checkbox("View statistics").click().await;
    form.words("5 actions").is_said().await;
    browser.has_no_barriers("a policy being made").await;
    form.button("Create policy").click().await;
    dismiss_notice(&browser, "Policy Night watch saved.").await;
    browser
        .article("Your own")
        .entry("Night watch")
        .appears()
        .await;

    let policy = olga.policy_named("Night watch").await;
    assert_eq!(policy.action_ids.len(), 5);
    let role = CreateRole {
        name: "Watch".into(),
        description: String::new(),
        policy_ids: vec![policy.id],
        receive_load_alerts: false,
    };
    olga.create_role(olga.id, &role).await.expect("a role");
    browser.reloads().await;
    browser.entry("Night watch").says("in 1 role").await;
    choose_from_menu(&browser, "What to do with Night watch", "Remove").await;
    let question = browser.dialog("Remove Night watch?");
    question.entry("Watch").appears().await;
    browser.has_no_barriers("removing a policy in use").await;
    question.button("Take out and remove").click().await;
    dismiss_notice(&browser, "Policy Night watch removed.").await;
    browser.words("No policies of your own").is_said().await;
    let left = olga.role_named("Watch").await;
    assert!(left.policy_ids.is_empty());
}

async fn one_is_copied_and_then_ones_own(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let system = olga.policy_named("Connect by SSH").await;
    browser.opens("/settings/policies?q=ssh").await;
    choose_from_menu(&browser, "What to do with Connect by SSH", "Copy").await;
    let form = browser.dialog("Copy Connect by SSH");
    form.field("Name").holds("Connect by SSH copy").await;
    browser.has_no_barriers("a policy being copied").await;
    form.field("Name").fill("Connect at night").await;
    form.button("Create policy").click().await;
    dismiss_notice(&browser, "Policy Connect at night saved.").await;
    let copy = olga.policy_named("Connect at night").await;
    assert_eq!(copy.action_ids, system.action_ids);
    assert_eq!(copy.description, system.description);
    // The next new one is no copy.
    browser.button("New policy").first().click().await;
    let form = browser.dialog("New policy");
    form.field("Name").holds("").await;
    form.button("Cancel").click().await;
    form.disappears().await;
    choose_from_menu(&browser, "What to do with Connect at night", "Edit").await;
    let form = browser.dialog("Edit Connect at night");
    form.field("Name").holds("Connect at night").await;
}

in_chromium!(both: ones_own_is_put_together_and_taken_apart);
in_chromium!(
    the_systems_are_read_by_area_and_found_by_action,
    one_is_copied_and_then_ones_own,
);
