//! The program's settings: what was written, checked and ready to use. A wrong one stops the start
//! with a sentence that says which one and why.

mod options;
mod public_url;
mod secret;
mod time;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use accord_domain::catalogue::Catalogue;
use accord_domain::sharing::REMINDED_BEFORE_END;
use accord_mail::settings::Mailbox;
use accord_mail::{SmtpSettings, SmtpTransport};
use accord_service::{Randomness, SigningKeys};
use accord_webhooks::{AddressGuard, Authorities};
use chrono::Duration;
use ipnet::IpNet;

pub use options::{Concealed, LogFormat, Options, SignUp, Switch, Upgrade};
pub use public_url::PublicUrl;
pub(crate) use public_url::is_loopback_authority;

/// Where it listens unless it is said otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// Where it keeps its data unless it is said otherwise.
pub const DEFAULT_DATA_DIR: &str = "./data";
/// Who its mail is from unless it is said otherwise.
pub const DEFAULT_MAIL_FROM: &str = "Accord <accord@localhost>";

/// From where its metrics are read unless it is said otherwise: this machine.
pub const DEFAULT_METRICS_FROM: &str = "127.0.0.0/8,::1";

/// What it logs unless it is said otherwise: not what its libraries say of starting and of callers
/// that speak no HTTP.
pub const DEFAULT_LOG: &str = "info,actix_server=warn,actix_http=off";

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    setting: &'static str,
    reason: String,
}

impl SettingError {
    pub(crate) fn new(setting: &'static str, reason: impl Into<String>) -> Self {
        let reason: String = reason.into();
        Self {
            setting,
            reason: reason.trim_end_matches('.').to_owned(),
        }
    }

    /// The name of the environment variable.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl std::fmt::Display for SettingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flag = self
            .setting
            .trim_start_matches("ACCORD_")
            .to_lowercase()
            .replace('_', "-");
        write!(
            f,
            "The setting {} (--{flag}) cannot be used: {}.",
            self.setting, self.reason
        )
    }
}

impl std::error::Error for SettingError {}

/// Settings that can be used.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Without one it follows from the address that is listened on.
    pub public_url: Option<PublicUrl>,
    pub data_dir: PathBuf,
    pub database_url: Concealed,
    /// Where mail leaves; without it, mail stays in the database.
    pub smtp: Option<SmtpTransport>,
    pub mail_from: Mailbox,
    pub keys: SigningKeys,
    pub catalogue: Catalogue,
    pub upgrade_open: bool,
    pub sign_up_open: bool,
    /// How long before a share ends by itself its people are reminded.
    pub share_reminder: Duration,
    pub rate_limits: bool,
    pub trusted_proxies: Vec<IpNet>,
    pub metrics_from: Vec<IpNet>,
    /// Which addresses webhooks may reach.
    pub webhook_addresses: AddressGuard,
    /// Whom their receivers' certificates are believed from.
    pub webhook_authorities: Authorities,
}

impl Settings {
    /// Checks the options. Reads the files they name, and makes the signing key where none is given.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(options: &Options, randomness: &Randomness) -> Result<Self, SettingError> {
        let listen = options.listen.parse().map_err(|_| {
            SettingError::new(
                "ACCORD_LISTEN",
                format!(
                    "{:?} is not an address and port, such as {DEFAULT_LISTEN}",
                    options.listen
                ),
            )
        })?;
        let public_url = options
            .public_url
            .as_deref()
            .map(PublicUrl::parse)
            .transpose()?;
        let mail_from = options
            .mail_from
            .parse::<Mailbox>()
            .map_err(|error| SettingError::new("ACCORD_MAIL_FROM", error.to_string()))?;
        let smtp = smtp(options, &mail_from)?;
        let catalogue = catalogue(options.catalogue.as_deref())?;
        let trusted_proxies = networks(
            "ACCORD_TRUSTED_PROXIES",
            options.trusted_proxies.as_deref().unwrap_or_default(),
        )?;
        let metrics_from = networks("ACCORD_METRICS_FROM", &options.metrics_from)?;
        let webhook_networks = networks(
            "ACCORD_WEBHOOK_ALLOWED_NETWORKS",
            options
                .webhook_allowed_networks
                .as_deref()
                .unwrap_or_default(),
        )?;
        let webhook_authorities = webhook_authorities(options.webhook_ca.as_deref())?;
        let share_reminder = match &options.share_reminder {
            Some(typed) => time::share_reminder(typed)?,
            None => REMINDED_BEFORE_END,
        };
        let database_url = database_url(options)?;
        let keys = match &options.secret {
            Some(secret) => secret::from_setting(secret.reveal())?,
            None => secret::from_data_dir(&options.data_dir, randomness)?,
        };
        Ok(Self {
            listen,
            public_url,
            data_dir: options.data_dir.clone(),
            database_url,
            smtp,
            mail_from,
            keys,
            catalogue,
            upgrade_open: options.upgrade == Upgrade::Open,
            sign_up_open: options.sign_up == SignUp::Open,
            share_reminder,
            rate_limits: options.rate_limits == Switch::On,
            trusted_proxies,
            metrics_from,
            webhook_addresses: AddressGuard::allowing(webhook_networks),
            webhook_authorities,
        })
    }
}

