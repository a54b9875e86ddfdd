//! The tabs of one browser: one of them refreshes the session and listens for all, whoever is closed.

use accord_client::types::UpdateEnvironment;
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::{Person, eventually, in_chromium};
use chrono::TimeDelta;

use super::steps::sign_in;

/// Longer than an access token lasts.
const LATER: TimeDelta = TimeDelta::minutes(6);

/// Somebody in a browser; where no mail can be read, the operator makes the account.
async fn olga_in_a_browser(stage: &Stage) -> (Person, Browser) {
    let olga = stage.app.operator_makes("olga@example.com", "olga").await;
    let browser = stage.browser_of("olga").await;
    sign_in(&browser, &olga.email).await;
    (olga, browser)
}

/// What the server has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    /// Refreshes, granted and refused.
    refreshes: u64,
    /// Those of them that were refused, as a replay is.
    refused: u64,
    /// Streams of events that are open.
    streams: u64,
}

async fn counted(stage: &Stage) -> Counted {
    let page = stage
        .app
        .visitor()
        .raw("GET", "/metrics", &[], "")
        .await
        .expect("the metrics")
        .text();
    let sum_of = |name: &str| {
        let lines = page.lines().filter(|line| line.starts_with(name));
        lines
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum()
    };
    Counted {
        refreshes: sum_of("accord_http_requests_total{operation=\"refresh\""),
        refused: sum_of("accord_http_requests_total{operation=\"refresh\",status=\"401\"}"),
        streams: sum_of("accord_event_streams "),
    }
}

async fn renames(olga: &Person, name: &str) {
    let environment = olga.sees().await.remove(0);
    let body = UpdateEnvironment {
        name: Some(name.into()),
        ..Default::default()
    };
    olga.update_environment(olga.id, environment.id, &body, None)
        .await
        .expect("renamed");
}

async fn one_tab_refreshes_and_listens_for_all(stage: &Stage) {
    let (olga, browser) = olga_in_a_browser(stage).await;
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
    browser.opens_in_another_tab("/environments").await;
    browser.row("shop").appears().await;
    renames(&olga, "store").await;
    browser.row("store").appears().await;
    assert_eq!(counted(stage).await.streams, 1, "one for both tabs");

    for name in ["once", "twice"] {
        // From before the time passes: a tab may still be asking for something.
        let before = counted(stage).await;
        browser.expects(401, "/");
        stage.app.clock.advance(LATER);
        // Her own program, which changes something, is no tab.
        olga.account().await.expect("an account");
        renames(&olga, name).await;
        browser.row(name).appears().await;
        browser.turns_to_the_first_tab().await;
        browser.row(name).appears().await;
        browser.turns_to_the_last_tab().await;
        let after = counted(stage).await;
        let own = 1;
        assert_eq!(
            after.refreshes,
            before.refreshes + own + 1,
            "one for both tabs"
        );
        assert_eq!(after.streams, 1);
    }

    // The tab that listened is closed: the other one listens, and is still signed in.
    browser.closes_the_first_tab().await;
    browser.row("twice").appears().await;
    renames(&olga, "without it").await;
    browser.row("without it").appears().await;
    stage.app.clock.advance(LATER);
    renames(&olga, "at last").await;
    browser.row("at last").appears().await;
    assert_eq!(counted(stage).await.refused, 0);
}

/// Tabs that are opened together all begin with the cookie, which each refresh replaces.
async fn tabs_that_refresh_together_stay_signed_in(stage: &Stage) {
    let (olga, browser) = olga_in_a_browser(stage).await;
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
    for round in 0..3 {
        let before = counted(stage).await.refreshes;
        let opening = format!(
            "for (const tab of [1, 2, 3, 4]) window.open('/environments', `tab-${{tab}}-of-{round}`)"
        );
        browser.script(&opening).await;
        eventually("each tab has refreshed", async || {
            counted(stage).await.refreshes == before + 4
        })
        .await;
    }
    assert_eq!(counted(stage).await.refused, 0, "each had its turn");
    browser.turns_to_the_last_tab().await;
    browser.row("shop").appears().await;
    let sessions = olga.sessions(&Default::default()).await;
    let sessions = sessions.expect("sessions").items.len();
    assert_eq!(sessions, 2, "her program's and the browser's");
}

/// The server has renewed the session, but the page that asked for it is gone before the answer comes.
async fn a_page_that_is_left_while_it_refreshes_stays_signed_in(stage: &Stage) {
    // What the page sends is kept, and never answered.
    const NEVER_ANSWERED: &str = "
        const send = window.fetch;
        window.fetch = (request, ...more) => {
            if (!request.url?.endsWith('/auth/refresh')) return send(request, ...more);
            window.asked_as = request.headers.get('refresh-attempt');
            return new Promise(() => {});
        };";
    let (olga, browser) = olga_in_a_browser(stage).await;
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
    // Where the cookie is sent, there is no page.
    browser.expects(404, "/auth/");
    browser.opens_in_another_tab("/api/v1/auth/nothing").await;
    let cookie = format!("accord_refresh={}", browser.cookie("accord_refresh").await);
    browser.turns_to_the_first_tab().await;
    browser.script(NEVER_ANSWERED).await;
    browser.expects(401, "/");
    stage.app.clock.advance(LATER);
    browser.link("Groups").first().click().await;
    eventually("the page asks for a new token", async || {
        browser.script("return window.asked_as").await.is_string()
    })
    .await;
    let attempt = browser.script("return window.asked_as").await;
    let attempt = attempt.as_str().expect("a name");
    let headers = [("cookie", &*cookie), ("refresh-attempt", attempt)];
    let visitor = stage.app.visitor();
    let renewed = visitor
        .raw("POST", "/api/v1/auth/refresh", &headers, "")
        .await
        .expect("an answer");
    assert_eq!(renewed.status, 200);

    browser.opens("/environments").await;
    browser.row("shop").appears().await;
    browser.reloads().await;
    browser.row("shop").appears().await;
    assert_eq!(counted(stage).await.refused, 0);
    let left = browser
        .script("return localStorage.getItem('accord-refresh-attempt')")
        .await;
    assert_eq!(left, serde_json::Value::Null, "it was answered");
}

async fn a_link_is_copied_by_hand_where_there_is_no_clipboard(stage: &Stage) {
    let (olga, browser) = olga_in_a_browser(stage).await;
    olga.invites("bob@example.com", Vec::new()).await;
    browser.opens("/settings/members").await;
    browser.link("bob@example.com").click().await;
    browser.button("Copy link").click().await;
    let dialog = browser.dialog("Invitation link for bob@example.com");
    dialog.button("Copy").click().await;
    dialog
        .words("It is selected: copy it by hand.")
        .is_said()
        .await;
}

mod over_tls_or_on_this_machine {
    use super::*;

    in_chromium!(
        both:
        one_tab_refreshes_and_listens_for_all,
        tabs_that_refresh_together_stay_signed_in,
        a_page_that_is_left_while_it_refreshes_stays_signed_in,
    );
}

/// Browsers have no locks for such pages.
mod over_plain_http {
    use super::*;

    in_chromium!(
        without_tls:
        one_tab_refreshes_and_listens_for_all,
        tabs_that_refresh_together_stay_signed_in,
        a_link_is_copied_by_hand_where_there_is_no_clipboard,
    );
}
