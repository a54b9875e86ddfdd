//! A walk through every screen of the dashboard in its states, and every dialog. Who goes along looks: one
//! takes pictures, another looks for barriers.

mod company;
mod crowd;
mod failing;
mod inside;
mod invite;
mod member;
mod own_account;
mod owner;
mod programs;
mod visitors;

use accord_testkit::browser::{Browser, Stage};
use accord_testkit::{PASSWORD, Person};

pub(crate) use company::{OWNER, fill};
pub(crate) use crowd::crowd;
pub(crate) use failing::{failing, failing_elsewhere};
pub(crate) use inside::inside;
pub(crate) use invite::invite;
pub(crate) use member::member;
pub(crate) use own_account::own_account;
pub(crate) use owner::{owner_dialogs, owner_screens};
pub(crate) use programs::programs;
pub(crate) use visitors::{beginner, visitors};

/// A large screen, in pixels.
pub(crate) const WIDE: (u32, u32) = (1280, 860);
/// The smallest that there is.
pub(crate) const NARROW: (u32, u32) = (360, 780);

/// Answers when the page has been drawn as it is now.
pub(crate) const SETTLED: &str = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

/// Who goes along.
pub(crate) trait Eye {
    /// Looks at what a browser shows now. The name says what it is, and is given once.
    async fn look(&mut self, browser: &Browser, name: &str);
}

/// Opens a place, waits until these words are there, and lets it be looked at.
async fn visit(eye: &mut impl Eye, browser: &Browser, name: &str, place: &str, words: &str) {
    browser.opens(place).await;
    browser.words(words).first().is_said().await;
    eye.look(browser, name).await;
}

/// A browser of this person's, signed in, with the environments before them.
async fn signed_in(stage: &Stage, person: &Person) -> Browser {
    let browser = stage.browser_of(&person.name).await;
    browser.has_screen(WIDE.0, WIDE.1).await;
    browser.opens("/sign-in").await;
    browser.field("E-mail address").fill(&person.email).await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Sign in").click().await;
    // A dialog may lie over the page.
    browser.is_at("/environments").await;
    browser
}

/// The small company, its owner signed in.
async fn small_company(stage: &Stage) -> (Person, Browser) {
    let owner = stage.app.owner(OWNER).await;
    fill(&stage.app, &owner).await;
    company::goes_on(&stage.app, &owner).await;
    let browser = signed_in(stage, &owner).await;
    (owner, browser)
}

/// Waits until the page has something that this selector finds.
async fn shows(browser: &Browser, what: &str, selector: &str) {
    let there = format!("return document.querySelector({selector:?}) !== null");
    accord_testkit::eventually(what, async || browser.script(&there).await == true).await;
}
