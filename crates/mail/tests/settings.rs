//! How operators write the mail server and the sender.

use accord_mail::settings::{MailboxError, SmtpUrlError};
use accord_mail::{Mailbox, SmtpSettings, Tls};
use std::str::FromStr;

#[test]
fn addresses_of_mail_servers_that_are_taken() {
    #[rustfmt::skip]
    let cases = [
        ("smtp://mail.example.com", "mail.example.com", 587, Tls::StartTls, None),
        ("smtp://mail.example.com/", "mail.example.com", 587, Tls::StartTls, None),
        (" smtp://mail.example.com\n", "mail.example.com", 587, Tls::StartTls, None),
        ("smtp://mail.example.com?tls=none", "mail.example.com", 25, Tls::None, None),
        ("smtp://mail.example.com?tls=starttls", "mail.example.com", 587, Tls::StartTls, None),
        ("smtp://mail.example.com?tls=implicit", "mail.example.com", 465, Tls::Implicit, None),
        ("smtp://mail.example.com:465", "mail.example.com", 465, Tls::Implicit, None),
        ("smtp://mail.example.com:465?tls=starttls", "mail.example.com", 465, Tls::StartTls, None),
        ("smtp://localhost:1025?tls=none", "localhost", 1025, Tls::None, None),
        ("smtp://127.0.0.1:2525?tls=implicit", "127.0.0.1", 2525, Tls::Implicit, None),
        ("smtp://[::1]:2525?tls=none", "::1", 2525, Tls::None, None),
        ("smtp://POST.Example.COM", "post.example.com", 587, Tls::StartTls, None),
        ("smtp://b%C3%BCcher.example", "xn--bcher-kva.example", 587, Tls::StartTls, None),
        ("smtp://bücher.example", "xn--bcher-kva.example", 587, Tls::StartTls, None),
        ("smtp://me:pw@mail.example.com", "mail.example.com", 587, Tls::StartTls, Some("me")),
        ("smtp://me%40example.com:p%40%3A%2F%3F%23%25w@mail.example.com:25?tls=none", "mail.example.com", 25, Tls::None, Some("me@example.com")),
        ("smtp://j%C3%BCrgen:gr%C3%BC%C3%9Fe@mail.example.com", "mail.example.com", 587, Tls::StartTls, Some("jürgen")),
    ];
    for (text, host, port, tls, user) in cases {
        let settings = SmtpSettings::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(settings.host, host, "{text}");
        assert_eq!(settings.port, port, "{text}");
        assert_eq!(settings.tls, tls, "{text}");
        let read = settings.credentials.map(|credentials| credentials.user);
        assert_eq!(read.as_deref(), user, "{text}");
    }
}

#[test]
fn addresses_of_mail_servers_that_are_refused_without_repeating_them() {
    use SmtpUrlError::*;
    #[rustfmt::skip]
    let cases = [
        ("", NotAUrl),
        ("mail.example.com", NotAUrl),
        ("mail.example.com:25", Scheme),
        ("smtps://me:hunter2@mail.example.com", Scheme),
        ("http://me:hunter2@mail.example.com", Scheme),
        ("smtp://", NoHost),
        ("smtp:mail.example.com", NoHost),
        ("smtp://me:hunter2@:25", NoHost),
        ("smtp://me:hunter2@mail.example.com:0", BadPort),
        ("smtp://me:hunter2@mail.example.com:99999", NotAUrl),
        ("smtp://me:hunter2@mail.example.com:port", NotAUrl),
        ("smtp://me:hunter#2@mail.example.com", NotAUrl),
        ("smtp://me:12#hunter2@mail.example.com", ExtraPart),
        ("smtp://me:12/hunter2@mail.example.com", ExtraPart),
        ("smtp://me:hunter2@mail.example.com/inbox", ExtraPart),
        ("smtp://me:hunter2@mail.example.com#x", ExtraPart),
        ("smtp://me:hunter2@mail.example.com?tls=ssl", UnknownTls),
        ("smtp://me:hunter2@mail.example.com?tls=", UnknownTls),
        ("smtp://me:hunter2@mail.example.com?tls=NONE", UnknownTls),
        ("smtp://me:hunter2@mail.example.com?ssl=true", UnknownParameter),
        ("smtp://me:hunter2@mail.example.com?tls=none&tls=implicit", UnknownParameter),
        ("smtp://me@mail.example.com", HalfCredentials),
        ("smtp://:hunter2@mail.example.com", HalfCredentials),
        ("smtp://me:%FFhunter2@mail.example.com", BadCredentials),
        ("smtp://me:hunter2%0D%0AQUIT@mail.example.com", BadCredentials),
        ("smtp://me:hunter2@exa%20mple.com", BadHost),
    ];
    for (text, expected) in cases {
        let error = SmtpSettings::parse(text).expect_err(text);
        assert_eq!(error, expected, "{text}");
        let sentence = error.to_string();
        assert!(
            sentence.starts_with("It") && sentence.ends_with('.'),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter"), "{sentence}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let settings = SmtpSettings::parse("smtp://me:hunter2@mail.example.com").unwrap();
    let shown = format!("{settings:?} {settings:#?} {:?}", settings.credentials);
    assert!(
        shown.contains("me") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn senders() {
    let taken = [
        (
            "Accord <accord@localhost>",
            Some("Accord"),
            "accord@localhost",
        ),
        ("accord@example.com", None, "accord@example.com"),
        ("<accord@example.com>", None, "accord@example.com"),
        (
            "  Accord   <accord@example.com> ",
            Some("Accord"),
            "accord@example.com",
        ),
        (
            "\"Accord, Inc.\" <accord@example.com>",
            Some("Accord, Inc."),
            "accord@example.com",
        ),
        (
            "Bücher <post@bücher.example>",
            Some("Bücher"),
            "post@xn--bcher-kva.example",
        ),
    ];
    for (text, name, address) in taken {
        let sender = Mailbox::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(sender.name.as_deref(), name, "{text}");
        assert_eq!(sender.address.deliverable(), address, "{text}");
    }
    for text in [
        "",
        "Accord",
        "Accord <accord@localhost",
        "\"Accord <a@b.example>",
        "Accord <>",
        "a@b@c",
    ] {
        let error = Mailbox::from_str(text).expect_err(text);
        assert!(
            matches!(error, MailboxError::Form | MailboxError::Address(_)),
            "{text}: {error}"
        );
    }
    assert_eq!(
        Mailbox::from_str("Accord\r\nBcc: x@example.com <accord@example.com>"),
        Err(MailboxError::Name)
    );
}

#[test]
fn authorities_that_are_none() {
    let settings = SmtpSettings::parse("smtp://mail.example.com").unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in [
        "",
        "mail.example.com",
        broken,
        "-----BEGIN CERTIFICATE-----\n%%",
    ] {
        assert!(
            settings.clone().with_authority(pem.as_bytes()).is_err(),
            "{pem}"
        );
    }
}
