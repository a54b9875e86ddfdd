//! Editing and copying a member: nothing typed is lost, and nobody's change is overwritten unseen.

use accord_client::types::{Item, UpdateMember};
use accord_testkit::browser::{Key, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{choose_from_menu, choose_role, owner_in_browser};

const BOB: &str = "bob@example.com";
const MENU: &str = "What to do with bob@example.com";

async fn a_lost_update_is_shown_and_not_made(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.adds_environment("lab").await;
    let viewer = olga.role_named("Viewer").await;
    let admin = olga.role_named("Admin").await;
    let bob = olga
        .invites(BOB, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Edit").await;
    let form = browser.dialog("Edit bob@example.com");
    form.button("Roles on Environments: Viewer").appears().await;
    form.words("They will see the one environment there is.")
        .is_said()
        .await;
    choose_role(&browser, "lab", "Developer").await;

    // Meanwhile another browser gives a name and takes something else.
    let theirs = UpdateMember {
        display_name: Some(Some("Robert".into())),
        shares: Some(vec![share(Item::GROUPS, &[&admin])]),
    };
    olga.update_member(olga.id, bob.id, &theirs, None)
        .await
        .expect("changed elsewhere");
    // It is told before anybody saves, and who saves all the same overwrites nothing.
    form.words("Somebody else changed this member while you were at it.")
        .first()
        .is_said()
        .await;
    browser.expects(412, "/accounts/");
    form.button("Save changes").click().await;
    form.words("Somebody else changed this member while you were at it.")
        .first()
        .is_said()
        .await;
    form.words("The display name is Robert now.")
        .is_said()
        .await;
    form.words("Environments is not shared any more.")
        .is_said()
        .await;
    form.words("Environment groups is shared as Admin.")
        .is_said()
        .await;
    browser.has_no_barriers("a change that came too late").await;
    assert_eq!(
        olga.member_now(&bob).await.shares.len(),
        1,
        "nothing was overwritten"
    );
    form.button("Roles on lab: Developer").appears().await;

    form.button("Take over these changes").click().await;
    form.field("Display name optional").holds("Robert").await;
    form.button("Roles on lab: Developer").appears().await;
    form.button("Roles on Environments: No role")
        .appears()
        .await;
    form.button("Roles on Environment groups: Admin")
        .appears()
        .await;
    form.button("Save changes").click().await;
    form.disappears().await;
    let saved = olga.member_now(&bob).await;
    assert_eq!(saved.display_name.as_deref(), Some("Robert"));
    assert_eq!(saved.shares.len(), 2, "theirs and mine: {saved:?}");
}

async fn the_other_change_can_be_started_from(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = olga.invites(BOB, Vec::new()).await;
    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Edit").await;
    let form = browser.dialog("Edit bob@example.com");
    form.words("There are no environments yet.").is_said().await;
    form.field("Display name optional").fill("Bobby").await;
    let theirs = UpdateMember {
        display_name: Some(Some("Robert".into())),
        ..Default::default()
    };
    olga.update_member(olga.id, bob.id, &theirs, None)
        .await
        .expect("changed elsewhere");
    browser.expects(412, "/accounts/");
    form.button("Save changes").click().await;
    form.words("You changed this too.").first().is_said().await;
    form.button("Drop mine and start from theirs").click().await;
    form.field("Display name optional").holds("Robert").await;
    // Nothing of one's own is left that closing would lose.
    form.button("Cancel").click().await;
    form.disappears().await;
}

async fn a_copy_is_changed_before_it_is_sent(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let lab = olga.adds_environment("lab").await;
    let viewer = olga.role_named("Viewer").await;
    olga.invites(BOB, vec![share(Item::environment(lab.id), &[&viewer])])
        .await;
    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Copy to another address").await;
    let form = browser.dialog("Share the same as bob@example.com");
    form.button("Roles on lab: Viewer").appears().await;
    browser.types("ada@example.com, grace@example.com").await;
    choose_role(&browser, "Environments", "Developer").await;
    form.button("Send 2 invitations").click().await;
    form.disappears().await;
    for address in ["ada@example.com", "grace@example.com"] {
        browser
            .row(address)
            .says("All environments, 1 environment")
            .await;
    }
    browser.row(BOB).says("1 environment").await;
}

async fn leaving_a_form_with_something_in_it_asks_first(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.link("Settings").click().await;
    browser.heading("Members").appears().await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill(BOB).await;

    browser.goes_back().await;
    form.words("Discard what you typed?").is_said().await;
    assert!(form.button("Keep editing").has_focus().await);
    browser.has_no_barriers("the question before leaving").await;
    form.button("Keep editing").click().await;
    browser.is_at("/settings/members").await;
    form.field("E-mail address").holds(BOB).await;
    browser.goes_back().await;
    form.words("Discard what you typed?").is_said().await;
    browser.presses(Key::Escape).await;
    form.words("Discard what you typed?").disappears().await;
    form.field("E-mail address").holds(BOB).await;

    form.button("Close").click().await;
    form.button("Discard").click().await;
    form.disappears().await;
    // The way back is what it was before the form.
    browser.is_at("/settings/members").await;
    browser.goes_back().await;
    browser.is_at("/environments").await;
}

in_chromium!(both: a_lost_update_is_shown_and_not_made, a_copy_is_changed_before_it_is_sent);
in_chromium!(
    the_other_change_can_be_started_from,
    leaving_a_form_with_something_in_it_asks_first,
);
