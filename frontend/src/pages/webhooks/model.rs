//! Webhooks in words: what they are told, where they stand, and what became of a delivery.

use accord_api_types::{
    DateTime, MAX_LIMIT, Utc, Webhook, WebhookDelivery, WebhookDeliveryStatus, WebhookEventType,
    WebhookOffBecause,
};

use crate::components::{Choice, Column};
use crate::listing::in_words;

/// The area of an event, and what it tells, in words.
pub(super) const fn event_words(event: WebhookEventType) -> (&'static str, &'static str) {
    use WebhookEventType as E;
    match event {
        E::MemberInvited => (MEMBERS, "Somebody was invited"),
        E::MemberInvitationResent => (MEMBERS, "An invitation was sent anew"),
        E::MemberReinvited => (MEMBERS, "Somebody was invited again"),
        E::MemberAccepted => (MEMBERS, "Somebody joined"),
        E::MemberRejected => (MEMBERS, "Somebody rejected an invitation"),
        E::MemberSuspended => (MEMBERS, "A member was suspended"),
        E::MemberActivated => (MEMBERS, "A member was activated again"),
        E::MemberLeft => (MEMBERS, "A member left"),
        E::MemberRemoved => (MEMBERS, "A member was removed"),
        E::MemberForgotten => (MEMBERS, "A member's record was deleted"),
        E::MemberUpdated => (MEMBERS, "A member's name or address changed"),
        E::SharesChanged => (MEMBERS, "What is shared with a member changed"),
        E::RoleCreated => (ROLES, "A role was made"),
        E::RoleUpdated => (ROLES, "A role changed"),
        E::RoleDeleted => (ROLES, "A role was deleted"),
        E::PolicyCreated => (ROLES, "A policy was made"),
        E::PolicyUpdated => (ROLES, "A policy changed"),
        E::PolicyDeleted => (ROLES, "A policy was deleted"),
        E::GroupCreated => (ENVIRONMENTS, "A group was made"),
        E::GroupUpdated => (ENVIRONMENTS, "A group's name, colour or place changed"),
        E::GroupDeleted => (ENVIRONMENTS, "A group was deleted"),
        E::GroupEnvironmentsChanged => (ENVIRONMENTS, "A group holds other environments"),
        E::EnvironmentCreated => (ENVIRONMENTS, "An environment was made"),
        E::EnvironmentUpdated => (ENVIRONMENTS, "An environment changed"),
        E::EnvironmentDeleted => (ENVIRONMENTS, "An environment was deleted"),
        E::AccountDisabled => (ACCOUNT, "The account was disabled"),
        E::AccountEnabled => (ACCOUNT, "The account was enabled again"),
    }
}

const MEMBERS: &str = "Members and shares";
const ROLES: &str = "Roles and policies";
const ENVIRONMENTS: &str = "Environments and groups";
const ACCOUNT: &str = "Account";

/// What a delivery tells, in words; one that this version does not know stays a word.
pub(super) fn delivery_words(event: &str) -> String {
    if event == "webhook.test" {
        return "A test".to_owned();
    }
    match event.parse::<WebhookEventType>() {
        Ok(event) => event_words(event).1.to_owned(),
        Err(_) => event.to_owned(),
    }
}

/// The events to choose from.
pub(super) fn event_choices() -> Vec<Choice> {
    WebhookEventType::ALL
        .iter()
        .map(|event| {
            let (category, label) = event_words(*event);
            Choice {
                id: event.as_str().to_owned(),
                label: label.to_owned(),
                note: event.as_str().to_owned(),
                category: category.to_owned(),
                ..Choice::default()
            }
        })
        .collect()
}

/// How much a webhook is told.
pub(super) fn told_in_words(events: &[WebhookEventType]) -> String {
    match events {
        [one] => event_words(*one).1.to_owned(),
        some if some.len() == WebhookEventType::ALL.len() => "Every event".to_owned(),
        some => in_words(some.len(), "event"),
    }
}

/// What the webhooks can be sorted by.
pub(super) const COLUMNS: [Column; 1] = [Column {
    name: "created_at",
    up: "Oldest first",
    down: "Newest first",
    down_first: false,
}];

