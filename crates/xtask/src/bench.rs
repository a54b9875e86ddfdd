//! What is measured and pictured of the running program: `cargo xtask bench` and
//! `cargo xtask screenshots`.

use anyhow::Result;

use crate::{
    dashboard::{self, Mode},
    databases, packages, process, project,
    steps::step,
};

/// Builds the load generator with optimizations and lets it measure on both databases.
pub(crate) fn measure() -> Result<()> {
    step("system packages", || {
        packages::ensure(&[
            &packages::C_COMPILER,
            &packages::LIBPQ,
            &packages::POSTGRESQL,
        ])
    })?;
    let result = process::run(project::cargo().args([
        "bench",
        "--quiet",
        "--package",
        "accord-tests",
        "--bench",
        "load",
    ]));
    databases::stop();
    result
}

/// Takes the pictures of the README anew, of the real dashboard in a real browser; or, of a development
/// build, every screen in its states into `target/pictures`.
pub(crate) fn take_pictures(sheet: bool) -> Result<()> {
    step("system packages", || {
        packages::ensure(&[&packages::C_COMPILER, &packages::LIBPQ, &packages::CHROMIUM])
    })?;
    dashboard::build(if sheet { Mode::Dev } else { Mode::Release })?;
    let mut cargo = project::cargo();
    cargo.args([
        "bench",
        "--profile",
        "dev",
        "--quiet",
        "--package",
        "accord-tests",
        "--bench",
        "pictures",
    ]);
    if sheet {
        cargo.args(["--", "--sheet"]);
    }
    process::run(&mut cargo)
}
