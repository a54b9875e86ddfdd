//! After signing in with invitations waiting: accept, reject, later, and what was added.

use accord_client::types::{Item, MemberStatus};
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{fill_sign_in, sign_in};

async fn several_invitations_are_decided_after_signing_in(stage: &Stage) {
    let bob = stage.app.owner("bob").await;
    let mut owners = Vec::new();
    for name in ["olga", "otto", "pia"] {
        let owner = stage.app.owner(name).await;
        let shop = owner.adds_environment(&format!("{name}-shop")).await;
        let viewer = owner.role_named("Viewer").await;
        let member = owner
            .invites(
                &bob.email,
                vec![share(Item::environment(shop.id), &[&viewer])],
            )
            .await;
        owners.push((owner, shop, member));
    }
    let browser = stage.browser_of("bob").await;
    browser.opens("/sign-in").await;
    fill_sign_in(&browser, &bob.email).await;
    let question = browser.dialog("3 invitations wait for you");
    question.appears().await;
    browser.has_no_barriers("invitations that wait").await;
    question
        .button("Accept the invitation of olga")
        .click()
        .await;
    question
        .words("olga shares this with you from now on.")
        .is_said()
        .await;
    question.link("olga-shop").appears().await;
    question
        .button("Reject the invitation of otto")
        .click()
        .await;
    let sure = browser.dialog("Reject the invitation?");
    sure.button("Reject invitation").click().await;
    sure.disappears().await;
    question.words("Rejected.").is_said().await;
    browser
        .has_no_barriers("invitations that were decided")
        .await;
    question.button("Later").click().await;
    question.disappears().await;
    browser.row("olga-shop").says("Direct").await;

    let now = async |at: usize| owners[at].0.status_of(&owners[at].2).await;
    assert_eq!(now(0).await, MemberStatus::Active);
    assert_eq!(now(1).await, MemberStatus::Rejected);
    assert_eq!(now(2).await, MemberStatus::Pending);

    // Later is asked about once, and waits under Shared with me.
    browser.reloads().await;
    browser.row("olga-shop").appears().await;
    assert_eq!(browser.dialog("pia invites you").count().await, 0);
    browser.opens("/settings/shared-with-me").await;
    browser.heading("Waiting for your answer").appears().await;
    browser.article("pia").button("Accept").click().await;
    let added = browser.dialog("Added to your dashboard");
    added.entry("pia-shop").says("Viewer").await;
    browser.has_no_barriers("what was added").await;
    added.link("pia-shop").click().await;
    let shop = &owners[2];
    browser
        .is_at(&format!("/environments/{}/{}", shop.0.id, shop.1.id))
        .await;
    browser.heading("pia-shop").appears().await;
}

async fn whoever_has_nothing_waiting_is_not_asked(stage: &Stage) {
    let bob = stage.app.owner("bob").await;
    let browser = stage.browser_of("bob").await;
    sign_in(&browser, &bob.email).await;
    browser.words("No environments yet").is_said().await;
    let dialogs = "return document.querySelectorAll('dialog').length";
    assert_eq!(browser.script(dialogs).await, 0);

    let olga = stage.app.owner("olga").await;
    olga.invites(&bob.email, Vec::new()).await;
    browser.reloads().await;
    let question = browser.dialog("olga invites you");
    question
        .words("items can be shared with you after you have joined")
        .is_said()
        .await;
    browser
        .has_no_barriers("an invitation to nothing yet")
        .await;
    question.button("Close").click().await;
    question.disappears().await;
}

in_chromium!(both: several_invitations_are_decided_after_signing_in);
in_chromium!(whoever_has_nothing_waiting_is_not_asked);
