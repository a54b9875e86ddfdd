//! Mail on its way: the message as bytes, and one delivery to the mail server.

use crate::render::Rendered;
use crate::settings::{Mailbox, SmtpSettings, Tls};
use accord_domain::email::EmailAddress;
use accord_domain::ids::MailId;
use chrono::{DateTime, Utc};
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;
use mail_send::smtp::message::Parameters;
use mail_send::{Error as SmtpError, SmtpClient, SmtpClientBuilder};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

/// How long the mail server may take for one answer.
const STEP_LIMIT: Duration = Duration::from_secs(20);
/// How long one delivery may take; the worker's claim on a mail must last longer.
pub const DELIVERY_LIMIT: Duration = Duration::from_secs(60);

/// What a mail program posts to leave such mail; also what its header promises (RFC 8058).
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A mail that is ready to leave.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// The outbox's id, from which the Message-ID is made: a mail that is sent twice after a
    /// broken connection is recognised as one.
    pub id: MailId,
    /// The recipient, as it was typed.
    pub to: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// What the recipient reads.
    pub rendered: Rendered,
}

/// Why a delivery failed, as a sentence; never with a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Trying again later may help.
    #[error("{0}")]
    Transient(String),
    /// The mail server has refused this mail for good.
    #[error("{0}")]
    Permanent(String),
}

/// Why mail cannot be sent at all with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The system's own authorities.
    #[error(
        "The system's certificate authorities cannot be used: {0}. Install them, or name a file with one."
    )]
    NoSystemRoots(rustls::Error),
    /// TLS itself.
    #[error("TLS cannot be set up: {0}.")]
    Tls(rustls::Error),
}

/// The way to one mail server.
#[derive(Clone)]
pub struct SmtpTransport {
    settings: SmtpSettings,
    sender: Mailbox,
    client: SmtpClientBuilder<String>,
}

impl std::fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpTransport")
            .field("settings", &self.settings)
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

impl SmtpTransport {
    /// Prepares the way; no connection is made yet.
    pub fn new(settings: SmtpSettings, sender: Mailbox) -> Result<Self, SetupError> {
        let mut client = SmtpClientBuilder::new_with_tls_connector(
            settings.host.clone(),
            settings.port,
            tls_connector(&settings)?,
        )
        .implicit_tls(settings.tls == Tls::Implicit)
        .helo_host(sender.address.ascii_domain())
        .timeout(STEP_LIMIT);
        if settings.host.contains(':') {
            client.addr = format!("[{}]:{}", settings.host, settings.port);
        }
        if let Some(credentials) = &settings.credentials {
            client = client.credentials((credentials.user.clone(), credentials.password.clone()));
        }
        Ok(Self {
            settings,
            sender,
            client,
        })
    }

    /// Delivers one mail over a connection of its own.
    pub async fn send(&self, mail: &OutgoingMail) -> Result<(), SendError> {
        let recipient = EmailAddress::parse(&mail.to).map_err(|error| {
            SendError::Permanent(format!(
                "The recipient's address cannot be used in mail: {error}"
            ))
        })?;
        let body = self.written(mail, &recipient).map_err(|error| {
            SendError::Transient(format!("The mail could not be written: {error}."))
        })?;
        let delivery = async {
            match self.settings.tls {
                Tls::None => {
                    let client = self.client.connect_plain().await;
                    let client = client.map_err(|error| self.refused(Stage::Connect, &error))?;
                    self.deliver(client, &recipient, &body).await
                }
                Tls::StartTls | Tls::Implicit => {
                    let client = self.client.connect().await;
                    let client = client.map_err(|error| self.refused(Stage::Connect, &error))?;
                    self.deliver(client, &recipient, &body).await
                }
            }
        };
        tokio::time::timeout(DELIVERY_LIMIT, delivery)
            .await
            .unwrap_or_else(|_| Err(self.refused(Stage::Connect, &SmtpError::Timeout)))
    }

