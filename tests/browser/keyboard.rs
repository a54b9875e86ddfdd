//! Everything can be done with the keyboard alone.

use accord_client::types::Item;
use accord_testkit::browser::{Browser, Key, Place, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, in_chromium};

use super::steps::{open_mailed_link, owner_in_browser};

/// Moves to it with the tab key, where it can be seen to be, and presses a key.
async fn reach_and_press(browser: &Browser, place: Place, key: Key) {
    reach(browser, &place).await;
    browser.presses(key).await;
}

async fn reach(browser: &Browser, place: &Place) {
    browser.tabs_to(place).await;
    let ring = browser
        .script("const style = getComputedStyle(document.activeElement); return `${style.outlineStyle} ${style.outlineWidth} ${style.boxShadow}`")
        .await;
    let ring = ring.as_str().unwrap_or_default();
    assert!(
        !ring.starts_with("none 0px none"),
        "{place} shows no focus: {ring}"
    );
}

async fn signs_in(browser: &Browser, address: &str) {
    browser.opens("/sign-in").await;
    let email = browser.field("E-mail address");
    email.appears().await;
    assert!(email.has_focus().await, "typing can begin at once");
    browser.types(address).await;
    reach(browser, &browser.field("Password")).await;
    browser.types(PASSWORD).await;
    browser.presses(Key::Enter).await;
}

/// Opens a form by its button, and types where the focus is then.
async fn opens_and_types(browser: &Browser, button: &str, form: &Place, label: &str, text: &str) {
    reach_and_press(browser, browser.button(button).first(), Key::Enter).await;
    form.appears().await;
    assert!(
        form.field(label).has_focus().await,
        "typing can begin at once"
    );
    browser.types(text).await;
}

/// Finds something in a list to choose from, and ticks it.
async fn finds_and_ticks(browser: &Browser, form: &Place, find: &str, text: &str, choice: &str) {
    reach(browser, &form.field(find)).await;
    browser.types(text).await;
    let choice = form.checkbox(choice);
    reach_and_press(browser, choice.clone(), Key::Space).await;
    assert!(choice.is_ticked().await, "{choice} is not ticked");
}

/// Opens a list or a menu, goes down to one of its entries and chooses it.
async fn chooses(browser: &Browser, from: Place, entry: &Place) {
    const ENOUGH: usize = 30;
    reach_and_press(browser, from, Key::Enter).await;
    entry.appears().await;
    for _ in 0..ENOUGH {
        if entry.has_focus().await {
            browser.presses(Key::Enter).await;
            return;
        }
        browser.presses(Key::Down).await;
    }
    panic!("{entry} was not reached with {ENOUGH} presses of the arrow key");
}

async fn signing_in_and_inviting(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    olga.adds_environment("shop").await;
    let browser = stage.browser_of("olga").await;
    signs_in(&browser, &olga.email).await;
    browser.heading("Environments").appears().await;

    reach_and_press(&browser, browser.link("Settings"), Key::Enter).await;
    browser.heading("Members").appears().await;
    reach_and_press(&browser, browser.button("Invite").first(), Key::Enter).await;
    let form = browser.dialog("Invite a member");
    form.appears().await;
    assert!(
        form.field("E-mail address").has_focus().await,
        "typing can begin at once"
    );
    browser.types("bob@example.com").await;

    let roles = form.button("Roles on Environments: No role");
    chooses(&browser, roles, &browser.option("Viewer")).await;
    form.button("Roles on Environments: Viewer").appears().await;

    // Escape closes the list that is open, and not the form with what was typed.
    let chosen = form.button("Roles on Environments: Viewer");
    reach_and_press(&browser, chosen.clone(), Key::Enter).await;
    browser.option("Viewer").appears().await;
    browser.presses(Key::Escape).await;
    browser.option("Viewer").disappears().await;
    form.field("E-mail address").holds("bob@example.com").await;
    assert!(
        chosen.has_focus().await,
        "the focus is back where the list was opened"
    );

    reach_and_press(&browser, form.button("Send invitation"), Key::Enter).await;
    form.disappears().await;
    browser
        .row("bob@example.com")
        .says("Pending acceptance")
        .await;

    let menu = browser.button("What to do with bob@example.com");
    chooses(&browser, menu, &browser.menu_item("Remove")).await;
    let question = browser.dialog("Remove bob@example.com?");
    question.appears().await;
    browser.presses(Key::Escape).await;
    question.disappears().await;
    browser
        .row("bob@example.com")
        .says("Pending acceptance")
        .await;
}

