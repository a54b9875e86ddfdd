//! What a token may do in words, when it ends, and which tokens are shown in which order.

use std::time::Duration;

use accord_api_types::{ApiToken, DateTime, FieldError, TokenScope, Utc};

use crate::failure::invalid;

/// What a scope is called, and what it lets a program do.
pub(super) const fn scope_words(scope: TokenScope) -> (&'static str, &'static str) {
    match scope {
        TokenScope::Read => (
            "Read",
            "See everything that you see: members, roles, environments, what is shared with you, webhooks, and the record. Changes nothing.",
        ),
        TokenScope::Members => (
            "Manage members",
            "Invite, suspend and remove members, and change what is shared with them: this gives and takes access.",
        ),
        TokenScope::Roles => (
            "Manage roles",
            "Make, change and delete roles and policies: this changes what members with them may do.",
        ),
        TokenScope::Environments => (
            "Manage environments",
            "Make, change and delete environments and environment groups.",
        ),
        TokenScope::Checks => (
            "Check access",
            "Ask whether somebody may do something, and why.",
        ),
        TokenScope::Alerts => (
            "Post load alerts",
            "Report that an environment is under strain: this mails those who receive its alerts.",
        ),
        TokenScope::Webhooks => (
            "Manage webhooks",
            "Add, change and delete webhooks, and with that where events of your account are sent.",
        ),
    }
}

/// The end is chosen in the date field.
pub(super) const ON_A_DAY: &str = "on";
/// There is none.
pub(super) const NEVER: &str = "never";
/// What is chosen to begin with.
pub(super) const USUAL: &str = "90";

/// Ends to choose from; `day` writes a moment as the reader's language does.
pub(super) fn end_choices(
    now: DateTime<Utc>,
    day: impl Fn(DateTime<Utc>) -> String,
) -> Vec<(String, String)> {
    let spans = [
        ("30", "In 30 days"),
        ("90", "In 90 days"),
        ("365", "In a year"),
    ];
    let spans = spans.into_iter().filter_map(|(days, words)| {
        let at = now + days_long(days)?;
        Some((days.to_owned(), format!("{words}, {}", day(at))))
    });
    let others = [(ON_A_DAY, "On a day that I choose"), (NEVER, "Never")];
    let others = others.map(|(choice, words)| (choice.to_owned(), words.to_owned()));
    spans.chain(others).collect()
}

fn days_long(days: &str) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    Some(DAY * days.parse::<u32>().ok()?)
}

/// The end that was chosen: none for a token that counts until it is revoked.
pub(super) fn end(
    choice: &str,
    picked: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, FieldError> {
    match choice {
        NEVER => Ok(None),
        ON_A_DAY => match picked {
            Some(at) if at > now => Ok(Some(at)),
            Some(_) => Err(invalid(
                "/expires_at",
                "Choose a time that is still to come",
            )),
            None => Err(invalid("/expires_at", "Choose a day and a time")),
        },
        days => Ok(days_long(days).map(|span| now + span)),
    }
}

const BY_NAME: &str = "name";
const BY_USE: &str = "used";
const BY_END: &str = "end";

/// Orders, as the filter offers them.
pub(super) fn order_choices() -> Vec<(String, String)> {
    [
        ("", "Newest first"),
        (BY_NAME, "By name"),
        (BY_USE, "Last used first"),
        (BY_END, "Ending first"),
    ]
    .map(|(order, words)| (order.to_owned(), words.to_owned()))
    .into()
}

/// The tokens that a search finds, in the order asked for. They come with the newest first.
pub(super) fn shown(tokens: &[ApiToken], looked_for: &str, order: &str) -> Vec<ApiToken> {
    let looked_for = looked_for.trim().to_lowercase();
    let mut shown: Vec<ApiToken> = tokens
        .iter()
        .filter(|token| is_found(token, &looked_for))
        .cloned()
        .collect();
    match order {
        BY_NAME => shown.sort_by_key(|token| token.name.to_lowercase()),
        BY_USE => shown.sort_by_key(|token| std::cmp::Reverse(token.last_used_at)),
        // Those without an end come last.
        BY_END => shown.sort_by_key(|token| (token.expires_at.is_none(), token.expires_at)),
        _ => {}
    }
    shown
}

fn is_found(token: &ApiToken, looked_for: &str) -> bool {
    let scopes = token.scopes.iter().map(|scope| scope_words(*scope).0);
    [token.name.as_str(), token.hint.as_str()]
        .into_iter()
        .chain(scopes)
        .any(|text| text.to_lowercase().contains(looked_for))
}

#[cfg(test)]
mod tests {
    use accord_api_types::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const HOUR: Duration = Duration::from_secs(3_600);

    fn token(number: u128, name: &str, scope: TokenScope) -> ApiToken {
        ApiToken {
            id: Uuid::from_u128(number),
            name: name.into(),
            hint: format!("acc_{number}"),
            scopes: vec![scope],
            created_at: NOW,
            expires_at: None,
            expired: false,
            last_used_at: None,
        }
    }

    fn names(tokens: &[ApiToken]) -> Vec<&str> {
        tokens.iter().map(|token| token.name.as_str()).collect()
    }

    #[test]
    fn every_scope_says_what_it_lets_a_program_do() {
        for scope in TokenScope::ALL {
            let (name, about) = scope_words(*scope);
            assert!(!name.is_empty() && about.ends_with('.'), "{scope}");
        }
    }

    #[test]
    fn every_choice_of_an_end_is_understood() {
        let choices = end_choices(NOW, |at| at.date_naive().to_string());
        assert_eq!(choices[0].1, "In 30 days, 1970-01-31");
        assert!(choices.iter().any(|(choice, _)| choice == USUAL));
        let picked = Some(NOW + HOUR);
        let ends: Vec<_> = choices
            .iter()
            .map(|(choice, _)| end(choice, picked, NOW).expect("an end"))
            .map(|end| end.map(|end| (end - NOW).num_hours()))
            .collect();
        assert_eq!(
            ends,
            [Some(30 * 24), Some(90 * 24), Some(365 * 24), Some(1), None]
        );
    }

    #[test]
    fn a_day_of_ones_own_is_there_and_to_come() {
        for picked in [None, Some(NOW)] {
            let wrong = end(ON_A_DAY, picked, NOW).expect_err("no end");
            assert_eq!(wrong.pointer, "/expires_at");
        }
        assert_eq!(end(NEVER, Some(NOW), NOW), Ok(None));
    }

    #[test]
    fn tokens_are_found_by_what_is_seen_of_them_and_ordered() {
        let mut tokens = vec![
            token(1, "deploy", TokenScope::Environments),
            token(2, "Audit", TokenScope::Read),
            token(3, "board", TokenScope::Read),
        ];
        tokens[0].expires_at = Some(NOW + HOUR);
        tokens[2].last_used_at = Some(NOW);
        assert_eq!(names(&shown(&tokens, " READ", "")), ["Audit", "board"]);
        assert_eq!(names(&shown(&tokens, "acc_1", "")), ["deploy"]);
        let ordered = |order| {
            let shown = shown(&tokens, "", order);
            shown
                .into_iter()
                .map(|token| token.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(ordered(""), ["deploy", "Audit", "board"]);
        assert_eq!(ordered(BY_NAME), ["Audit", "board", "deploy"]);
        assert_eq!(ordered(BY_USE)[0], "board");
        assert_eq!(ordered(BY_END)[0], "deploy");
    }
}
