//! By keyboard alone on screens of every width.

use accord_testkit::browser::{Browser, Key, Stage};
use accord_testkit::{PASSWORD, in_chromium};

use super::steps::{assert_search, sign_in};
use super::tab_stops::{Screen, Stop, Way, all_stops, walks_to};
use super::walk::{self, OWNER};

const PHONE: Screen = (360, 780);
/// Wide enough for the navigation beside the settings, which leaves little for their lists.
const TABLET: Screen = (800, 900);
const WIDE: Screen = (1280, 860);

/// How a list is put into another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sorted {
    /// By a choice, at every width.
    Chosen,
    /// By this heading where there is room for it, by the choice elsewhere.
    ByHeading(&'static str),
    Not,
}

/// Screens with what is said once they are there. `{owner}`, `{environment}` and `{member}` stand for ids.
const SCREENS: [(&str, &str, Sorted); 11] = [
    (
        "/environments",
        "shop-web",
        Sorted::ByHeading("Environment"),
    ),
    (
        "/environments/{owner}/{environment}",
        "Mei-Ling Zhou",
        Sorted::ByHeading("Member"),
    ),
    ("/groups", "production", Sorted::Not),
    ("/tasks", "made the environment shop-web", Sorted::Chosen),
    ("/notifications", "Tomás Ferreira", Sorted::Chosen),
    (
        "/settings/members",
        "Mei-Ling Zhou",
        Sorted::ByHeading("Member"),
    ),
    (
        "/settings/members/{member}",
        "shop-web",
        Sorted::ByHeading("Environment"),
    ),
    ("/settings/roles", "Developer", Sorted::Chosen),
    (
        "/settings/policies?kind=custom",
        "No policies of your own",
        Sorted::Chosen,
    ),
    ("/settings/profile", "Sessions", Sorted::Not),
    ("/settings/notifications", "Load alerts", Sorted::Not),
];

/// What is wrong with the stops of a screen.
fn faults(stops: &[Stop], sorted: Sorted) -> Vec<String> {
    let mut faults: Vec<String> = stops.iter().flat_map(|stop| stop.wrong.clone()).collect();
    let count = |name: &str| stops.iter().filter(|stop| stop.name == name).count();
    let right = match sorted {
        Sorted::Chosen => count("Order") == 1,
        Sorted::ByHeading(heading) => count("Order") + count(heading) == 1,
        Sorted::Not => true,
    };
    if !right {
        let names: Vec<&str> = stops.iter().map(|stop| stop.name.as_str()).collect();
        faults.push(format!("there is not one way to sort it: {names:?}"));
    }
    faults
}

/// Goes through all screens at one width, forwards and back.
async fn walk_all(stage: &Stage, screen: Screen) {
    let owner = stage.app.owner(OWNER).await;
    walk::fill(&stage.app, &owner).await;
    let seen = owner.sees().await;
    let shop = seen.iter().find(|one| one.name == "shop-web");
    let members = owner.members(owner.id, &Default::default()).await;
    let members = members.expect("members").items;
    let member = members.iter().find(|one| one.email.starts_with("mei-ling"));
    let browser = stage.browser_of(OWNER).await;
    sign_in(&browser, &owner.email).await;
    browser.has_screen(screen.0, screen.1).await;
    let mut found = Vec::new();
    for (place, words, sorted) in SCREENS {
        let place = place
            .replace("{owner}", &owner.id.to_string())
            .replace("{environment}", &shop.expect("the shop").id.to_string())
            .replace("{member}", &member.expect("a member").id.to_string());
        browser.opens(&place).await;
        browser.words(words).is_said().await;
        for way in [Way::Forwards, Way::Backwards] {
            let stops = all_stops(&browser, way).await;
            let faults = faults(&stops, sorted);
            found.extend(
                faults
                    .iter()
                    .map(|fault| format!("{place}, {way:?}: {fault}")),
            );
        }
    }
    assert!(found.is_empty(), "at {screen:?}:\n{}", found.join("\n"));
}

