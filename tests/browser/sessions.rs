//! Signing in and out, places that are linked to, and sessions that end.

use accord_client::types::PageQuery;
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;

use super::steps::{choose_from_menu, fill_sign_in, owner_in_browser};

async fn a_linked_place_survives_a_reload(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let shop = olga.adds_environment("shop").await;
    let place = format!("/environments/{}/{}", olga.id, shop.id);
    browser.opens(&place).await;
    browser.heading("shop").appears().await;
    browser.reloads().await;
    browser.heading("shop").appears().await;
    browser.is_at(&place).await;

    browser.link("Groups").click().await;
    browser.heading("Environment groups").appears().await;
    browser.goes_back().await;
    browser.heading("shop").appears().await;
}

async fn whoever_must_sign_in_first_is_led_back(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let browser = stage.browser_of("olga").await;
    browser.opens("/settings/roles").await;
    browser.is_at("/sign-in").await;
    browser.expects(401, "/auth/sign-in");
    browser.field("E-mail address").fill(&olga.email).await;
    browser
        .field("Password")
        .fill("a password that is not hers")
        .await;
    browser.button("Sign in").click().await;
    browser.field("E-mail address").holds(&olga.email).await;
    browser
        .words("No account has this address with this password.")
        .is_said()
        .await;
    browser.has_no_barriers("a wrong password").await;
    fill_sign_in(&browser, &olga.email).await;
    browser.heading("Roles").appears().await;
    browser.is_at("/settings/roles").await;
}

async fn a_place_that_is_gone_says_so(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let shop = olga.adds_environment("shop").await;
    let place = format!("/environments/{}/{}", olga.id, shop.id);
    browser.opens(&place).await;
    browser.heading("shop").appears().await;
    let gone = olga.delete_environment(olga.id, shop.id, None).await;
    gone.expect("deleted");
    browser.expects(404, "/accounts/");
    browser.reloads().await;
    browser.words("Not found").first().is_said().await;
    browser.has_no_barriers("an environment that is gone").await;
    browser.link("Environments").first().click().await;
    browser.words("No environments yet").is_said().await;
}

async fn whoever_signs_out_leaves_nothing_behind(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    // What the page is still asking for would be refused.
    browser.words("of 4 done").first().is_said().await;
    choose_from_menu(&browser, "Your account", "Sign out").await;
    browser.is_at("/sign-in").await;
    browser.opens("/environments").await;
    browser.heading("Sign in").appears().await;
}

async fn nothing_typed_is_lost_when_a_session_ends(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill("bob@example.com").await;

    let sessions = olga
        .sessions(&PageQuery::default())
        .await
        .expect("sessions")
        .items;
    for session in sessions.iter().filter(|session| !session.current) {
        olga.end_session(session.id).await.expect("ended");
    }
    // Nobody has to try something first: the dashboard hears of it.
    let question = browser.dialog("Your session has ended");
    question.appears().await;
    browser.has_no_barriers("a session that ended").await;
    question
        .field("Password")
        .fill(accord_testkit::PASSWORD)
        .await;
    question.button("Sign in").click().await;
    question.disappears().await;

    form.field("E-mail address").holds("bob@example.com").await;
    form.button("Send invitation").click().await;
    browser
        .row("bob@example.com")
        .says("Pending acceptance")
        .await;
}

async fn a_form_that_is_closed_by_accident_is_kept(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill("bob@example.com").await;
    form.button("Close").click().await;
    browser.button("Keep editing").appears().await;
    browser
        .has_no_barriers("the question whether to discard")
        .await;
    browser.button("Keep editing").click().await;
    form.field("E-mail address").holds("bob@example.com").await;
    form.button("Close").click().await;
    browser.button("Discard").click().await;
    form.disappears().await;
}

in_chromium!(
    both:
    whoever_must_sign_in_first_is_led_back,
    whoever_signs_out_leaves_nothing_behind,
    nothing_typed_is_lost_when_a_session_ends,
);
in_chromium!(
    a_linked_place_survives_a_reload,
    a_place_that_is_gone_says_so,
    a_form_that_is_closed_by_accident_is_kept,
);