async fn makes_an_environment(browser: &Browser) {
    let form = browser.dialog("New environment");
    opens_and_types(browser, "New environment", &form, "Name", "shop").await;
    reach(browser, &form.field("Find a group, or type a path")).await;
    browser.types("web/live").await;
    reach_and_press(browser, form.button("Create group web/live"), Key::Enter).await;
    form.checkbox("web/live").appears().await;
    reach_and_press(browser, form.button("Create environment"), Key::Enter).await;
    form.disappears().await;
    browser.row("shop").says("web/live").await;
}

async fn shares_it_directly(browser: &Browser) {
    reach_and_press(browser, browser.link("shop"), Key::Enter).await;
    browser.heading("Collaboration").appears().await;
    let form = browser.dialog("Share this environment");
    opens_and_types(
        browser,
        "Share",
        &form,
        "E-mail address",
        "dana@example.com",
    )
    .await;
    let roles = form.button("Roles: No role");
    chooses(browser, roles, &browser.option("Viewer")).await;
    form.button("Roles: Viewer").appears().await;
    reach_and_press(browser, form.button("Share"), Key::Enter).await;
    form.disappears().await;
    browser
        .row("dana@example.com")
        .says("Pending acceptance")
        .await;
}

async fn makes_a_policy_and_a_role(browser: &Browser) {
    reach_and_press(browser, browser.link("Settings"), Key::Enter).await;
    reach_and_press(browser, browser.link("Policies"), Key::Enter).await;
    let form = browser.dialog("New policy");
    opens_and_types(browser, "New policy", &form, "Name", "Night watch").await;
    finds_and_ticks(
        browser,
        &form,
        "Find an action",
        "usage over time",
        "View statistics",
    )
    .await;
    reach_and_press(browser, form.button("Create policy"), Key::Enter).await;
    form.disappears().await;
    browser
        .article("Your own")
        .entry("Night watch")
        .appears()
        .await;

    reach_and_press(browser, browser.link("Roles"), Key::Enter).await;
    let form = browser.dialog("New role");
    opens_and_types(browser, "New role", &form, "Name", "Watch").await;
    finds_and_ticks(browser, &form, "Find a policy", "night", "Night watch").await;
    let alerts = form.checkbox("Receive load alerts");
    reach_and_press(browser, alerts, Key::Space).await;
    reach_and_press(browser, form.button("Create role"), Key::Enter).await;
    form.disappears().await;
    browser.row("Watch").says("Receives").await;
}

async fn removes_several_members(browser: &Browser) {
    reach_and_press(browser, browser.link("Members"), Key::Enter).await;
    for name in ["ada", "bob"] {
        let member = browser.checkbox(&format!("Select {name}@example.com"));
        reach_and_press(browser, member, Key::Space).await;
    }
    browser.words("2 selected").is_said().await;
    let remove = browser.button("Remove");
    reach_and_press(browser, remove.clone(), Key::Enter).await;
    let question = browser.dialog("Remove 2 members?");
    question.appears().await;
    browser.presses(Key::Escape).await;
    question.disappears().await;
    browser.words("2 selected").is_said().await;
    browser
        .row("ada@example.com")
        .says("Pending acceptance")
        .await;

    reach_and_press(browser, remove, Key::Enter).await;
    question.appears().await;
    reach_and_press(browser, question.button("Remove"), Key::Enter).await;
    question.disappears().await;
    browser.row("ada@example.com").says("Removed").await;
    browser.row("bob@example.com").says("Removed").await;
    browser
        .row("dana@example.com")
        .says("Pending acceptance")
        .await;
}

async fn narrows_and_exports_the_record(browser: &Browser) {
    reach_and_press(browser, browser.link("Tasks"), Key::Enter).await;
    browser.words("made the environment shop").is_said().await;
    reach(browser, &browser.field("About")).await;
    browser.types("Members").await;
    browser
        .words("made the environment shop")
        .disappears()
        .await;
    browser.words("invited ada@example.com").is_said().await;
    let as_csv = browser.menu_item("For a spreadsheet (CSV)");
    chooses(browser, browser.button("Export"), &as_csv).await;
    browser
        .words("The record was saved as a file.")
        .is_said()
        .await;
}

