//! What is measured and pictured of the running program: `cargo xtask bench` and
//! `cargo xtask screenshots`.

use std::process::Command;

use anyhow::Result;

use crate::{
    dashboard::{self, Mode},
    databases, packages, process, project,
    steps::step,
};

/// Builds the load generator with optimizations and lets it measure on both databases;
/// what it measures is said by its arguments.
pub(crate) fn measure(arguments: &[String]) -> Result<()> {
    step("system packages", || {
        packages::ensure(&[
            &packages::C_COMPILER,
            &packages::LIBPQ,
            &packages::POSTGRESQL,
        ])
    })?;
    let mut cargo = project::cargo();
    cargo.args(["bench", "--quiet", "--package", "accord-tests"]);
    cargo.args(["--bench", "load", "--"]).args(arguments);
    let result = process::run(&mut cargo);
    databases::stop();
    result
}

/// Builds the comparison of engines, which is a workspace of its own, and draws its plot.
pub(crate) fn measure_decisions() -> Result<()> {
    let root = project::root();
    let mut cargo = project::cargo();
    cargo.args(["run", "--quiet", "--release", "--manifest-path"]);
    cargo.arg(root.join("tests/decisions/Cargo.toml"));
    cargo
        .arg("--target-dir")
        .arg(project::target().join("decisions"));
    process::run(cargo.arg("--").arg(root.join("docs/decisions.svg")))
}

/// Takes the pictures of the README anew, of the real dashboard in a real browser.
pub(crate) fn take_pictures() -> Result<()> {
    pictures(Mode::Release, &[])
}

/// Takes every screen in its states into `target/pictures`, of a development build; with words, those of
/// them that are called so.
pub(crate) fn take_sheet(words: &[String]) -> Result<()> {
    let mut arguments = vec!["--".to_owned(), "--sheet".to_owned()];
    arguments.extend_from_slice(words);
    pictures(Mode::Dev, &arguments)
}

/// The version of Lighthouse that is asked: the newest that runs on Debian's Node.js.
const LIGHTHOUSE: &str = "lighthouse@12.8.2";

/// Installs Lighthouse below the target folder and asks it about the release dashboard, signed out and in.
pub(crate) fn ask_lighthouse() -> Result<()> {
    step("system packages", || {
        packages::ensure(&[
            &packages::C_COMPILER,
            &packages::LIBPQ,
            &packages::CHROMIUM,
            &packages::NODE,
        ])
    })?;
    let folder = project::target().join("lighthouse");
    step("Lighthouse", || {
        if folder.join("node_modules/lighthouse").exists() {
            return Ok(());
        }
        std::fs::create_dir_all(&folder)?;
        process::run(
            Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
                .arg(&folder)
                .arg(LIGHTHOUSE)
                // Chromium is there already.
                .env("PUPPETEER_SKIP_DOWNLOAD", "1"),
        )
    })?;
    dashboard::build(Mode::Release)?;
    let program = folder.join("node_modules/lighthouse/cli/index.js");
    process::run(bench("lighthouse").env("ACCORD_LIGHTHOUSE", program))
}

fn pictures(mode: Mode, arguments: &[String]) -> Result<()> {
    step("system packages", || {
        packages::ensure(&[&packages::C_COMPILER, &packages::LIBPQ, &packages::CHROMIUM])
    })?;
    dashboard::build(mode)?;
    process::run(bench("pictures").args(arguments))
}

/// A program beside the tests, as they are compiled.
fn bench(name: &str) -> Command {
    let mut cargo = project::cargo();
    cargo.args(["bench", "--profile", "dev", "--quiet"]);
    // With the features of the tests, so that what is compiled serves both.
    cargo.args(["--workspace", "--bench", name]);
    cargo
}
