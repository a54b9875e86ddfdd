//! Where things lie, and cargo as it is called from here.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_path_buf()
}

/// Cargo's target folder: the one that holds this program and that cargo marks as a cache. The
/// server's build script finds it by the same rule.
pub(crate) fn target() -> PathBuf {
    env::current_exe()
        .ok()
        .and_then(|program| {
            program
                .ancestors()
                .find(|folder| folder.join("CACHEDIR.TAG").exists())
                .map(Path::to_path_buf)
        })
        .unwrap_or_else(|| root().join("target"))
}

/// The program as built with a profile.
pub(crate) fn accord(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target()
        .join(profile)
        .join(format!("accord{}", env::consts::EXE_SUFFIX))
}

/// A program that starts in the root of the checkout.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    // What cargo told this program about itself is not for others: build scripts that watch these
    // variables would run again whenever cargo is called with and without xtask in turn.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || matches!(&*name, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "OUT_DIR")
        {
            command.env_remove(&*name);
        }
    }
    command
}

/// The cargo that started this program, with the same target folder.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.env("CARGO_TARGET_DIR", target());
    cargo
}

/// Builds the server's program.
pub(crate) fn build_accord(release: bool) -> anyhow::Result<()> {
    let mut cargo = cargo();
    cargo.args(["build", "--package", "accord-server", "--bin", "accord"]);
    if release {
        cargo.arg("--release");
    }
    crate::process::run(&mut cargo)
}
