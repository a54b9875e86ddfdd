//! Parts of pages and dialogs while nothing has come for them yet, and when the server fails at them.

use accord_client::types::Item;
use accord_testkit::Person;
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;

use super::super::steps::choose_from_menu;
use super::failing::{FAILURE, NO_ANSWER, only_at, part_waits_and_fails};
use super::{Eye, SETTLED, shows, signed_in, small_company};

/// How a part shows that it waits, and that it failed, after the script that makes it so.
type States = [(&'static str, &'static str, &'static str); 2];

const LISTS_IN_DIALOGS: States = [
    ("loading", NO_ANSWER, "dialog .skeleton"),
    ("error", FAILURE, "dialog .empty[role=alert]"),
];
const PREVIEWS: States = [
    ("loading", NO_ANSWER, "dialog .preview[aria-busy=true]"),
    ("error", FAILURE, "dialog .preview-failed"),
];

/// What is asked for by itself inside a page, and inside what opens over one.
pub(crate) async fn inside(stage: &Stage, eye: &mut impl Eye) {
    let (owner, browser) = small_company(stage).await;
    sections(eye, &owner, &browser).await;
    removals(eye, &owner, &browser).await;
    forms(eye, &browser).await;
    shared_with_me(stage, eye, &owner).await;
}

async fn sections(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let environments = owner.sees().await;
    let shop = environments.iter().find(|one| one.name == "shop-web");
    let shop = shop.expect("the shop").id;
    let members = owner.members(owner.id, &Default::default()).await;
    let members = members.expect("members").items;
    let id_of = |name: &str| {
        let found = members.iter().find(|one| one.email.starts_with(name));
        found.expect("a member of the company").id
    };
    let environment = format!("/environments/{}/{shop}", owner.id);
    let active = format!("/settings/members/{}", id_of("mei-ling"));
    let pending = format!("/settings/members/{}", id_of("jonas"));
    let away = ("/settings/profile", "main .sessions");
    for (name, place, part_of_address) in [
        ("environment-access", &environment, "/access"),
        ("member-timeline", &active, "/timeline"),
        ("member-access", &active, "/access"),
        ("member-access-draft", &pending, "/draft-access"),
    ] {
        let place = (name, place.as_str(), "main h1[tabindex]");
        part_waits_and_fails(eye, browser, place, away, part_of_address).await;
    }
}

/// What is lost, before it is removed.
async fn removals(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let environments = owner.sees().await;
    let shop = environments.iter().find(|one| one.name == "shop-web");
    let shop = shop.expect("the shop");
    let members = owner.members(owner.id, &Default::default()).await;
    let members = members.expect("members").items;
    let mei_ling = members.iter().find(|one| one.email.starts_with("mei-ling"));
    let developer = owner.role_named("Developer").await;
    let mei_ling = mei_ling.expect("a member of the company");
    owner.shares_directly(shop, mei_ling, &[&developer]).await;
    let environment = format!("/environments/{}/{}", owner.id, shop.id);
    for (name, place, menu, entry, states) in [
        (
            "group-contents",
            "/groups",
            "Change group content",
            "Choose environments",
            LISTS_IN_DIALOGS,
        ),
        (
            "group-remove",
            "/groups",
            "Change group shop",
            "Remove",
            LISTS_IN_DIALOGS,
        ),
        (
            "environment-remove",
            "/environments",
            "What to do with shop-web",
            "Remove",
            LISTS_IN_DIALOGS,
        ),
        (
            "role-remove",
            "/settings/roles",
            "What to do with Developer",
            "Remove",
            LISTS_IN_DIALOGS,
        ),
        (
            "policy-remove",
            "/settings/policies",
            "What to do with Release manager",
            "Remove",
            PREVIEWS,
        ),
        (
            "member-remove",
            "/settings/members",
            "What to do with Mei-Ling Zhou",
            "Remove",
            PREVIEWS,
        ),
        (
            "environment-unshare",
            &environment,
            "What to do with Mei-Ling Zhou",
            "Remove direct access",
            PREVIEWS,
        ),
    ] {
        for (state, script, sign) in states {
            browser.opens(place).await;
            browser.button(menu).appears().await;
            browser.script(script).await;
            choose_from_menu(browser, menu, entry).await;
            shows(browser, &format!("{name}, {state}"), sign).await;
            browser.script(SETTLED).await;
            eye.look(browser, &format!("{name}-{state}")).await;
        }
    }
}

/// What is said about a draft while it is changed: saving does not wait for it.
async fn forms(eye: &mut impl Eye, browser: &Browser) {
    browser.opens("/settings/roles").await;
    choose_from_menu(browser, "What to do with Developer", "Edit").await;
    let form = browser.dialog("Edit Developer");
    form.checkbox("Deploy").appears().await;
    browser.script(&only_at(FAILURE, "/preview")).await;
    form.checkbox("Deploy").click().await;
    form.words("is not known.").first().is_said().await;
    eye.look(browser, "role-edit-preview-error").await;

    for (state, script, sign) in [
        ("loading", NO_ANSWER, ".will-have[aria-busy=true]"),
        ("error", FAILURE, ".will-have .notice"),
    ] {
        browser.opens("/settings/members").await;
        browser.button("Invite").first().appears().await;
        browser.script(&only_at(script, "/draft-access")).await;
        browser.button("Invite").first().click().await;
        let form = browser.dialog("Invite a member");
        form.button("Roles on Environments: No role")
            .appears()
            .await;
        shows(browser, &format!("what they will have, {state}"), sign).await;
        eye.look(browser, &format!("invite-outcomes-{state}")).await;
    }
}

/// What a member may do where, and what they would lose.
async fn shared_with_me(stage: &Stage, eye: &mut impl Eye, owner: &Person) {
    let viewer = owner.role_named("Viewer").await;
    let bob = stage.app.owner("bob").await;
    owner
        .invites(&bob.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    bob.accepts(owner).await;
    let browser = signed_in(stage, &bob).await;
    let card = browser.article(&owner.name);
    for (state, script, sign) in [
        ("loading", NO_ANSWER, ".effective .skeleton"),
        ("error", FAILURE, ".effective .empty[role=alert]"),
    ] {
        browser.opens("/settings/shared-with-me").await;
        card.button("Leave").appears().await;
        browser.script(script).await;
        card.button("What you may do where").click().await;
        shows(&browser, &format!("what is where, {state}"), sign).await;
        eye.look(&browser, &format!("shared-with-me-where-{state}"))
            .await;
    }
    for (state, script, sign) in LISTS_IN_DIALOGS {
        browser.opens("/settings/shared-with-me").await;
        card.button("Leave").appears().await;
        browser.script(script).await;
        card.button("Leave").click().await;
        shows(&browser, &format!("what is lost, {state}"), sign).await;
        eye.look(&browser, &format!("leave-{state}")).await;
    }
}
