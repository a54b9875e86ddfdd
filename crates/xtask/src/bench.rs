//! `cargo xtask bench`: how fast the program answers, as a table.

use anyhow::Result;

use crate::{databases, packages, process, project, steps::step};

/// Builds the load generator with optimizations and lets it measure on both databases.
pub(crate) fn run() -> Result<()> {
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
