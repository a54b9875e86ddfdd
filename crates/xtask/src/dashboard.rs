//! `cargo xtask dashboard`: from the frontend's sources to the folder that the server serves.

use anyhow::Result;

use crate::{
    process, project,
    steps::step,
    toolchain::{self, WasmToolchain},
};

/// What the build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Release,
    Dev,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }

    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm",
            Self::Dev => "wasm-dev",
        }
    }
}

/// Finds or sets up what compiles to WASM, and says what it is.
pub(crate) fn toolchain() -> Result<WasmToolchain> {
    step("the WASM target", || {
        let toolchain = WasmToolchain::find()?;
        println!("    taking {}", toolchain.described());
        Ok(toolchain)
    })
}

/// Builds the dashboard; does next to nothing when nothing changed.
pub(crate) fn build(mode: Mode) -> Result<()> {
    build_with(toolchain()?, mode)
}

/// The same, with what [`toolchain`] found.
pub(crate) fn build_with(toolchain: WasmToolchain, mode: Mode) -> Result<()> {
    step(&format!("compile the dashboard ({})", mode.name()), || {
        process::run(
            toolchain
                .cargo("build")
                .args(["--quiet", "--package", "accord-dashboard"])
                .args(["--profile", mode.profile()]),
        )
    })?;
    step("compile the dashboard's builder", || {
        // Of the whole workspace, so that what it builds upon is compiled as it is for the tests.
        process::run(project::cargo().args([
            "build",
            "--quiet",
            "--workspace",
            "--bin",
            "dashboard-builder",
        ]))
    })?;
    step("bind, name, compress", || {
        let builder = format!("dashboard-builder{}", std::env::consts::EXE_SUFFIX);
        let wasm = toolchain::target_folder()
            .join(toolchain::TARGET)
            .join(mode.profile())
            .join("accord-dashboard.wasm");
        process::run(
            project::command(project::target().join("debug").join(builder))
                .args(["--mode", mode.name()])
                .arg("--wasm")
                .arg(wasm)
                .arg("--frontend")
                .arg(project::root().join("frontend"))
                .arg("--out")
                .arg(project::target().join("dashboard")),
        )
    })
}
