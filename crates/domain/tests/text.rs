//! What typed text is taken and what is refused.

use accord_domain::text::{
    AddressProblem, Color, Description, DisplayName, EmailAddress, GroupName, Name, TextError,
    group_path, key_of,
};

/// Characters that turn text around and so disguise it.
const DIRECTION_CONTROLS: &str = "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{061C}";
const LINE_BREAKS: &str = "\n\r\u{0B}\u{0C}\u{85}\u{2028}\u{2029}";
const CONTROLS: &str = "\0\u{1}\u{7}\u{8}\t\u{1B}\u{7F}\u{80}\u{9F}";

type Parse = fn(&str) -> Result<String, TextError>;

fn one_line_types() -> [(&'static str, Parse); 3] {
    [
        ("Name", |text| Name::parse(text).map(String::from)),
        ("DisplayName", |text| {
            DisplayName::parse(text).map(String::from)
        }),
        ("GroupName", |text| GroupName::parse(text).map(String::from)),
    ]
}

#[test]
fn names_take_any_script_and_are_trimmed() {
    for (kind, parse) in one_line_types() {
        for text in [
            "a",
            "Żółć",
            "שלום",
            "مرحبا",
            "नमस्ते",
            "日本語",
            "👩‍👩‍👧‍👦",
            "O'Brien & Söhne (2)",
            "a\u{200D}b",
        ] {
            assert_eq!(parse(text).as_deref(), Ok(text), "{kind}");
            assert_eq!(
                parse(&format!("  {text}\u{3000} ")).as_deref(),
                Ok(text),
                "{kind}"
            );
        }
    }
}

#[test]
fn names_refuse_what_cannot_be_shown_on_one_line() {
    for (kind, parse) in one_line_types() {
        let refused = |characters: &str, error: TextError| {
            for c in characters.chars() {
                // At an end too: trimming does not make it right.
                for text in [
                    format!("a{c}b"),
                    format!("{c}ab"),
                    format!("ab{c}"),
                    c.to_string(),
                ] {
                    assert_eq!(
                        parse(&text),
                        Err(error),
                        "{kind} with {}",
                        c.escape_unicode()
                    );
                }
            }
        };
        refused(DIRECTION_CONTROLS, TextError::DirectionControl);
        refused(LINE_BREAKS, TextError::LineBreak);
        refused(CONTROLS, TextError::ControlCharacter);
        assert_eq!(
            parse("a\r\nBcc: b@example.com"),
            Err(TextError::LineBreak),
            "{kind}"
        );
    }
}

#[test]
fn names_refuse_nothing_and_what_looks_like_nothing() {
    for (kind, parse) in one_line_types() {
        for text in [
            "",
            " ",
            "\u{A0}\u{2003}",
            "\u{200B}",
            "\u{FEFF} \u{2060}",
            "\u{3164}",
            "\u{AD}",
        ] {
            assert_eq!(
                parse(text),
                Err(TextError::Empty),
                "{kind} {}",
                text.escape_unicode()
            );
        }
    }
}

#[test]
fn lengths_count_characters_after_trimming() {
    for (kind, parse) in one_line_types() {
        assert!(parse(&"猫".repeat(100)).is_ok(), "{kind}");
        assert!(parse(&format!("  {}  ", "a".repeat(100))).is_ok(), "{kind}");
        assert_eq!(
            parse(&"a".repeat(101)),
            Err(TextError::TooLong { max: 100 }),
            "{kind}"
        );
    }
    assert!(Description::parse(&"猫".repeat(1000)).is_ok());
    assert_eq!(
        Description::parse(&"a".repeat(1001)),
        Err(TextError::TooLong { max: 1000 })
    );
}

#[test]
fn descriptions_may_be_empty_and_have_lines() {
    let parse = |text| Description::parse(text).map(String::from);
    assert_eq!(parse("").as_deref(), Ok(""));
    assert_eq!(parse("  \n").as_deref(), Ok(""));
    assert_eq!(
        parse("one\r\ntwo\rthree\n\tfour").as_deref(),
        Ok("one\ntwo\nthree\n\tfour")
    );
    assert_eq!(parse("a\u{202E}b"), Err(TextError::DirectionControl));
    assert_eq!(parse("a\0b"), Err(TextError::ControlCharacter));
    assert_eq!(parse("a\u{1B}[31mb"), Err(TextError::ControlCharacter));
}

#[test]
fn groups_and_paths() {
    assert_eq!(GroupName::parse("web/live"), Err(TextError::Slash));
    let path = |text| {
        group_path(text).map(|names| names.into_iter().map(String::from).collect::<Vec<_>>())
    };
    assert_eq!(path("web"), Ok(vec!["web".to_owned()]));
    assert_eq!(
        path(" web / live "),
        Ok(vec!["web".to_owned(), "live".to_owned()])
    );
    for text in ["", "/", "/web", "web/", "web//live", "web/ /live"] {
        assert_eq!(path(text), Err(TextError::Empty), "{text}");
    }
    assert_eq!(path("web/li\nve"), Err(TextError::LineBreak));
}

#[test]
fn colors() {
    assert_eq!(
        Color::parse("#A1b2C3").as_ref().map(Color::as_str),
        Ok("#a1b2c3")
    );
    for text in [
        "",
        "red",
        "#abc",
        "#12345g",
        "#1234567",
        "123456",
        "#１２３４５６",
        "#12345\n",
        "##12345",
    ] {
        assert_eq!(Color::parse(text), Err(TextError::NotAColor), "{text}");
    }
}

#[test]
fn keys_leave_letter_case_and_composition_aside() {
    for (one, other) in [
        ("Shop", "sHOP"),
        ("ÉTÉ", "e\u{301}te\u{301}"),
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ДОМ", "дом"),
        ("\u{212B}ngström", "ångström"),
    ] {
        assert_eq!(key_of(one), key_of(other), "{one} {other}");
    }
    for (one, other) in [("shop", "shop2"), ("a b", "ab"), ("é", "e"), ("ı", "i")] {
        assert_ne!(key_of(one), key_of(other), "{one} {other}");
    }
    let key = Name::parse(" Web ").map(|name| name.key());
    assert_eq!(key.as_deref(), Ok("web"));
}

#[test]
fn addresses_that_are_taken() {
    for (typed, key) in [
        ("ann@example.com", "ann@example.com"),
        ("Ann.Lee@Example.COM", "ann.lee@example.com"),
        ("ann+shop@example.com", "ann+shop@example.com"),
        (
            "o'brien_{x}@sub.example.co.uk",
            "o'brien_{x}@sub.example.co.uk",
        ),
        ("jörg@example.com", "jörg@example.com"),
        ("JÖRG@EXAMPLE.COM", "jörg@example.com"),
        ("jo\u{308}rg@example.com", "jörg@example.com"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("ann@localhost", "ann@localhost"),
        ("1@2.example", "1@2.example"),
    ] {
        let address = EmailAddress::parse(&format!(" {typed} "))
            .unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(address.as_str(), typed, "kept as typed");
        assert_eq!(address.key(), key);
    }
    let local = "a".repeat(64);
    let domain = format!(
        "{}.{}.{}.com",
        "b".repeat(61),
        "c".repeat(61),
        "d".repeat(61)
    );
    let longest = format!("{local}@{domain}");
    assert_eq!(longest.len(), 254);
    assert!(EmailAddress::parse(&longest).is_ok());
    assert_eq!(
        EmailAddress::parse(&format!("{local}@d{domain}")),
        Err(TextError::TooLong { max: 254 })
    );
    let address = EmailAddress::parse("Ann@Bücher.example").expect("an address");
    assert_eq!(address.deliverable(), "Ann@xn--bcher-kva.example");
    assert_eq!(
        (address.local_part(), address.ascii_domain()),
        ("Ann", "xn--bcher-kva.example")
    );
}

#[test]
fn addresses_that_are_refused() {
    use AddressProblem as P;
    let not = TextError::NotAnAddress;
    let long_local = format!("{}@example.com", "a".repeat(65));
    for (typed, error) in [
        ("", TextError::Empty),
        ("   ", TextError::Empty),
        ("ann", not(P::NoAt)),
        ("ann@@example.com", not(P::SeveralAts)),
        ("ann@lee@example.com", not(P::SeveralAts)),
        ("@example.com", not(P::BadLocalPart)),
        (".ann@example.com", not(P::BadLocalPart)),
        ("ann.@example.com", not(P::BadLocalPart)),
        ("ann..lee@example.com", not(P::BadLocalPart)),
        (long_local.as_str(), not(P::LongLocalPart)),
        ("\"ann lee\"@example.com", not(P::Quoted)),
        ("ann lee@example.com", not(P::BadCharacter)),
        ("ann\u{A0}lee@example.com", not(P::BadCharacter)),
        ("ann\u{200B}@example.com", not(P::BadCharacter)),
        ("ann@exa\u{AD}mple.com", not(P::BadCharacter)),
        ("ann@exa mple.com", not(P::BadCharacter)),
        ("Ann <ann@example.com>", not(P::BadCharacter)),
        ("ann,bob@example.com", not(P::BadCharacter)),
        ("ann(x)@example.com", not(P::BadCharacter)),
        ("ann:x;@example.com", not(P::BadCharacter)),
        ("ann\\@example.com", not(P::BadCharacter)),
        ("ann@", not(P::BadDomain)),
        ("ann@.com", not(P::BadDomain)),
        ("ann@example.", not(P::BadDomain)),
        ("ann@example..com", not(P::BadDomain)),
        ("ann@-example.com", not(P::BadDomain)),
        ("ann@exa_mple.com", not(P::BadDomain)),
        ("ann@exa<mple.com", not(P::BadDomain)),
        ("ann@[127.0.0.1]", not(P::BadDomain)),
        ("ann@127.0.0.1", not(P::BadDomain)),
        ("ann@example.com,bob@example.com", not(P::SeveralAts)),
        ("ann@xn--a.com", not(P::BadDomain)),
        ("ann@example.com\n", TextError::LineBreak),
        (
            "ann@example.com\r\nBcc: bob@example.com",
            TextError::LineBreak,
        ),
        ("ann\0@example.com", TextError::ControlCharacter),
        ("ann\t@example.com", TextError::ControlCharacter),
        ("ann@\u{202E}moc.elpmaxe", TextError::DirectionControl),
    ] {
        assert_eq!(
            EmailAddress::parse(typed),
            Err(error),
            "{}",
            typed.escape_debug()
        );
    }
}

#[test]
fn text_travels_as_a_string_and_is_checked_on_arrival() {
    let name: Name = serde_json::from_str("\"  Web \"").expect("a name");
    assert_eq!(serde_json::to_string(&name).expect("a string"), "\"Web\"");
    let refused = serde_json::from_str::<Name>("\"a\\nb\"").expect_err("a line break");
    assert!(
        refused.to_string().contains("line breaks are not allowed"),
        "{refused}"
    );
    let address: EmailAddress = serde_json::from_str("\"Ann@Example.com\"").expect("an address");
    assert_eq!(
        serde_json::to_string(&address).expect("a string"),
        "\"Ann@Example.com\""
    );
    assert!(serde_json::from_str::<EmailAddress>("7").is_err());
}
