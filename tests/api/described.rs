//! Whether an answer is as the API's description says, and whether the description's own examples are.

use std::collections::HashMap;

use accord_client::RawAnswer;
use accord_testkit::TestApp;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::operations::{Operation, operations_of};

/// Headers of successes on which callers rely.
const HEADERS: [&str; 8] = [
    "accord-revision",
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
];

fn has_header(described: &Value, name: &str) -> bool {
    let headers = described["headers"].as_object();
    headers.is_some_and(|all| all.keys().any(|known| known.eq_ignore_ascii_case(name)))
}

/// A description that answers are held against.
pub(crate) struct Described {
    components: Value,
    validators: HashMap<String, Validator>,
}

impl Described {
    pub(crate) fn by(document: &Value) -> Self {
        Self {
            components: document["components"].clone(),
            validators: HashMap::new(),
        }
    }

    /// What about the answer is not as it is described.
    pub(crate) fn difference(
        &mut self,
        operation: &Operation,
        answer: &RawAnswer,
    ) -> Option<String> {
        let described = &operation.description["responses"][answer.status.to_string()];
        if described.is_null() {
            return Some(format!("{} is not described", answer.status));
        }
        let untold =
            |header: &&&str| answer.header(header).is_some() && !has_header(described, header);
        if answer.status < 300
            && let Some(header) = HEADERS.iter().find(untold)
        {
            return Some(format!(
                "{} has {header}, which is not described",
                answer.status
            ));
        }
        let content = &described["content"];
        let written = answer.header("content-type").unwrap_or_default();
        let media_type = written.split(';').next().unwrap_or_default().trim();
        if content.as_object().is_none_or(serde_json::Map::is_empty) {
            let empty = answer.body.is_empty();
            return (!empty).then(|| format!("{} has a body: {}", answer.status, answer.text()));
        }
        let content = &content[media_type];
        if content.is_null() {
            return Some(format!(
                "{} as {media_type:?} is not described",
                answer.status
            ));
        }
        if !media_type.ends_with("json") || media_type.contains("ndjson") {
            return None;
        }
        let Some(body) = answer.json() else {
            return Some(format!("{} is no JSON: {}", answer.status, answer.text()));
        };
        self.misfit(&content["schema"], &body)
            .map(|misfit| format!("{} {misfit}: {body}", answer.status))
    }

    /// Where the value does not fit the schema, and why.
    fn misfit(&mut self, schema: &Value, value: &Value) -> Option<String> {
        let components = &self.components;
        let validator = self
            .validators
            .entry(schema.to_string())
            .or_insert_with(|| {
                let mut whole = schema.clone();
                whole["components"] = json!({ "schemas": components["schemas"] });
                jsonschema::options()
                    .should_validate_formats(true)
                    .build(&whole)
                    .expect("a schema")
            });
        let misfits = validator.iter_errors(value);
        let misfits: Vec<String> = misfits
            .map(|misfit| format!("{} at {:?}", misfit, misfit.instance_path().to_string()))
            .collect();
        (!misfits.is_empty()).then(|| misfits.join("; "))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_fits_its_schema() {
    let app = TestApp::start(accord_testkit::Backend::Sqlite).await;
    let document = app.visitor().openapi().await.expect("served");
    let mut described = Described::by(&document);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for operation in operations_of(&document) {
        let mut bodies = vec![("request", &operation.description["requestBody"]["content"])];
        let answers = operation.description["responses"].as_object();
        for (status, answer) in answers.into_iter().flatten() {
            bodies.push((status.as_str(), &answer["content"]));
        }
        for (of, content) in bodies {
            for (media_type, content) in content.as_object().into_iter().flatten() {
                let own = content.get("example").into_iter().cloned();
                let named = content["examples"].as_object().into_iter().flatten();
                let named = named.map(|(_, named)| {
                    let reference = named["$ref"].as_str().expect("a reference");
                    let found = document.pointer(reference.trim_start_matches('#'));
                    found.expect("it leads somewhere")["value"].clone()
                });
                let examples: Vec<Value> = own.chain(named).collect();
                if examples.is_empty() {
                    wrong.push(format!("{} {of} {media_type}: no example", operation.name));
                }
                // What is no JSON is described by the schema of its parts.
                let examples = examples
                    .into_iter()
                    .filter(|_| media_type.ends_with("json"));
                for example in examples {
                    seen += 1;
                    if let Some(misfit) = described.misfit(&content["schema"], &example) {
                        wrong.push(format!("{} {of}: {misfit}: {example}", operation.name));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "{seen}");
}
