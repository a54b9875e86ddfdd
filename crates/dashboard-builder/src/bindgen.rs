//! The WASM module and the JavaScript that loads it.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    Job, Mode,
    inputs::{files_below, read},
};

/// What comes out of the bindgen step.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
    /// Modules that crates bring along, under the relative names by which `js` imports them.
    pub(crate) snippets: Vec<(String, Vec<u8>)>,
}

/// Runs bindgen, with `scratch` for its files.
pub(crate) fn run(job: &Job, scratch: &Path) -> Result<Bound> {
    fs::create_dir_all(scratch)?;
    Bindgen::new()
        .input_path(&job.wasm)
        .out_name("accord")
        .web(true)?
        .typescript(false)
        // The boot script always says where the module is.
        .omit_default_module_path(true)
        .remove_name_section(job.mode == Mode::Release)
        .remove_producers_section(true)
        .generate(scratch)
        .with_context(|| format!("wasm-bindgen refused {}", job.wasm.display()))?;
    let js = read(&scratch.join("accord.js"))?;
    let wasm = read(&scratch.join("accord_bg.wasm"))?;
    let mut snippets = Vec::new();
    for (name, path) in files_below(&scratch.join("snippets"))? {
        snippets.push((format!("snippets/{name}"), read(&path)?));
    }
    fs::remove_dir_all(scratch)?;
    Ok(Bound { js, wasm, snippets })
}
