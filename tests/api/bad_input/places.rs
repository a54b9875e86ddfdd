//! Ids in paths and bodies that are malformed, unknown or somebody else's, and queries that make no sense.

use accord_client::types::{
    CreateApiToken, CreateWebhook, ErrorCode, TokenScope, Uuid, WebhookEventType,
};
use accord_testkit::{TestApp, on_both_databases};
use serde_json::{Value, json};

use super::Ground;
use crate::support::well_formed_refusal;
use crate::world::People;

/// The ids of another owner's things, by the collection that they are in.
pub(crate) async fn foreign(people: &People) -> Vec<(&'static str, Uuid)> {
    let other = &people.others["other_owner"];
    let policies = accord_client::types::PoliciesQuery {
        q: Some("Theirs".into()),
        ..Default::default()
    };
    vec![
        (
            "environments",
            other
                .environments(other.id, &Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "groups",
            other
                .groups(other.id, &Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "policies",
            other
                .policies(other.id, &policies)
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        ("roles", other.role_named("Theirs").await.id),
        (
            "members",
            other
                .members(other.id, &Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "access",
            other
                .members(other.id, &Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "collaborations",
            other
                .members(other.id, &Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "sessions",
            other
                .sessions(&Default::default())
                .await
                .expect("some")
                .items[0]
                .id,
        ),
        (
            "tokens",
            other
                .create_api_token(&CreateApiToken {
                    name: "Theirs".into(),
                    scopes: vec![TokenScope::Read],
                    expires_at: None,
                })
                .await
                .expect("a token")
                .token
                .id,
        ),
        ("webhooks", {
            let body = CreateWebhook {
                url: "https://127.0.0.1:9/theirs".into(),
                event_types: vec![WebhookEventType::RoleUpdated],
                description: String::new(),
                enabled: None,
            };
            let made = other.create_webhook(other.id, &body).await;
            made.expect("a webhook").webhook.id
        }),
        ("deliveries", {
            let webhooks = other.webhooks(other.id, &Default::default()).await;
            let webhook = webhooks.expect("some").items[0].id;
            let test = other.test_webhook(other.id, webhook).await;
            test.expect("a test").id
        }),
        ("accounts", other.id),
    ]
}

/// The addresses in which one id of the path is another.
pub(crate) fn with_other_ids(
    path: &str,
    address: &str,
    id: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let described: Vec<&str> = path.split('/').collect();
    let (place, query) = match address.split_once('?') {
        Some((place, query)) => (place, format!("?{query}")),
        None => (address, String::new()),
    };
    let filled: Vec<&str> = place.split('/').collect();
    let mut addresses = Vec::new();
    for (index, segment) in described
        .iter()
        .enumerate()
        .filter(|(_, segment)| segment.starts_with('{'))
    {
        if let Some(other) = id(described[index - 1]) {
            let mut changed = filled.clone();
            changed[index] = &other;
            addresses.push(changed.join("/") + &query);
        }
        assert!(!filled[index].is_empty(), "{segment}");
    }
    addresses
}

async fn malformed_ids_in_the_path_are_not_found(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.world.everything().await;
    let long = "a".repeat(4_000);
    for attempt in &ground.attempts {
        let body = attempt
            .body
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else {
            &[("content-type", "application/json")]
        };
        for bad in [
            "nonsense",
            "0",
            "-1",
            "%00",
            "%0d%0a",
            "%ff%fe",
            "%F0%9F%92%A9",
            "01890000-0000-7000-8000-00000000000g",
            "null",
            "'%20OR%201=1",
            "*",
            "..;",
            "%2e%2e%2f",
            "00000000-0000-0000-0000-000000000000",
            &long,
        ] {
            for address in with_other_ids(&attempt.operation.path, &attempt.address, |_| {
                Some(bad.to_owned())
            }) {
                let what = format!("{} at {address:.160}", attempt.operation.name);
                let answer = attempt.send_to(&address, headers, body.clone()).await;
                let problem = well_formed_refusal(&what, &answer);
                assert_eq!(problem.code, ErrorCode::NotFound, "{what}: {problem:?}");
            }
        }
    }
    assert_eq!(ground.world.everything().await, before, "nothing stored");
}

async fn foreign_ids_in_the_path_are_not_found(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let foreign = foreign(&ground.people).await;
    let before = ground.world.everything().await;
    for attempt in &ground.attempts {
        let body = attempt
            .body
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else {
            &[("content-type", "application/json")]
        };
        let theirs = |collection: &str| {
            foreign
                .iter()
                .find(|(known, _)| *known == collection)
                .map(|(_, id)| id.to_string())
        };
        for address in with_other_ids(&attempt.operation.path, &attempt.address, theirs) {
            let what = format!("{} at {address}", attempt.operation.name);
            let answer = attempt.send_to(&address, headers, body.clone()).await;
            assert_eq!(
                well_formed_refusal(&what, &answer).code,
                ErrorCode::NotFound,
                "{what}"
            );
        }
    }
    assert_eq!(ground.world.everything().await, before, "nothing stored");
}

async fn foreign_and_unknown_ids_in_the_body_are_invalid(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let foreign = foreign(&ground.people).await;
    let before = ground.world.everything().await;
    let their = |collection: &str| {
        foreign
            .iter()
            .find(|(known, _)| *known == collection)
            .expect("known")
            .1
    };
    let mut tried = 0;
    for (attempt, body) in ground.with_body() {
        for (place, collection) in ids_in(body, "") {
            for id in [
                json!(their(collection)),
                json!(Uuid::from_u128(7)),
                json!("nonsense"),
            ] {
                let mut changed = body.clone();
                *changed.pointer_mut(&place).expect("a place") = id.clone();
                let what = format!("{}: {place} = {id}", attempt.operation.name);
                let problem = well_formed_refusal(&what, &attempt.send_json(&changed).await);
                assert_eq!(
                    problem.code,
                    ErrorCode::ValidationFailed,
                    "{what}: {problem:?}"
                );
                let pointer = &problem.errors[0].pointer;
                assert!(
                    place.starts_with(pointer.as_str()) && !pointer.is_empty(),
                    "{what}: points at {pointer:?}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 30, "{tried} ids tried");
    assert_eq!(ground.world.everything().await, before, "nothing stored");
}

async fn queries_that_make_no_sense_are_refused(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.world.everything().await;
    for attempt in ground
        .attempts
        .iter()
        .filter(|attempt| !attempt.operation.query().is_empty())
    {
        let known = attempt.operation.query();
        let mut bad = vec![("surprise", "1"), ("?limit", "1")];
        let of = |name: &'static str, values: &[&'static str]| {
            let there = known.contains(&name);
            values
                .iter()
                .filter(|_| there)
                .map(|value| (name, *value))
                .collect::<Vec<_>>()
        };
        bad.extend(of(
            "limit",
            &[
                "0",
                "201",
                "-1",
                "1.5",
                "many",
                "",
                "99999999999999999999",
                "%00",
            ],
        ));
        bad.extend(of(
            "cursor",
            &["", "nonsense", "%00", "%ff", "e30", "AAAA", "../.."],
        ));
        bad.extend(of(
            "sort",
            &["nonsense", "", "-", "--name", "name;DROP", "id%00"],
        ));
        bad.extend(of("status", &["nonsense", "", "Active"]));
        bad.extend(of("group_id", &["nonsense", "", "%00"]));
        bad.extend(of("owner_id", &["nonsense", ""]));
        bad.extend(of("unread", &["maybe", "", "2"]));
        bad.extend(of("detach", &["maybe", "", "2"]));
        let path = attempt.address.split('?').next().unwrap_or_default();
        for (name, value) in bad {
            let address = format!("{path}?{name}={value}");
            let what = format!("{} {address}", attempt.operation.method);
            let problem = well_formed_refusal(&what, &attempt.send_to(&address, &[], "").await);
            assert_eq!(
                problem.code,
                ErrorCode::ValidationFailed,
                "{what}: {problem:?}"
            );
            assert!(
                problem.errors[0].pointer.starts_with('?'),
                "{what}: {problem:?}"
            );
        }
        if known.contains(&"limit") {
            let twice = format!("{path}?limit=1&limit=2");
            well_formed_refusal(&twice, &attempt.send_to(&twice, &[], "").await);
        }
        if known.contains(&"q") {
            for odd in [
                "%00",
                "%25",
                "_",
                "%5c",
                "'",
                "%ff",
                "%e2%80%ae",
                "a%0d%0ab",
            ] {
                let answer = attempt.send_to(&format!("{path}?q={odd}"), &[], "").await;
                assert!(
                    answer.status == 200 || answer.status == 422,
                    "{path}?q={odd}: {}",
                    answer.text()
                );
            }
            let long = "a".repeat(5_000);
            let answer = attempt.send_to(&format!("{path}?q={long}"), &[], "").await;
            assert!(answer.status < 500, "a long search: {}", answer.text());
        }
    }
    assert_eq!(ground.world.everything().await, before, "nothing stored");
}

/// The ids in a body and the collections that they are of.
pub(crate) fn ids_in(value: &Value, at: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if let Value::Object(fields) = value {
        for (name, field) in fields {
            let place = format!("{at}/{name}");
            let collection = match name.as_str() {
                "role_ids" => Some("roles"),
                "policy_ids" => Some("policies"),
                "group_ids" => Some("groups"),
                "environment_ids" => Some("environments"),
                "action_ids" => Some("roles"),
                "parent_id" => Some("groups"),
                "member_id" => Some("members"),
                "id" if fields.get("kind") == Some(&json!("group")) => Some("groups"),
                "id" => Some("environments"),
                _ => None,
            };
            match (collection, field) {
                (Some(collection), Value::Array(ids)) => {
                    found.extend(
                        (0..ids.len()).map(|index| (format!("{place}/{index}"), collection)),
                    );
                }
                (Some(collection), _) => found.push((place, collection)),
                (None, Value::Array(items)) => {
                    let inner = items
                        .iter()
                        .enumerate()
                        .flat_map(|(index, item)| ids_in(item, &format!("{place}/{index}")));
                    found.extend(inner.collect::<Vec<_>>());
                }
                (None, Value::Object(_)) => found.extend(ids_in(field, &place)),
                _ => {}
            }
        }
    }
    found
}

on_both_databases! {
    malformed_ids_in_the_path_are_not_found,
    foreign_ids_in_the_path_are_not_found,
    foreign_and_unknown_ids_in_the_body_are_invalid,
    queries_that_make_no_sense_are_refused,
}
