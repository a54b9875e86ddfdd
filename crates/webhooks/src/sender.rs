//! One message to one receiver: over a connection of its own, to an address that was checked, without
//! redirects and without a proxy.

use crate::address::{AddressGuard, Resolver};
use crate::target::Target;
use accord_domain::ids::DeliveryId;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long an attempt may take until the receiver's status is there; a claim must last longer.
pub(crate) const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);
/// How long the rest of the answer is waited for. The status has decided by then.
const BODY_LIMIT: Duration = Duration::from_secs(3);
/// How much of the answer is read, and how much of that is kept.
const READ_BYTES: usize = 4_096;
const KEPT_CHARS: usize = 1_000;
/// How much the answer's head may hold.
const HEAD_BYTES: usize = 32 * 1_024;
const USER_AGENT: &str = concat!("Accord/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Whom receivers' certificates are believed from.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Option<Arc<RootCertStore>>);

impl Authorities {
    /// Those of a PEM file alone, instead of the system's.
    ///
    /// # Errors
    /// A sentence, when it holds no certificate that can be used.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        if roots.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        Ok(Self(Some(Arc::new(roots))))
    }
}

/// A message that is ready to leave.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// The same over all attempts.
    pub id: DeliveryId,
    /// Of this attempt, in seconds since 1970.
    pub timestamp: i64,
    /// The value of the signature's header.
    pub signature: &'a str,
    /// JSON.
    pub body: &'a str,
}

/// What the receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the answer, fit to be stored and shown.
    pub body: String,
}

/// Why the receiver answered nothing, as a sentence for the webhook's owner. It says nothing about
/// addresses that may not be reached, not even whether something is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotSent(String);

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Sender {
    guard: AddressGuard,
    resolver: Resolver,
    authorities: Authorities,
    /// Made when it is first needed: reading the system's authorities takes its time, and they may be
    /// absent where nothing is ever sent.
    tls: Arc<OnceLock<Result<TlsSetup, String>>>,
}

#[derive(Clone)]
struct TlsSetup(TlsConnector);

