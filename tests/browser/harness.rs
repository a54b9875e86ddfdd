//! The net that the other tests hang in has no holes.

use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;

async fn what_a_browser_complains_of_is_noticed(stage: &Stage) {
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    browser.heading("Sign in").appears().await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    browser.script("console.error('something broke')").await;
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("something broke"), "{complaints}");

    let inline = "const script = document.createElement('script'); script.text = '1'; document.body.append(script)";
    browser.script(inline).await;
    let complaints = browser.complaints().await.join("\n");
    assert!(
        complaints.contains("Content Security Policy"),
        "{complaints}"
    );

    browser.script("fetch('/api/v1/no-such-place')").await;
    browser
        .script("return fetch('/api/v1/account').then(() => 0)")
        .await;
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("no-such-place"), "{complaints}");
    assert!(complaints.contains("/api/v1/account"), "{complaints}");
}

async fn a_barrier_is_noticed(stage: &Stage) {
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    browser.heading("Sign in").appears().await;
    browser.has_no_barriers("signing in").await;
    browser
        .script("document.querySelector('main').append(document.createElement('button'))")
        .await;
    let barriers = browser.barriers().await;
    assert!(barriers.contains("button-name"), "{barriers}");
}

async fn what_is_looked_for_is_called_so_by_the_browser(stage: &Stage) {
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    browser.field("E-mail address").appears().await;
    assert_eq!(browser.field("E-mail").count().await, 0);
    assert_eq!(browser.button("Password").count().await, 0);
    browser
        .script("document.querySelector('main').hidden = true")
        .await;
    assert_eq!(browser.field("E-mail address").count().await, 0);
}

in_chromium!(
    what_a_browser_complains_of_is_noticed,
    a_barrier_is_noticed,
    what_is_looked_for_is_called_so_by_the_browser,
);
