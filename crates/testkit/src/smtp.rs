//! A real mail server for tests: aiosmtpd, a program that is not ours, in a process of its own.
//! It speaks plain SMTP, STARTTLS or implicit TLS, checks passwords, and fails as it is told to.

mod certificate;
mod process;
mod received;

pub use received::ReceivedMail;

use crate::python::Packages;
use certificate::Certificates;
use process::Process;
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The mail server.
pub static AIOSMTPD: Packages = Packages::new(
    "aiosmtpd",
    "import aiosmtpd.smtp",
    include_str!("../peers/smtp_peer.requirements.txt"),
    "install Debian's python3 and python3-pip, or python3-aiosmtpd",
);

/// How long a test waits for mail before it fails; nothing ever waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// How connections to the peer are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Not at all.
    None,
    /// Upgraded; nothing is accepted before.
    StartTls,
    /// From the first byte.
    Implicit,
}

impl SmtpTls {
    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StartTls => "starttls",
            Self::Implicit => "implicit",
        }
    }
}

/// What the peer demands and offers.
#[derive(Clone, Debug)]
pub struct SmtpMode {
    /// How connections are protected.
    pub tls: SmtpTls,
    /// The one user name and password that are right; without them nobody needs to sign in.
    pub auth: Option<(String, String)>,
    /// Ways to sign in that the peer does not offer: `PLAIN`, `LOGIN`.
    pub without_mechanisms: Vec<String>,
    /// Whether local parts beyond ASCII are accepted.
    pub smtp_utf8: bool,
}

impl SmtpMode {
    /// Nobody signs in.
    pub fn new(tls: SmtpTls) -> Self {
        Self {
            tls,
            auth: None,
            without_mechanisms: Vec::new(),
            smtp_utf8: false,
        }
    }

    /// Nothing is accepted from who has not signed in so.
    pub fn with_auth(mut self, user: &str, password: &str) -> Self {
        self.auth = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Leaves out one way to sign in.
    pub fn without_mechanism(mut self, mechanism: &str) -> Self {
        self.without_mechanisms.push(mechanism.to_owned());
        self
    }

    /// Accepts local parts beyond ASCII.
    pub fn with_smtp_utf8(mut self) -> Self {
        self.smtp_utf8 = true;
        self
    }
}

/// What the peer has seen, shared with the thread that reads its output.
#[derive(Debug, Default)]
struct Seen {
    mails: Vec<ReceivedMail>,
    turned_away: usize,
}

/// A running mail server; it ends with the value.
#[derive(Debug)]
pub struct SmtpPeer {
    mode: SmtpMode,
    certificates: Certificates,
    port: u16,
    seen: Arc<Mutex<Seen>>,
    changes: watch::Sender<()>,
    process: Option<Process>,
}

impl SmtpPeer {
    /// Starts a mail server on a free port of this machine.
    pub async fn start(mode: SmtpMode) -> Self {
        let mut peer = Self {
            mode,
            certificates: Certificates::make(),
            port: 0,
            seen: Arc::default(),
            changes: watch::Sender::new(()),
            process: None,
        };
        peer.start_again();
        peer
    }

    /// The address for `ACCORD_SMTP_URL`, with the right password.
    pub fn url(&self) -> String {
        match &self.mode.auth {
            None => self.url_with_login(""),
            Some((user, password)) => {
                self.url_with_login(&format!("{}:{}@", encoded(user), encoded(password)))
            }
        }
    }

    /// The address with another password.
    pub fn url_with_password(&self, password: &str) -> String {
        let user = self.mode.auth.as_ref().map_or("nobody", |(user, _)| user);
        self.url_with_login(&format!("{}:{}@", encoded(user), encoded(password)))
    }

    fn url_with_login(&self, login: &str) -> String {
        let tls = self.mode.tls.word();
        format!("smtp://{login}127.0.0.1:{}?tls={tls}", self.port)
    }

    /// The port it listens on, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority that signed the peer's certificate, for `ACCORD_SMTP_CA`.
    pub fn ca_pem_path(&self) -> PathBuf {
        self.certificates.authority_path()
    }

