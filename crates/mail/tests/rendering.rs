//! Every message in words: what each says, and what hostile text cannot do to it.

use accord_mail::{Decision, EndLine, Message, SharedItemLine, render};
use chrono::{TimeZone, Utc};

const PUBLIC_URL: &str = "https://accord.example";
const LINK: &str = "https://accord.example/invitations/Zm9vYmFy_-9";

fn invitation() -> Message {
    Message::Invitation {
        owner_name: "Anna Berg".into(),
        owner_email: "anna@example.com".into(),
        items: vec![
            SharedItemLine {
                item: "web/live".into(),
                roles: vec!["Deployer".into(), "Log reader".into()],
            },
            SharedItemLine {
                item: "Environments".into(),
                roles: vec!["Viewer".into()],
            },
        ],
        expires_at: Utc.with_ymd_and_hms(2026, 11, 30, 14, 5, 0).unwrap(),
        display_name: Some("Ben".into()),
        inviter_name: None,
    }
}

/// One of each kind, with a word in the place of every typed text.
fn all_with(typed: &str) -> Vec<Message> {
    let typed = typed.to_owned();
    let name = || typed.clone();
    let end_line = |member| EndLine {
        item: name(),
        roles: vec![name(), name()],
        at: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
        member,
    };
    vec![
        Message::Invitation {
            owner_name: name(),
            owner_email: name(),
            items: vec![SharedItemLine {
                item: name(),
                roles: vec![name(), name()],
            }],
            expires_at: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
            display_name: Some(name()),
            inviter_name: Some(name()),
        },
        Message::InvitationDecided {
            member_name: Some(name()),
            member_email: name(),
            decision: Decision::Accepted,
        },
        Message::InvitationDecided {
            member_name: None,
            member_email: name(),
            decision: Decision::Rejected,
        },
        Message::Suspended { owner_name: name() },
        Message::Activated { owner_name: name() },
        Message::Removed { owner_name: name() },
        Message::Left {
            member_name: Some(name()),
            member_email: name(),
        },
        Message::HostGone { owner_name: name() },
        Message::SharesEnding {
            owner_name: Some(name()),
            items: vec![end_line(None)],
        },
        Message::SharesEnding {
            owner_name: None,
            items: vec![end_line(Some(name()))],
        },
        Message::SharesEnded {
            owner_name: Some(name()),
            items: vec![end_line(None)],
        },
        Message::SharesEnded {
            owner_name: None,
            items: vec![end_line(Some(name()))],
        },
        Message::LoadAlert {
            owner_name: name(),
            environment_name: name(),
            metric: name(),
            value: 97.5,
            threshold: 90.0,
            message: Some(name()),
            path: "/environments/1/2".into(),
        },
        Message::WebhookSwitchedOff {
            url: name(),
            error: name(),
            path: "/settings/webhooks/1".into(),
        },
        Message::VerifyAddress { name: name() },
        Message::PasswordReset { name: name() },
        Message::PasswordChanged { name: name() },
        Message::ApiTokenMade {
            name: name(),
            token_name: name(),
            scopes: "read members".into(),
        },
        Message::ProveNewAddress { name: name() },
        Message::AddressInUse { name: name() },
        Message::AddressChangeAsked {
            name: name(),
            new_email: name(),
        },
        Message::AddressChanged {
            name: name(),
            new_email: name(),
        },
        Message::AccountDeleted { name: name() },
    ]
}

fn link_of(message: &Message) -> Option<&'static str> {
    message.carries_link().then_some(LINK)
}

#[test]
fn the_text_of_an_invitation_reads_as_a_letter() {
    let rendered = render(&invitation(), Some(LINK), None, PUBLIC_URL).unwrap();
    assert_eq!(rendered.subject, "Anna Berg invites you to collaborate");
    let expected = "\
Anna Berg invites you to collaborate

Hello Ben,

Anna Berg (anna@example.com) would like to share the following with you on Accord:

* web/live - Deployer, Log reader
* Environments - Viewer

View Invitation:

https://accord.example/invitations/Zm9vYmFy_-9

Opening the invitation changes nothing: you can then accept it, reject it, or decide later.

The invitation is valid until 30 November 2026, 14:05 UTC.

-- 
You get this mail because Anna Berg (anna@example.com) entered your address. If you do not know them, ignore this mail or reject the invitation.
Accord, https://accord.example
";
    assert_eq!(rendered.text.trim_end(), expected.trim_end());
}

#[test]
fn the_html_of_an_invitation_has_a_button_a_plain_link_and_the_items() {
    let html = render(&invitation(), Some(LINK), None, PUBLIC_URL)
        .unwrap()
        .html;
    assert_eq!(html.matches(&format!("href=\"{LINK}\"")).count(), 2);
    for expected in [
        ">View Invitation</a>",
        &format!(">{LINK}</a>"),
        ">web/live</td>",
        ">Deployer, Log reader</td>",
        ">Environments</td>",
        "30 November 2026, 14:05 UTC",
        "prefers-color-scheme: dark",
    ] {
        assert!(html.contains(expected), "{expected} is missing in {html}");
    }
}

