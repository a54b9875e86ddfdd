//! How mail leaves: the mail server's address and the sender, as the operator writes them.

use accord_domain::email::EmailAddress;
use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::str::FromStr;
use url::{Host, Url};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for a mail server on the same machine.
    None,
    /// Plain at first, then upgraded; a server that does not offer the upgrade is not used.
    StartTls,
    /// From the first byte.
    Implicit,
}

impl Tls {
    /// The port that is usual for it.
    pub fn default_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Implicit => 465,
        }
    }
}

/// A user name and a password; the password shows up nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    pub(crate) password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A private certificate authority.
#[derive(Clone, PartialEq, Eq)]
struct Authority(Vec<CertificateDer<'static>>);

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({} certificates)", self.0.len())
    }
}

/// The PEM text of a private certificate authority cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "It must hold the certificate of an authority in PEM form, and holds none that can be used."
)]
pub struct AuthorityError;

/// Which mail server is used, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Whom to sign in as, where the server asks for that.
    pub credentials: Option<Credentials>,
    authority: Option<Authority>,
}

/// Why an SMTP address is refused. No variant carries any part of what was given, for that may
/// be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// No URL at all.
    #[error(
        "It is not a URL of the form smtp://user:password@host:port?tls=none|starttls|implicit. \
         Characters such as @ : / ? # % in the user name or the password must be percent-encoded."
    )]
    NotAUrl,
    /// Another scheme.
    #[error(
        "It must start with smtp://; the protection is chosen with ?tls=none|starttls|implicit."
    )]
    Scheme,
    /// Nothing between `//` and the port.
    #[error("It names no host.")]
    NoHost,
    /// The host is neither a domain name nor an address.
    #[error("Its host is neither a domain name nor an IP address.")]
    BadHost,
    /// Port zero.
    #[error("Its port must be between 1 and 65535.")]
    BadPort,
    /// A path or a fragment.
    #[error(
        "It has a part after the host and port that means nothing here. Characters such as / and # \
         in the user name or the password must be percent-encoded."
    )]
    ExtraPart,
    /// A query parameter other than `tls`, or `tls` twice.
    #[error("Its only parameter is tls, given at most once.")]
    UnknownParameter,
    /// A value of `tls` that does not exist.
    #[error("Its parameter tls must be none, starttls or implicit.")]
    UnknownTls,
    /// A password without a user name, or the other way round.
    #[error("It must give both a user name and a password, or neither.")]
    HalfCredentials,
    /// A percent-encoding that is not UTF-8, or a control character.
    #[error(
        "Its user name and password must be UTF-8 without control characters, percent-encoded."
    )]
    BadCredentials,
}

impl SmtpSettings {
    /// Reads `smtp://user:password@host:port?tls=none|starttls|implicit`. Without `tls` the
    /// connection is upgraded by STARTTLS, or implicit on port 465; without a port it is 25, 587
    /// or 465.
    pub fn parse(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text.trim()).map_err(|error| match error {
            url::ParseError::EmptyHost => SmtpUrlError::NoHost,
            _ => SmtpUrlError::NotAUrl,
        })?;
        if url.scheme() != "smtp" {
            return Err(SmtpUrlError::Scheme);
        }
        let credentials = credentials(&url)?;
        let host = host(&url)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::ExtraPart);
        }
        if url.port() == Some(0) {
            return Err(SmtpUrlError::BadPort);
        }
        let tls = match tls(&url)? {
            Some(tls) => tls,
            None if url.port() == Some(Tls::Implicit.default_port()) => Tls::Implicit,
            None => Tls::StartTls,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or_else(|| tls.default_port()),
            tls,
            credentials,
            authority: None,
        })
    }

    /// Trusts the certificates in this PEM text in place of the system's authorities.
    pub fn with_authority(mut self, pem: &[u8]) -> Result<Self, AuthorityError> {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| AuthorityError)?;
        let authority = Authority(certificates);
        if roots(&authority)?.is_empty() {
            return Err(AuthorityError);
        }
        self.authority = Some(authority);
        Ok(self)
    }

    /// What the server's certificate must be signed by, where that is not the system's to say.
    pub(crate) fn private_roots(&self) -> Option<RootCertStore> {
        self.authority
            .as_ref()
            .and_then(|authority| roots(authority).ok())
    }
}

