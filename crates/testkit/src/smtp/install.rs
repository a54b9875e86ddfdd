//! Finding aiosmtpd, or installing it from the Python package index into the build folder.

use super::peers_folder;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The packages with the hashes of their content.
const REQUIREMENTS: &str = include_str!("../../peers/smtp_peer.requirements.txt");
const INTERPRETERS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// How to start Python so that it finds aiosmtpd.
#[derive(Clone, Debug)]
pub struct Python {
    pub(super) interpreter: &'static str,
    pub(super) packages: PathBuf,
}

/// Makes sure that the mail server for tests can be started: takes aiosmtpd where Python has it
/// already, else installs it with pip into `target/test-peers`, once, also when many tests ask at
/// the same time. The error says what is missing and what to do.
pub fn ensure_installed() -> Result<Python, String> {
    static FOUND: OnceLock<Result<Python, String>> = OnceLock::new();
    FOUND.get_or_init(find_or_install).clone()
}

fn find_or_install() -> Result<Python, String> {
    let packages = peers_folder().join("aiosmtpd");
    if let Some(python) = find(&packages) {
        return Ok(python);
    }
    std::fs::create_dir_all(peers_folder())
        .map_err(|error| format!("{} cannot be made: {error}", peers_folder().display()))?;
    let lock = File::create(peers_folder().join("aiosmtpd.lock"))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| format!("the lock for the installation cannot be taken: {error}"))?;
    let found = match find(&packages) {
        Some(python) => Ok(python),
        None => install(&packages).and_then(|()| {
            find(&packages)
                .ok_or_else(|| "aiosmtpd was installed, but Python does not find it".to_owned())
        }),
    };
    drop(lock);
    found
}

fn find(packages: &Path) -> Option<Python> {
    INTERPRETERS.into_iter().find_map(|interpreter| {
        let works = Command::new(interpreter)
            .args(["-c", "import aiosmtpd.smtp"])
            .env("PYTHONPATH", packages)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        works.then(|| Python {
            interpreter,
            packages: packages.to_owned(),
        })
    })
}

fn install(packages: &Path) -> Result<(), String> {
    let requirements = peers_folder().join("aiosmtpd.requirements.txt");
    std::fs::write(&requirements, REQUIREMENTS)
        .map_err(|error| format!("{} cannot be written: {error}", requirements.display()))?;
    let mut complaints = Vec::new();
    for interpreter in INTERPRETERS {
        let result = Command::new(interpreter)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-deps", "--require-hashes", "--upgrade", "--target"])
            .arg(packages)
            .arg("--requirement")
            .arg(&requirements)
            .output();
        match result {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => complaints.push(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => complaints.push(error.to_string()),
        }
    }
    Err(format!(
        "the mail server for tests, aiosmtpd, is not installed and pip could not install it: install \
         Debian's python3 and python3-pip, or python3-aiosmtpd\n{}",
        complaints.join("\n")
    ))
}
