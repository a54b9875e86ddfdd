//! What is done elsewhere appears in an open dashboard, without a reload.

use accord_client::types::{
    ChooseNotification, ChooseNotifications, Item, NewShare, NotificationKind, PageQuery,
    UpdateEnvironment, UpdateMember, UpdateRole,
};
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, eventually, in_chromium};
use chrono::TimeDelta;

use super::steps::{owner_in_browser, sign_in};

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

    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    his.words("olga suspended your access")
        .first()
        .is_said()
        .await;
    his.row("shop").disappears().await;
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

/// What a line of a list shows may change while its item stays.
async fn lines_that_stay_show_what_became_of_them(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let (bob, his) = owner_in_browser(stage, "bob").await;
    let (viewer, developer) = (
        olga.role_named("Viewer").await,
        olga.role_named("Developer").await,
    );
    let shop = olga.adds_environment("shop").await;
    let on_shop = |role| share(Item::environment(shop.id), &[role]);
    let member = olga.invites(&bob.email, vec![on_shop(&viewer)]).await;
    bob.accepts(&olga).await;
    let hers = stage.browser_of("olga").await;
    sign_in(&hers, &olga.email).await;
    hers.opens(&format!("/settings/members/{}", member.id))
        .await;
    hers.row("shop").says("Viewer").await;
    his.opens("/settings/shared-with-me").await;
    let card = his.article("olga");
    card.says("Viewer").await;
    card.button("What you may do where").click().await;
    let listed = async |browser: &Browser, role: &str| {
        let list = browser
            .script("return document.querySelector('.effective-list')?.textContent")
            .await;
        list.as_str().is_some_and(|list| list.contains(role))
    };
    eventually("what he may do where is listed", async || {
        listed(&his, "Viewer").await
    })
    .await;

    // A role takes the place of another on the same share, while he gives the collaboration a name.
    card.button("Name olga for yourself").click().await;
    let form = his.dialog("Name it for yourself");
    form.field("Your name for it optional").fill("Work").await;
    let body = UpdateMember {
        shares: Some(vec![on_shop(&developer)]),
        ..Default::default()
    };
    olga.update_member(olga.id, member.id, &body, None)
        .await
        .expect("changed");
    hers.row("shop").says("Developer").await;
    eventually("what lies behind the form has changed", async || {
        listed(&his, "Developer").await
    })
    .await;
    form.field("Your name for it optional").holds("Work").await;
    form.button("Save").click().await;
    let card = his.article("Work");
    card.says("Developer").await;
    card.words("Viewer").disappears().await;

    let body = UpdateMember {
        shares: Some(vec![NewShare {
            expires_at: Some(stage.app.clock.now() + TimeDelta::days(40)),
            ..on_shop(&developer)
        }]),
        ..Default::default()
    };
    olga.update_member(olga.id, member.id, &body, None)
        .await
        .expect("changed");
    card.says("· ends").await;
    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    olga.update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("renamed");
    card.words("shop").disappears().await;
    hers.row("store").appears().await;
    let body = UpdateRole {
        name: Some("Builder".into()),
        ..Default::default()
    };
    olga.update_role(olga.id, developer.id, &body, None)
        .await
        .expect("renamed");
    card.words("Developer").disappears().await;
    hers.row("store").says("Builder").await;

    // Who has a role, and on what.
    hers.opens("/settings/roles").await;
    hers.button("Who has Builder: 1 member · 1 share")
        .click()
        .await;
    let users = hers.dialog("Who has Builder");
    users.entry(&bob.email).says("1 environment").await;
    let body = UpdateMember {
        shares: Some(vec![share(Item::ENVIRONMENTS, &[&developer])]),
        ..Default::default()
    };
    olga.update_member(olga.id, member.id, &body, None)
        .await
        .expect("changed");
    users.entry(&bob.email).says("All environments").await;
    card.says("All environments").await;
}

async fn the_screens_of_ones_own_account_follow(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/profile").await;
    browser.words("This browser").is_said().await;
    assert_eq!(browser.button("End all other sessions").count().await, 0);
    let elsewhere = olga.signed_in_elsewhere().await;
    browser.button("End all other sessions").appears().await;
    elsewhere.sign_out().await.expect("signed out");
    browser.button("End all other sessions").disappears().await;

    browser.opens("/settings/notifications").await;
    let mailed = browser.checkbox("E-mail: Load alerts");
    mailed.appears().await;
    assert!(mailed.is_ticked().await);
    let off = ChooseNotification {
        email: Some(false),
        dashboard: None,
    };
    let body = ChooseNotifications::one(NotificationKind::LoadAlert, off);
    olga.choose_notifications(&body, None)
        .await
        .expect("chosen elsewhere");
    eventually("the choice is shown", async || !mailed.is_ticked().await).await;
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
    a_session_that_is_ended_elsewhere_says_so_at_once,
);

in_chromium!(
    lines_that_stay_show_what_became_of_them,
    the_screens_of_ones_own_account_follow,
    a_second_tab_hears_what_the_first_hears,
    what_is_typed_stays_while_others_work,
);