fn roots(authority: &Authority) -> Result<RootCertStore, AuthorityError> {
    let mut roots = RootCertStore::empty();
    for certificate in &authority.0 {
        roots.add(certificate.clone()).map_err(|_| AuthorityError)?;
    }
    Ok(roots)
}

fn host(url: &Url) -> Result<String, SmtpUrlError> {
    match url.host() {
        None => Err(SmtpUrlError::NoHost),
        Some(Host::Ipv4(address)) => Ok(address.to_string()),
        Some(Host::Ipv6(address)) => Ok(address.to_string()),
        Some(Host::Domain("")) => Err(SmtpUrlError::NoHost),
        // `smtp:` is no special scheme, so the parser leaves its hosts as they are.
        Some(Host::Domain(typed)) => {
            let decoded = percent_decode_str(typed)
                .decode_utf8()
                .map_err(|_| SmtpUrlError::BadHost)?;
            match Host::parse(&decoded).map_err(|_| SmtpUrlError::BadHost)? {
                Host::Domain(name) => Ok(name),
                Host::Ipv4(address) => Ok(address.to_string()),
                Host::Ipv6(address) => Ok(address.to_string()),
            }
        }
    }
}

fn tls(url: &Url) -> Result<Option<Tls>, SmtpUrlError> {
    let mut tls = None;
    for (key, value) in url.query_pairs() {
        if key != "tls" || tls.is_some() {
            return Err(SmtpUrlError::UnknownParameter);
        }
        tls = Some(match value.as_ref() {
            "none" => Tls::None,
            "starttls" => Tls::StartTls,
            "implicit" => Tls::Implicit,
            _ => return Err(SmtpUrlError::UnknownTls),
        });
    }
    Ok(tls)
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let decode = |text: &str| -> Result<String, SmtpUrlError> {
        let decoded = percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| SmtpUrlError::BadCredentials)?;
        if decoded.chars().any(char::is_control) {
            return Err(SmtpUrlError::BadCredentials);
        }
        Ok(decoded.into_owned())
    };
    match (url.username(), url.password().unwrap_or_default()) {
        ("", "") => Ok(None),
        ("", _) | (_, "") => Err(SmtpUrlError::HalfCredentials),
        (user, password) => Ok(Some(Credentials {
            user: decode(user)?,
            password: decode(password)?,
        })),
    }
}

/// A name and an address, as who mail is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that readers see.
    pub name: Option<String>,
    /// The address that bounces and answers go to.
    pub address: EmailAddress,
}

/// Why a name and address are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// The brackets do not match.
    #[error("It must be an address, or a name and an address: Accord <accord@example.com>.")]
    Form,
    /// The address is none.
    #[error("Its address cannot be used: {0}")]
    Address(String),
    /// The name holds what no header may hold.
    #[error("Its name holds a control character or a line break.")]
    Name,
}

impl FromStr for Mailbox {
    type Err = MailboxError;

    /// Reads `Accord <accord@localhost>`, `"Accord, Inc." <accord@localhost>` or a bare address.
    fn from_str(text: &str) -> Result<Self, MailboxError> {
        let text = text.trim();
        let (name, address) = match text.split_once('<') {
            None => ("", text),
            Some((name, rest)) => {
                let address = rest.strip_suffix('>').ok_or(MailboxError::Form)?;
                (name.trim(), address.trim())
            }
        };
        let name = match name.strip_prefix('"') {
            None => name.to_owned(),
            Some(quoted) => quoted
                .strip_suffix('"')
                .ok_or(MailboxError::Form)?
                .replace("\\\"", "\""),
        };
        if crate::typed::shown(&name) != name {
            return Err(MailboxError::Name);
        }
        let address = EmailAddress::parse(address)
            .map_err(|error| MailboxError::Address(error.to_string()))?;
        Ok(Self {
            name: (!name.is_empty()).then_some(name),
            address,
        })
    }
}
