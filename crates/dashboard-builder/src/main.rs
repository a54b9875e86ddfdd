//! Turns the compiled WASM module, the page template, stylesheets and assets of the dashboard into
//! a folder of files named by their content, compressed beforehand, with a manifest.
// A command-line tool speaks on standard output.
#![allow(clippy::print_stdout)]

mod bindgen;
mod collect;
mod compress;
mod inputs;
mod names;
mod page;
mod site;

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result, bail};

/// In bytes, with brotli: what a first visit may cost.
const MOST_FOR_THE_FIRST_SCREEN: usize = 450_000;

/// How much the result is optimized, and whether pages watch for the next build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Smallest transfer.
    Release,
    /// Quick to build; open pages reload when a newer build appears.
    Dev,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) mode: Mode,
    pub(crate) wasm: PathBuf,
    pub(crate) frontend: PathBuf,
    pub(crate) out: PathBuf,
}

impl Job {
    fn from_args(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let (mut mode, mut wasm, mut frontend, mut out) = (None, None, None, None);
        while let Some(name) = args.next() {
            let value = args
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--mode" => {
                    mode = Some(match value.as_str() {
                        "release" => Mode::Release,
                        "dev" => Mode::Dev,
                        other => bail!("--mode is release or dev, not {other}"),
                    });
                }
                "--wasm" => wasm = Some(PathBuf::from(value)),
                "--frontend" => frontend = Some(PathBuf::from(value)),
                "--out" => out = Some(PathBuf::from(value)),
                other => bail!("unknown option {other}"),
            }
        }
        Ok(Self {
            mode: mode.context("--mode is missing")?,
            wasm: wasm.context("--wasm is missing")?,
            frontend: frontend.context("--frontend is missing")?,
            out: out.context("--out is missing")?,
        })
    }
}

fn main() -> Result<()> {
    let job = Job::from_args(std::env::args().skip(1))?;
    let parent = job.out.parent().context("--out needs a parent folder")?;
    fs::create_dir_all(parent)?;
    // Two builds at once would take each other's folders away.
    let lock = fs::File::create(job.out.with_extension("lock"))?;
    lock.lock()?;

    let started = Instant::now();
    let inputs = inputs::fingerprint(&job)?;
    if site::is_current(&job.out, &inputs) {
        println!("dashboard: up to date in {}", job.out.display());
        return Ok(());
    }
    let site = collect::site(&job, &inputs)?;
    let sizes = site.publish(&job.out, job.mode, &inputs)?;
    println!(
        "dashboard: {} files, first screen {} kB sent of {} kB, {} kB more when pages need it, \
         in {} ({:.1} s)",
        sizes.files,
        sizes.sent.div_ceil(1000),
        sizes.identity.div_ceil(1000),
        sizes.sent_later.div_ceil(1000),
        job.out.display(),
        started.elapsed().as_secs_f64(),
    );
    if job.mode == Mode::Release && sizes.sent > MOST_FOR_THE_FIRST_SCREEN {
        // What is refused is not taken for current the next time.
        fs::remove_file(job.out.join(site::MANIFEST))?;
        bail!(
            "the first screen takes {} bytes, and may take {MOST_FOR_THE_FIRST_SCREEN}: let a page bring what it alone \
             needs",
            sizes.sent
        );
    }
    Ok(())
}
