//! Text that nobody may type: control characters, direction controls, line breaks, too much of it.

use accord_client::types::ErrorCode;
use accord_testkit::{TestApp, on_both_databases};
use serde_json::json;

use super::Ground;
use crate::support::well_formed_refusal;

/// Fields of one line of text, by name, wherever they occur.
const ONE_LINE: [&str; 8] = [
    "name",
    "display_name",
    "label",
    "email",
    "path",
    "color",
    "metric",
    "message",
];

fn forbidden_everywhere() -> Vec<String> {
    let characters = [
        '\0', '\u{1}', '\u{7}', '\u{8}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9f}', '\u{61c}',
        '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
        '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    characters
        .iter()
        .map(|character| format!("be{character}fore"))
        .collect()
}

fn forbidden_in_one_line() -> Vec<String> {
    let breaks = [
        "\r\n", "\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}",
    ];
    let mut texts: Vec<String> = breaks
        .iter()
        .map(|line_break| format!("be{line_break}fore"))
        .collect();
    texts.extend([
        "after\n".to_owned(),
        "\r\nBcc: victim@example.com".to_owned(),
        "a\tb".to_owned(),
    ]);
    texts
}

fn empty_or_too_long() -> Vec<String> {
    let seemingly_empty = ["", " ", "\u{3000}", "\u{200b}\u{200d}", "\u{2800}\u{3164}"];
    let mut texts: Vec<String> = seemingly_empty.into_iter().map(str::to_owned).collect();
    texts.extend(["a".repeat(5_000), "ä".repeat(5_000)]);
    texts
}

async fn text_that_hides_or_breaks_is_refused_in_every_field(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    let mut tried = 0;
    for (attempt, body) in ground.with_body() {
        let name = &attempt.operation.name;
        for (field, value) in body.as_object().expect("an object") {
            // These two look an address up, and answer as if it were nobody's.
            let looks_up = name.contains("/auth/sign-in") || name.contains("/auth/password/forgot");
            let one_line = ONE_LINE.contains(&field.as_str());
            if !value.is_string() || looks_up || !(one_line || field == "description") {
                continue;
            }
            let mut texts = forbidden_everywhere();
            if one_line {
                texts.extend(forbidden_in_one_line());
                texts.extend(empty_or_too_long());
            }
            for text in texts {
                let mut changed = body.clone();
                changed[field] = json!(if field == "email" && !text.trim().is_empty() {
                    format!("{text}@example.com")
                } else {
                    text
                });
                let what = format!(
                    "{name}: {field} = {:?}",
                    changed[field].as_str().unwrap_or_default().get(..40)
                );
                let problem = well_formed_refusal(&what, &attempt.send_json(&changed).await);
                assert_eq!(
                    problem.code,
                    ErrorCode::ValidationFailed,
                    "{what}: {problem:?}"
                );
                assert_eq!(
                    problem.errors[0].pointer,
                    format!("/{field}"),
                    "{what}: {problem:?}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried} texts tried");
    ground.everything().await.is_as_it_was(&before);
}

async fn no_string_anywhere_breaks_the_server(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    for (attempt, body) in ground.with_body() {
        for (field, value) in body.as_object().expect("an object") {
            // A password may be anything; what is checked elsewhere is not stored here.
            if !value.is_string()
                || field.contains("password")
                || attempt.operation.path.contains("/auth/sign-in")
            {
                continue;
            }
            for text in [
                "\0",
                "a\0b@example.com",
                "'; DROP TABLE accounts; --",
                "%00",
                "\u{fffe}\u{ffff}",
                "../../etc/passwd",
            ] {
                let mut changed = body.clone();
                changed[field] = json!(text);
                let answer = attempt.send_json(&changed).await;
                assert!(
                    answer.status < 500,
                    "{}: {field} = {text:?}: {}",
                    attempt.operation.name,
                    answer.text()
                );
            }
        }
    }
    let after = ground.everything().await;
    let (was, is) = (before.counted(), after.counted());
    for (list, was) in was {
        // Text that looks like SQL is a good name; nothing but such a name may be new.
        let is = is[list];
        assert!(is >= was && is <= was + 12, "{list}: {was} became {is}");
    }
    let again = app.visitor().readyz().await.expect("ready");
    assert_eq!(again.status, "ok");
    assert!(ground.people.others["active"].account().await.is_ok());
}

async fn a_description_has_lines(app: TestApp) {
    let ada = app.owner("ada").await;
    let body = accord_client::types::CreatePolicy {
        name: "Reading".into(),
        description: "One line,\r\n\tanother.\n\nAnd a last one.".into(),
        action_ids: vec!["files.read".into()],
    };
    let policy = ada.create_policy(ada.id, &body).await.expect("a policy");
    assert_eq!(
        policy.description,
        "One line,\n\tanother.\n\nAnd a last one."
    );
}

on_both_databases! {
    text_that_hides_or_breaks_is_refused_in_every_field,
    no_string_anywhere_breaks_the_server,
    a_description_has_lines,
}