    /// The same authority as PEM text.
    pub fn ca_pem(&self) -> Vec<u8> {
        std::fs::read(self.ca_pem_path()).expect("the authority's file was written at the start")
    }

    /// All mail that the peer has accepted, oldest first.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.catch_up();
        self.seen().mails.clone()
    }

    /// How many mails it failed or dropped as it was told to.
    pub fn turned_away(&self) -> usize {
        self.catch_up();
        self.seen().turned_away
    }

    /// Waits until `count` mails have been accepted, and answers with all of them.
    pub async fn wait_for(&self, count: usize) -> Vec<ReceivedMail> {
        self.wait_until(|seen| seen.mails.len() >= count, &format!("{count} mails"))
            .await;
        self.received()
    }

    /// Waits until a mail to this address has been accepted whose subject holds `subject`, and
    /// answers with the newest such.
    pub async fn wait_for_mail(&self, to: &str, subject: &str) -> ReceivedMail {
        let fits = |mail: &&ReceivedMail| {
            mail.rcpt_to.iter().any(|recipient| recipient == to) && mail.subject().contains(subject)
        };
        self.wait_until(
            |seen| seen.mails.iter().any(|mail| fits(&mail)),
            &format!("a mail to {to} about {subject:?}"),
        )
        .await;
        let mails = self.received();
        let mail = mails.iter().rev().find(fits);
        mail.cloned().expect("accepted mail does not go away")
    }

    /// Waits until `count` mails have been failed or dropped as ordered.
    pub async fn wait_for_turned_away(&self, count: usize) {
        self.wait_until(
            |seen| seen.turned_away >= count,
            &format!("{count} refusals"),
        )
        .await;
    }

    async fn wait_until(&self, holds: impl Fn(&Seen) -> bool, what: &str) {
        let mut changes = self.changes.subscribe();
        let wait = async {
            while !holds(&self.seen()) {
                changes
                    .changed()
                    .await
                    .expect("the peer itself holds the sender");
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!(
                "the mail server waited in vain for {what}; it has {:#?}",
                self.seen()
            );
        }
    }

    /// Answers the next `count` mails with this code at the end of their content.
    pub fn fail_next(&self, count: usize, code: u16) {
        self.order(&json!({ "fail_next": count, "code": code }));
    }

    /// Breaks the connection while the content of the next `count` mails arrives.
    pub fn drop_next(&self, count: usize) {
        self.order(&json!({ "drop_next": count }));
    }

    /// Refuses this recipient for good (550) from now on.
    pub fn refuse(&self, address: &str) {
        self.order(&json!({ "refuse": address }));
    }

    /// The peer tells of a mail before it accepts it, and answers orders in turn: after an answer,
    /// all that was accepted before is known.
    fn catch_up(&self) {
        if let Some(process) = &self.process {
            process.order(&json!({}));
        }
    }

    fn order(&self, order: &serde_json::Value) {
        self.process
            .as_ref()
            .expect("orders are given to a mail server that runs")
            .order(order);
    }

    /// Ends the server at once: connections are refused until [`Self::start_again`].
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again on the same port. Orders are forgotten, mail is kept.
    pub fn start_again(&mut self) {
        let (user, password) = self.mode.auth.clone().unzip();
        let settings = json!({
            "port": self.port,
            "tls": self.mode.tls.word(),
            "certificate": self.certificates.certificate_path(),
            "key": self.certificates.key_path(),
            "user": user,
            "password": password,
            "without_mechanisms": self.mode.without_mechanisms,
            "smtp_utf8": self.mode.smtp_utf8,
        });
        let (seen, changes) = (Arc::clone(&self.seen), self.changes.clone());
        let (process, port) = Process::start(&settings, move |event| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match event["event"].as_str() {
                Some("received") => seen.mails.push(ReceivedMail::from_event(event)),
                _ => seen.turned_away += 1,
            }
            drop(seen);
            changes.send_replace(());
        });
        self.process = Some(process);
        self.port = port;
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
