//! What one person does appears before the other, without a reload.

use std::time::{Duration, Instant};

use accord_client::types::{Item, PageQuery, UpdateEnvironment};
use accord_testkit::browser::Stage;
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, eventually, in_chromium};

use super::steps::owner_in_browser;

/// Far less than the dashboard waits before it asks by itself.
const AT_ONCE: Duration = Duration::from_secs(10);

async fn what_an_owner_does_reaches_the_members_open_dashboard(stage: &Stage) {
    let (olga, hers) = owner_in_browser(stage, "olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    hers.row("shop").appears().await;
    hers.opens("/settings/members").await;
    hers.words("Nobody yet").is_said().await;

    let (bob, his) = owner_in_browser(stage, "bob").await;
    // What appears by itself shows that he listens.
    bob.adds_environment("mine").await;
    his.row("mine").appears().await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let member = olga.invites(&bob.email, shares).await;
    his.words("olga invites you.").first().is_said().await;
    hers.row("bob@example.com").says("Pending acceptance").await;

    bob.accepts(&olga).await;
    his.row("shop").says("Base").await;
    hers.row("bob@example.com").says("Active").await;
    his.has_no_barriers("a shared environment that appeared by itself")
        .await;

    let begun = Instant::now();
    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    his.words("olga suspended your access")
        .first()
        .is_said()
        .await;
    his.row("shop").disappears().await;
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    his.row("mine").appears().await;
    his.has_no_barriers("a list that lost what was shared")
        .await;
    hers.row("bob@example.com").says("Suspended").await;

    // One environment alone is gone just so.
    olga.activate_member(olga.id, member.id)
        .await
        .expect("activated");
    his.row("shop").appears().await;
    his.opens(&format!("/environments/{}/{}", olga.id, shop.id))
        .await;
    his.heading("shop").appears().await;
    his.expects(404, "/accounts/");
    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    his.words("Not found").first().is_said().await;
    his.heading("shop").disappears().await;
}

async fn what_is_typed_stays_while_others_work(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let elsewhere = olga.signed_in_elsewhere().await;
    let shop = olga.adds_environment("shop").await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").fill("bob@example.com").await;
    elsewhere.invites("carol@example.com", Vec::new()).await;
    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    elsewhere
        .update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("renamed");
    // The list behind the form has heard of it; the form is as it was.
    let list = "return document.querySelector('main').textContent.includes('carol@example.com')";
    eventually("the list behind the form shows her", async || {
        browser.script(list).await == true
    })
    .await;
    form.field("E-mail address").holds("bob@example.com").await;
    assert!(form.field("E-mail address").has_focus().await);
}

async fn a_second_tab_hears_what_the_first_hears(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens_in_another_tab("/environments").await;
    browser.words("No environments yet").is_said().await;
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
    browser.turns_to_the_first_tab().await;
    browser.row("shop").appears().await;

    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    let shop = olga.sees().await.remove(0);
    olga.update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("renamed");
    browser.row("store").appears().await;
}

async fn a_session_that_is_ended_elsewhere_says_so_at_once(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let sessions = olga
        .sessions(&PageQuery::default())
        .await
        .expect("sessions");
    browser.expects(401, "/");
    for session in sessions.items.iter().filter(|session| !session.current) {
        olga.end_session(session.id).await.expect("ended");
    }
    let question = browser.dialog("Your session has ended");
    question.appears().await;
    browser.has_no_barriers("a session that was ended").await;
    question.field("Password").fill(PASSWORD).await;
    question.button("Sign in").click().await;
    question.disappears().await;
    // It listens again.
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
}

in_chromium!(
    both:
    what_an_owner_does_reaches_the_members_open_dashboard,
);

in_chromium!(
    what_is_typed_stays_while_others_work,
    a_second_tab_hears_what_the_first_hears,
    a_session_that_is_ended_elsewhere_says_so_at_once,
);
