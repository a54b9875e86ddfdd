//! One delivery to a real mail server, and every way in which it can fail.

use accord_domain::ids::MailId;
use accord_mail::{Mailbox, OutgoingMail, Rendered, SendError, SmtpSettings, SmtpTransport};
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use chrono::{TimeZone, Utc};
use uuid::Uuid;

const ALL_TLS: [SmtpTls; 3] = [SmtpTls::None, SmtpTls::StartTls, SmtpTls::Implicit];
const PASSWORD: &str = "p@ss:w/rd?#%";

fn mail_to(to: &str) -> OutgoingMail {
    OutgoingMail {
        id: MailId(Uuid::from_u128(0x0193_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001)),
        to: to.into(),
        created_at: Utc.with_ymd_and_hms(2026, 11, 23, 9, 8, 7).unwrap(),
        rendered: Rendered {
            subject: "Änna \"A\" <b> 🦀 invites you".into(),
            text: "Hello\n\nhttps://accord.example/invitations/abc\n\n.\n..dots\n".into(),
            html: "<p>Grüße</p>".into(),
            way_out: None,
        },
    }
}

fn transport(url: &str, authority: Option<&[u8]>) -> SmtpTransport {
    let mut settings = SmtpSettings::parse(url).unwrap();
    if let Some(pem) = authority {
        settings = settings.with_authority(pem).unwrap();
    }
    let sender: Mailbox = "Bücher & Co. <post@bücher.example>".parse().unwrap();
    SmtpTransport::new(settings, sender).unwrap()
}

fn transport_to(peer: &SmtpPeer) -> SmtpTransport {
    transport(&peer.url(), Some(&peer.ca_pem()))
}

#[track_caller]
fn assert_transient(result: Result<(), SendError>, expected: &str) {
    match result {
        Err(SendError::Transient(sentence)) => {
            assert!(sentence.contains(expected), "{sentence}");
            assert!(!sentence.contains(PASSWORD), "{sentence}");
        }
        other => panic!("expected a passing failure, got {other:?}"),
    }
}

#[track_caller]
fn assert_permanent(result: Result<(), SendError>, expected: &str) {
    match result {
        Err(SendError::Permanent(sentence)) => assert!(sentence.contains(expected), "{sentence}"),
        other => panic!("expected a failure for good, got {other:?}"),
    }
}

#[tokio::test]
async fn mail_arrives_over_every_protection_with_and_without_signing_in() {
    for tls in ALL_TLS {
        for mode in [
            SmtpMode::new(tls),
            SmtpMode::new(tls).with_auth("jürgen@example.com", PASSWORD),
            SmtpMode::new(tls)
                .with_auth("me", PASSWORD)
                .without_mechanism("LOGIN"),
            SmtpMode::new(tls)
                .with_auth("me", PASSWORD)
                .without_mechanism("PLAIN"),
        ] {
            let peer = SmtpPeer::start(mode.clone()).await;
            let sent = transport_to(&peer).send(&mail_to("ben@example.com")).await;
            assert_eq!(sent, Ok(()), "{mode:?}");
            let [mail] = peer.received().try_into().unwrap();
            assert_eq!(mail.encrypted, tls != SmtpTls::None, "{mode:?}");
            assert_eq!(mail.authenticated, mode.auth.is_some(), "{mode:?}");
        }
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::StartTls)).await;
    let sent = mail_to("Ben.M@example.com");
    transport_to(&peer).send(&sent).await.unwrap();
    let [mail] = peer.received().try_into().unwrap();
    assert_eq!(mail.mail_from, "post@xn--bcher-kva.example");
    assert_eq!(mail.rcpt_to, ["Ben.M@example.com"]);
    assert_eq!(mail.subject(), sent.rendered.subject);
    assert_eq!(
        mail.text().trim_end(),
        sent.rendered.text.replace('\n', "\r\n").trim_end()
    );
    assert_eq!(mail.html().trim_end(), sent.rendered.html);
    assert_eq!(
        mail.link().as_deref(),
        Some("https://accord.example/invitations/abc")
    );
    let header = |name| mail.raw_header(name).unwrap_or_default();
    assert_eq!(
        header("Message-ID"),
        format!("<{}@xn--bcher-kva.example>", sent.id)
    );
    assert_eq!(header("Date"), "Mon, 23 Nov 2026 09:08:07 +0000");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(
        header("From").ends_with("<post@xn--bcher-kva.example>"),
        "{}",
        header("From")
    );
    assert!(
        mail.raw.is_ascii(),
        "a mail server without 8BITMIME may have to pass it on"
    );
    assert!(
        mail.raw
            .split(|byte| *byte == b'\n')
            .all(|line| line.len() <= 999)
    );
}

