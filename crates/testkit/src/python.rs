//! Programs in Python that are not ours: found, or installed from the Python package index into the build
//! folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const INTERPRETERS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// Packages of which one is used, with all that it needs.
#[derive(Debug)]
pub struct Packages {
    /// The package that is used.
    name: &'static str,
    /// What Python does without a complaint where the right ones are there.
    trial: &'static str,
    /// All of them, each with the hashes of its content.
    requirements: &'static str,
    /// What to do where pip cannot install them.
    advice: &'static str,
    found: OnceLock<Result<Python, String>>,
}

/// How to start Python so that it finds the packages.
#[derive(Clone, Debug)]
pub struct Python {
    interpreter: &'static str,
    packages: PathBuf,
}

impl Python {
    /// Python, to be told what to do.
    pub fn command(&self) -> Command {
        let mut python = Command::new(self.interpreter);
        python.env("PYTHONPATH", &self.packages);
        python
    }
}

impl Packages {
    pub(crate) const fn new(
        name: &'static str,
        trial: &'static str,
        requirements: &'static str,
        advice: &'static str,
    ) -> Self {
        Self {
            name,
            trial,
            requirements,
            advice,
            found: OnceLock::new(),
        }
    }

    /// Makes sure that they are there: takes them where Python has them already, else installs them with
    /// pip into `target/test-peers`, once, also when many tests ask at the same time. The error says what
    /// is missing and what to do.
    pub fn ensure_installed(&self) -> Result<Python, String> {
        self.found.get_or_init(|| self.find_or_install()).clone()
    }

    fn find_or_install(&self) -> Result<Python, String> {
        let peers = peers_folder();
        let packages = peers.join(self.name);
        if let Some(python) = self.find(&packages) {
            return Ok(python);
        }
        std::fs::create_dir_all(&peers)
            .map_err(|error| format!("{} cannot be made: {error}", peers.display()))?;
        let lock = File::create(peers.join(format!("{}.lock", self.name)))
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| format!("the lock for the installation cannot be taken: {error}"))?;
        let found = match self.find(&packages) {
            Some(python) => Ok(python),
            None => self.install(&peers, &packages).and_then(|()| {
                let name = self.name;
                self.find(&packages)
                    .ok_or_else(|| format!("{name} was installed, but Python does not find it"))
            }),
        };
        drop(lock);
        found
    }

    fn find(&self, packages: &Path) -> Option<Python> {
        INTERPRETERS.into_iter().find_map(|interpreter| {
            let python = Python {
                interpreter,
                packages: packages.to_owned(),
            };
            let works = python
                .command()
                .args(["-c", self.trial])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            works.then_some(python)
        })
    }

    fn install(&self, peers: &Path, packages: &Path) -> Result<(), String> {
        let requirements = peers.join(format!("{}.requirements.txt", self.name));
        std::fs::write(&requirements, self.requirements)
            .map_err(|error| format!("{} cannot be written: {error}", requirements.display()))?;
        let mut complaints = Vec::new();
        for interpreter in INTERPRETERS {
            let result = Command::new(interpreter)
                .args(["-m", "pip", "install", "--quiet"])
                .args(["--disable-pip-version-check", "--no-deps"])
                .args(["--require-hashes", "--upgrade", "--target"])
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
            "{} is not installed and pip could not install it: {}\n{}",
            self.name,
            self.advice,
            complaints.join("\n")
        ))
    }
}

/// In the build folder, so that it is kept between runs and cleaned with everything else.
fn peers_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers")
}
