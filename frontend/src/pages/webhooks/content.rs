//! What the form of a webhook holds, and what it changes.

use std::collections::HashSet;

use accord_api_types::{UpdateWebhook, Webhook, WebhookEventType};

use super::model::event_words;
use crate::editing::{self, Change, Three};

/// What of a webhook the form changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    pub(super) url: String,
    pub(super) description: String,
    /// The chosen events, as they travel.
    pub(super) events: HashSet<String>,
}

impl Content {
    pub(super) fn of(webhook: &Webhook) -> Self {
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook
                .event_types
                .iter()
                .map(|event| event.as_str().to_owned())
                .collect(),
        }
    }

    pub(super) fn event_types(&self) -> Vec<WebhookEventType> {
        in_order(&self.events)
    }
}

/// Chosen events in the order in which they are offered.
fn in_order(chosen: &HashSet<String>) -> Vec<WebhookEventType> {
    WebhookEventType::ALL
        .iter()
        .copied()
        .filter(|event| chosen.contains(event.as_str()))
        .collect()
}

impl editing::Content for Content {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            url: three.of(|content| &content.url).one(),
            description: three.of(|content| &content.description).one(),
            events: three.of(|content| &content.events).each(),
        }
    }
}

/// What somebody else changed, in words.
pub(super) fn told(three: Three<'_, Content>) -> Vec<Change> {
    let names = |events: HashSet<String>| {
        let events = in_order(&events).into_iter();
        events
            .map(|event| event_words(event).1.to_owned())
            .collect()
    };
    let url = three
        .of(|content| &content.url)
        .told(|url| format!("The address is {url} now."));
    let description = three
        .of(|content| &content.description)
        .told_text("description");
    url.into_iter()
        .chain(description)
        .chain(three.of(|content| &content.events).told_each(
            "It is told of more:",
            "It is not told any more of:",
            names,
        ))
        .collect()
}

/// Only what changes.
pub(super) fn between(before: &Content, after: &Content) -> UpdateWebhook {
    UpdateWebhook {
        url: (after.url != before.url).then(|| after.url.clone()),
        description: (after.description != before.description).then(|| after.description.clone()),
        event_types: (after.events != before.events).then(|| after.event_types()),
        enabled: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use WebhookEventType::{MemberLeft, RoleCreated, RoleUpdated};

    fn content(url: &str, events: &[WebhookEventType]) -> Content {
        Content {
            url: url.into(),
            description: String::new(),
            events: events.iter().map(|event| event.as_str().into()).collect(),
        }
    }

    #[test]
    fn what_others_changed_is_told_by_the_events_words() {
        let before = content("https://a", &[RoleCreated, RoleUpdated]);
        let after = content("https://b", &[RoleUpdated, MemberLeft]);
        let told: Vec<(String, Vec<String>)> = told(Three {
            before: &before,
            after: &after,
            mine: &before,
        })
        .into_iter()
        .map(|change| (change.words, change.items))
        .collect();
        let words = |words: &str, items: &[WebhookEventType]| {
            let items = items.iter().map(|event| event_words(*event).1.to_owned());
            (words.to_owned(), items.collect::<Vec<_>>())
        };
        assert_eq!(
            told,
            [
                words("The address is https://b now.", &[]),
                words("It is told of more:", &[MemberLeft]),
                words("It is not told any more of:", &[RoleCreated]),
            ]
        );
    }

    #[test]
    fn only_what_changed_is_sent() {
        let before = content("https://a", &[RoleCreated]);
        assert_eq!(between(&before, &before), UpdateWebhook::default());
        let after = content("https://a", &[MemberLeft, RoleCreated]);
        let sent = UpdateWebhook {
            event_types: Some(in_order(&after.events)),
            ..UpdateWebhook::default()
        };
        assert_eq!(between(&before, &after), sent);
    }
}
