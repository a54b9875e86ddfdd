//! Every setting as it is written: a flag and an environment variable, unchecked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// A value that is kept out of logs, help and error messages.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Concealed(String);

impl Concealed {
    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Concealed {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Concealed {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl std::fmt::Debug for Concealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(concealed)")
    }
}

/// Whether something is allowed to everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Upgrade {
    /// A `member` account may make itself `billing`.
    #[default]
    Open,
    /// Only the operator upgrades accounts.
    Closed,
}

/// Who may have an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// Anybody.
    #[default]
    Open,
    /// Only invited people, and those for whom the operator makes an account.
    Invited,
}

/// A switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    #[default]
    On,
    Off,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// The settings of the program. Each is a flag and an environment variable; the flag wins.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "ACCORD_LISTEN", value_name = "ADDRESS:PORT", default_value = super::DEFAULT_LISTEN)]
    pub listen: String,

    /// Base of every link in e-mail, such as https://accord.example.com. Never taken from a request.
    /// Without it: http:// and the address that is listened on.
    #[arg(long, env = "ACCORD_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Folder for the embedded database and generated keys.
    #[arg(long, env = "ACCORD_DATA_DIR", value_name = "FOLDER", default_value = super::DEFAULT_DATA_DIR)]
    pub data_dir: PathBuf,

    /// sqlite://path/to/file or postgres://user:password@host/database. Migrations run at start.
    /// Without it: accord.db in the data folder.
    #[arg(
        long,
        env = "ACCORD_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<Concealed>,

    /// smtp://user:password@host:port?tls=none|starttls|implicit. Without it e-mail stays in the
    /// database, and /dev/mailbox shows it to this machine alone.
    #[arg(
        long,
        env = "ACCORD_SMTP_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: Option<Concealed>,

    /// PEM file of the authority that signed the mail server's certificate. Without it: the
    /// system's authorities.
    #[arg(long, env = "ACCORD_SMTP_CA", value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,

    /// Sender of every e-mail.
    #[arg(long, env = "ACCORD_MAIL_FROM", value_name = "NAME <ADDRESS>", default_value = super::DEFAULT_MAIL_FROM)]
    pub mail_from: String,

    /// Signing key of at least 32 bytes. Several, separated by commas, rotate it: the first signs. Where there
    /// are several instances, start each with the new one last, then each with it first: what is kept of
    /// webhooks is sealed anew with it then, and the others may go. Without it: generated once into the data
    /// folder. Instances on one database share it.
    #[arg(
        long,
        env = "ACCORD_SECRET",
        value_name = "SECRET[,SECRET…]",
        hide_env_values = true
    )]
    pub secret: Option<Concealed>,

    /// JSON file with the platform's actions, system policies and example roles. Without it: the
    /// embedded one.
    #[arg(long, env = "ACCORD_CATALOGUE", value_name = "FILE")]
    pub catalogue: Option<PathBuf>,

    /// Whether an account made by accepting an invitation may make itself one that can invite.
    #[arg(long, env = "ACCORD_UPGRADE", value_enum, default_value_t)]
    pub upgrade: Upgrade,

    /// Whether anybody may sign up, or only invited people.
    #[arg(long, env = "ACCORD_SIGN_UP", value_enum, default_value_t)]
    pub sign_up: SignUp,

    /// How long before a share ends by itself its people are reminded, in hours or days, such as 12h or 7d,
    /// from 1h to 365d. Where half of its time is shorter than that, they are reminded then. Without it: 3d.
    #[arg(long, env = "ACCORD_SHARE_REMINDER", value_name = "TIME")]
    pub share_reminder: Option<String>,

    /// Off for tests and load generators.
    #[arg(long, env = "ACCORD_RATE_LIMITS", value_enum, default_value_t)]
    pub rate_limits: Switch,

    /// Networks of proxies whose X-Forwarded-For and X-Request-Id count, separated by commas, such
    /// as 10.0.0.0/8,::1.
    #[arg(
        long,
        env = "ACCORD_TRUSTED_PROXIES",
        value_name = "NETWORK[,NETWORK…]"
    )]
    pub trusted_proxies: Option<String>,

    /// Networks from which /metrics is answered, separated by commas; from elsewhere it is not there. What a
    /// proxy passes on counts as coming from its caller, and only if the proxy is trusted.
    #[arg(
        long,
        env = "ACCORD_METRICS_FROM",
        value_name = "NETWORK[,NETWORK…]",
        default_value = super::DEFAULT_METRICS_FROM
    )]
    pub metrics_from: String,

    /// Networks that webhooks may reach besides the public internet, separated by commas, such as
    /// 10.20.0.0/16. Within them plain http:// is taken too. Without it: none.
    #[arg(
        long,
        env = "ACCORD_WEBHOOK_ALLOWED_NETWORKS",
        value_name = "NETWORK[,NETWORK…]"
    )]
    pub webhook_allowed_networks: Option<String>,

    /// PEM file of the authorities that sign the certificates of webhooks' receivers. Without it: the
    /// system's authorities.
    #[arg(long, env = "ACCORD_WEBHOOK_CA", value_name = "FILE")]
    pub webhook_ca: Option<PathBuf>,

    /// What is logged, in the syntax of tracing's filters.
    #[arg(
        long,
        env = "ACCORD_LOG",
        value_name = "FILTER",
        default_value = super::DEFAULT_LOG
    )]
    pub log: String,

    /// How log lines look.
    #[arg(long, env = "ACCORD_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
}
