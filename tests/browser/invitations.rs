//! The invitation page before everybody who may stand there, and after everything that may become of it.

use accord_client::types::Item;
use accord_testkit::browser::{Key, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, in_chromium};
use chrono::Duration;

use super::steps::{fill_sign_in, open_mailed_link, owner_in_browser};

const BOB: &str = "bob@example.com";

async fn invite_bob(olga: &Person) {
    let viewer = olga.role_named("Viewer").await;
    olga.adds_environment("shop").await;
    olga.invites(BOB, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
}

async fn somebody_else_is_offered_to_switch(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    invite_bob(&olga).await;
    let (_, browser) = owner_in_browser(stage, "eve").await;
    open_mailed_link(stage, &browser, BOB, "invitations").await;
    browser
        .words("and you are signed in as eve@example.com")
        .is_said()
        .await;
    assert_eq!(browser.button("Accept invitation").count().await, 0);
    browser
        .has_no_barriers("an invitation for somebody else")
        .await;
    browser
        .button(&format!("Sign out and go on as {BOB}"))
        .click()
        .await;
    browser
        .heading("Choose a password to accept")
        .appears()
        .await;
}

async fn whoever_has_an_account_signs_in_and_is_back(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    stage.app.owner("bob").await;
    invite_bob(&olga).await;
    let browser = stage.browser_of("bob").await;
    let link = open_mailed_link(stage, &browser, BOB, "invitations").await;
    browser.heading("Sign in to accept").appears().await;
    browser.field("E-mail address").holds(BOB).await;
    browser
        .has_no_barriers("an invitation for somebody with an account")
        .await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Sign in").click().await;
    browser.is_at(&link).await;
    browser.button("Accept invitation").appears().await;
    browser.has_no_barriers("an invitation to decide").await;

    // Later: it waits where the page says.
    browser.link("Settings, Shared with me").click().await;
    browser.heading("Waiting for your answer").appears().await;
    browser.goes_back().await;
    browser.button("Accept invitation").click().await;
    browser.heading("You are in").appears().await;
    browser.entry("All environments").says("Viewer").await;

    browser.reloads().await;
    browser.heading("Already accepted").appears().await;
}

async fn rejecting_asks_once_and_leaves_nothing_behind(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    invite_bob(&olga).await;
    let browser = stage.browser_of("bob").await;
    open_mailed_link(stage, &browser, BOB, "invitations").await;
    browser.button("Reject").click().await;
    let question = browser.dialog("Reject the invitation?");
    question.appears().await;
    browser.has_no_barriers("rejecting").await;
    question.button("Cancel").click().await;
    question.disappears().await;
    browser.button("Reject").click().await;
    question.button("Reject invitation").click().await;
    browser.heading("Rejected").appears().await;
    browser.has_no_barriers("a rejected invitation").await;

    browser.opens("/sign-in").await;
    browser.expects(401, "/auth/sign-in");
    fill_sign_in(&browser, BOB).await;
    browser
        .words("No account has this address with this password.")
        .is_said()
        .await;
}

async fn a_link_that_is_no_longer_open_says_why(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    invite_bob(&olga).await;
    let browser = stage.browser_of("bob").await;
    let first = open_mailed_link(stage, &browser, BOB, "invitations").await;
    browser.heading("olga invites you").appears().await;
    let member = olga
        .members(olga.id, &Default::default())
        .await
        .expect("members")
        .items
        .remove(0);

    olga.resend_invitation(olga.id, member.id)
        .await
        .expect("sent again");
    browser.opens(&first).await;
    browser.heading("A newer link was sent").appears().await;
    browser.has_no_barriers("a replaced invitation").await;

    let second = open_mailed_link(stage, &browser, BOB, "invitations").await;
    browser.heading("olga invites you").appears().await;
    stage.app.clock.advance(Duration::days(8));
    browser.opens(&second).await;
    browser.heading("Expired").appears().await;
    browser.has_no_barriers("an expired invitation").await;

    stage.app.signs_in(&olga).await;
    olga.remove_member(olga.id, member.id, None)
        .await
        .expect("removed");
    browser.opens(&second).await;
    browser.heading("Withdrawn").appears().await;

    browser.expects(404, "/invitations/");
    browser
        .opens("/invitations/there-never-was-such-a-token")
        .await;
    browser.words("Not found").first().is_said().await;
    browser.has_no_barriers("an unknown invitation").await;
}

in_chromium!(
    both:
    somebody_else_is_offered_to_switch,
    whoever_has_an_account_signs_in_and_is_back,
    rejecting_asks_once_and_leaves_nothing_behind,
    a_link_that_is_no_longer_open_says_why,
);
async fn a_link_is_copied_by_hand_where_a_page_has_no_clipboard(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let member = olga.invites(BOB, Vec::new()).await;
    browser
        .opens(&format!("/settings/members/{}", member.id))
        .await;
    browser.button("Copy link").click().await;
    let dialog = browser.dialog(&format!("Invitation link for {BOB}"));
    dialog.button("Copy").click().await;
    dialog.words("Copied.").is_said().await;
    browser.presses(Key::Escape).await;
    dialog.disappears().await;

    // As on a page without TLS.
    browser.script("delete Navigator.prototype.clipboard").await;
    browser.button("Copy link").click().await;
    dialog.button("Copy").click().await;
    dialog
        .words("The browser did not let it be copied. It is selected: copy it by hand.")
        .is_said()
        .await;
    let selected = browser
        .script(
            "const field = document.querySelector('.to-copy');
             return field.value.slice(field.selectionStart, field.selectionEnd)",
        )
        .await;
    let selected = selected.as_str().expect("a text").to_owned();
    assert!(selected.contains("/invitations/"), "{selected}");
    dialog.field("Link").holds(&selected).await;
    browser.has_no_barriers("a link to be copied").await;
}

in_chromium!(a_link_is_copied_by_hand_where_a_page_has_no_clipboard);
