//! The API's description: the served one is the checked-in one, and says what integrators need.

use std::collections::HashSet;

use accord_testkit::{TestApp, on_both_databases};
use serde_json::Value;

use crate::operations::{Operation, operations_of};

async fn the_served_description_is_the_checked_in_one(app: TestApp) {
    let served = app.visitor().openapi().await.expect("served");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let text = std::fs::read_to_string(path).expect("openapi/openapi.json is checked in");
    let checked_in: Value = serde_json::from_str(&text).expect("JSON");
    assert!(
        served == checked_in,
        "the API changed: run `cargo xtask openapi` and review the difference"
    );
}

async fn the_description_is_complete(app: TestApp) {
    let document = app.visitor().openapi().await.expect("served");
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for needed in ["title", "version", "description"] {
        assert!(
            document["info"][needed]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "info.{needed}"
        );
    }
    let operations = operations_of(&document);
    assert!(operations.len() > 50, "{}", operations.len());
    let mut ids = HashSet::new();
    let mut lacking = Vec::new();
    for operation in &operations {
        let says = &operation.description;
        let mut lacks = |what: &str| lacking.push(format!("{}: {what}", operation.name));
        match says["operationId"].as_str() {
            None => lacks("no operation id"),
            Some(id) => {
                if !ids.insert(id.to_owned()) {
                    lacks("an operation id that another has");
                }
                if !id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                {
                    lacks("an operation id that is no snake_case");
                }
            }
        }
        if says["tags"].as_array().is_none_or(|tags| tags.len() != 1) {
            lacks("not one tag");
        }
        if says["summary"]
            .as_str()
            .is_none_or(|summary| summary.trim().is_empty())
        {
            lacks("no summary");
        }
        let empty = serde_json::Map::new();
        let answers = says["responses"].as_object().unwrap_or(&empty);
        if !answers.keys().any(|status| status.starts_with('2')) {
            lacks("no successful answer");
        }
        for (status, answer) in answers {
            if answer["description"].as_str().is_none_or(str::is_empty) {
                lacks(&format!("answer {status} is not described"));
            }
            let problem = &answer["content"]["application/problem+json"];
            if status.starts_with(['4', '5']) && status != "503" && problem.is_null() {
                lacks(&format!("answer {status} is no problem"));
            }
        }
        if operation.path.starts_with("/api/v1") {
            if operation.needs_sign_in() && !answers.contains_key("401") {
                lacks("needs somebody signed in and does not say 401");
            }
            if operation.path.contains('{') && !answers.contains_key("404") {
                lacks("has an id in its path and does not say 404");
            }
            if operation.takes_body() && !answers.contains_key("422") {
                lacks("takes a body and does not say 422");
            }
        }
        for parameter in says["parameters"].as_array().into_iter().flatten() {
            if parameter["schema"].is_null() {
                lacks(&format!("parameter {} has no schema", parameter["name"]));
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

async fn what_is_described_is_routed_and_other_methods_are_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let document = ada.openapi().await.expect("served");
    for (path, described) in document["paths"].as_object().expect("paths") {
        let filled = path.replace("{token}", "x");
        let filled = fill_ids(&filled, &ada.id.to_string());
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !described[method.to_lowercase()].is_null() {
                continue;
            }
            let answer = ada.raw(method, &filled, &[], "").await.expect("an answer");
            let what = format!("{method} {path}");
            assert_eq!(answer.status, 405, "{what}: {}", answer.text());
            crate::support::well_formed_refusal(&what, &answer);
            let allow = answer
                .header("allow")
                .unwrap_or_else(|| panic!("{what}: no Allow"));
            for known in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let is_there = !described[known.to_lowercase()].is_null();
                let said = allow.split(',').any(|said| said.trim() == known);
                assert_eq!(said, is_there, "{what}: Allow says {allow}");
            }
        }
    }
    for unknown in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nonsense",
        "/api/v2/account",
        "/api/v1/account/",
        "/api/v1//account",
    ] {
        let answer = ada.raw("GET", unknown, &[], "").await.expect("an answer");
        assert_eq!(answer.status, 404, "{unknown}: {}", answer.text());
        crate::support::well_formed_refusal(unknown, &answer);
    }
}

async fn health_and_service_say_how_it_is(app: TestApp) {
    let visitor = app.visitor();
    assert_eq!(visitor.livez().await.expect("alive").status, "ok");
    assert_eq!(visitor.readyz().await.expect("ready").status, "ok");
    let info = visitor.service_info().await.expect("info");
    assert!(
        info.sign_up_open && info.development_mailbox && !info.mail_server,
        "{info:?}"
    );
    let docs = visitor
        .raw("GET", "/docs/", &[], "")
        .await
        .expect("an answer");
    assert!(
        docs.status == 200 && docs.text().to_lowercase().contains("swagger"),
        "{}",
        docs.status
    );
    let foreign: Vec<_> = docs
        .text()
        .match_indices("https://")
        .map(|(at, _)| at)
        .collect();
    assert!(
        foreign.is_empty(),
        "the reference page loads from its own origin"
    );
}

/// Who changes something that has a version can say for which.
async fn what_has_a_version_is_changed_for_one(app: TestApp) {
    let document = app.visitor().openapi().await.expect("served");
    let operations = operations_of(&document);
    let tells = |operation: &Operation| {
        let responses = operation.description["responses"].as_object();
        let mut all = responses.into_iter().flat_map(|all| all.values());
        all.any(|response| response["headers"].get("ETag").is_some())
    };
    let has_version: HashSet<&str> = operations
        .iter()
        .filter(|operation| operation.method == "GET" && tells(operation))
        .map(|operation| operation.path.as_str())
        .collect();
    assert!(has_version.len() > 5, "{has_version:?}");
    let changes = ["PATCH", "PUT", "DELETE"];
    let lacking: Vec<&str> = operations
        .iter()
        .filter(|operation| changes.contains(&operation.method.as_str()))
        .filter(|operation| tells(operation) || has_version.contains(operation.path.as_str()))
        .filter(|operation| {
            let parameters = operation.description["parameters"].as_array();
            let mut all = parameters.into_iter().flatten();
            !all.any(|parameter| parameter["name"] == "If-Match")
        })
        .map(|operation| operation.name.as_str())
        .collect();
    assert!(lacking.is_empty(), "without If-Match: {lacking:?}");
}

/// Every id in the path becomes this one.
fn fill_ids(path: &str, id: &str) -> String {
    let filled = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            id
        } else {
            segment
        }
    });
    filled.collect::<Vec<_>>().join("/")
}

on_both_databases! {
    the_served_description_is_the_checked_in_one,
    the_description_is_complete,
    what_has_a_version_is_changed_for_one,
    what_is_described_is_routed_and_other_methods_are_refused,
    health_and_service_say_how_it_is,
}
