//! One message to one receiver: what may be reached, and how an answer counts.

use accord_domain::ids::DeliveryId;
use accord_testkit::receiver::{Receiver, Reply};
use accord_webhooks::{AddressGuard, Authorities, Message, NotSent, Received, Resolver, Sender};
use rcgen::{CertificateParams, KeyPair};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const ANYTHING: &str = "0.0.0.0/0";

fn guard(network: &str) -> AddressGuard {
    AddressGuard::allowing([network.parse().expect("a network")])
}

fn sender(guard: AddressGuard, resolver: Resolver) -> Sender {
    Sender::new(guard, resolver, Authorities::default())
}

/// Answers each question with the next of these lists of addresses, and the last from then on.
fn answering(answers: Vec<Vec<SocketAddr>>) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let answers = Arc::new(Mutex::new(answers));
    let resolver = Resolver::from_fn(move |_, _| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let answers = answers.lock().expect("no panic");
        let answer = answers.get(number).or(answers.last()).cloned();
        async move { Ok(answer.unwrap_or_default()) }
    });
    (resolver, asked)
}

async fn send(sender: &Sender, url: &str) -> Result<Received, NotSent> {
    let message = Message {
        id: DeliveryId(uuid::Uuid::now_v7()),
        timestamp: 1_700_000_000,
        signature: "v1,AAAA",
        body: r#"{"type":"webhook.test"}"#,
    };
    sender.send(url, &message).await
}

fn special(last: u8, port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(169, 254, 169, last), port))
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    let receiver = Receiver::start().await;
    let port = receiver.address().port();
    // Something is allowed, or plain HTTP would be refused before any name is looked up.
    let elsewhere = guard("192.168.77.0/24");
    let (resolver, asked) = answering(vec![vec![receiver.address(), special(254, port)]]);
    let inside = sender(elsewhere.clone(), resolver);
    for url in [
        format!("http://metadata.example:{port}/"),
        format!("https://metadata.example:{port}/"),
    ] {
        let refused = send(&inside, &url).await.expect_err("it leads inside");
        let (nowhere, _) = answering(vec![vec![]]);
        let unknown = send(&sender(elsewhere.clone(), nowhere), &url)
            .await
            .expect_err("it leads nowhere");
        assert_eq!(refused, unknown, "nobody can tell what is inside");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(receiver.received(), []);
}

#[tokio::test]
async fn an_address_written_out_is_checked_when_it_is_sent_to() {
    let receiver = Receiver::start().await;
    let (resolver, asked) = answering(vec![vec![receiver.address()]]);
    let inside = sender(guard("192.168.77.0/24"), resolver);
    send(&inside, &receiver.url("/"))
        .await
        .expect_err("no longer allowed");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert_eq!(receiver.received(), []);
}

#[tokio::test]
async fn a_name_that_changes_is_looked_at_anew_and_what_was_looked_at_is_reached() {
    let receiver = Receiver::start().await;
    let port = receiver.address().port();
    let answers = vec![
        vec![special(1, port), receiver.address()],
        vec![special(254, port)],
    ];
    let (resolver, asked) = answering(answers);
    let sender = sender(guard("127.0.0.0/8"), resolver);
    let url = format!("http://rebinding.example:{port}/hooks?x=1");
    let first = send(&sender, &url).await.expect("it was allowed");
    assert_eq!(first.status, 204);
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "checked and reached by one answer"
    );
    send(&sender, &url).await.expect_err("it leads inside now");
    let [request] = &receiver.received()[..] else {
        panic!("one request");
    };
    assert_eq!(request.line, "POST /hooks?x=1 HTTP/1.1");
    assert_eq!(
        request.header("host"),
        format!("rebinding.example:{port}").as_str()
    );
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-timestamp"), "1700000000");
    assert_eq!(request.header("webhook-signature"), "v1,AAAA");
    assert_eq!(request.body, r#"{"type":"webhook.test"}"#);
}

#[tokio::test]
async fn any_answer_is_told_and_none_is_believed_beyond_its_bounds() {
    let receiver = Receiver::start().await;
    let sender = sender(guard(ANYTHING), Resolver::system());
    let url = receiver.url("/");
    let long = "x".repeat(100_000);
    receiver.answers_next([
        Reply::Status(200, long),
        Reply::Status(500, "broken\u{0}".into()),
        Reply::Raw(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n".to_vec()),
    ]);
    let answer = send(&sender, &url).await.expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (200, 1_000));
    let answer = send(&sender, &url).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (500, "broken"));
    let answer = send(&sender, &url).await.expect("an answer");
    assert_eq!(answer.status, 302, "not followed");
    assert_eq!(receiver.received().len(), 3);

    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(1_000_000));
    for reply in [
        Reply::Close,
        Reply::Raw(b"220 smtp.example ESMTP\r\n".to_vec()),
        Reply::Raw(Vec::new()),
        Reply::Raw(endless.into_bytes()),
    ] {
        receiver.answers_next([reply.clone()]);
        send(&sender, &url).await.expect_err(&format!("{reply:?}"));
    }
}

#[tokio::test]
async fn certificates_are_checked() {
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names).expect("names");
    let certificate = certificate.self_signed(&key).expect("a certificate");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let config = ServerConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("versions")
    .with_no_client_auth()
    .with_single_cert(
        vec![CertificateDer::from(certificate.der().to_vec())],
        PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
    )
    .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut bytes = [0; 4_096];
                if stream.read(&mut bytes).await.is_ok() {
                    let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });

    let authorities = Authorities::from_pem(certificate.pem().as_bytes()).expect("an authority");
    let to = |name: &str| format!("https://{name}:{}/", address.port());
    let resolver = || answering(vec![vec![address]]).0;
    let trusting = Sender::new(guard("127.0.0.0/8"), resolver(), authorities);
    let answer = send(&trusting, &to("localhost")).await.expect("trusted");
    assert_eq!(answer.status, 202);
    let other_name = send(&trusting, &to("other.example")).await;
    let other_name = other_name.expect_err("the certificate is another's");
    assert!(other_name.to_string().contains("TLS"), "{other_name}");
    let of_system = sender(guard("127.0.0.0/8"), resolver());
    send(&of_system, &to("localhost"))
        .await
        .expect_err("nobody vouches for it");
    server.abort();
}
