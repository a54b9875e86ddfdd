//! What the form started from, what somebody else made of it meanwhile, and the two brought together.

use std::collections::HashSet;

use accord_api_types::{UpdateWebhook, Webhook, WebhookEventType};

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

    /// The chosen events in the order in which they are offered.
    pub(super) fn event_types(&self) -> Vec<WebhookEventType> {
        WebhookEventType::ALL
            .iter()
            .copied()
            .filter(|event| self.events.contains(event.as_str()))
            .collect()
    }
}

impl From<&Content> for UpdateWebhook {
    fn from(content: &Content) -> Self {
        Self {
            url: Some(content.url.clone()),
            description: Some(content.description.clone()),
            event_types: Some(content.event_types()),
            enabled: None,
        }
    }
}

/// One thing that somebody else changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Url(String),
    Description(String),
    /// Events that were added, and events that were taken out, in the order in which they are offered.
    Events(Vec<WebhookEventType>, Vec<WebhookEventType>),
}

/// What was changed between two states of a webhook, and whether `mine` changes the same.
pub(super) fn changes(before: &Content, after: &Content, mine: &Content) -> Vec<(Change, bool)> {
    let clashes = |before: &str, after: &str, mine: &str| mine != before && mine != after;
    let url = (before.url != after.url).then(|| {
        let clash = clashes(&before.url, &after.url, &mine.url);
        (Change::Url(after.url.clone()), clash)
    });
    let description = (before.description != after.description).then(|| {
        let clash = clashes(&before.description, &after.description, &mine.description);
        (Change::Description(after.description.clone()), clash)
    });
    let only_in = |one: &Content, other: &Content| {
        let events = one.event_types();
        let is_other = |event: &WebhookEventType| !other.events.contains(event.as_str());
        events.into_iter().filter(is_other).collect::<Vec<_>>()
    };
    // Each event is chosen for itself, so that two who chose cannot clash.
    let events = (before.events != after.events).then(|| {
        let change = Change::Events(only_in(after, before), only_in(before, after));
        (change, false)
    });
    url.into_iter().chain(description).chain(events).collect()
}

/// `mine` with what was changed between `before` and `after`; where both changed the same, mine stays.
pub(super) fn merged(before: &Content, after: &Content, mine: &Content) -> Content {
    let one = |before: &str, after: &str, mine: &str| {
        if mine == before { after } else { mine }.to_owned()
    };
    let mut events = mine.events.clone();
    events.extend(after.events.difference(&before.events).cloned());
    events.retain(|event| after.events.contains(event) || !before.events.contains(event));
    Content {
        url: one(&before.url, &after.url, &mine.url),
        description: one(&before.description, &after.description, &mine.description),
        events,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use WebhookEventType::{MemberLeft, RoleCreated, RoleDeleted, RoleUpdated};

    fn content(url: &str, description: &str, events: &[WebhookEventType]) -> Content {
        Content {
            url: url.into(),
            description: description.into(),
            events: events.iter().map(|event| event.as_str().into()).collect(),
        }
    }

    #[test]
    fn what_others_changed_is_told_with_what_clashes() {
        let before = content("https://a", "", &[RoleCreated, RoleUpdated]);
        let after = content("https://b", "Board", &[RoleUpdated, MemberLeft]);
        let mine = content("https://c", "", &[RoleUpdated]);
        assert_eq!(
            changes(&before, &after, &mine),
            [
                (Change::Url("https://b".into()), true),
                (Change::Description("Board".into()), false),
                (Change::Events(vec![MemberLeft], vec![RoleCreated]), false),
            ]
        );
        assert_eq!(changes(&before, &before, &mine), []);
    }

    #[test]
    fn both_sides_are_kept_and_mine_where_they_clash() {
        let before = content("https://a", "", &[RoleCreated, RoleUpdated]);
        let after = content("https://b", "Board", &[RoleUpdated, MemberLeft]);
        let mine = content("https://c", "", &[RoleCreated, RoleUpdated, RoleDeleted]);
        assert_eq!(
            merged(&before, &after, &mine),
            content(
                "https://c",
                "Board",
                &[RoleUpdated, RoleDeleted, MemberLeft]
            )
        );
        assert_eq!(merged(&before, &before, &mine), mine);
        assert_eq!(merged(&before, &after, &before), after);
    }
}
