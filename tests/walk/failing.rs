//! Every screen while nothing has come yet, and when the server fails.

use accord_client::types::{CreateWebhook, Item, WebhookEventType};
use accord_testkit::browser::{Browser, Key, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person};

use super::super::steps::choose_from_menu;
use super::visitors::place_of_way_out;
use super::{Eye, SETTLED, WIDE, shows, small_company};

/// Answers of the server as the page gets them: none yet, and one that says it failed. Given to the
/// page's own `fetch`, so that the console stays clean; what is no question to the API goes its way.
pub(super) const NO_ANSWER: &str = "
const real = window.fetch;
window.fetch = (what, ...more) => new URL(what.url ?? what, location.href).pathname.includes('/api/')
  ? new Promise(() => {})
  : real(what, ...more);";
pub(super) const FAILURE: &str = "
const real = window.fetch;
window.fetch = (what, ...more) => {
  const address = new URL(what.url ?? what, location.href);
  if (!address.pathname.includes('/api/')) return real(what, ...more);
  const answer = new Response(JSON.stringify({
    type: 'about:blank', title: 'Internal error', status: 500, detail: '', code: 'internal', request_id: '0197'
  }), { status: 500, headers: { 'content-type': 'application/problem+json' } });
  return Promise.resolve(Object.defineProperty(answer, 'url', { value: address.href }));
};";
const STATES: [(&str, &str, &str); 2] = [
    ("loading", NO_ANSWER, "main .skeleton"),
    ("error", FAILURE, "main .empty[role=alert]"),
];

/// One of the two, for what is asked at addresses with this in them alone.
pub(super) fn only_at(script: &str, part_of_address: &str) -> String {
    script.replace("'/api/'", &format!("'{part_of_address}'"))
}

/// Goes to a place as by a link on the page.
async fn follows_link(browser: &Browser, place: &str) {
    browser
        .script(&format!(
            "const link = document.createElement('a'); link.href = '{place}';
             document.querySelector('main').append(link); link.click(); link.remove()"
        ))
        .await;
}

/// A place in both states. `elsewhere` is another place, with what it shows.
async fn wait_and_fail(
    eye: &mut impl Eye,
    browser: &Browser,
    place: (&str, &str, &str),
    elsewhere: (&str, &str),
) {
    part_waits_and_fails(eye, browser, place, elsewhere, "/api/").await;
}

/// A place of which only what is asked at such addresses waits and fails.
pub(super) async fn part_waits_and_fails(
    eye: &mut impl Eye,
    browser: &Browser,
    (name, place, sign_of_it): (&str, &str, &str),
    (elsewhere, sign_of_elsewhere): (&str, &str),
    part_of_address: &str,
) {
    for (state, script, sign) in STATES {
        // Its code is there before, so that only its own questions are left open.
        browser.opens(place).await;
        shows(browser, place, sign_of_it).await;
        follows_link(browser, elsewhere).await;
        shows(browser, elsewhere, sign_of_elsewhere).await;
        browser.script(&only_at(script, part_of_address)).await;
        follows_link(browser, place).await;
        shows(browser, &format!("{place}, {state}"), sign).await;
        browser.script(SETTLED).await;
        eye.look(browser, &format!("{name}-{state}")).await;
    }
}

