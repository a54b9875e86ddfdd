//! A TypeScript program sees the API through types that are generated from its description: they compile,
//! and what they promise is what the server does.

use std::path::{Path, PathBuf};
use std::process::Command;

use accord_testkit::{PASSWORD, TestApp, on_both_databases};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript")
}

fn runs(command: &mut Command) {
    let output = command.output().expect("npm packages of tests/typescript are installed (`cargo xtask test` does it) and Node.js is there");
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn a_program_in_typescript_lives_through_the_main_line(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let url = app.public_url().to_owned();
    let build = tempfile::Builder::new()
        .prefix("build-")
        .tempdir_in(project())
        .expect("a folder beside its packages");
    for file in ["story.ts", "tsconfig.json", "package.json"] {
        std::fs::copy(project().join(file), build.path().join(file)).expect("copied");
    }
    let emails = [ada.email.clone(), bob.email.clone()];
    let work = move || {
        let bin = project().join("node_modules/.bin");
        let description = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
        runs(
            Command::new(bin.join("openapi-typescript"))
                .arg(description)
                .args(["--output", "accord.d.ts"])
                .current_dir(build.path()),
        );
        runs(Command::new(bin.join("tsc")).current_dir(build.path()));
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
