//! `cargo xtask test`: everything that CI checks, set-up included.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    dashboard::{self, Mode},
    databases, packages, process, project,
    steps::step,
    toolchain::WasmToolchain,
};

/// Tests that work with packages of npm, and whether `--fast` runs them.
const NPM_PROJECTS: [(&str, bool); 2] = [("tests/browser", false), ("tests/typescript", true)];

/// Sets up, checks, and ends with the test runner's own summary.
pub(crate) fn run(mut args: Vec<String>) -> Result<ExitCode> {
    let fast = args.iter().any(|arg| arg == "--fast");
    args.retain(|arg| arg != "--fast");
    step("system packages", || set_up(fast))?;
    let mut failed = Vec::new();
    if !fast {
        let toolchain = dashboard::toolchain()?;
        check(&mut failed, "formatting", || {
            process::run(project::cargo().args(["fmt", "--check"]))?;
            // The comparison of engines is a workspace of its own, and too much to compile here.
            process::run(
                project::cargo()
                    .args(["fmt", "--check", "--manifest-path"])
                    .arg(project::root().join("tests/decisions/Cargo.toml")),
            )
        });
        check(&mut failed, "lints", || {
            process::run(
                project::cargo()
                    .args(["clippy", "--quiet", "--workspace", "--all-targets"])
                    .args(["--", "-D", "warnings"]),
            )
        });
        check(&mut failed, "lints of the dashboard as WASM", || {
            wasm_lints(toolchain)
        });
        dashboard::build_with(toolchain, Mode::Release)?;
        check(&mut failed, "examples in the documentation", || {
            process::run(project::cargo().args(["test", "--quiet", "--workspace", "--doc"]))
        });
    }
    println!(
        "    Dockerfile and docker-compose.yml are checked by the tests of xtask, by reading \
         them: no container engine is used."
    );
    if !failed.is_empty() {
        println!("\nFAILED so far: {}", failed.join(", "));
    }
    println!("==> tests");
    let mut outcome = Some(0);
    for mut runner in runners(fast, &args) {
        let ended = runner.status().context("cannot start the test runner")?;
        if !ended.success() {
            outcome = ended.code();
        }
    }
    databases::stop();
    // Nothing is printed from here on: the runner's summary ends the output.
    Ok(match outcome {
        Some(0) if failed.is_empty() => ExitCode::SUCCESS,
        Some(code) if code != 0 => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        _ => ExitCode::FAILURE,
    })
}

/// A check whose failure does not keep the others from being made.
fn check(failed: &mut Vec<&'static str>, name: &'static str, work: impl FnOnce() -> Result<()>) {
    if let Err(error) = step(name, work) {
        println!("    {error:#}");
        failed.push(name);
    }
}

fn set_up(fast: bool) -> Result<()> {
    let wanting: Vec<PathBuf> = NPM_PROJECTS
        .iter()
        .filter(|(_, in_fast)| *in_fast || !fast)
        .map(|(folder, _)| project::root().join(folder))
        .filter(|folder| !are_npm_packages_installed(folder))
        .collect();
    let mut needs = vec![
        &packages::C_COMPILER,
        &packages::LIBPQ,
        &packages::POSTGRESQL,
    ];
    if !fast {
        needs.push(&packages::CHROMIUM);
    }
    needs.extend([&packages::NODE, &packages::PYTHON, &packages::CURL]);
    packages::ensure(&needs)?;
    for folder in wanting {
        process::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--silent"])
                .current_dir(folder),
        )?;
    }
    Ok(())
}

/// Whether what the lock file says was installed since it last changed.
fn are_npm_packages_installed(folder: &Path) -> bool {
    let modified = |name| fs::metadata(folder.join(name)).and_then(|found| found.modified());
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}

/// Clippy where the toolchain has it, else the compiler's own warnings.
fn wasm_lints(toolchain: WasmToolchain) -> Result<()> {
    let mut cargo = if toolchain.has_clippy() {
        let mut cargo = toolchain.cargo("clippy");
        // As it is compiled to be sent: the compiler's helpers are then the same, and compiled once.
        cargo.args(["--profile", Mode::Release.profile()]);
        cargo
    } else {
        let mut cargo = toolchain.cargo("rustc");
        cargo.args(["--profile", "check", "--bin", "accord-dashboard"]);
        cargo
    };
    process::run(cargo.args([
        "--quiet",
        "--package",
        "accord-dashboard",
        "--",
        "-D",
        "warnings",
    ]))
}

/// What does not stand others beside it, by parts of their names: several Chromiums starve each other, and what is
/// measured in milliseconds is measured alone. For nextest, `.config/nextest.toml` says the same.
const ONE_AT_A_TIME: [&str; 2] = ["browser::", "within_a_tenth_of_a_second"];

/// nextest where it is installed. `cargo test` does the same, only slower: what does not stand others beside it in
/// a run of its own, unless filters are given.
fn runners(fast: bool, args: &[String]) -> Vec<Command> {
    if process::succeeds(project::cargo().args(["nextest", "--version"])) {
        let mut cargo = project::cargo();
        cargo.args(["nextest", "run", "--workspace"]);
        if fast {
            cargo.args(["-E", "not test(/(^|::)browser/)"]);
        }
        cargo.args(args);
        return vec![cargo];
    }
    let cargo_test = || {
        let mut cargo = project::cargo();
        cargo.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
        cargo
    };
    if !args.is_empty() {
        let mut chosen = cargo_test();
        chosen.args(args).env("RUST_TEST_THREADS", "1");
        return vec![chosen];
    }
    let mut together = cargo_test();
    together.arg("--");
    for part in ONE_AT_A_TIME {
        together.args(["--skip", part]);
    }
    let mut alone = cargo_test();
    alone
        .arg("--")
        .args(ONE_AT_A_TIME)
        .env("RUST_TEST_THREADS", "1");
    if fast {
        alone.args(["--skip", "browser::"]);
    }
    vec![together, alone]
}
