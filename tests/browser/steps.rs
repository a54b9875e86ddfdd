//! What people do again and again.

use accord_testkit::browser::{Browser, Place, Stage};
use accord_testkit::{PASSWORD, Person};

/// Signs in with the page that is open.
pub(super) async fn fill_sign_in(browser: &Browser, email: &str) {
    browser.field("E-mail address").fill(email).await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Sign in").click().await;
}

/// Signs in, and stands before the environments.
pub(super) async fn sign_in(browser: &Browser, email: &str) {
    browser.opens("/sign-in").await;
    fill_sign_in(browser, email).await;
    browser.heading("Environments").appears().await;
}

/// Somebody with a verified account, signed in to a browser of their own.
pub(super) async fn owner_in_browser(stage: &Stage, name: &str) -> (Person, Browser) {
    let person = stage.app.owner(name).await;
    let browser = stage.browser_of(name).await;
    sign_in(&browser, &person.email).await;
    (person, browser)
}

/// Opens the newest link to that page of the dashboard that was mailed to this address.
pub(super) async fn open_mailed_link(
    stage: &Stage,
    browser: &Browser,
    address: &str,
    page: &str,
) -> String {
    let token = stage.app.token_for(address, page).await;
    let link = format!("/{page}/{token}");
    browser.opens(&link).await;
    link
}

/// Chooses from the menu of that name.
pub(super) async fn choose_from_menu(browser: &Browser, menu: &str, entry: &str) {
    browser.button(menu).click().await;
    browser.menu_item(entry).click().await;
}

/// Waits until the question says whose access changes: asked once that is done, it could not be told any more.
pub(super) async fn is_looked_up(question: &Place) {
    question.appears().await;
    let waiting = question.words("Looking up whose access changes…");
    waiting.disappears().await;
}

/// Chooses from the menu of that name, and says yes to what is asked.
pub(super) async fn choose_and_confirm(browser: &Browser, menu: &str, entry: &str) {
    choose_from_menu(browser, menu, entry).await;
    let whom = menu.strip_prefix("What to do with ").unwrap_or_default();
    let question = browser.dialog(&format!("{entry} {whom}?"));
    is_looked_up(&question).await;
    question.button(entry).click().await;
    question.disappears().await;
}

/// Chooses a role on a line of shared items that has none yet.
pub(super) async fn choose_role(browser: &Browser, item: &str, role: &str) {
    browser
        .button(&format!("Roles on {item}: No role"))
        .click()
        .await;
    browser.option(role).click().await;
    browser
        .button(&format!("Roles on {item}: {role}"))
        .appears()
        .await;
}

/// Waits until what was just done is said, and takes the notice away.
pub(super) async fn dismiss_notice(browser: &Browser, words: &str) {
    browser.words(words).is_said().await;
    // It goes by itself after a while, which may be at this moment: then there is nothing to press.
    let words_of_it = serde_json::json!(words);
    browser
        .script(&format!(
            "[...document.querySelectorAll('.toast')].find((one) => one.innerText.includes({words_of_it}))
               ?.querySelector('[aria-label=Dismiss]').click()"
        ))
        .await;
    browser.words(words).disappears().await;
}

/// Waits until the address carries exactly this.
pub(super) async fn assert_search(browser: &Browser, search: &str) {
    for _ in 0..200 {
        if browser.script("return location.search").await == search {
            return;
        }
        browser
            .script("return new Promise((done) => requestAnimationFrame(() => done()))")
            .await;
    }
    panic!(
        "the address carries {}, not {search}",
        browser.script("return location.search").await
    );
}
