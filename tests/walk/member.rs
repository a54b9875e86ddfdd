//! Somebody with whom others share: what they see, and what a delegate may do.

use accord_client::types::Item;
use accord_testkit::browser::Stage;
use accord_testkit::people::share;

use super::failing::FAILURE;
use super::{Eye, OWNER, fill, signed_in, visit};

/// Collaborations in every state that a member sees.
pub(crate) async fn member(stage: &Stage, eye: &mut impl Eye) {
    let owner = stage.app.owner(OWNER).await;
    fill(&stage.app, &owner).await;
    let bob = stage.app.owner("bob").await;
    let viewer = owner.role_named("Viewer").await;
    let developer = owner.role_named("Developer").await;
    let manager = owner
        .role_of("Manager", &["collaboration.manage", "files.read"])
        .await;
    let staging = owner.group_at("shop/staging").await;
    let environments = owner.sees().await;
    let named = |name: &str| {
        let found = environments.iter().find(|one| one.name == name);
        found.expect("an environment of the company")
    };
    let (shop, api) = (named("shop-web"), named("shop-api"));
    owner
        .invites(
            &bob.email,
            vec![
                share(Item::ENVIRONMENTS, &[&viewer]),
                share(Item::group(staging.id), &[&developer]),
                share(Item::environment(shop.id), &[&manager]),
            ],
        )
        .await;
    bob.accepts(&owner).await;
    let suspending = stage.app.owner("severin").await;
    let record = suspending.invites(&bob.email, Vec::new()).await;
    bob.accepts(&suspending).await;
    suspending
        .suspend_member(suspending.id, record.id)
        .await
        .expect("suspended");
    let inviting = stage.app.owner("hedwig").await;
    let user = inviting.role_named("User").await;
    inviting
        .invites(&bob.email, vec![share(Item::GROUPS, &[&user])])
        .await;

    let browser = signed_in(stage, &bob).await;
    let question = browser.dialog("hedwig invites you");
    question.button("Later").click().await;
    question.disappears().await;
    let place = "/environments";
    visit(eye, &browser, "environments-shared", place, "shop-web").await;
    let place = format!("/environments/{}/{}", owner.id, api.id);
    let words = "What you may do here";
    visit(eye, &browser, "environment-shared", &place, words).await;
    let place = format!("/environments/{}/{}", owner.id, shop.id);
    visit(eye, &browser, "environment-delegate", &place, "Tomás").await;
    let place = format!("/tasks?owner={}", owner.id);
    visit(eye, &browser, "tasks-of-another", &place, "shop").await;
    let place = format!("/environments?owner={}", suspending.id);
    let words = "shares no environments with you";
    visit(eye, &browser, "environments-of-nobody", &place, words).await;
    let place = "/settings/shared-with-me";
    let words = "Waiting for your answer";
    visit(eye, &browser, "shared-with-me", place, words).await;
    let from_ingrid = browser.article("ingrid");
    from_ingrid.button("What you may do where").click().await;
    from_ingrid.entry("magazine").appears().await;
    eye.look(&browser, "shared-with-me-where").await;
    browser.link("Why? Your access to shop-web").click().await;
    let dialog = browser.dialog("Your access to shop-web");
    dialog.radio("Read files").click().await;
    dialog.words("Yes: you may").is_said().await;
    eye.look(&browser, "why-own").await;
    browser.opens(place).await;
    from_ingrid.button("Leave").click().await;
    browser.dialog("Leave the collaboration?").appears().await;
    eye.look(&browser, "leave").await;
    browser.opens(place).await;
    from_ingrid.button("Name ingrid for yourself").click().await;
    browser.dialog("Name it for yourself").appears().await;
    eye.look(&browser, "label").await;
    browser.opens(place).await;
    browser.article("hedwig").button("Accept").click().await;
    browser.dialog("Added to your dashboard").appears().await;
    eye.look(&browser, "added").await;

    // An account that was made by accepting takes part, and hosts nothing.
    owner.invites("vera@example.com", Vec::new()).await;
    let token = stage.app.invitation_token_for("vera@example.com").await;
    let vera = stage
        .app
        .accepts_as_new_person(&token, "vera", accord_testkit::PASSWORD)
        .await;
    let browser = signed_in(stage, &vera).await;
    let place = "/settings/members";
    let words = "This account takes part, it does not host";
    visit(eye, &browser, "members-not-hosting", place, words).await;
    let place = "/environments";
    let words = "No environments yet";
    visit(eye, &browser, "environments-not-hosting", place, words).await;
    let place = "/settings/profile";
    let words = "Upgrade this account";
    visit(eye, &browser, "profile-not-hosting", place, words).await;
    browser.script(FAILURE).await;
    browser.button(words).click().await;
    browser.words("quote request 0197").first().is_said().await;
    eye.look(&browser, "profile-upgrade-failed").await;
    browser.opens("/settings/members").await;
    browser.button(words).appears().await;
    browser.script(FAILURE).await;
    browser.button(words).click().await;
    browser.words("quote request 0197").first().is_said().await;
    eye.look(&browser, "members-upgrade-failed").await;
}
