//! A small screen shows everything without being pushed sideways.

use accord_client::types::Item;
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::owner_in_browser;

/// A long name without a space: the worst that a small screen meets.
const LONG: &str = "environment-of-the-department-for-very-long-names-and-descriptions";

/// What reaches over the right edge of the page or of the open dialog.
const TOO_WIDE: &str = "
const top = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.scrollingElement;
if (top.scrollWidth <= top.clientWidth && document.scrollingElement.scrollWidth <= innerWidth) return [];
const wide = [...top.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
return [`${top.scrollWidth} > ${top.clientWidth}`, ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 160))];";

async fn fits(browser: &Browser, screen: &str) {
    let too_wide = browser.script(TOO_WIDE).await;
    assert_eq!(
        too_wide,
        serde_json::json!([]),
        "{screen} must be scrolled sideways"
    );
    browser
        .has_no_barriers(&format!("{screen} on a small screen"))
        .await;
}

async fn every_screen_fits(stage: &Stage) {
    let visitor = stage.browser_of("visitor").await;
    visitor.has_screen(360, 740).await;
    for (place, heading) in [
        ("/sign-in", "Sign in"),
        ("/sign-up", "Create an account"),
        ("/forgot-password", "Forgotten your password?"),
        ("/reset-password/token", "Choose a new password"),
        ("/verify-email/token", "Verify your address"),
    ] {
        visitor.opens(place).await;
        visitor.heading(heading).appears().await;
        fits(&visitor, place).await;
    }

    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let live = olga.group_at("web/live").await;
    let shop = olga.adds_environment_in(LONG, &[&live]).await;
    let viewer = olga.role_named("Viewer").await;
    let shares = vec![
        share(Item::ENVIRONMENTS, &[&viewer]),
        share(Item::group(live.id), &[&viewer]),
    ];
    let bob = olga
        .invites("bob.with.a.rather.long.address@example.com", shares)
        .await;
    let dora = stage.app.owner("dora").await;
    dora.invites(
        &olga.email,
        vec![share(
            Item::ENVIRONMENTS,
            &[&dora.role_named("Viewer").await],
        )],
    )
    .await;

    let token = stage.app.invitation_token_for(&bob.email).await;
    visitor.opens(&format!("/invitations/{token}")).await;
    visitor.heading("olga invites you").appears().await;
    fits(&visitor, "an invitation").await;

    browser.has_screen(360, 740).await;
    browser.opens("/environments").await;
    browser.dialog("dora invites you").appears().await;
    fits(&browser, "an invitation that waits").await;
    browser.button("Later").click().await;
    for (place, words) in [
        ("/environments".to_owned(), LONG),
        (
            format!("/environments/{}/{}", olga.id, shop.id),
            "bob.with.a.rather.long.address",
        ),
        ("/groups".to_owned(), "live"),
        (
            "/settings/members".to_owned(),
            "bob.with.a.rather.long.address",
        ),
        (format!("/settings/members/{}", bob.id), LONG),
        ("/settings/roles".to_owned(), "Viewer"),
        ("/settings/policies".to_owned(), "Manage collaboration"),
        ("/settings/shared-with-me".to_owned(), "dora"),
        ("/settings/profile".to_owned(), "Account"),
        ("/settings/notifications".to_owned(), "Load alerts"),
        ("/notifications".to_owned(), "dora invites you"),
        ("/no-such-place".to_owned(), "Nothing here"),
    ] {
        browser.opens(&place).await;
        browser.words(words).first().is_said().await;
        fits(&browser, &place).await;
    }

    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    browser
        .button("Roles on Environments: No role")
        .appears()
        .await;
    fits(&browser, "the invite form").await;
    browser
        .button("Roles on Environments: No role")
        .click()
        .await;
    browser.option("Viewer").appears().await;
    fits(&browser, "choosing roles").await;
}

in_chromium!(every_screen_fits);
