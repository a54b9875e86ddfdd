//! The pictures of the README, taken of the real dashboard, and how soon it can be used:
//! `cargo xtask screenshots`. With `--sheet`, every screen for looking at instead.
// It is a command: its figure goes to standard output.
#![allow(clippy::print_stdout)]

mod sheet;
// The walk needs a part of them.
#[allow(dead_code)]
#[path = "../browser/steps.rs"]
mod steps;
#[path = "../walk/mod.rs"]
mod walk;

use std::path::Path;

use accord_testkit::browser::{Browser, Scheme, Stage, play};
use accord_testkit::{Backend, PASSWORD};
use walk::{OWNER, fill};

const LOADS: usize = 5;

fn main() {
    // A test runner that starts every target calls it without the argument that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut words = std::env::args().skip_while(|argument| argument != "--sheet");
    if words.next().is_some() {
        // The runner's own argument may stand anywhere.
        let words = words.filter(|word| word != "--bench").collect();
        println!(
            "the contact sheet: {}",
            runtime.block_on(sheet::take(words)).display()
        );
    } else {
        runtime.block_on(play("pictures", Backend::Sqlite, take));
    }
}

async fn take(stage: &Stage) {
    let owner = stage.app.owner(OWNER).await;
    fill(&stage.app, &owner).await;
    let browser = stage.browser_of(OWNER).await;
    browser.has_screen(1280, 800).await;
    browser.prefers(Scheme::Light).await;
    tell_how_soon(&browser).await;
    browser.field("E-mail address").fill(&owner.email).await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Sign in").click().await;
    browser.heading("Environments").appears().await;
    browser.words("shop-web").is_said().await;
    keep(&browser, "environments").await;

    browser.opens("/settings/members").await;
    browser.words("Mei-Ling Zhou").is_said().await;
    keep(&browser, "members").await;
    browser.prefers(Scheme::Dark).await;
    keep(&browser, "members-dark").await;
    browser.prefers(Scheme::Light).await;

    browser.button("Invite").first().click().await;
    browser.dialog("Invite a member").appears().await;
    browser
        .field("E-mail address")
        .fill("sofia@example.com")
        .await;
    keep(&browser, "invite").await;
}

/// From the start of loading until the first field can be typed into; an upper bound, for the page is
/// asked from outside.
async fn tell_how_soon(browser: &Browser) {
    let mut loads = Vec::new();
    for _ in 0..LOADS {
        browser.opens("/sign-in").await;
        browser.field("E-mail address").appears().await;
        let now = browser.script("return performance.now()").await;
        loads.push(now.as_f64().expect("a time in milliseconds"));
    }
    loads.sort_unstable_by(f64::total_cmp);
    println!(
        "the sign-in page can be used after {:.0} ms at most (median of {LOADS}; slowest {:.0} ms)",
        loads[LOADS / 2],
        loads[LOADS - 1]
    );
}

async fn keep(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    std::fs::write(
        folder.join(name).with_extension("png"),
        browser.picture().await,
    )
    .expect("a picture is written");
}
