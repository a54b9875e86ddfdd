//! Bodies that are not JSON, not UTF-8, not of the right type, too large.

use accord_client::types::ErrorCode;
use accord_testkit::{TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{Attempt, Ground};
use crate::support::well_formed_refusal;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn refused(
    attempt: &Attempt,
    what: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    code: ErrorCode,
) {
    let answer = attempt.send(headers, body).await;
    let what = format!("{}: {what}", attempt.operation.name);
    let problem = well_formed_refusal(&what, &answer);
    assert_eq!(problem.code, code, "{what}: {problem:?}");
}

/// A value of another type than this one.
fn of_other_types(value: &Value) -> Vec<Value> {
    let all = [
        json!(true),
        json!(5),
        json!(-1.5),
        json!("text that is no word of any set"),
        json!([[]]),
        json!({ "a": 1 }),
    ];
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    all.into_iter()
        .filter(|other| kind(other) != kind(value) && !value.is_null())
        .collect()
}

/// Every place in a body, as JSON Pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let place = format!("{at}/{name}");
                found.push(place.clone());
                places(field, &place, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = format!("{at}/{index}");
                found.push(place.clone());
                places(item, &place, found);
            }
        }
        _ => {}
    }
}

async fn what_is_no_json_is_refused(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    for (attempt, body) in ground.with_body() {
        let text = body.to_string();
        for broken in [
            &text[..text.len() - 1],
            "{",
            "nonsense",
            "{'a': 1}",
            "\u{feff}",
            &format!("{text}{text}"),
        ] {
            refused(
                attempt,
                broken,
                &JSON,
                broken.into(),
                ErrorCode::MalformedBody,
            )
            .await;
        }
        let mut bytes = b"{\"name\":\"".to_vec();
        bytes.extend_from_slice(&[0xff, 0xc3, 0x28, b'"', b'}']);
        refused(attempt, "not UTF-8", &JSON, bytes, ErrorCode::MalformedBody).await;
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        refused(attempt, "UTF-16", &JSON, utf_16, ErrorCode::MalformedBody).await;
        let lone = br#"{"name":"\ud800"}"#.to_vec();
        let answer = attempt.send(&JSON, lone).await;
        well_formed_refusal("half a surrogate pair", &answer);
        let deep = "[".repeat(100_000);
        let answer = attempt.send(&JSON, deep).await;
        well_formed_refusal("nested without end", &answer);
    }
    ground.everything().await.is_as_it_was(&before);
}

async fn another_content_type_is_refused(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    for (attempt, body) in ground.with_body() {
        let text = body.to_string();
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
            "application/jsonx",
        ] {
            let headers = [("content-type", content_type)];
            refused(
                attempt,
                content_type,
                &headers,
                text.clone().into(),
                ErrorCode::UnsupportedMediaType,
            )
            .await;
        }
        refused(
            attempt,
            "no content type",
            &[],
            text.into(),
            ErrorCode::UnsupportedMediaType,
        )
        .await;
    }
    ground.everything().await.is_as_it_was(&before);
}

async fn ten_megabytes_are_refused(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    let huge = format!("{{\"name\":\"{}\"}}", "a".repeat(10 * 1024 * 1024));
    for attempt in ground
        .attempts
        .iter()
        .filter(|attempt| attempt.operation.method != "GET")
    {
        refused(
            attempt,
            "10 MB",
            &JSON,
            huge.clone().into(),
            ErrorCode::BodyTooLarge,
        )
        .await;
    }
    ground.everything().await.is_as_it_was(&before);
}