#[tokio::test]
async fn hostile_subjects_stay_in_their_header() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let transport = transport_to(&peer);
    transport.send(&mail_to("ben@example.com")).await.unwrap();
    let hostile = [
        "a\r\nBcc: everybody@example.com",
        "a\nBcc: everybody@example.com\n\nbody",
        "a\r\n\r\n<script>alert(1)</script>",
        "a\rBcc: everybody@example.com",
        "=?utf-8?Q?a=0D=0ABcc:_everybody@example.com?=",
        "\u{202E}gnp.exe \u{0} \u{7} \u{1B}[31m",
        "🦀👩‍👩‍👧‍👦 \"quoted\" <b> \\ ,;:",
        &"long ".repeat(400),
        &"ü".repeat(2_000),
    ];
    for subject in hostile {
        let mut mail = mail_to("ben@example.com");
        mail.rendered.subject = subject.into();
        transport.send(&mail).await.unwrap();
    }
    let received = peer.received();
    let calm = received[0].header_names();
    assert_eq!(received.len(), hostile.len() + 1);
    for mail in &received {
        assert_eq!(
            mail.header_names(),
            calm,
            "{}",
            String::from_utf8_lossy(&mail.raw)
        );
        assert_eq!(mail.rcpt_to, ["ben@example.com"]);
        assert!(
            mail.raw
                .split(|byte| *byte == b'\n')
                .all(|line| line.len() <= 999)
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_clear_error_without_the_password() {
    for tls in ALL_TLS {
        let peer = SmtpPeer::start(SmtpMode::new(tls).with_auth("me", PASSWORD)).await;
        let url = peer.url_with_password("wrong-hunter2");
        let result = transport(&url, Some(&peer.ca_pem()))
            .send(&mail_to("ben@example.com"))
            .await;
        let sentence = result.clone().unwrap_err().to_string();
        assert!(!sentence.contains("hunter2"), "{sentence}");
        assert_transient(result, "refused the user name or the password (535)");
        assert!(peer.received().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_wants_signing_in_or_offers_none_is_a_clear_error() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::StartTls).with_auth("me", PASSWORD)).await;
    let url = format!("smtp://127.0.0.1:{}?tls=starttls", peer.port());
    let result = transport(&url, Some(&peer.ca_pem()))
        .send(&mail_to("ben@example.com"))
        .await;
    assert_transient(result, "530");

    let none = SmtpMode::new(SmtpTls::StartTls)
        .with_auth("me", PASSWORD)
        .without_mechanism("LOGIN")
        .without_mechanism("PLAIN");
    let peer = SmtpPeer::start(none).await;
    let result = transport_to(&peer).send(&mail_to("ben@example.com")).await;
    assert_transient(result, "offers no way to sign in");
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let stranger = SmtpPeer::start(SmtpMode::new(SmtpTls::Implicit)).await;
    for tls in [SmtpTls::StartTls, SmtpTls::Implicit] {
        let peer = SmtpPeer::start(SmtpMode::new(tls).with_auth("me", PASSWORD)).await;
        let result = transport(&peer.url(), Some(&stranger.ca_pem()))
            .send(&mail_to("ben@example.com"))
            .await;
        assert_transient(result, "could not prove who it is");
        assert!(peer.received().is_empty());
    }
}

#[tokio::test]
async fn a_missing_starttls_never_means_plain() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None).with_auth("me", PASSWORD)).await;
    let url = peer.url().replace("tls=none", "tls=starttls");
    let result = transport(&url, Some(&peer.ca_pem()))
        .send(&mail_to("ben@example.com"))
        .await;
    assert_transient(result, "does not offer STARTTLS");
    assert!(peer.received().is_empty());

    let result = transport(
        &peer.url().replace("tls=none", "tls=implicit"),
        Some(&peer.ca_pem()),
    )
    .send(&mail_to("ben@example.com"))
    .await;
    assert_transient(result, "TLS failed");
    assert!(peer.received().is_empty());
}

#[tokio::test]
async fn refusals_are_for_good_or_pass_as_their_code_says() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let transport = transport_to(&peer);
    peer.refuse("gone@example.com");
    assert_permanent(
        transport.send(&mail_to("gone@example.com")).await,
        "refused the recipient: 550",
    );
    peer.fail_next(2, 451);
    assert_transient(
        transport.send(&mail_to("ben@example.com")).await,
        "refused the mail: 451",
    );
    assert_transient(
        transport.send(&mail_to("ben@example.com")).await,
        "refused the mail: 451",
    );
    peer.fail_next(1, 554);
    assert_permanent(
        transport.send(&mail_to("ben@example.com")).await,
        "refused the mail: 554",
    );
    peer.drop_next(1);
    assert_transient(
        transport.send(&mail_to("ben@example.com")).await,
        "The mail server 127.0.0.1",
    );
    assert_eq!(peer.turned_away(), 4);
    assert!(peer.received().is_empty());
    assert_eq!(transport.send(&mail_to("ben@example.com")).await, Ok(()));
    assert_eq!(peer.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_a_passing_failure() {
    let mut peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let transport = transport_to(&peer);
    peer.stop();
    assert_transient(
        transport.send(&mail_to("ben@example.com")).await,
        "cannot be reached",
    );
    peer.start_again();
    assert_eq!(transport.send(&mail_to("ben@example.com")).await, Ok(()));
}

#[tokio::test]
async fn international_addresses_go_as_far_as_the_server_can_take_them() {
    let plain = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let to_plain = transport_to(&plain);
    assert_eq!(to_plain.send(&mail_to("ben@bücher.example")).await, Ok(()));
    assert_eq!(plain.received()[0].rcpt_to, ["ben@xn--bcher-kva.example"]);
    let to = plain.received()[0].raw_header("To").unwrap_or_default();
    assert_eq!(to, "<ben@xn--bcher-kva.example>");
    assert_permanent(
        to_plain.send(&mail_to("jürgen@bücher.example")).await,
        "SMTPUTF8",
    );
    assert_permanent(
        to_plain.send(&mail_to("no address")).await,
        "cannot be used in mail",
    );
    assert_permanent(
        to_plain
            .send(&mail_to("a@example.com>\r\nRCPT TO:<b@example.com"))
            .await,
        "cannot be used in mail",
    );
    assert_eq!(plain.received().len(), 1);

    let utf8 = SmtpPeer::start(SmtpMode::new(SmtpTls::StartTls).with_smtp_utf8()).await;
    let to_utf8 = transport_to(&utf8);
    assert_eq!(
        to_utf8.send(&mail_to("jürgen@bücher.example")).await,
        Ok(())
    );
    let [mail] = utf8.received().try_into().unwrap();
    assert_eq!(mail.rcpt_to, ["jürgen@xn--bcher-kva.example"]);
    assert!(mail.smtp_utf8);
}
