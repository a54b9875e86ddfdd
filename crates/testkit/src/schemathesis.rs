//! Schemathesis: a program that is not ours, reads the API's description, and looks for answers that are not
//! as it says.

use std::path::Path;
use std::process::Output;

use crate::python::Packages;

/// The program.
pub static SCHEMATHESIS: Packages = Packages::new(
    "schemathesis",
    "import importlib.metadata as packages\n\
     assert packages.version('schemathesis') == '4.32.5'",
    include_str!("../peers/schemathesis.requirements.txt"),
    "install Debian's python3 and python3-pip",
);

/// Lets it look at these operations of the API whose description is at `description`, by the settings of a file in which
/// `${NAME}` stands for one of the `values`. Whatever it found stands in what it printed.
///
/// # Panics
/// Where it cannot be installed or started.
pub fn look(
    description: &str,
    settings: &Path,
    operations: &[String],
    values: &[(&str, String)],
) -> Output {
    let python = SCHEMATHESIS.ensure_installed();
    let mut schemathesis = python
        .unwrap_or_else(|problem| panic!("{problem}"))
        .command();
    // It keeps what it learned in the folder that it runs in: each run begins anew.
    let folder = tempfile::tempdir().expect("a folder for what it writes");
    schemathesis
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(settings)
        .args(["run", description])
        .args(
            operations
                .iter()
                .flat_map(|id| ["--include-operation-id", id]),
        )
        .envs(values.iter().map(|(name, value)| (name, value)))
        .current_dir(folder.path())
        .output()
        .expect("Python was started a moment ago and can be started again")
}