/// The webhooks that a search finds.
pub(super) fn found(webhooks: &[Webhook], looked_for: &str) -> Vec<Webhook> {
    let looked_for = looked_for.trim().to_lowercase();
    let is_found = |hook: &&Webhook| {
        let events = hook
            .event_types
            .iter()
            .flat_map(|event| [event.as_str(), event_words(*event).1]);
        [hook.url.as_str(), hook.description.as_str()]
            .into_iter()
            .chain(events)
            .any(|text| text.to_lowercase().contains(&looked_for))
    };
    webhooks.iter().filter(is_found).cloned().collect()
}

/// What became of the last delivery, and when.
pub(super) fn last_delivery(hook: &Webhook) -> Option<(&'static str, DateTime<Utc>)> {
    let taken = hook.last_success_at.map(|at| (at, "Taken"));
    let failed = hook.last_failure_at.map(|at| (at, "Failed"));
    let (at, word) = taken.max(failed).or(taken).or(failed)?;
    Some((word, at))
}

/// Why nothing is sent, or may not be for long.
pub(super) fn trouble(hook: &Webhook) -> Option<&'static str> {
    if hook.enabled {
        return hook.failing_since.map(|_| {
            "Nothing that was sent has been taken for a while. After five days of that the webhook is switched off."
        });
    }
    Some(match hook.disabled_because {
        Some(WebhookOffBecause::Gone) => {
            "Nothing is sent: the receiver answered that it is gone (410), and the webhook was switched off."
        }
        Some(WebhookOffBecause::Failing) => {
            "Nothing is sent: for five days nothing was taken, and the webhook was switched off."
        }
        Some(WebhookOffBecause::Owner) | None => {
            "Nothing is sent while it is off, and what happens meanwhile is not sent later."
        }
    })
}

/// The host of an address, to call a webhook by where there is little room.
pub(super) fn short_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// What the receiver answered last, in a few words.
pub(super) fn last_answer(delivery: &WebhookDelivery) -> String {
    if delivery.attempt_count == 0 {
        return String::new();
    }
    answer_in_words(delivery.response_status, delivery.duration_ms)
}

/// An answer and how long it took, in a few words.
pub(super) fn answer_in_words(status: Option<u16>, duration_ms: Option<u64>) -> String {
    let took = duration_ms
        .map(|duration| format!(", {duration} ms"))
        .unwrap_or_default();
    match status {
        Some(status) => format!("{status}{took}"),
        None => format!("None{took}"),
    }
}

/// Attempts that the log does not tell of, in a sentence.
pub(super) fn untold(delivery: &WebhookDelivery) -> Option<String> {
    let first = delivery.attempts.first()?.number;
    (first > 1).then(|| {
        format!(
            "Not kept any more: {}.",
            in_words(first - 1, "earlier attempt")
        )
    })
}

/// Sendings, as the filter offers them.
pub(super) fn status_choices() -> Vec<(String, String)> {
    let words = |status: &WebhookDeliveryStatus| match status {
        WebhookDeliveryStatus::Pending => "On its way",
        WebhookDeliveryStatus::Delivered => "Delivered",
        WebhookDeliveryStatus::Failed => "Given up",
    };
    std::iter::once((String::new(), "Everything".to_owned()))
        .chain(
            WebhookDeliveryStatus::ALL
                .iter()
                .map(|status| (status.as_str().to_owned(), words(status).to_owned())),
        )
        .collect()
}

/// What is shown of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Log {
    pub(super) deliveries: Vec<WebhookDelivery>,
    /// Whether there is more.
    pub(super) more: bool,
}

/// How many seconds from `now` to look at the log again, if something in it is on its way: no stream tells
/// of what a receiver answers.
pub(super) fn look_again_in(deliveries: &[WebhookDelivery], now: i64) -> Option<u32> {
    const SOONEST: i64 = 1;
    const LATEST: i64 = 60;
    let next = deliveries
        .iter()
        .filter(|delivery| delivery.status == WebhookDeliveryStatus::Pending)
        .filter_map(|delivery| delivery.next_attempt_at)
        .min()?;
    let wait = (next.timestamp() - now).clamp(SOONEST, LATEST);
    u32::try_from(wait).ok()
}