fn smtp(options: &Options, sender: &Mailbox) -> Result<Option<SmtpTransport>, SettingError> {
    const CA: &str = "ACCORD_SMTP_CA";
    let Some(url) = &options.smtp_url else {
        return match options.smtp_ca {
            Some(_) => Err(SettingError::new(
                CA,
                "it belongs to a mail server, and ACCORD_SMTP_URL names none",
            )),
            None => Ok(None),
        };
    };
    let mut settings = SmtpSettings::parse(url.reveal())
        .map_err(|error| SettingError::new("ACCORD_SMTP_URL", error.to_string()))?;
    if let Some(file) = &options.smtp_ca {
        let refused = |error: &dyn std::fmt::Display| {
            SettingError::new(CA, format!("{} cannot be used: {error}", file.display()))
        };
        let pem = fs::read(file).map_err(|error| refused(&error))?;
        settings = settings
            .with_authority(&pem)
            .map_err(|error| refused(&error))?;
    }
    // The libraries ask for one provider of cryptography in the process; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let transport = SmtpTransport::new(settings, sender.clone())
        .map_err(|error| SettingError::new("ACCORD_SMTP_URL", error.to_string()))?;
    Ok(Some(transport))
}

fn catalogue(file: Option<&Path>) -> Result<Catalogue, SettingError> {
    let Some(file) = file else {
        return Ok(Catalogue::embedded());
    };
    let refused = |reason: String| {
        SettingError::new(
            "ACCORD_CATALOGUE",
            format!("{} cannot be used: {reason}", file.display()),
        )
    };
    let text = fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    Catalogue::from_json(&text).map_err(|error| refused(error.to_string()))
}

fn webhook_authorities(file: Option<&Path>) -> Result<Authorities, SettingError> {
    let Some(file) = file else {
        return Ok(Authorities::default());
    };
    let refused = |reason: String| {
        SettingError::new(
            "ACCORD_WEBHOOK_CA",
            format!("{} cannot be used: {reason}", file.display()),
        )
    };
    let pem = fs::read(file).map_err(|error| refused(error.to_string()))?;
    Authorities::from_pem(&pem).map_err(refused)
}

fn networks(setting: &'static str, list: &str) -> Result<Vec<IpNet>, SettingError> {
    list.split(',')
        .map(str::trim)
        .filter(|network| !network.is_empty())
        .map(|network| {
            let address = || {
                network
                    .parse()
                    .map(|address: std::net::IpAddr| address.into())
            };
            network.parse().or_else(|_| address()).map_err(|_| {
                SettingError::new(
                    setting,
                    format!("{network:?} is not a network, such as 10.0.0.0/8 or ::1"),
                )
            })
        })
        .collect()
}

fn database_url(options: &Options) -> Result<Concealed, SettingError> {
    match &options.database_url {
        Some(url) => {
            let known = ["sqlite://", "postgres://", "postgresql://"];
            // The address may hold a password, so it is not repeated.
            if !known.iter().any(|scheme| url.reveal().starts_with(scheme)) {
                return Err(SettingError::new(
                    "ACCORD_DATABASE_URL",
                    "it begins with neither sqlite:// nor postgres://",
                ));
            }
            Ok(url.clone())
        }
        None => {
            create_data_dir(&options.data_dir)?;
            Ok(format!("sqlite://{}", options.data_dir.join("accord.db").display()).into())
        }
    }
}

