//! `cargo xtask run`: from a fresh clone to a running program with something in it.

use std::{
    env,
    net::{TcpListener, ToSocketAddrs as _},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{dashboard, packages, process, project, steps::step, toolchain::WasmToolchain};

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// Sets up, builds, fills an empty database and becomes the server.
pub(crate) fn run(release: bool) -> Result<()> {
    prepare(dashboard::Mode::Release, release)?;
    serve(&mut accord(release, "serve"))
}

/// Everything before the server starts. Answers what compiles the dashboard.
pub(crate) fn prepare(mode: dashboard::Mode, release: bool) -> Result<WasmToolchain> {
    check_address()?;
    step("system packages", || {
        packages::ensure(&packages::BUILD_TOOLS)
    })?;
    let toolchain = dashboard::toolchain()?;
    dashboard::build_with(toolchain, mode)?;
    step("compile the server", || project::build_accord(release))?;
    step("a company to look at, where the database is empty", || {
        process::run(&mut accord(release, "demo"))
    })?;
    println!(
        "\nAccord is at {} as soon as it says so. Ctrl-C stops it.\n",
        public_url()
    );
    Ok(toolchain)
}

/// The program with a subcommand. It finds its settings in the environment as always.
pub(crate) fn accord(release: bool, subcommand: &str) -> Command {
    let mut accord = project::command(project::accord(release));
    accord.arg(subcommand);
    accord
}

fn listen() -> String {
    env::var("ACCORD_LISTEN").unwrap_or_else(|_| DEFAULT_LISTEN.to_owned())
}

fn public_url() -> String {
    env::var("ACCORD_PUBLIC_URL").unwrap_or_else(|_| format!("http://{}", listen()))
}

/// An address in use is better said before minutes of compiling than after.
fn check_address() -> Result<()> {
    let address = listen();
    let resolved = address
        .to_socket_addrs()
        .with_context(|| format!("ACCORD_LISTEN: {address:?} is no address with a port"))?
        .next()
        .with_context(|| format!("ACCORD_LISTEN: {address:?} names no address"))?;
    if let Err(error) = TcpListener::bind(resolved) {
        bail!(
            "{address} cannot be listened on ({error}).\nChoose another address: \
             ACCORD_LISTEN=127.0.0.1:8081 cargo xtask run"
        );
    }
    Ok(())
}

/// Becomes the server, so that Ctrl-C and other signals reach it directly.
#[cfg(unix)]
fn serve(accord: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(accord.exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn serve(accord: &mut Command) -> Result<()> {
    process::run(accord)
}
