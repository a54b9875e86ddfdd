//! The compiled module as a set of files that a browser loads: the first one with the JavaScript that
//! binds it, and the chunks that arrive when a page of theirs is first opened.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    Job, Mode,
    inputs::{files_below, read},
    names::without_names,
};

/// The script that starts the module, within the set.
pub(crate) const SCRIPT: &str = "accord.js";
/// The module that everything begins with, within the set.
pub(crate) const MODULE: &str = "accord.wasm";
/// The script that fetches chunks, within the set.
pub(crate) const CHUNK_LOADER: &str = "chunks.js";

/// What bindgen calls the module.
const BOUND_MODULE: &str = "accord_bg.wasm";

/// Splits the module into chunks and binds the first one, with `scratch` for the files. The files
/// name each other, so they stay together, under the names that they have here.
pub(crate) fn run(job: &Job, scratch: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    let together = scratch.join("set");
    fs::create_dir_all(&together)?;
    let first = scratch.join("first.wasm");
    split(job, &together, &first)?;
    Bindgen::new()
        .input_path(&first)
        .out_name("accord")
        .web(true)?
        .typescript(false)
        // The boot script always says where the module is.
        .omit_default_module_path(true)
        // Chunks import what the linker exports, by the names that it gave.
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(job.mode == Mode::Release)
        .remove_producers_section(true)
        .generate(&together)
        .with_context(|| format!("wasm-bindgen refused {}", job.wasm.display()))?;
    fs::rename(together.join(BOUND_MODULE), together.join(MODULE))?;
    let files = files_below(&together)?
        .into_iter()
        .map(|(name, path)| Ok((name, read(&path)?)))
        .collect::<Result<_>>()?;
    fs::remove_dir_all(scratch)?;
    Ok(files)
}

fn split(job: &Job, together: &Path, first: &Path) -> Result<()> {
    let mut wasm = read(&job.wasm)?;
    if job.mode == Mode::Release {
        wasm = without_names(&wasm)
            .with_context(|| format!("{} is no WASM module", job.wasm.display()))?;
    }
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = together;
    options.main_out_path = first;
    let loader = format!("./{CHUNK_LOADER}");
    options.link_name = &loader;
    let script = format!("./{SCRIPT}");
    options.main_module = &script;
    wasm_split_cli_support::transform(options)
        .map(drop)
        .map_err(|error| anyhow!("{} cannot be split: {error:#}", job.wasm.display()))
}