/// Makes the data folder, for this user alone: the database in it is nobody else's to read.
fn create_data_dir(data_dir: &Path) -> Result<(), SettingError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir).map_err(|error| {
        SettingError::new(
            "ACCORD_DATA_DIR",
            format!("{} cannot be made: {error}", data_dir.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(data_dir: &Path) -> Options {
        Options {
            listen: DEFAULT_LISTEN.to_owned(),
            data_dir: data_dir.to_owned(),
            mail_from: DEFAULT_MAIL_FROM.to_owned(),
            ..Options::default()
        }
    }

    fn check(change: impl FnOnce(&mut Options)) -> Result<Settings, SettingError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut options = options(folder.path());
        change(&mut options);
        Settings::check(&options, &Randomness::system())
    }

    #[test]
    fn defaults_can_be_used() {
        let settings = check(|_| {}).expect("good settings");
        assert!(settings.database_url.reveal().ends_with("/accord.db"));
        assert!(settings.sign_up_open && settings.upgrade_open && settings.rate_limits);
        assert!(settings.smtp.is_none() && settings.public_url.is_none());
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_reason() {
        type Change = fn(&mut Options);
        let wrong: [(&str, Change); 14] = [
            ("ACCORD_LISTEN", |o| {
                o.listen = "8080".into();
            }),
            ("ACCORD_PUBLIC_URL", |o| {
                o.public_url = Some("accord.example.com".into());
            }),
            ("ACCORD_PUBLIC_URL", |o| {
                o.public_url = Some("https://h/path".into());
            }),
            ("ACCORD_DATABASE_URL", |o| {
                o.database_url = Some("mysql://hidden@h/x".into());
            }),
            ("ACCORD_SMTP_URL", |o| {
                o.smtp_url = Some("http://user:hidden@h".into());
            }),
            ("ACCORD_SMTP_CA", |o| {
                o.smtp_ca = Some("ca.pem".into());
            }),
            ("ACCORD_MAIL_FROM", |o| {
                o.mail_from = "nobody".into();
            }),
            ("ACCORD_SECRET", |o| {
                o.secret = Some("hidden".into());
            }),
            ("ACCORD_CATALOGUE", |o| {
                o.catalogue = Some("no-such-file.json".into());
            }),
            ("ACCORD_METRICS_FROM", |o| {
                o.metrics_from = "here".into();
            }),
            ("ACCORD_SHARE_REMINDER", |o| {
                o.share_reminder = Some("soon".into());
            }),
            ("ACCORD_TRUSTED_PROXIES", |o| {
                o.trusted_proxies = Some("10.0.0.0/8,all".into());
            }),
            ("ACCORD_WEBHOOK_ALLOWED_NETWORKS", |o| {
                o.webhook_allowed_networks = Some("localhost".into());
            }),
            ("ACCORD_WEBHOOK_CA", |o| {
                o.webhook_ca = Some("no-such-file.pem".into());
            }),
        ];
        for (setting, change) in wrong {
            let error = check(change).expect_err(setting);
            assert_eq!(error.setting(), setting);
            let sentence = error.to_string();
            assert!(
                sentence.contains(setting) && sentence.ends_with('.'),
                "{sentence}"
            );
            assert!(
                !sentence.contains("hidden"),
                "a secret was repeated: {sentence}"
            );
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!(
            "{:?}",
            check(|o| {
                o.secret = Some("s3cr3t".repeat(6).into());
                o.smtp_url = Some("smtp://user:s3cr3t@mail.example.com:25?tls=none".into());
                o.database_url = Some("postgres://u:s3cr3t@h/d".into());
            })
            .expect("good settings")
        );
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }

    #[test]
    fn proxies_are_networks_or_single_addresses() {
        let settings = check(|o| o.trusted_proxies = Some("10.0.0.0/8, ::1".into())).expect("good");
        assert_eq!(settings.trusted_proxies.len(), 2);
    }
}