/// Every screen of somebody who is signed in.
pub(crate) async fn failing(stage: &Stage, eye: &mut impl Eye) {
    let (owner, browser) = small_company(stage).await;
    let environments = owner.sees().await;
    let shop = environments
        .iter()
        .find(|one| one.name == "shop-web")
        .expect("the shop");
    let members = owner.members(owner.id, &Default::default()).await;
    let member = members.expect("members").items.remove(0);
    let environment = format!("/environments/{}/{}", owner.id, shop.id);
    let member = format!("/settings/members/{}", member.id);
    let body = CreateWebhook {
        url: "https://hooks.example.com".into(),
        event_types: vec![WebhookEventType::RoleCreated],
        description: String::new(),
        enabled: None,
    };
    let webhook = owner.create_webhook(owner.id, &body).await;
    let webhook = webhook.expect("a webhook").into_inner().webhook.id;
    let webhook = format!("/settings/webhooks/{webhook}");
    for (name, place) in [
        ("environments", "/environments"),
        ("environment", &environment),
        ("groups", "/groups"),
        ("members", "/settings/members"),
        ("member", &member),
        ("roles", "/settings/roles"),
        ("policies", "/settings/policies"),
        ("shared-with-me", "/settings/shared-with-me"),
        ("tasks", "/tasks"),
        ("notifications", "/notifications"),
        ("preferences", "/settings/notifications"),
        ("tokens", "/settings/tokens"),
        ("webhooks", "/settings/webhooks"),
        ("webhook", &webhook),
    ] {
        let away = ("/settings/profile", "main .sessions");
        wait_and_fail(eye, &browser, (name, place, "main h1[tabindex]"), away).await;
    }
    let profile = ("profile", "/settings/profile", "main .sessions");
    let away = ("/settings/policies", "main .policy");
    wait_and_fail(eye, &browser, profile, away).await;

    // What opens over a page waits and fails for itself.
    for (state, script, sign) in [
        ("loading", NO_ANSWER, "dialog .skeleton"),
        ("error", FAILURE, "dialog .empty[role=alert]"),
    ] {
        browser.opens("/settings/members").await;
        browser.button("Invite").first().appears().await;
        browser.row("Mei-Ling Zhou").appears().await;
        browser.script(script).await;
        browser.button("Invite").first().click().await;
        shows(&browser, "the form waits or fails", sign).await;
        eye.look(&browser, &format!("invite-{state}")).await;

        browser.opens("/settings/roles").await;
        browser.row("Developer").appears().await;
        browser.script(script).await;
        browser.button("What to do with Developer").click().await;
        browser.menu_item("Who has it").click().await;
        shows(&browser, "the list waits or fails", sign).await;
        eye.look(&browser, &format!("role-users-{state}")).await;
    }
    for (state, script, sign) in [
        ("loading", NO_ANSWER, "dialog .why-answer .skeleton"),
        ("error", FAILURE, "dialog .why-answer .empty[role=alert]"),
    ] {
        browser.opens(&environment).await;
        browser.link("Why? Access of Mei-Ling Zhou").click().await;
        let dialog = browser.dialog("Access of Mei-Ling Zhou to shop-web");
        dialog.radio("Deploy").appears().await;
        browser.script(script).await;
        dialog.radio("Deploy").click().await;
        shows(&browser, "the answer waits or fails", sign).await;
        eye.look(&browser, &format!("why-{state}")).await;
        browser.opens("/settings/profile").await;
    }
    // What is shown stays when it cannot be asked for again.
    browser.opens("/settings/members").await;
    browser.row("Mei-Ling Zhou").appears().await;
    browser.script(FAILURE).await;
    browser.field("Status").first().choose("Suspended").await;
    browser.words("This may be out of date").is_said().await;
    eye.look(&browser, "members-stale").await;
    browser
        .button("What to do with Mei-Ling Zhou")
        .click()
        .await;
    browser.menu_item("Remove").click().await;
    let question = browser.dialog("Remove Mei-Ling Zhou?");
    question.button("Remove").click().await;
    browser.words("quote request 0197").first().is_said().await;
    eye.look(&browser, "member-remove-failed").await;
}

/// The screens that need no account.
pub(crate) async fn failing_elsewhere(stage: &Stage, eye: &mut impl Eye) {
    let owner = stage.app.owner("ingrid").await;
    let viewer = owner.role_named("Viewer").await;
    let invited = owner
        .invites(
            "nadia@example.com",
            vec![share(Item::ENVIRONMENTS, &[&viewer])],
        )
        .await;
    let token = stage.app.invitation_token_for(&invited.email).await;
    let invitation = format!("/invitations/{token}");
    let browser = stage.browser_of("visitor").await;
    browser.has_screen(WIDE.0, WIDE.1).await;
    let place = ("invitation", invitation.as_str(), "main .offer");
    let away = ("/sign-up", "main form");
    wait_and_fail(eye, &browser, place, away).await;

    for (state, script) in [("loading", NO_ANSWER), ("error", FAILURE)] {
        browser.opens("/sign-in").await;
        browser.field("E-mail address").fill(&owner.email).await;
        browser.field("Password").fill("a password").await;
        browser.script(script).await;
        browser.button("Sign in").click().await;
        let sign = if state == "loading" {
            "button[aria-busy=true]"
        } else {
            ".notice[data-tone=bad]"
        };
        shows(&browser, "the form waits or fails", sign).await;
        eye.look(&browser, &format!("sign-in-{state}")).await;
    }
    forms(eye, &browser).await;
    way_out(stage, eye, &browser, &owner).await;
    notifications(eye, &browser, &owner).await;
    first_steps(eye, &browser).await;
    code(eye, &browser).await;
}