async fn wrong_types_and_unknown_fields_are_pointed_at(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    for (attempt, body) in ground.with_body() {
        let name = &attempt.operation.name;
        for other in [
            json!(null),
            json!(true),
            json!(5),
            json!("text"),
            json!([]),
            json!([{}]),
        ] {
            let what = format!("{name}: {other} instead of an object");
            let problem = well_formed_refusal(&what, &attempt.send_json(&other).await);
            assert_eq!(problem.code, ErrorCode::ValidationFailed, "{what}");
        }
        let mut places_of_body = vec![String::new()];
        places(body, "", &mut places_of_body);
        for place in &places_of_body {
            if let Some(object) = body.pointer(place).filter(|value| value.is_object()) {
                let mut changed = object.clone();
                changed["surprise"] = json!(1);
                let problem = self::changed(attempt, body, place, changed).await;
                assert_eq!(
                    problem,
                    (ErrorCode::ValidationFailed, format!("{place}/surprise")),
                    "{name}"
                );
            }
            if place.is_empty() {
                continue;
            }
            let here = body.pointer(place).expect("a place in the body");
            for other in of_other_types(here) {
                let what = format!("{name}: {other} at {place}");
                let (code, pointer) = self::changed(attempt, body, place, other).await;
                assert_eq!(code, ErrorCode::ValidationFailed, "{what}");
                assert!(
                    pointer.starts_with(place.as_str()),
                    "{what}: points at {pointer:?}"
                );
            }
        }
        let schema = ground.schema(&attempt.operation);
        for required in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let mut without = body.clone();
            without.as_object_mut().expect("an object").remove(required);
            let what = format!("{name} without {required}");
            let problem = well_formed_refusal(&what, &attempt.send_json(&without).await);
            assert_eq!(
                problem.code,
                ErrorCode::ValidationFailed,
                "{what}: {problem:?}"
            );
            assert_eq!(problem.errors[0].pointer, format!("/{required}"), "{what}");
        }
        for property in schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(property, _)| property)
        {
            assert!(
                body.get(property).is_some() || attempt.row.leaves_out(property),
                "{name}: the row's body has no {property:?}, so nothing tries it"
            );
        }
    }
    ground.everything().await.is_as_it_was(&before);
}

async fn verbs_take_nothing_or_an_empty_object(app: TestApp) {
    let ground = Ground::lay(&app).await;
    let before = ground.everything().await;
    let verbs = ground
        .attempts
        .iter()
        .filter(|attempt| attempt.operation.method == "POST" && attempt.body.is_none());
    let mut tried = 0;
    for attempt in verbs {
        let name = &attempt.operation.name;
        if name.contains("/auth/") {
            continue;
        }
        refused(
            attempt,
            "not JSON",
            &JSON,
            b"{".to_vec(),
            ErrorCode::MalformedBody,
        )
        .await;
        refused(
            attempt,
            "not UTF-8",
            &JSON,
            b"\xff".to_vec(),
            ErrorCode::MalformedBody,
        )
        .await;
        refused(
            attempt,
            "an unknown field",
            &JSON,
            b"{\"a\":1}".to_vec(),
            ErrorCode::ValidationFailed,
        )
        .await;
        refused(
            attempt,
            "a list",
            &JSON,
            b"[]".to_vec(),
            ErrorCode::ValidationFailed,
        )
        .await;
        tried += 1;
    }
    assert!(tried >= 8, "{tried} verbs");
    ground.everything().await.is_as_it_was(&before);
}

/// The refusal's code and first pointer, after the value at that place was replaced.
async fn changed(attempt: &Attempt, body: &Value, place: &str, by: Value) -> (ErrorCode, String) {
    let mut changed = body.clone();
    *changed.pointer_mut(place).expect("a place in the body") = by;
    let what = format!("{} with {changed}", attempt.operation.name);
    let problem = well_formed_refusal(&what, &attempt.send_json(&changed).await);
    (
        problem.code,
        problem
            .errors
            .first()
            .map(|error| error.pointer.clone())
            .unwrap_or_default(),
    )
}

on_both_databases! {
    what_is_no_json_is_refused,
    another_content_type_is_refused,
    ten_megabytes_are_refused,
    wrong_types_and_unknown_fields_are_pointed_at,
    verbs_take_nothing_or_an_empty_object,
}