    async fn deliver<T: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut client: SmtpClient<T>,
        recipient: &EmailAddress,
        body: &[u8],
    ) -> Result<(), SendError> {
        let mut parameters = Parameters::new();
        if !recipient.local_part().is_ascii() || !self.sender.address.local_part().is_ascii() {
            let offered = client
                .capabilities(self.sender.address.ascii_domain(), false)
                .await
                .map_err(|error| self.refused(Stage::Connect, &error))?;
            if !offered.has_capability(smtp_proto::EXT_SMTP_UTF8) {
                return Err(SendError::Permanent(
                    "The part before the @ is not plain ASCII, and the mail server does not offer \
                     SMTPUTF8, which such an address needs."
                        .to_owned(),
                ));
            }
            parameters.add("SMTPUTF8");
        }
        client
            .mail_from(&self.sender.address.deliverable(), &parameters)
            .await
            .map_err(|error| self.refused(Stage::Sender, &error))?;
        client
            .rcpt_to(&recipient.deliverable(), &Parameters::new())
            .await
            .map_err(|error| self.refused(Stage::Recipient, &error))?;
        client
            .data(body)
            .await
            .map_err(|error| self.refused(Stage::Content, &error))?;
        // The mail is the server's now; how the connection ends does not matter.
        let _ = client.quit().await;
        Ok(())
    }

    fn written(&self, mail: &OutgoingMail, recipient: &EmailAddress) -> std::io::Result<Vec<u8>> {
        let sender = &self.sender;
        let mut message = MessageBuilder::new();
        if let Some(way_out) = &mail.rendered.way_out {
            // RFC 8058: the mail program posts to the link; whoever opens it sees a page that asks first.
            message = message
                .header("List-Unsubscribe", URL::new(way_out.as_str()))
                .header("List-Unsubscribe-Post", Raw::new(ONE_CLICK));
        }
        message
            .from(Address::new_address(
                sender.name.clone(),
                sender.address.deliverable(),
            ))
            .to(Address::new_address(
                None::<String>,
                recipient.deliverable(),
            ))
            .subject(mail.rendered.subject.as_str())
            .message_id(format!("{}@{}", mail.id, sender.address.ascii_domain()))
            .date(mail.created_at.timestamp())
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .text_body(mail.rendered.text.as_str())
            .html_body(mail.rendered.html.as_str())
            .write_to_vec()
    }

    fn refused(&self, stage: Stage, error: &SmtpError) -> SendError {
        let SmtpSettings { host, port, .. } = &self.settings;
        let server = format!("The mail server {host}, port {port},");
        match error {
            SmtpError::UnexpectedReply(reply) => {
                let (code, text) = (reply.code(), crate::typed::shown(reply.message()));
                let what = stage.refused();
                let sentence = format!("{server} refused {what}: {code} {text}");
                if stage.is_about_the_mail() && (500..600).contains(&code) && !wants_sign_in(code) {
                    SendError::Permanent(sentence)
                } else {
                    SendError::Transient(sentence)
                }
            }
            // The reply's text is left out: a server may repeat what it was sent.
            SmtpError::AuthenticationFailed(reply) => SendError::Transient(format!(
                "{server} refused the user name or the password ({}).",
                reply.code()
            )),
            SmtpError::UnsupportedAuthMechanism => SendError::Transient(format!(
                "{server} offers no way to sign in with a user name and a password."
            )),
            SmtpError::MissingStartTls => SendError::Transient(format!(
                "{server} does not offer STARTTLS, and mail is not sent unprotected unless tls=none says so."
            )),
            SmtpError::Tls(error) => SendError::Transient(format!(
                "{server} could not prove who it is, or TLS failed: {error}. A private certificate \
                 authority is named with ACCORD_SMTP_CA."
            )),
            SmtpError::InvalidTLSName => {
                SendError::Transient(format!("{server} has a name that no certificate can hold."))
            }
            SmtpError::Timeout => SendError::Transient(format!("{server} did not answer in time.")),
            SmtpError::UnparseableReply => SendError::Transient(format!(
                "{server} closed the connection, or its answer is not SMTP."
            )),
            SmtpError::Io(error) => {
                SendError::Transient(format!("{server} cannot be reached: {error}."))
            }
            error => SendError::Transient(format!("{server} could not be used: {error}.")),
        }
    }
}

/// What was going on when the mail server said no.
#[derive(Clone, Copy)]
enum Stage {
    Connect,
    Sender,
    Recipient,
    Content,
}

impl Stage {
    fn refused(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content => "the mail",
        }
    }

    /// What a server says before is about the settings, which the operator can put right.
    fn is_about_the_mail(self) -> bool {
        matches!(self, Self::Recipient | Self::Content)
    }
}

/// Replies that ask for authentication or encryption are about the settings, too.
fn wants_sign_in(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

fn tls_connector(settings: &SmtpSettings) -> Result<TlsConnector, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Tls)?;
    let config = match (settings.tls, settings.private_roots()) {
        // Nothing is verified on a plain connection; the system's authorities may even be absent.
        (Tls::None, _) => builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
        (_, Some(roots)) => builder.with_root_certificates(roots).with_no_client_auth(),
        (_, None) => builder
            .with_platform_verifier()
            .map_err(SetupError::NoSystemRoots)?
            .with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}