impl std::fmt::Debug for TlsSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsSetup")
    }
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Sender {
    /// One that reaches what the guard permits.
    #[must_use]
    pub fn new(guard: AddressGuard, resolver: Resolver, authorities: Authorities) -> Self {
        Self {
            guard,
            resolver,
            authorities,
            tls: Arc::default(),
        }
    }

    /// Which addresses may be reached.
    #[must_use]
    pub fn guard(&self) -> &AddressGuard {
        &self.guard
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When no answer came in time. Any answer is one, whatever its status.
    pub async fn send(&self, url: &str, message: &Message<'_>) -> Result<Received, NotSent> {
        let target = Target::parse(url, &self.guard).map_err(|error| NotSent(error.to_string()))?;
        let answered = async {
            let stream = self.connect(&target).await?;
            exchange(stream, &target, message).await
        };
        tokio::time::timeout(ATTEMPT_LIMIT + BODY_LIMIT, answered)
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, NotSent> {
        let connecting = async {
            let stream = self.connect_tcp(target).await?;
            if !target.is_https() {
                return Ok::<Box<dyn Stream>, NotSent>(Box::new(stream));
            }
            let host = target.host();
            let name = ServerName::try_from(host.clone())
                .map_err(|_| NotSent(format!("{host} is a name that no certificate can hold.")))?;
            let tls = self.tls()?.connect(name, stream).await;
            let stream =
                tls.map_err(|error| NotSent(format!("TLS with {host} failed: {error}.")))?;
            Ok(Box::new(stream))
        };
        tokio::time::timeout(ATTEMPT_LIMIT, connecting)
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    /// Connects to the first address that takes the connection, of those that may be reached.
    async fn connect_tcp(&self, target: &Target) -> Result<TcpStream, NotSent> {
        let mut refused = None;
        for address in self.addresses(target).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => refused = Some(error),
            }
        }
        Err(match refused {
            Some(error) => NotSent(format!("{} cannot be reached: {error}.", target.host())),
            None => NotSent(format!(
                "The name {} leads to no address that webhooks are sent to.",
                target.host()
            )),
        })
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, NotSent> {
        let found = match target.literal() {
            Some(address) => vec![SocketAddr::new(address, target.port())],
            // A name that is not found and one that leads to the inside are answered alike.
            None => self
                .resolver
                .resolve(&target.host(), target.port())
                .await
                .unwrap_or_default(),
        };
        Ok(found
            .into_iter()
            .filter(|found| {
                let address = found.ip();
                self.guard.permits(address)
                    && (target.is_https() || self.guard.is_allowed_network(address))
            })
            .map(|found| SocketAddr::new(found.ip(), target.port()))
            .collect())
    }

    fn tls(&self) -> Result<TlsConnector, NotSent> {
        let setup = self.tls.get_or_init(|| {
            connector(&self.authorities)
                .map(TlsSetup)
                .map_err(|error| format!("TLS cannot be set up on this server: {error}."))
        });
        match setup {
            Ok(setup) => Ok(setup.0.clone()),
            Err(sentence) => Err(NotSent(sentence.clone())),
        }
    }
}

fn connector(authorities: &Authorities) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match &authorities.0 {
        Some(roots) => builder
            .with_root_certificates(Arc::clone(roots))
            .with_no_client_auth(),
        None => builder.with_platform_verifier()?.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

fn too_slow() -> NotSent {
    NotSent(format!(
        "The receiver did not answer within {} seconds.",
        ATTEMPT_LIMIT.as_secs()
    ))
}

async fn exchange(
    stream: Box<dyn Stream>,
    target: &Target,
    message: &Message<'_>,
) -> Result<Received, NotSent> {
    let broken = |error: hyper::Error| {
        NotSent(format!(
            "The receiver broke off, or speaks no HTTP: {error}."
        ))
    };
    let request = request(target, message)
        .map_err(|error| NotSent(format!("The request cannot be written: {error}.")))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let talk = async {
        let answer = tokio::time::timeout(ATTEMPT_LIMIT, sender.send_request(request)).await;
        let answer = answer.map_err(|_| too_slow())?.map_err(broken)?;
        Ok(received(answer).await)
    };
    let mut talk = pin!(talk);
    // The connection does the work; that it ends tells nothing that the talk does not tell better.
    tokio::select! {
        biased;
        answer = &mut talk => answer,
        _ = connection => talk.await,
    }
}

fn request(
    target: &Target,
    message: &Message<'_>,
) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    Request::post(target.path_and_query())
        .header(header::HOST, target.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header("webhook-id", message.id.to_string())
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", message.signature)
        .body(Full::new(Bytes::from(message.body.to_owned())))
}

/// The status, and as much of the body as comes in a while and fits.
async fn received(answer: Response<Incoming>) -> Received {
    let status = answer.status().as_u16();
    let mut body = answer.into_body();
    let mut bytes: Vec<u8> = Vec::new();
    let reading = async {
        while bytes.len() < READ_BYTES
            && let Some(Ok(frame)) = body.frame().await
        {
            if let Some(data) = frame.data_ref() {
                let room = READ_BYTES - bytes.len();
                bytes.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
    };
    // Whatever has come by then is kept.
    let _ = tokio::time::timeout(BODY_LIMIT, reading).await;
    Received {
        status,
        body: shown(&bytes),
    }
}

/// What a receiver wrote, as text that can be stored and shown.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(KEPT_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_shortened_and_made_fit_to_be_stored() {
        assert_eq!(shown(b" ok\0\x1b[31m\nnext\xff "), "ok[31m\nnext\u{fffd}");
        assert_eq!(
            shown("é".repeat(2_000).as_bytes()).chars().count(),
            KEPT_CHARS
        );
    }

    #[test]
    fn authorities_are_certificates() {
        for bad in [
            "",
            "nonsense",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        ] {
            assert!(Authorities::from_pem(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
