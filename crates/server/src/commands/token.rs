//! `accord token`: tokens of the platform, for its control plane.

use accord_domain::ids::PlatformTokenId;
use accord_domain::text::DisplayName;
use accord_domain::token::{TokenScope, TokenScopes};
use accord_service::{Clock, PlatformTokenView};
use anyhow::anyhow;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{WithOptions, prepare, print, say, service};

#[derive(Args, Debug)]
pub(super) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token that acts on every account as its owner would, as far as its scopes go. Prints the
    /// token, once: keep it as you keep a password.
    Create(Create),
    /// List all platform tokens, oldest first, with tabs between the columns: id, how it begins, name,
    /// scopes, end, last use.
    List(WithOptions),
    /// Revoke a token: it is refused from the next request on.
    Revoke(Revoke),
}

#[derive(Args, Debug)]
struct Create {
    /// What it is good for, separated by commas: read, members, roles, environments, checks, alerts,
    /// webhooks; or "all".
    #[arg(long, value_name = "SCOPE[,SCOPE…]")]
    scopes: String,
    /// How the record names what is done with it.
    #[arg(long, default_value = "Platform")]
    name: String,
    /// From when on it is refused: a day or a moment, such as 2030-01-31 or 2030-01-31T12:00:00Z. Never, if
    /// it is not said.
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    #[command(flatten)]
    with: WithOptions,
}

#[derive(Args, Debug)]
struct Revoke {
    /// The token's id, as `list` shows it.
    #[arg(long)]
    id: Uuid,
    #[command(flatten)]
    with: WithOptions,
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List(with) => list(&with),
            Action::Revoke(revoke) => revoke.run(),
        }
    }
}

impl Create {
    fn run(self) -> anyhow::Result<()> {
        let name = DisplayName::parse(&self.name).map_err(|error| anyhow!("--name: {error}"))?;
        let scopes = scopes(&self.scopes)?;
        let expires_at = self.expires.as_deref().map(moment).transpose()?;
        let settings = prepare(&self.with.options)?;
        let (_, service, _) = service(&settings, Clock::system())?;
        let made = service
            .create_platform_token(&name, scopes, expires_at)
            .map_err(super::account::sentence)?;
        say(made.secret.reveal())
    }
}

impl Revoke {
    fn run(self) -> anyhow::Result<()> {
        let settings = prepare(&self.with.options)?;
        let (_, service, _) = service(&settings, Clock::system())?;
        match service.revoke_platform_token(PlatformTokenId(self.id)) {
            Ok(()) => say("The token is revoked."),
            Err(accord_service::ServiceError::Denied(_)) => {
                Err(anyhow!("No platform token has this id."))
            }
            Err(error) => Err(super::account::sentence(error)),
        }
    }
}

fn list(with: &WithOptions) -> anyhow::Result<()> {
    let settings = prepare(&with.options)?;
    let (_, service, _) = service(&settings, Clock::system())?;
    let lines: Vec<String> = service
        .list_platform_tokens()
        .map_err(super::account::sentence)?
        .iter()
        .map(|token| line(token) + "\n")
        .collect();
    print(&lines.concat())
}

fn line(token: &PlatformTokenView) -> String {
    let when = |moment: Option<DateTime<Utc>>| {
        moment.map_or_else(
            || "never".to_owned(),
            |moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
    };
    format!(
        "{}\t{}…\t{}\t{}\t{}\t{}",
        token.id,
        token.hint,
        token.name,
        token.scopes,
        when(token.expires_at),
        when(token.last_used_at),
    )
}

fn scopes(words: &str) -> anyhow::Result<TokenScopes> {
    if words.trim() == "all" {
        return Ok(TokenScope::ALL.iter().copied().collect());
    }
    words.parse().map_err(|error| {
        let known: Vec<&str> = TokenScope::ALL.iter().map(|scope| scope.as_str()).collect();
        anyhow!("--scopes: {error}; known are {} and all", known.join(", "))
    })
}

fn moment(text: &str) -> anyhow::Result<DateTime<Utc>> {
    let of_day = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .or_else(|_| text.parse().map(of_day))
        .map_err(|_| {
            anyhow!(
                "--expires: {text:?} is neither a day nor a moment, such as 2030-01-31 or \
                 2030-01-31T12:00:00Z"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_ends_are_read() {
        assert_eq!(
            scopes("all").expect("all").iter().count(),
            TokenScope::ALL.len()
        );
        assert_eq!(
            scopes("alerts,read").expect("two").to_string(),
            "read alerts"
        );
        let refused = scopes("read,write").expect_err("no such scope").to_string();
        assert!(
            refused.contains("write") && refused.contains("webhooks"),
            "{refused}"
        );
        let noon = moment("2030-01-31T12:00:00Z").expect("a moment");
        assert_eq!(noon, moment("2030-01-31T13:00:00+01:00").expect("the same"));
        assert!(moment("2030-01-31").expect("a day") < noon);
        assert!(moment("soon").is_err());
    }
}
