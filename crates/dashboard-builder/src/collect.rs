//! Gathers everything that belongs into the served folder.

use anyhow::{Context, Result};

use crate::{
    Job, Mode, bindgen,
    inputs::{files_below, read},
    page::{Addresses, boot_script, index_page},
    site::{Site, When},
};

/// The files of the dashboard, named and linked.
pub(crate) fn site(job: &Job, version: &str) -> Result<Site> {
    let mut site = Site::default();
    let files = bindgen::run(job, &job.out.with_extension("bindgen"))?;
    let set = site.add_set("app", files, |name| match name {
        bindgen::SCRIPT | bindgen::MODULE | bindgen::CHUNK_LOADER => When::First,
        snippet if snippet.ends_with(".js") => When::First,
        _ => When::Later,
    })?;
    let js = format!("{set}{}", bindgen::SCRIPT);
    let wasm = format!("{set}{}", bindgen::MODULE);
    let css = site.add_hashed("accord", "css", stylesheet(job)?)?;
    let boot = boot_script(job.mode, &js, &wasm, version);
    let boot = site.add_hashed("boot", "js", boot.into_bytes())?;
    for (name, path) in files_below(&job.frontend.join("assets"))? {
        site.add_as_is(&format!("assets/{name}"), read(&path)?)?;
    }
    if job.mode == Mode::Dev {
        let body = serde_json::json!({ "version": version }).to_string();
        site.add_as_is("assets/version.json", body.into_bytes())?;
    }
    let template = String::from_utf8(read(&job.frontend.join("index.html"))?)
        .context("frontend/index.html is not UTF-8")?;
    let addresses = Addresses {
        boot,
        js,
        wasm,
        css,
    };
    let page = index_page(&template, &addresses)?;
    site.add_as_is("index.html", page.into_bytes())?;
    Ok(site)
}

/// All stylesheets in the order of their paths, as one: folders and files are numbered, since later
/// rules of a layer win over earlier ones.
fn stylesheet(job: &Job) -> Result<Vec<u8>> {
    let mut css = Vec::new();
    for (name, path) in files_below(&job.frontend.join("styles"))? {
        if name.ends_with(".css") {
            css.extend(read(&path)?);
            css.push(b'\n');
        }
    }
    Ok(css)
}
