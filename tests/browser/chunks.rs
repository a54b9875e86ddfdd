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

in_chromium!(a_page_whose_code_does_not_arrive_can_be_tried_again);