/// What is sent before somebody is signed in.
async fn forms(eye: &mut impl Eye, browser: &Browser) {
    const NAME: (&str, &str) = ("Name", "Nora");
    const ADDRESS: (&str, &str) = ("E-mail address", "nora@example.com");
    for (state, script, sign) in [
        ("loading", NO_ANSWER, "main button[aria-busy=true]"),
        ("error", FAILURE, "main .notice[data-tone=bad]"),
    ] {
        for (name, place, fields, button) in [
            (
                "sign-up",
                "/sign-up",
                &[NAME, ADDRESS, ("Password", PASSWORD)][..],
                "Create account",
            ),
            (
                "forgot-password",
                "/forgot-password",
                &[ADDRESS],
                "Send the link",
            ),
            (
                "reset-password",
                "/reset-password/token",
                &[("New password", PASSWORD)],
                "Change password",
            ),
            (
                "verify-email",
                "/verify-email/token",
                &[],
                "Verify my address",
            ),
        ] {
            browser.opens(place).await;
            for (field, text) in fields {
                browser.field(field).fill(text).await;
            }
            browser.button(button).appears().await;
            browser.script(script).await;
            browser.button(button).click().await;
            shows(browser, &format!("{place}, {state}"), sign).await;
            eye.look(browser, &format!("{name}-{state}")).await;
            let new_link = browser.words("new link").count().await;
            assert_eq!(new_link, 0, "{place}: it says nothing of the link");
        }
    }
}

async fn way_out(stage: &Stage, eye: &mut impl Eye, browser: &Browser, owner: &Person) {
    let place = place_of_way_out(stage, owner).await;
    let sign = "main .button[data-kind=primary]";
    let away = ("/sign-up", "main form");
    wait_and_fail(eye, browser, ("unsubscribe", &place, sign), away).await;
}

/// What the bell shows to somebody who signed in a moment ago. Leaves them signed in.
async fn notifications(eye: &mut impl Eye, browser: &Browser, owner: &Person) {
    for (state, script, sign) in [
        ("loading", NO_ANSWER, ".popover .skeleton"),
        ("error", FAILURE, ".popover .empty[role=alert]"),
    ] {
        browser.opens("/sign-in").await;
        browser.field("E-mail address").fill(&owner.email).await;
        browser.field("Password").fill(PASSWORD).await;
        browser.script(&only_at(script, "/notifications")).await;
        browser.button("Sign in").click().await;
        browser.is_at("/environments").await;
        browser.button("Notifications").click().await;
        shows(browser, "the bell waits or fails", sign).await;
        eye.look(browser, &format!("bell-{state}")).await;
        browser.presses(Key::Escape).await;
        if state == "loading" {
            choose_from_menu(browser, "Your account", "Sign out").await;
            browser.is_at("/sign-in").await;
        }
    }
}

/// The first steps of somebody who is signed in and has not taken them all.
async fn first_steps(eye: &mut impl Eye, browser: &Browser) {
    for (state, script, sign) in [
        ("loading", NO_ANSWER, ".first-steps-place .skeleton"),
        ("error", FAILURE, ".first-steps-place .empty[role=alert]"),
    ] {
        browser.opens("/settings/profile").await;
        shows(browser, "the profile", "main .sessions").await;
        let script = script.replace("'/api/'", "'/api/v1/accounts/'");
        browser.script(&script).await;
        follows_link(browser, "/environments").await;
        shows(browser, "the first steps wait or fail", sign).await;
        browser.script(SETTLED).await;
        eye.look(browser, &format!("first-steps-{state}")).await;
    }
}

/// Code of the dashboard that does not arrive: of a page, and of a part of one.
async fn code(eye: &mut impl Eye, browser: &Browser) {
    for (name, chunk, link, words) in [
        (
            "page-code-error",
            "split_hosting",
            "/groups",
            "This page could not be loaded",
        ),
        (
            "part-code-error",
            "split_parts",
            "/environments",
            "A part of this page could not be loaded.",
        ),
    ] {
        browser.opens("/settings/profile").await;
        shows(browser, "the profile", "main .sessions").await;
        let away = format!(
            "const real = window.fetch;
             window.fetch = (what, ...more) => String(what.url ?? what).includes('{chunk}')
               ? Promise.reject(new TypeError('the network is away'))
               : real(what, ...more);"
        );
        browser.script(&away).await;
        follows_link(browser, link).await;
        browser.words(words).first().is_said().await;
        browser.script(SETTLED).await;
        eye.look(browser, name).await;
        let complaints = browser.complaints().await.join("\n");
        assert!(complaints.contains("the network is away"), "{complaints}");
    }
}
