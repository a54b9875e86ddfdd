//! Everything that is stored of people, as they read it themselves: what a refused call leaves as it was.

use std::collections::BTreeMap;

use accord_testkit::Person;
use serde_json::{Value, json};

use crate::world::{People, World};

/// What everybody has of their own.
const OF_A_PERSON: [&str; 7] = [
    "account",
    "account/email",
    "account/notification-preferences",
    "account/sessions?limit=200",
    "account/tokens?limit=200",
    "collaborations?limit=200",
    "notifications?limit=200",
];

/// What an account holds that hosts something.
const OF_AN_ACCOUNT: [&str; 7] = [
    "environments?limit=200",
    "groups?limit=200",
    "members?limit=200",
    "policies?limit=200",
    "roles?limit=200",
    "tasks?limit=200",
    "webhooks?limit=200",
];

/// What is noted by and by, whoever calls, by how the addresses end: when something was used last, and how a
/// webhook and what is delivered to it fares.
const NOTED: [(&str, &[&str]); 4] = [
    ("/account/sessions", &["last_used_at"]),
    ("/account/tokens", &["last_used_at"]),
    (
        "/webhooks",
        &["failing_since", "last_failure_at", "last_error"],
    ),
    (
        "/deliveries",
        &[
            "attempt_count",
            "attempts",
            "duration_ms",
            "error",
            "last_attempt_at",
            "next_attempt_at",
            "status",
        ],
    ),
];

/// What stood somewhere, by the address at which it was read.
#[derive(Debug)]
pub(crate) struct Stored(BTreeMap<String, Value>);

impl People {
    /// Everything that these people and the world's owner can read, and all mail.
    pub(crate) async fn everything(&self, world: &World) -> Stored {
        let mut stored = Stored(BTreeMap::new());
        for person in self.others.values().chain([&world.owner]) {
            for list in OF_A_PERSON {
                stored.read(person, &format!("/api/v1/{list}")).await;
            }
        }
        for host in [&world.owner, &self.others["other_owner"]] {
            for list in OF_AN_ACCOUNT {
                let address = format!("/api/v1/accounts/{}/{list}", host.id);
                stored.read(host, &address).await;
            }
        }
        for list in world.lists_of_its_things() {
            stored.read(&world.owner, &list).await;
        }
        let mails = world.owner.development_mailbox().await.expect("all mail");
        let mails = mails
            .into_iter()
            .map(|mail| json!({ "to": mail.to, "subject": mail.subject, "at": mail.sent_at }));
        stored.0.insert("mail".into(), mails.collect());
        stored
    }
}

impl Stored {
    async fn read(&mut self, reader: &Person, address: &str) {
        let answer = reader.raw("GET", address, &[], "").await;
        let mut json = answer.expect("an answer").json().expect("JSON");
        // A refusal is part of the picture, but for its own name.
        if let Some(request) = json.get_mut("request_id") {
            *request = Value::Null;
        }
        let path = address.split('?').next().unwrap_or_default();
        let noted = NOTED.iter().find(|(end, _)| path.ends_with(end));
        for item in json["items"].as_array_mut().into_iter().flatten() {
            for field in noted.into_iter().flat_map(|(_, fields)| *fields) {
                if let Some(noted) = item.get_mut(field) {
                    *noted = Value::Null;
                }
            }
        }
        self.0
            .insert(format!("{address} of {}", reader.email), json);
    }

    /// What is not as it was then, entry by entry.
    pub(crate) fn differences(&self, before: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (place, now) in &self.0 {
            let was = before.0.get(place).unwrap_or(&Value::Null);
            if now == was {
                continue;
            }
            let (was, now) = (entries(was), entries(now));
            for (word, these, others) in [("gone", &was, &now), ("new", &now, &was)] {
                let only = these.iter().filter(|entry| !others.contains(entry));
                differences.extend(only.map(|entry| format!("{place}: {word}: {entry:.400}")));
            }
        }
        let gone = before.0.keys().filter(|place| !self.0.contains_key(*place));
        differences.extend(gone.map(|place| format!("{place}: is not read any more")));
        differences
    }

    /// Fails the test unless everything is as it was then.
    #[track_caller]
    pub(crate) fn is_as_it_was(&self, before: &Self) {
        let differences = self.differences(before);
        assert!(
            differences.is_empty(),
            "stored:\n{}",
            differences.join("\n")
        );
    }

    /// How many entries each list has, but for those that tell what happened to the others.
    pub(crate) fn counted(&self) -> BTreeMap<&str, usize> {
        let tells = |place: &str| {
            ["/tasks", "/notifications", "/deliveries", "/timeline"]
                .iter()
                .any(|list| place.contains(list))
                || place == "mail"
        };
        let lists = self.0.iter().filter(|(place, _)| !tells(place));
        lists
            .map(|(place, list)| (place.as_str(), list["items"].as_array().map_or(0, Vec::len)))
            .collect()
    }
}

/// The entries of a list; anything else is one.
fn entries(of: &Value) -> Vec<String> {
    let list = of["items"].as_array().or(of.as_array());
    match list {
        Some(list) => list.iter().map(Value::to_string).collect(),
        None => vec![of.to_string()],
    }
}
