//! Pages whose code arrives when they are first opened.

use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;

use super::steps::owner_in_browser;

async fn a_page_whose_code_does_not_arrive_can_be_tried_again(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/environments").await;
    browser.heading("Environments").appears().await;
    browser
        .script(
            "window.realFetch = window.fetch; \
             window.fetch = (what, ...rest) => String(what).includes('split_hosting') \
                 ? Promise.reject(new TypeError('the network is away')) \
                 : window.realFetch(what, ...rest)",
        )
        .await;
    browser.link("Groups").click().await;
    browser
        .heading("This page could not be loaded")
        .appears()
        .await;
    browser
        .has_no_barriers("a page whose code did not arrive")
        .await;
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("the network is away"), "{complaints}");

    browser.script("window.fetch = window.realFetch").await;
    browser.button("Try again").click().await;
    browser.heading("Environment groups").appears().await;
}

async fn a_page_that_is_left_before_its_code_arrives_is_never_made(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/environments").await;
    browser.heading("Environments").appears().await;
    browser
        .script(
            "const real = window.fetch; \
             const held = new Promise((release) => { window.release = release; }); \
             window.fetch = async (what, ...rest) => { \
                 if (String(what).includes('split_hosting')) await held; \
                 return real(what, ...rest); \
             }",
        )
        .await;
    browser.link("Groups").click().await;
    browser.heading("Loading…").appears().await;
    browser.link("Environments").click().await;
    browser.heading("Environments").appears().await;
    // Whatever breaks when it comes now stands in the console, and fails the test.
    browser.script("window.release()").await;
    browser.link("Groups").click().await;
    browser.heading("Environment groups").appears().await;
}

in_chromium!(
    a_page_whose_code_does_not_arrive_can_be_tried_again,
    a_page_that_is_left_before_its_code_arrives_is_never_made,
);