/// Deliveries that one press shows.
pub(super) const PAGE: u32 = if MAX_LIMIT < 50 { MAX_LIMIT } else { 50 };

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use accord_api_types::{Uuid, WebhookAttempt};
    use serde_json::json;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn hook(url: &str, events: &[WebhookEventType]) -> Webhook {
        Webhook {
            id: Uuid::nil(),
            url: url.into(),
            description: "Keeps the board up to date".into(),
            event_types: events.to_vec(),
            enabled: true,
            disabled_because: None,
            disabled_at: None,
            failing_since: None,
            last_success_at: None,
            last_failure_at: None,
            last_error: None,
            former_secret_until: None,
            created_at: NOW,
            updated_at: NOW,
            allowed_actions: Vec::new(),
        }
    }

    fn delivery(status: WebhookDeliveryStatus, next_in: Option<u64>) -> WebhookDelivery {
        WebhookDelivery {
            id: Uuid::nil(),
            event_type: "role.created".into(),
            status,
            created_at: NOW,
            attempt_count: 1,
            attempts: Vec::new(),
            next_attempt_at: next_in.map(|seconds| NOW + Duration::from_secs(seconds)),
            last_attempt_at: Some(NOW),
            duration_ms: Some(87),
            response_status: None,
            response_body: None,
            error: None,
            payload: json!({}),
        }
    }

    #[test]
    fn every_event_has_an_area_and_words_of_its_own() {
        let choices = event_choices();
        let mut labels: Vec<_> = choices.iter().map(|choice| choice.label.clone()).collect();
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), WebhookEventType::ALL.len());
        assert!(choices.iter().all(|choice| !choice.category.is_empty()));
        assert_eq!(delivery_words("webhook.test"), "A test");
        assert_eq!(delivery_words("member.accepted"), "Somebody joined");
        assert_eq!(delivery_words("planet.made"), "planet.made");
    }

    #[test]
    fn webhooks_are_found_by_address_description_and_event() {
        let hooks = [
            hook("https://a.example.com", &[WebhookEventType::RoleCreated]),
            hook("https://b.example.com", WebhookEventType::ALL),
        ];
        assert_eq!(found(&hooks, "A.EXAMPLE").len(), 1);
        assert_eq!(found(&hooks, "board").len(), 2);
        assert_eq!(found(&hooks, "member.left").len(), 1);
        assert_eq!(told_in_words(&hooks[0].event_types), "A role was made");
        assert_eq!(told_in_words(&hooks[1].event_types), "Every event");
        assert_eq!(
            short_name("https://b.example.com:81/x?y"),
            "b.example.com:81"
        );
    }

    #[test]
    fn the_later_of_two_deliveries_is_the_last() {
        let mut one = hook("https://a.example.com", &[]);
        assert_eq!(last_delivery(&one), None);
        one.last_failure_at = Some(NOW);
        assert_eq!(last_delivery(&one), Some(("Failed", NOW)));
        let later = NOW + Duration::from_secs(1);
        one.last_success_at = Some(later);
        assert_eq!(last_delivery(&one), Some(("Taken", later)));
    }

    #[test]
    fn only_what_is_on_its_way_is_looked_at_again() {
        use WebhookDeliveryStatus::{Delivered, Failed, Pending};
        let done = [delivery(Delivered, None), delivery(Failed, None)];
        assert_eq!(look_again_in(&done, 0), None);
        let waiting = [delivery(Pending, Some(300)), delivery(Pending, Some(20))];
        assert_eq!(look_again_in(&waiting, 0), Some(20));
        assert_eq!(look_again_in(&waiting[..1], 0), Some(60));
        // It is due: it is being sent at this moment.
        assert_eq!(look_again_in(&waiting, 30), Some(1));
    }

    #[test]
    fn answers_are_said_in_a_few_words() {
        let mut one = delivery(WebhookDeliveryStatus::Delivered, None);
        assert_eq!(last_answer(&one), "None, 87 ms");
        one.response_status = Some(204);
        assert_eq!(last_answer(&one), "204, 87 ms");
        one.duration_ms = None;
        assert_eq!(last_answer(&one), "204");
        one.attempt_count = 0;
        assert_eq!(last_answer(&one), "");
    }

    #[test]
    fn attempts_that_are_not_told_of_are_counted() {
        let attempt = |number| WebhookAttempt {
            number,
            ended_at: NOW,
            duration_ms: 1,
            response_status: None,
            error: None,
        };
        let mut one = delivery(WebhookDeliveryStatus::Failed, None);
        assert_eq!(untold(&one), None);
        one.attempts = vec![attempt(1), attempt(3)];
        assert_eq!(untold(&one), None);
        one.attempts = vec![attempt(2)];
        assert_eq!(
            untold(&one).as_deref(),
            Some("Not kept any more: 1 earlier attempt.")
        );
    }
}