async fn every_stop_is_seen_on_a_phone(stage: &Stage) {
    walk_all(stage, PHONE).await;
}

async fn every_stop_is_seen_beside_the_navigation(stage: &Stage) {
    walk_all(stage, TABLET).await;
}

async fn every_stop_is_seen_on_a_wide_screen(stage: &Stage) {
    walk_all(stage, WIDE).await;
}

async fn presses_at(browser: &Browser, place: accord_testkit::browser::Place, key: Key) {
    walks_to(browser, &place).await;
    browser.presses(key).await;
}

/// Puts the list into the order of these words, by the one way that there is.
async fn orders(browser: &Browser, words: &str, heading: &str, search: &str) {
    let (choice, heading) = (browser.field("Order"), browser.button(heading));
    let ways = (choice.count().await, heading.count().await);
    match ways {
        (1, 0) => {
            walks_to(browser, &choice).await;
            browser.types(words).await;
        }
        (0, 1) => presses_at(browser, heading, Key::Enter).await,
        ways => panic!("choices and headings to sort by: {ways:?}"),
    }
    assert_search(browser, search).await;
}

/// From signing in to a member's own page and a dialog.
async fn goes_through(stage: &Stage, screen: Screen) {
    let owner = stage.app.owner(OWNER).await;
    walk::fill(&stage.app, &owner).await;
    let browser = stage.browser_of(OWNER).await;
    browser.has_screen(screen.0, screen.1).await;
    browser.opens("/sign-in").await;
    walks_to(&browser, &browser.field("E-mail address")).await;
    browser.types(&owner.email).await;
    walks_to(&browser, &browser.field("Password")).await;
    browser.types(PASSWORD).await;
    presses_at(&browser, browser.button("Sign in"), Key::Enter).await;
    browser.row("shop-web").first().appears().await;

    orders(&browser, "Newest", "Created", "?sort=-created_at").await;
    let newest = browser.link("shop-web-next");
    presses_at(&browser, newest, Key::Enter).await;
    browser.heading("Collaboration").appears().await;

    presses_at(&browser, browser.link("Settings"), Key::Enter).await;
    browser.heading("Members").appears().await;
    browser.row("Mei-Ling Zhou").appears().await;
    orders(&browser, "Newest", "Invited", "?sort=-invited_at").await;
    let all = browser.checkbox("Select all members");
    presses_at(&browser, all.clone(), Key::Space).await;
    browser.words("4 selected").is_said().await;
    browser.presses(Key::Space).await;
    browser.words("4 selected").disappears().await;
    assert!(all.has_focus().await, "the focus stays where it was");

    presses_at(
        &browser,
        browser.button("What to do with Jonas Lindqvist"),
        Key::Enter,
    )
    .await;
    let copy = browser.menu_item("Copy to another address");
    copy.appears().await;
    for _ in 0..5 {
        if !copy.has_focus().await {
            browser.presses(Key::Down).await;
        }
    }
    assert!(copy.has_focus().await, "arrow keys go through the menu");
    browser.presses(Key::Enter).await;
    let form = browser.dialog("Share the same as Jonas Lindqvist");
    form.appears().await;
    presses_at(&browser, form.button("Cancel"), Key::Enter).await;
    form.disappears().await;

    presses_at(&browser, browser.link("Mei-Ling Zhou"), Key::Enter).await;
    browser.heading("What they may do where").appears().await;
    browser.row("shop-web").first().appears().await;
}

async fn a_phone_takes_no_mouse(stage: &Stage) {
    goes_through(stage, PHONE).await;
}

async fn a_tablet_takes_no_mouse(stage: &Stage) {
    goes_through(stage, TABLET).await;
}

in_chromium!(
    every_stop_is_seen_on_a_phone,
    every_stop_is_seen_beside_the_navigation,
    every_stop_is_seen_on_a_wide_screen,
    a_phone_takes_no_mouse,
    a_tablet_takes_no_mouse,
);