async fn what_an_owner_makes_shares_and_removes(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    for name in ["ada", "bob"] {
        olga.invites(&format!("{name}@example.com"), Vec::new())
            .await;
    }
    let browser = stage.browser_of("olga").await;
    signs_in(&browser, &olga.email).await;
    browser.heading("Environments").appears().await;
    makes_an_environment(&browser).await;
    shares_it_directly(&browser).await;
    makes_a_policy_and_a_role(&browser).await;
    removes_several_members(&browser).await;
    narrows_and_exports_the_record(&browser).await;

    let made = olga.role_named("Watch").await;
    assert!(made.receive_load_alerts);
    let policy = olga.policy_named("Night watch").await;
    assert_eq!(made.policy_ids, [policy.id]);
    assert_eq!(policy.action_ids.len(), 1);
}

async fn what_somebody_is_invited_to(stage: &Stage) {
    let bob = stage.app.owner("bob").await;
    for name in ["olga", "otto", "pia"] {
        let owner = stage.app.owner(name).await;
        let viewer = owner.role_named("Viewer").await;
        let shop = owner.adds_environment(&format!("{name}-shop")).await;
        let shares = vec![share(Item::environment(shop.id), &[&viewer])];
        owner.invites(&bob.email, shares.clone()).await;
        if name == "pia" {
            owner.invites("dana@example.com", shares).await;
        }
    }
    let browser = stage.browser_of("bob").await;
    signs_in(&browser, &bob.email).await;
    let question = browser.dialog("3 invitations wait for you");
    question.appears().await;
    let accept = question.button("Accept the invitation of olga");
    reach_and_press(&browser, accept, Key::Enter).await;
    question
        .words("olga shares this with you from now on.")
        .is_said()
        .await;
    let reject = question.button("Reject the invitation of otto");
    reach_and_press(&browser, reject.clone(), Key::Enter).await;
    let sure = browser.dialog("Reject the invitation?");
    sure.appears().await;
    browser.presses(Key::Escape).await;
    sure.disappears().await;
    question.appears().await;
    reach_and_press(&browser, reject, Key::Enter).await;
    sure.appears().await;
    reach_and_press(&browser, sure.button("Reject invitation"), Key::Enter).await;
    sure.disappears().await;
    question.words("Rejected.").is_said().await;
    reach_and_press(&browser, question.button("Later"), Key::Enter).await;
    question.disappears().await;
    browser.row("olga-shop").says("Direct").await;

    // Somebody without an account, at the page of the link.
    let browser = stage.browser_of("dana").await;
    open_mailed_link(stage, &browser, "dana@example.com", "invitations").await;
    browser.heading("pia invites you").appears().await;
    reach_and_press(&browser, browser.button("Reject"), Key::Enter).await;
    is_asked_and_goes_back(&browser).await;
    reach(&browser, &browser.field("Password")).await;
    browser.types(PASSWORD).await;
    reach_and_press(&browser, browser.button("Accept invitation"), Key::Enter).await;
    browser.heading("You are in").appears().await;
    let on = browser.link("Go to your environments");
    reach_and_press(&browser, on, Key::Enter).await;
    browser.row("pia-shop").appears().await;
}

/// Is asked whether to reject, and goes back without.
async fn is_asked_and_goes_back(browser: &Browser) {
    let question = browser.dialog("Reject the invitation?");
    question.appears().await;
    reach_and_press(browser, question.button("Cancel"), Key::Enter).await;
    question.disappears().await;
}

async fn suspending_takes_two_keys(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = stage.app.owner("bob").await;
    olga.invites(&bob.email, Vec::new()).await;
    bob.accepts(&olga).await;
    browser.opens("/settings/members").await;
    let menu = browser.button("What to do with bob@example.com");
    chooses(&browser, menu, &browser.menu_item("Suspend")).await;
    let question = browser.dialog("Suspend bob@example.com?");
    question.appears().await;
    assert!(
        question.button("Suspend").has_focus().await,
        "one more key suspends"
    );
    browser.presses(Key::Enter).await;
    browser.row("bob@example.com").says("Suspended").await;
    browser.button("Undo").click().await;
    browser.row("bob@example.com").says("Active").await;
}

in_chromium!(both: signing_in_and_inviting, what_somebody_is_invited_to);
in_chromium!(
    suspending_takes_two_keys,
    what_an_owner_makes_shares_and_removes,
);