#[test]
fn each_kind_has_its_subject_and_its_one_thing_to_do() {
    let expected = [
        (
            "invitation",
            "Anna invites you to collaborate",
            "View Invitation",
        ),
        (
            "invitation_decided",
            "Anna accepted your invitation",
            "Open Accord",
        ),
        (
            "invitation_decided",
            "Anna rejected your invitation",
            "Open Accord",
        ),
        (
            "suspended",
            "Your access to Anna's environments is suspended",
            "Open Accord",
        ),
        (
            "activated",
            "Your access to Anna's environments is active again",
            "Open Accord",
        ),
        (
            "removed",
            "Your collaboration with Anna has ended",
            "Open Accord",
        ),
        ("left", "Anna left your account", "Open Accord"),
        (
            "host_gone",
            "Your collaboration with Anna has ended",
            "Open Accord",
        ),
        (
            "shares_ending",
            "Some access that Anna gave you ends soon",
            "Open Accord",
        ),
        (
            "shares_ending",
            "Some access that you gave ends soon",
            "Open Accord",
        ),
        (
            "shares_ended",
            "Some access that Anna gave you has ended",
            "Open Accord",
        ),
        (
            "shares_ended",
            "Some access that you gave has ended",
            "Open Accord",
        ),
        (
            "load_alert",
            "Load alert: Anna of Anna is at 97.5",
            "Open Environment",
        ),
        (
            "webhook_switched_off",
            "A webhook of yours was switched off",
            "Open Webhook",
        ),
        (
            "verify_address",
            "Verify your e-mail address",
            "Verify Address",
        ),
        (
            "password_reset",
            "Reset your password",
            "Choose New Password",
        ),
        (
            "password_changed",
            "Your password was changed",
            "Open Accord",
        ),
        (
            "api_token_made",
            "A new API token for your account",
            "Open Accord",
        ),
        (
            "prove_new_address",
            "Confirm your new e-mail address",
            "Confirm Address",
        ),
        (
            "address_in_use",
            "Your e-mail address has an account already",
            "Open Accord",
        ),
        (
            "address_change_asked",
            "A new e-mail address was asked for",
            "Open Accord",
        ),
        (
            "address_changed",
            "Your e-mail address was changed",
            "Open Accord",
        ),
        ("account_deleted", "Your account was deleted", "Open Accord"),
    ];
    let messages = all_with("Anna");
    assert_eq!(messages.len(), expected.len());
    for (message, (kind, subject, button)) in messages.iter().zip(expected) {
        let rendered = render(message, link_of(message), None, PUBLIC_URL).unwrap();
        assert_eq!(message.kind(), kind);
        assert_eq!(rendered.subject, subject);
        assert!(rendered.html.contains(&format!(">{button}</a>")), "{kind}");
        assert!(rendered.text.contains(&format!("{button}:\n")), "{kind}");
        assert!(
            rendered.text.contains("You get this mail because"),
            "{kind}"
        );
    }
}

#[test]
fn a_secret_link_stands_alone_on_its_line_and_only_where_it_belongs() {
    for message in all_with("Anna") {
        let rendered = render(&message, link_of(&message), None, PUBLIC_URL).unwrap();
        let lines = rendered.text.lines().filter(|line| line.contains(LINK));
        let expected: &[&str] = if message.carries_link() { &[LINK] } else { &[] };
        assert_eq!(lines.collect::<Vec<_>>(), expected, "{}", message.kind());
        assert_eq!(rendered.html.contains(LINK), message.carries_link());
    }
}

#[test]
fn a_message_survives_being_stored() {
    for message in all_with("Änna \"<'&>\" 🦀") {
        let params = message.params();
        let read = Message::from_stored(message.kind(), &params).unwrap();
        assert_eq!(read, message);
        assert!(!params.to_string().contains(LINK));
    }
    assert!(Message::from_stored("postcard", &serde_json::json!({})).is_err());
    assert!(Message::from_stored("left", &serde_json::json!({})).is_err());
}

const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "Ann\r\nBcc: everybody@example.com\r\n\r\nBody",
    "Ann\nSubject: other",
    "\u{202E}gnp.exe\u{2066}\u{200F}",
    "a\u{0}b\u{7}c\u{1B}[31m\u{85}d\u{2028}e\u{2029}f",
    "'; DROP TABLE outbox; --",
    "{{ letter.reason }} {% raw %}",
    "🦀👩‍👩‍👧‍👦 \"quoted\" & <b>bold</b>",
    "&lt;b&gt; &#60;",
];

