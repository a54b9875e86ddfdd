//! A TypeScript program sees the API through types that are generated from its description: they compile,
//! and what they promise is what the server does.

use std::path::{Path, PathBuf};
use std::process::Command;

use accord_testkit::{PASSWORD, TestApp, on_both_databases};
use tempfile::TempDir;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript")
}

/// Runs it to a good end; what it printed.
pub(crate) fn runs(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; `cargo xtask test` installs Node.js and the packages of tests/typescript")
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// A folder with these programs, and the types that the API's description makes, compiled.
pub(crate) fn compiled(files: &[&Path], written: &[(&str, &str)]) -> TempDir {
    let build = tempfile::Builder::new()
        .prefix("build-")
        .tempdir_in(project())
        .expect("a folder beside its packages");
    let settings = [
        project().join("tsconfig.json"),
        project().join("package.json"),
    ];
    for file in files
        .iter()
        .copied()
        .chain(settings.iter().map(PathBuf::as_path))
    {
        let name = file.file_name().expect("a file");
        std::fs::copy(file, build.path().join(name)).expect("copied");
    }
    for (name, text) in written {
        std::fs::write(build.path().join(name), text).expect("written");
    }
    let bin = project().join("node_modules/.bin");
    let description = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    runs(
        Command::new(bin.join("openapi-typescript"))
            .arg(description)
            .args(["--output", "accord.d.ts"])
            .current_dir(build.path()),
    );
    runs(Command::new(bin.join("tsc")).current_dir(build.path()));
    build
}

async fn a_program_in_typescript_lives_through_the_main_line(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let url = app.public_url().to_owned();
    let emails = [ada.email.clone(), bob.email.clone()];
    let work = move || {
        let build = compiled(&[&project().join("story.ts")], &[]);
        runs(
            Command::new("node")
                .arg("story.js")
                .arg(&url)
                .args(&emails)
                .arg(PASSWORD)
                .current_dir(build.path()),
        );
    };
    tokio::task::spawn_blocking(work)
        .await
        .expect("it went well");
}

on_both_databases! {
    a_program_in_typescript_lives_through_the_main_line,
}
