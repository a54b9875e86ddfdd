//! `cargo xtask dev`: rebuilds what changed, restarts the server, and open pages reload.

use std::{
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use crate::{
    dashboard::{self, Mode},
    process, project,
    run::{accord, prepare},
    steps::step,
    watch::Watched,
};

const DASHBOARD_SOURCES: [&str; 5] = [
    "frontend",
    "crates/api-types",
    "crates/client",
    "crates/dashboard-builder",
    "Cargo.toml",
];
const SERVER_SOURCES: [&str; 8] = [
    "crates/api-types",
    "crates/domain",
    "crates/store",
    "crates/mail",
    "crates/webhooks",
    "crates/service",
    "crates/server",
    "Cargo.toml",
];

/// Runs until Ctrl-C.
pub(crate) fn run() -> Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    // Before anything changes, so that what is edited during the first build counts.
    let root = project::root();
    let mut dashboard_sources = Watched::new(&root, &DASHBOARD_SOURCES);
    let mut server_sources = Watched::new(&root, &SERVER_SOURCES);
    let toolchain = prepare(Mode::Dev, false)?;
    for signal in [SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&stopping))?;
    }
    let mut server = Some(start()?);
    println!("Watching. Pages reload by themselves.");

    while !stopping.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(250));
        if let Some(child) = &mut server
            && let Some(status) = child.try_wait()?
        {
            println!("The server ended with {status}; it starts again after the next change.");
            server = None;
        }
        let dashboard_changed = dashboard_sources.changed();
        let server_changed = server_sources.changed();
        if server_changed {
            match step("compile the server", || project::build_accord(false)) {
                Ok(()) => {
                    server.iter_mut().for_each(process::stop);
                    server = Some(start()?);
                }
                Err(error) => report(&error),
            }
        }
        if dashboard_changed && let Err(error) = dashboard::build_with(toolchain, Mode::Dev) {
            report(&error);
        }
    }
    server.iter_mut().for_each(process::stop);
    Ok(())
}

fn start() -> Result<Child> {
    accord(false, "serve")
        .spawn()
        .context("cannot start the server")
}

/// What does not compile is no reason to stop: the next change may mend it.
fn report(error: &anyhow::Error) {
    println!("    {error:#}\n    What ran before goes on.");
}
