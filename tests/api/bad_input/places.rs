//! Ids in paths and bodies that are malformed, unknown or somebody else's, and queries that make no sense.

use accord_client::types::{ErrorCode, Uuid};
use accord_testkit::{TestApp, on_both_databases};
use serde_json::{Value, json};

use super::Ground;
use crate::ids::{ANSWERS_FOR_THE_REST, actions_in, changed_at, foreign, ids_in, with_other_ids};
use crate::support::well_formed_refusal;

async fn malformed_ids_in_the_path_are_not_found(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
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
    ground.everything().await.is_as_it_was(&before);
}

async fn foreign_ids_in_the_path_are_not_found(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let foreign = foreign(&ground.people).await;
    let before = ground.everything().await;
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
        let theirs = |collection: &str| foreign.get(collection).map(Uuid::to_string);
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
    ground.everything().await.is_as_it_was(&before);
}

async fn foreign_and_unknown_ids_in_the_body_are_invalid(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let foreign = foreign(&ground.people).await;
    let before = ground.everything().await;
    let mut tried = 0;
    for (attempt, body) in ground.with_body() {
        let name = attempt.operation.name.as_str();
        let ids = ids_in(body).into_iter();
        let ids = ids.map(|(place, collection)| (place, foreign[collection]));
        let actions = actions_in(body, "").into_iter();
        let actions = actions.map(|place| (place, foreign["roles"]));
        for (place, theirs) in ids.chain(actions) {
            for id in [json!(theirs), json!(Uuid::from_u128(7)), json!("nonsense")] {
                let what = format!("{name}: {place} = {id}");
                let answer = attempt.send_json(&changed_at(body, &place, &id)).await;
                tried += 1;
                let is_of_something = id != "nonsense" && !place.contains("action_ids");
                if is_of_something && ANSWERS_FOR_THE_REST.contains(&name) {
                    assert_eq!(answer.status, 200, "{what}: {}", answer.text());
                    continue;
                }
                let problem = well_formed_refusal(&what, &answer);
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
            }
        }
    }
    assert!(tried >= 30, "{tried} ids tried");
    ground.everything().await.is_as_it_was(&before);
}

async fn queries_that_make_no_sense_are_refused(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
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
            for odd in ["%00", "%25", "_", "%5c", "'", "%e2%80%ae", "a%0d%0ab"] {
                let answer = attempt.send_to(&format!("{path}?q={odd}"), &[], "").await;
                assert!(
                    answer.status == 200 || answer.status == 422,
                    "{path}?q={odd}: {}",
                    answer.text()
                );
            }
            for broken in ["%ff", "a%c3", "%ed%a0%80"] {
                let address = format!("{path}?q={broken}");
                let answer = attempt.send_to(&address, &[], "").await;
                let problem = well_formed_refusal(&address, &answer);
                let at = (problem.code, problem.errors[0].pointer.as_str());
                assert_eq!(at, (ErrorCode::ValidationFailed, "?q"), "{address}");
            }
            let long = "a".repeat(5_000);
            let answer = attempt.send_to(&format!("{path}?q={long}"), &[], "").await;
            assert!(answer.status < 500, "a long search: {}", answer.text());
        }
    }
    ground.everything().await.is_as_it_was(&before);
}

on_both_databases! {
    malformed_ids_in_the_path_are_not_found,
    foreign_ids_in_the_path_are_not_found,
    foreign_and_unknown_ids_in_the_body_are_invalid,
    queries_that_make_no_sense_are_refused,
}