#[test]
fn hostile_text_stays_text_in_every_message() {
    for typed in HOSTILE {
        for message in all_with(typed) {
            let kind = message.kind();
            let Ok(rendered) = render(&message, link_of(&message), None, PUBLIC_URL) else {
                panic!("{kind} with {typed:?} cannot be rendered");
            };
            let calm = render(
                &all_with("Anna")
                    .into_iter()
                    .find(|calm| calm.kind() == kind)
                    .unwrap(),
                link_of(&message),
                None,
                PUBLIC_URL,
            )
            .unwrap();
            for forbidden in ["<script", "<img", "<b>", "onerror=alert(1)>"] {
                assert!(!rendered.html.contains(forbidden), "{kind} {typed:?}");
            }
            assert_eq!(
                rendered.text.lines().count(),
                calm.text.lines().count(),
                "{kind} {typed:?} made or lost a line:\n{}",
                rendered.text
            );
            let controls = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
            };
            assert!(!rendered.subject.contains(controls), "{kind} {typed:?}");
            assert!(
                !rendered.text.replace('\n', "").contains(controls),
                "{kind} {typed:?}"
            );
            assert!(
                !rendered.html.replace('\n', "").contains(controls),
                "{kind} {typed:?}"
            );
        }
    }
}

#[test]
fn the_markup_of_hostile_text_equals_the_markup_of_calm_text() {
    let skeleton = |html: &str| {
        let tag = |part: &str| part.split_once('>').map(|(tag, _)| tag.to_owned());
        html.split('<').skip(1).filter_map(tag).collect::<Vec<_>>()
    };
    let calm = all_with("Anna");
    for typed in HOSTILE {
        for (hostile, calm) in all_with(typed).iter().zip(&calm) {
            let markup = |message| {
                skeleton(
                    &render(message, link_of(message), None, PUBLIC_URL)
                        .unwrap()
                        .html,
                )
            };
            assert_eq!(markup(hostile), markup(calm), "{} {typed:?}", calm.kind());
        }
    }
}

#[test]
fn very_long_text_is_cut_and_emptiness_is_worded() {
    let long = "w".repeat(10_000);
    for message in all_with(&long) {
        let rendered = render(&message, link_of(&message), None, PUBLIC_URL).unwrap();
        assert!(rendered.subject.chars().count() < 200, "{}", message.kind());
        assert!(rendered.text.len() < 3_000, "{}", message.kind());
    }
    let unnamed = Message::Invitation {
        owner_name: " \u{202E} ".into(),
        owner_email: "anna@example.com".into(),
        items: Vec::new(),
        expires_at: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
        display_name: None,
        inviter_name: None,
    };
    let rendered = render(&unnamed, Some(LINK), None, PUBLIC_URL).unwrap();
    assert_eq!(
        rendered.subject,
        "anna@example.com invites you to collaborate"
    );
    assert!(rendered.text.contains("\nHello,\n"));
    assert!(
        rendered
            .text
            .contains("would like to work together with you")
    );
    assert!(!rendered.html.contains("Shared item"));
}

#[test]
fn an_invitation_in_the_owners_name_says_who_entered_the_address() {
    let mut message = invitation();
    if let Message::Invitation { inviter_name, .. } = &mut message {
        *inviter_name = Some("Carla Conti".into());
    }
    let rendered = render(&message, Some(LINK), None, PUBLIC_URL).unwrap();
    assert_eq!(rendered.subject, "Anna Berg invites you to collaborate");
    let text = rendered.text.replace('\n', " ");
    for words in [
        "Anna Berg (anna@example.com) would like to share the following with you on Accord:",
        "Carla Conti invites you in the name of Anna Berg",
        "because Carla Conti entered your address in the name of Anna Berg (anna@example.com)",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_load_alert_says_what_is_too_high_and_leads_there() {
    let alert = Message::LoadAlert {
        owner_name: "Anna".into(),
        environment_name: "shop".into(),
        metric: "CPU load, %".into(),
        value: 97.5,
        threshold: 90.0,
        message: Some("Third time today.".into()),
        path: "/environments/1/2".into(),
    };
    let rendered = render(&alert, None, None, PUBLIC_URL).unwrap();
    assert_eq!(
        rendered.subject,
        "Load alert: CPU load, % of shop is at 97.5"
    );
    for expected in [
        "CPU load, % of shop is at 97.5; it should not pass 90.\n",
        "\nThird time today.\n",
        "\nhttps://accord.example/environments/1/2\n",
        "because shop belongs to Anna",
    ] {
        assert!(
            rendered.text.contains(expected),
            "{expected:?} is missing in {}",
            rendered.text
        );
    }
}

#[test]
fn the_way_out_stands_in_the_footer_of_both_parts() {
    const WAY_OUT: &str = "https://accord.example/unsubscribe/token";
    let left = Message::Suspended {
        owner_name: "Anna".into(),
    };
    let rendered = render(&left, None, Some(WAY_OUT), PUBLIC_URL).unwrap();
    assert!(
        rendered.text.lines().any(|line| line == WAY_OUT),
        "{}",
        rendered.text
    );
    assert!(rendered.html.contains(&format!("href=\"{WAY_OUT}\"")));
    assert_eq!(rendered.way_out.as_deref(), Some(WAY_OUT));
    let without = render(&left, None, None, PUBLIC_URL).unwrap();
    assert!(!without.text.contains("Stop mail") && !without.html.contains("Stop mail"));
}
