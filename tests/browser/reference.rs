//! The API reference, which lets one try what it describes.

use accord_testkit::browser::{Browser, Stage};
use accord_testkit::{eventually, in_chromium};

use super::steps::owner_in_browser;

/// Clicks what a selector finds, once it is there.
async fn click(browser: &Browser, what: &str, selector: &str) {
    let click = format!(
        "const found = document.querySelector({selector:?}); found?.click(); return found !== null"
    );
    eventually(what, async || browser.script(&click).await == true).await;
}

async fn it_lets_one_try_an_operation(stage: &Stage) {
    const ACCOUNT: &str = "#operations-account-get_account";
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let token = olga.access_token().expect("signed in");
    browser.opens("/settings/members").await;
    browser.link("API reference").click().await;
    click(&browser, "the door", ".btn.authorize").await;
    let field = "input[aria-label='auth-bearer-value']";
    click(&browser, "the field for a token", field).await;
    browser
        .script(&format!("document.querySelector({field:?}).focus()"))
        .await;
    browser.types(&token).await;
    let form = format!("form:has({field})");
    click(&browser, "letting in", &format!("{form} .btn.authorize")).await;
    click(&browser, "the way out of the dialog", ".btn-done").await;

    let of_account = |rest: &str| format!("{ACCOUNT} {rest}");
    let summary = of_account(".opblock-summary-control");
    click(&browser, "the operation", &summary).await;
    click(&browser, "trying it", &of_account(".try-out__btn")).await;
    click(&browser, "sending it", &of_account(".execute")).await;
    let answer = format!(
        "return document.querySelector('{ACCOUNT} .live-responses-table')?.textContent ?? ''"
    );
    eventually("the server has answered", async || {
        let answer = browser.script(&answer).await;
        let answer = answer.as_str().unwrap_or_default();
        answer.contains("200") && answer.contains("olga@example.com")
    })
    .await;
}

in_chromium!(it_lets_one_try_an_operation);
