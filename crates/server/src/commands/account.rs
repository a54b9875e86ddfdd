//! `accord account`: what the operator does with accounts.

use std::io::Read as _;

use accord_domain::account::AccountKind;
use accord_domain::authorize::Denied;
use accord_domain::email::EmailAddress;
use accord_domain::text::DisplayName;
use accord_service::{AccountView, Clock, Randomness, Service, ServiceError};
use accord_store::Db;
use anyhow::{anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::{WithOptions, prepare, print, say, service};
use crate::settings::PublicUrl;

#[derive(Args, Debug)]
pub(super) struct Account {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account whose address you vouch for. Prints a link to choose a password, unless one is
    /// given.
    Create(Create),
    /// List all accounts, oldest first, with tabs between the columns.
    List(WithOptions),
    /// Let an account host, as signing up would have.
    Upgrade(Named),
    /// Disable an account: it cannot sign in, and what it hosts is frozen.
    Disable(Named),
    /// Enable a disabled account.
    Enable(Named),
}

#[derive(Args, Debug)]
struct Create {
    /// The address.
    #[arg(long)]
    email: String,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// Whether the account may host.
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    /// Read the password from the standard input, to the end of its first line.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    with: WithOptions,
}

#[derive(Args, Debug)]
struct Named {
    /// The account's address.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    with: WithOptions,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Kind {
    /// May host.
    #[default]
    Billing,
    /// May only take part.
    Member,
}

impl Account {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List(with) => list(&with),
            Action::Upgrade(named) => {
                named.change(|service, email| service.set_account_kind(email, AccountKind::Billing))
            }
            Action::Disable(named) => {
                named.change(|service, email| service.set_account_disabled(email, true))
            }
            Action::Enable(named) => {
                named.change(|service, email| service.set_account_disabled(email, false))
            }
        }
    }
}

impl Create {
    fn run(self) -> anyhow::Result<()> {
        let (email, name) = (
            address(&self.email)?,
            DisplayName::parse(&self.name).map_err(|e| anyhow!("--name: {e}"))?,
        );
        let kind = match self.kind {
            Kind::Billing => AccountKind::Billing,
            Kind::Member => AccountKind::Member,
        };
        let given = self.password_stdin.then(read_password).transpose()?;
        let settings = prepare(&self.with.options)?;
        let (db, service, public_url) = service(&settings, Clock::system())?;
        // Nobody will ever know this one: the link below sets another.
        let password = given.clone().unwrap_or_else(unguessable);
        let account = service
            .create_account(&email, &name, kind, &password)
            .map_err(sentence)?;
        say(&line(&account))?;
        if given.is_none() {
            say(&match password_link(&db, &service, &public_url, &email)? {
                Some(link) => format!("Choose a password within an hour: {link}"),
                None => "A link to choose a password was mailed.".to_owned(),
            })?;
        }
        Ok(())
    }
}

impl Named {
    fn change(
        self,
        change: impl FnOnce(&Service, &EmailAddress) -> Result<AccountView, ServiceError>,
    ) -> anyhow::Result<()> {
        let email = address(&self.email)?;
        let settings = prepare(&self.with.options)?;
        let (_, service, _) = service(&settings, Clock::system())?;
        say(&line(&change(&service, &email).map_err(sentence)?))
    }
}

fn list(with: &WithOptions) -> anyhow::Result<()> {
    let settings = prepare(&with.options)?;
    let (_, service, _) = service(&settings, Clock::system())?;
    let lines: Vec<String> = service
        .list_accounts()
        .map_err(sentence)?
        .iter()
        .map(|account| line(account) + "\n")
        .collect();
    print(&lines.concat())
}

fn line(account: &AccountView) -> String {
    format!(
        "{}\t{}\t{}\t{}\t{}",
        account.id,
        account.email,
        account.name,
        account.kind,
        if account.disabled_at.is_some() {
            "disabled"
        } else {
            "enabled"
        },
    )
}

fn address(text: &str) -> anyhow::Result<EmailAddress> {
    EmailAddress::parse(text).map_err(|error| anyhow!("--email: {error}"))
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    match text.lines().next() {
        Some(password) if !password.is_empty() => Ok(password.to_owned()),
        _ => bail!("No password came from the standard input."),
    }
}

fn unguessable() -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(Randomness::system().bytes::<32>())
}

/// The link of the mail that lets somebody choose a password. A mail server may have it already, and
/// then it is nowhere else.
fn password_link(
    db: &Db,
    service: &Service,
    public_url: &PublicUrl,
    email: &EmailAddress,
) -> anyhow::Result<Option<String>> {
    service.forgot_password(email.as_str()).map_err(sentence)?;
    super::demo::newest_link(db, service, public_url, email.as_str(), "reset-password")
}

pub(super) fn sentence(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::Denied(Denied::Hidden) => anyhow!("No account has this address."),
        ServiceError::EmailTaken => anyhow!("The address has an account already."),
        ServiceError::Invalid(invalid) => {
            let sentences: Vec<String> = invalid.into_iter().map(|place| place.detail).collect();
            anyhow!("{}", sentences.join(" "))
        }
        ServiceError::Unavailable => anyhow!("The database cannot be reached."),
        other => anyhow!("{other}"),
    }
}
