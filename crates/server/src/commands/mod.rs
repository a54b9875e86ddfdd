//! The program: its subcommands, and how each begins and ends.

mod account;
mod demo;
mod token;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use accord_service::{Clock, Randomness, Service};
use accord_store::Db;
use clap::{Args, Parser, Subcommand};
use tokio::sync::Notify;
use tracing_subscriber::EnvFilter;

use crate::openapi;
use crate::running::{self, migrate, open_service};
use crate::settings::{LogFormat, Options, PublicUrl, SettingError, Settings};

/// Accord: account collaboration. Who may do what on whose environments.
#[derive(Debug, Parser)]
#[command(name = "accord", version, about, propagate_version = true)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the dashboard.
    Serve(WithOptions),
    /// Bring the database's schema up to date, and end. `serve` does so too.
    Migrate(WithOptions),
    /// Check the settings, and end. Changes nothing but to make a missing data folder and key.
    CheckConfig(WithOptions),
    /// Print the OpenAPI document.
    Openapi,
    /// Fill an empty database with a believable company, and print how to sign in.
    Demo(WithOptions),
    /// Look after accounts.
    Account(account::Account),
    /// Look after the platform's tokens, by which its control plane calls.
    Token(token::Token),
}

#[derive(Args, Debug)]
struct WithOptions {
    #[command(flatten)]
    options: Options,
}

/// Runs the program with its arguments.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Program::parse().command {
        Command::Serve(with) => serve(&with.options),
        Command::Migrate(with) => prepare(&with.options).and_then(|settings| {
            migrate(&settings)?;
            say("The database is up to date.")
        }),
        Command::CheckConfig(with) => {
            prepare(&with.options).and_then(|_| say("The settings can be used."))
        }
        Command::Openapi => print(&openapi::pretty(&openapi::document())),
        Command::Demo(with) => prepare(&with.options).and_then(|settings| demo::fill(&settings)),
        Command::Account(account) => account.run(),
        Command::Token(token) => token.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn say(line: &str) -> anyhow::Result<()> {
    print(&format!("{line}\n"))
}

/// Starts the log and checks the settings.
fn prepare(options: &Options) -> anyhow::Result<Settings> {
    start_log(options)?;
    Ok(Settings::check(options, &Randomness::system())?)
}

fn start_log(options: &Options) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| SettingError::new("ACCORD_LOG", error.to_string()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let colourful = std::io::stderr().is_terminal();
    let started = match options.log_format {
        LogFormat::Text => log.with_target(false).with_ansi(colourful).try_init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot start: {error}"))
}

/// The use cases, for commands that serve nothing.
fn service(settings: &Settings, clock: Clock) -> anyhow::Result<(Db, Service, PublicUrl)> {
    let db = migrate(settings)?;
    let public_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| PublicUrl::of_address(settings.listen));
    let randomness = Randomness::system();
    let service = open_service(
        settings,
        db.clone(),
        &public_url,
        clock,
        randomness,
        Arc::new(Notify::new()),
    )?;
    Ok((db, service, public_url))
}

fn serve(options: &Options) -> anyhow::Result<()> {
    let settings = prepare(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let running = running::start(settings, Clock::system(), Randomness::system()).await?;
        asked_to_stop().await?;
        tracing::info!("Accord stops");
        running.stop().await;
        Ok(())
    })
}

/// Waits for what a terminal or a supervisor sends.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_make_sense() {
        Program::command().debug_assert();
    }

    #[test]
    fn every_setting_has_its_flag_and_its_variable() {
        let program = Program::command();
        let serve = program.find_subcommand("serve").expect("there");
        let variables: Vec<String> = serve
            .get_arguments()
            .filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
            .collect();
        for setting in [
            "LISTEN",
            "PUBLIC_URL",
            "DATA_DIR",
            "DATABASE_URL",
            "SMTP_URL",
            "SMTP_CA",
            "MAIL_FROM",
            "SECRET",
            "CATALOGUE",
            "UPGRADE",
            "SIGN_UP",
            "RATE_LIMITS",
            "TRUSTED_PROXIES",
            "METRICS_FROM",
            "LOG_FORMAT",
        ] {
            assert!(
                variables.contains(&format!("ACCORD_{setting}")),
                "{setting}"
            );
        }
        for argument in serve.get_arguments() {
            let Some(variable) = argument.get_env() else {
                continue;
            };
            let flag = argument
                .get_long()
                .expect("a flag")
                .to_uppercase()
                .replace('-', "_");
            assert_eq!(variable.to_string_lossy(), format!("ACCORD_{flag}"));
        }
    }
}
