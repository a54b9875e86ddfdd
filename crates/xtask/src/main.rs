//! Developer commands: everything between a fresh clone and a running or tested program.
// A command-line tool speaks on standard output.
#![allow(clippy::print_stdout)]

mod bench;
mod dashboard;
mod databases;
mod dev;
mod openapi;
mod packages;
mod process;
mod project;
mod run;
mod steps;
mod test;
mod toolchain;
mod watch;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Usage: cargo xtask <command>

  run                 set up whatever is missing, build, fill an empty database with a
                      believable company and serve it; ACCORD_* settings as for `accord serve`
    --release           with an optimized server
  test [filters…]     everything that CI checks; filters and options go to the test runner
    --fast              the tests alone: no formatting, lints, doc tests or browser
  dev                 like run, and rebuild and reload whatever changes
  dashboard           build the dashboard into target/dashboard
    --release           smallest transfer (default)
    --dev               quick to build; open pages reload when a newer build appears
  openapi             write openapi/openapi.json from the code
    --check             fail when the file differs instead
  screenshots         take the pictures of the README anew
    --sheet [words…]    every screen instead, light and dark, wide and narrow, into target/pictures;
                        with words, those with one of them in their names; a word with a colon at
                        its end, as in invite:, is a part of tests/walk
  lighthouse          what Lighthouse finds on three pages of the release dashboard, as a table
  bench               requests per second, latency and memory on both databases, as a table
    --checks [words…]   checks over HTTP beside the same server's plain static answer instead, by the size of
                        the account; with words, those accounts that are called so, as in roles
    --decisions         decisions in process, beside other engines, instead; draws docs/decisions.svg
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut args: Vec<String>) -> Result<ExitCode> {
    if args.is_empty() {
        print!("{HELP}");
        return Ok(ExitCode::FAILURE);
    }
    let command = args.remove(0);
    let done = |result: Result<()>| result.map(|()| ExitCode::SUCCESS);
    match command.as_str() {
        "run" => done(run::run(take_flags(&args, &["--release"])?[0])),
        "test" => test::run(args),
        "dev" => {
            take_flags(&args, &[])?;
            done(dev::run())
        }
        "dashboard" => {
            let flags = take_flags(&args, &["--release", "--dev"])?;
            let mode = match (flags[0], flags[1]) {
                (true, true) => bail!("--release and --dev exclude each other"),
                (_, false) => dashboard::Mode::Release,
                (_, true) => dashboard::Mode::Dev,
            };
            done(dashboard::build(mode))
        }
        "openapi" => done(openapi::run(take_flags(&args, &["--check"])?[0])),
        "bench" if args.first().is_some_and(|first| first == "--checks") => {
            done(bench::measure(&args))
        }
        "bench" => done(match take_flags(&args, &["--decisions"])?[0] {
            true => bench::measure_decisions(),
            false => bench::measure(&[]),
        }),
        "lighthouse" => {
            take_flags(&args, &[])?;
            done(bench::ask_lighthouse())
        }
        "screenshots" => {
            if let Some((first, words)) = args.split_first()
                && first == "--sheet"
            {
                return done(bench::take_sheet(words));
            }
            take_flags(&args, &[])?;
            done(bench::take_pictures())
        }
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command {other:?}\n\n{HELP}"),
    }
}

/// Which of the known flags were given; anything else is refused.
fn take_flags<const N: usize>(args: &[String], known: &[&str; N]) -> Result<[bool; N]> {
    if let Some(unknown) = args.iter().find(|arg| !known.contains(&arg.as_str())) {
        bail!("unknown option {unknown:?}\n\n{HELP}");
    }
    Ok(known.map(|flag| args.iter().any(|arg| arg == flag)))
}
