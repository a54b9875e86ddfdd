//! Everything can be done with the keyboard alone.

use accord_testkit::browser::{Browser, Key, Place, Stage};
use accord_testkit::{PASSWORD, in_chromium};

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

async fn signing_in_and_inviting(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    olga.adds_environment("shop").await;
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    let email = browser.field("E-mail address");
    email.appears().await;
    assert!(email.has_focus().await, "typing can begin at once");
    browser.types(&olga.email).await;
    reach(&browser, &browser.field("Password")).await;
    browser.types(PASSWORD).await;
    browser.presses(Key::Enter).await;
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
    reach_and_press(&browser, roles, Key::Enter).await;
    browser.option("Viewer").appears().await;
    while !browser.option("Viewer").has_focus().await {
        let before = browser
            .script("return document.activeElement.textContent")
            .await;
        browser.presses(Key::Down).await;
        let after = browser
            .script("return document.activeElement.textContent")
            .await;
        assert_ne!(before, after, "the list of roles ends before Viewer");
    }
    browser.presses(Key::Enter).await;
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
    reach_and_press(&browser, menu, Key::Enter).await;
    browser.menu_item("Edit").appears().await;
    while !browser.menu_item("Remove").has_focus().await {
        browser.presses(Key::Down).await;
        assert!(
            !browser.menu_item("Edit").has_focus().await,
            "the menu goes round before Remove"
        );
    }
    browser.presses(Key::Enter).await;
    let question = browser.dialog("Remove bob@example.com?");
    question.appears().await;
    browser.presses(Key::Escape).await;
    question.disappears().await;
    browser
        .row("bob@example.com")
        .says("Pending acceptance")
        .await;
}

in_chromium!(signing_in_and_inviting);
