//! `cargo xtask openapi`: the API's description, checked in.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{process, project};

/// Writes `openapi/openapi.json` as the code has it, or only compares.
pub(crate) fn run(check: bool) -> Result<()> {
    project::build_accord(false)?;
    let described = process::output(project::command(project::accord(false)).arg("openapi"))?;
    let file = project::root().join("openapi/openapi.json");
    let stored = fs::read(&file).unwrap_or_default();
    if stored == described {
        println!("openapi/openapi.json is up to date");
        return Ok(());
    }
    if check {
        bail!("openapi/openapi.json differs from the code: cargo xtask openapi");
    }
    fs::create_dir_all(project::root().join("openapi"))?;
    fs::write(&file, described).context("cannot write openapi/openapi.json")?;
    println!("openapi/openapi.json is written");
    Ok(())
}
