//! What Lighthouse finds on the release dashboard, in the Chromium of the tests: `cargo xtask lighthouse`.
//! It asserts nothing; what falls short is named.
// It is a command: its figures go to standard output.
#![allow(clippy::print_stdout)]

// Signing in is a part of them.
#[allow(dead_code)]
#[path = "../walk/company.rs"]
mod company;
#[allow(dead_code)]
#[path = "../browser/steps.rs"]
mod steps;

use std::process::Command;

use accord_testkit::Backend;
use accord_testkit::browser::{Browser, Stage, play};
use serde_json::Value;

use company::{OWNER, fill, goes_on};

/// How often each page is asked about; the middle counts.
const RUNS: usize = 5;
/// What Lighthouse says when it missed the beginning of a recording, and asks to be run again.
const MISSED: &str = "NO_NAVSTART";
/// How often it is.
const TRIES: usize = 3;
const CATEGORIES: [&str; 3] = ["performance", "accessibility", "best-practices"];

fn main() {
    // A test runner that starts every target calls it without the argument that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(play("lighthouse", Backend::Sqlite, ask));
}

async fn ask(stage: &Stage) {
    let owner = stage.app.owner(OWNER).await;
    fill(&stage.app, &owner).await;
    goes_on(&stage.app, &owner).await;
    println!(
        "| page | performance: median (all) | largest paint, ms | blocked, ms | accessibility | best practices |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let visitor = stage.browser_of("visitor").await;
    visitor.opens("/sign-in").await;
    page(stage, &visitor, "/sign-in").await;
    let browser = stage.browser_of(OWNER).await;
    steps::sign_in(&browser, &owner.email).await;
    page(stage, &browser, "/environments").await;
    page(stage, &browser, "/settings/members").await;
}

/// Asks about one page several times, and writes its row.
async fn page(stage: &Stage, browser: &Browser, place: &str) {
    let address = format!("{}{place}", stage.app.public_url());
    let mut reports = Vec::new();
    for _ in 0..RUNS {
        let (address, port) = (address.clone(), browser.debugger_port().to_owned());
        let asked = tokio::task::spawn_blocking(move || report(&address, &port));
        reports.push(asked.await.expect("no panic"));
    }
    reports.sort_by(|one, other| score(one, "performance").total_cmp(&score(other, "performance")));
    let middle = &reports[RUNS / 2];
    assert_eq!(
        middle["finalDisplayedUrl"],
        address.as_str(),
        "Lighthouse was led elsewhere"
    );
    let all: Vec<String> = reports
        .iter()
        .map(|report| format!("{:.0}", score(report, "performance")))
        .collect();
    let figure = |audit: &str| {
        middle["audits"][audit]["numericValue"]
            .as_f64()
            .unwrap_or(f64::NAN)
    };
    println!(
        "| {place} | {:.0} ({}) | {:.0} | {:.0} | {:.0} | {:.0} |",
        score(middle, "performance"),
        all.join(", "),
        figure("largest-contentful-paint"),
        figure("total-blocking-time"),
        score(middle, "accessibility"),
        score(middle, "best-practices"),
    );
    for lack in lacks(middle) {
        println!("  {place}: {lack}");
    }
}

/// One run of Lighthouse in the browser at this port, as its report. What the page keeps stays, so that
/// whoever is signed in stays so.
fn report(address: &str, port: &str) -> Value {
    let program = std::env::var_os("ACCORD_LIGHTHOUSE").expect("cargo xtask lighthouse sets it");
    let mut left = TRIES;
    loop {
        let ran = Command::new("node")
            .arg(&program)
            .arg(address)
            .args(["--port", port])
            .args(["--preset", "desktop", "--disable-storage-reset"])
            .arg(format!("--only-categories={}", CATEGORIES.join(",")))
            .args(["--output", "json", "--output-path", "stdout", "--quiet"])
            .output()
            .expect("node starts");
        if ran.status.success() {
            return serde_json::from_slice(&ran.stdout).expect("a report");
        }
        let failure = String::from_utf8_lossy(&ran.stderr);
        left -= 1;
        let again = failure.contains(MISSED) && left > 0;
        assert!(again, "Lighthouse failed: {failure}");
    }
}

fn score(report: &Value, category: &str) -> f64 {
    report["categories"][category]["score"]
        .as_f64()
        .unwrap_or_default()
        * 100.0
}

/// What keeps accessibility and best practices from being whole.
fn lacks(report: &Value) -> Vec<String> {
    let mut lacks = Vec::new();
    for category in &CATEGORIES[1..] {
        let audits = report["categories"][category]["auditRefs"].as_array();
        for audit in audits.into_iter().flatten() {
            let weight = audit["weight"].as_f64().unwrap_or_default();
            let id = audit["id"].as_str().unwrap_or_default();
            let found = &report["audits"][id];
            if weight > 0.0 && found["score"].as_f64().is_some_and(|score| score < 1.0) {
                lacks.push(format!("{category}: {id}: {}", found["title"]));
            }
        }
    }
    lacks
}
