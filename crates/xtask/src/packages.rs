//! Programs and libraries of the system: installed where that is allowed, asked for where not.

use std::{env, fs, process::Command, sync::Once};

use anyhow::{Context, Result, bail};

use crate::process;

/// What the server is built with.
pub(crate) const BUILD_TOOLS: [&Need; 2] = [&C_COMPILER, &LIBPQ];

/// What a machine may lack, with the packages of Debian and Ubuntu that bring it.
pub(crate) struct Need {
    name: &'static str,
    packages: &'static [&'static str],
    /// The same where Ubuntu calls them otherwise.
    on_ubuntu: Option<&'static [&'static str]>,
    is_there: fn() -> bool,
    /// What to do where these packages do not exist.
    elsewhere: &'static str,
}

impl Need {
    /// Of the system that its `/etc/os-release` tells of.
    fn packages_of(&self, os_release: &str) -> &'static [&'static str] {
        let is_ubuntu = os_release.lines().any(|line| line == "ID=ubuntu");
        self.on_ubuntu
            .filter(|_| is_ubuntu)
            .unwrap_or(self.packages)
    }
}

pub(crate) const C_COMPILER: Need = Need {
    name: "a C compiler",
    packages: &["gcc", "libc6-dev"],
    on_ubuntu: None,
    is_there: || process::find("cc").is_some(),
    elsewhere: "Install one that is called as cc.",
};

pub(crate) const LIBPQ: Need = Need {
    name: "libpq, PostgreSQL's client library",
    packages: &["libpq-dev"],
    on_ubuntu: None,
    is_there: has_libpq,
    elsewhere: "Install it and let pg_config be in the PATH, or set PQ_LIB_DIR.",
};

pub(crate) const POSTGRESQL: Need = Need {
    name: "PostgreSQL's server, for the tests",
    packages: &["postgresql"],
    on_ubuntu: None,
    is_there: has_postgresql,
    elsewhere: "Install PostgreSQL 15 or newer, with initdb and postgres in the PATH.",
};

pub(crate) const CHROMIUM: Need = Need {
    name: "Chromium and its driver, for the browser tests",
    packages: &["chromium", "chromium-driver"],
    on_ubuntu: Some(&["chromium-browser", "chromium-chromedriver"]),
    is_there: || {
        process::find("chromedriver").is_some()
            && ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|name| process::find(name).is_some())
    },
    elsewhere: "Install Chromium or Chrome and the chromedriver of the same version.",
};

pub(crate) const NODE: Need = Need {
    name: "Node.js and npm, for the checks of accessibility and of TypeScript",
    packages: &["nodejs", "npm"],
    on_ubuntu: None,
    is_there: || process::find("node").is_some() && process::find("npm").is_some(),
    elsewhere: "Install Node.js 18 or newer.",
};

pub(crate) const PYTHON: Need = Need {
    name: "Python with pip, for the mail server and the fuzzer of the tests",
    packages: &["python3", "python3-pip"],
    on_ubuntu: None,
    is_there: || process::succeeds(Command::new("python3").args(["-m", "pip", "--version"])),
    elsewhere: "Install Python 3.9 or newer with pip.",
};

pub(crate) const CURL: Need = Need {
    name: "curl, for the examples of the documentation",
    packages: &["curl"],
    on_ubuntu: None,
    is_there: || process::find("curl").is_some(),
    elsewhere: "Install curl.",
};

pub(crate) const WASM_TOOLCHAIN: Need = Need {
    name: "the WASM target for Rust",
    packages: &["rustc-web", "cargo-web", "rust-web-src", "lld-22"],
    on_ubuntu: None,
    is_there: crate::toolchain::has_debian_packages,
    elsewhere: "With rustup: rustup target add wasm32-unknown-unknown",
};

/// Returns when all needs are met, having installed packages if it must. What is missing is named
/// all at once.
pub(crate) fn ensure(needs: &[&Need]) -> Result<()> {
    let missing: Vec<_> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let mut packages = Vec::new();
    let mut explained = String::new();
    for need in &missing {
        packages.extend(need.packages_of(&system));
        explained.push_str(&format!("\n  {}. {}", need.name, need.elsewhere));
    }
    let command = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if process::find("apt-get").is_none() {
        bail!("this machine lacks:{explained}");
    }
    if !is_root() {
        bail!(
            "this machine lacks:{explained}\nOn Debian and Ubuntu this installs all of it; then \
             start again:\n  sudo {command}"
        );
    }
    println!("    {command}");
    install(&packages).with_context(|| format!("cannot install:{explained}"))?;
    match missing.iter().find(|need| !(need.is_there)()) {
        None => Ok(()),
        Some(need) => bail!(
            "{} is installed, and still {} is not found. {}",
            need.packages_of(&system).join(" "),
            need.name,
            need.elsewhere
        ),
    }
}

fn install(packages: &[&str]) -> Result<()> {
    static LISTS: Once = Once::new();
    // Old lists are better than none: a mirror that is away must not stop an install from a cache.
    LISTS.call_once(|| {
        process::succeeds(Command::new("apt-get").args(["update", "--quiet"]));
    });
    process::run(
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null()),
    )
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

fn has_libpq() -> bool {
    env::var_os("PQ_LIB_DIR").is_some()
        || process::succeeds(Command::new("pkg-config").args(["--exists", "libpq"]))
        || below("/usr/lib")
            .chain(below("/usr/lib64"))
            .any(|folder| folder.join("libpq.so").exists())
}

fn has_postgresql() -> bool {
    process::find("initdb").is_some()
        || below("/usr/lib/postgresql").any(|version| version.join("bin/initdb").exists())
}

/// A folder's entries; none where there is no folder.
fn below(folder: &str) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_called_as_the_system_calls_them() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n";
        let ubuntu = "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n";
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        for (system, driver) in [
            (debian, "chromium-driver"),
            (ubuntu, "chromium-chromedriver"),
            (mint, "chromium-driver"),
            ("", "chromium-driver"),
        ] {
            assert!(CHROMIUM.packages_of(system).contains(&driver), "{system}");
            assert_eq!(LIBPQ.packages_of(system), ["libpq-dev"], "{system}");
        }
    }
}
