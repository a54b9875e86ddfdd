//! The Rust that compiles the dashboard to WASM.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Result;

use crate::{packages, process, project};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Where the target comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasmToolchain {
    /// The Rust in use has it.
    Installed,
    /// Debian's Rust for browsers, which compiles the standard library too.
    Debian,
}

impl WasmToolchain {
    /// The installed target, else rustup's, else Debian's packages. `ACCORD_WASM_TOOLCHAIN=debian`
    /// takes the last at once, to try that way on a machine that has another.
    pub(crate) fn find() -> Result<Self> {
        let forced = env::var("ACCORD_WASM_TOOLCHAIN").is_ok_and(|name| name == "debian");
        if !forced {
            if has_target() {
                return Ok(Self::Installed);
            }
            if add_with_rustup() {
                return Ok(Self::Installed);
            }
        }
        packages::ensure(&[&packages::WASM_TOOLCHAIN])?;
        Ok(Self::Debian)
    }

    /// Which way was taken, for people.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Installed => "the installed target wasm32-unknown-unknown",
            Self::Debian => "Debian's rustc-web, compiling the standard library as well",
        }
    }

    /// Cargo with a subcommand that builds for WASM, in a target folder of its own: the server's
    /// build and the dashboard's never wait for each other, and two compilers never mix.
    pub(crate) fn cargo(self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Installed => project::cargo(),
            Self::Debian => project::command(DEBIAN_CARGO),
        };
        cargo.arg(subcommand);
        if self == Self::Debian {
            cargo
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                // These belong to the other Rust.
                .env_remove("CARGO")
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("LD_LIBRARY_PATH");
            if let Some(linker) = debian_linker() {
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
        }
        // Without types that spell out every page whole, the code is a seventh smaller and
        // compiles sooner. Only pages need it: natively the dashboard is compiled for its tests.
        // What was relocated where tells the builder how to split the module into chunks.
        cargo
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "--cfg erase_components -C link-args=--emit-relocs",
            )
            .args(["--target", TARGET])
            .env("CARGO_TARGET_DIR", target_folder());
        cargo
    }

    /// Whether lints can be checked for WASM.
    pub(crate) fn has_clippy(self) -> bool {
        self == Self::Installed && process::succeeds(project::cargo().args(["clippy", "--version"]))
    }
}

/// Where the dashboard is compiled.
pub(crate) fn target_folder() -> PathBuf {
    project::target().join("frontend")
}

fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    process::output(project::command(rustc).args(["--print", "sysroot"]))
        .ok()
        .and_then(|path| String::from_utf8(path).ok())
        .is_some_and(|path| {
            let libraries = Path::new(path.trim()).join("lib/rustlib").join(TARGET);
            libraries.join("lib").exists()
        })
}

fn add_with_rustup() -> bool {
    if process::find("rustup").is_none() {
        return false;
    }
    println!("    rustup target add {TARGET}");
    let added = process::run_within(
        project::command("rustup")
            .args(["target", "add", TARGET])
            .env("RUSTUP_MAX_RETRIES", "1")
            .env("RUST_BACKTRACE", "0"),
        Duration::from_secs(180),
    );
    match added {
        Ok(()) => has_target(),
        Err(error) => {
            println!("    rustup cannot: {error:#}");
            false
        }
    }
}

/// Whether Debian's compiler, its standard library's source and a linker are there.
pub(crate) fn has_debian_packages() -> bool {
    let standard_library = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    Path::new(DEBIAN_RUSTC).exists()
        && Path::new(DEBIAN_CARGO).exists()
        && standard_library.exists()
        && (debian_linker().is_some() || process::find("rust-lld").is_some())
}

/// LLVM's linker for WASM under the name that Debian gives it.
fn debian_linker() -> Option<PathBuf> {
    process::find("wasm-ld-22").or_else(|| process::find("wasm-ld"))
}
