//! The OpenAPI document: collected from the registered operations, completed from the table of
//! error codes, and printed so that the same program always prints the same.

mod bounds;
mod examples;
mod headers;

use std::collections::BTreeMap;

use accord_api_types::{BASE_PATH, ErrorCode, Problem};
use actix_web::App;
use actix_web::http::Method;
use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt as _;

use crate::idempotency;
use crate::problem::MEDIA_TYPE;
use crate::routes;

/// The extension in which an operation lists the codes that only it can answer.
const CODES: &str = "x-problem-codes";
const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Accord",
        description = "Account collaboration: who may do what on whose environments.\n\n\
            Errors are problem details (RFC 9457); the page `/errors` explains every code. Lists are \
            `{items, next_cursor}`. Ids are UUIDs, times RFC 3339 in UTC. `HEAD` is answered wherever \
            `GET` is.\n\n\
            Every operation under `/api/v1` can answer 429: a session or an API token may make 1,200 requests at \
            once and 20 a second after that, whoever shows neither 600 from one network and 10 a second; \
            `RateLimit-Policy` and `RateLimit` say in each answer what is left. Platform tokens are not counted.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, accord_api_types::ExportFormat)),
    servers((url = "/", description = "This server")),
    tags(
        (name = "auth", description = "Signing up, in and out; passwords and proof of addresses."),
        (name = "account", description = "The caller's own account, its sessions and its API tokens."),
        (name = "catalogue", description = "The platform's actions."),
        (name = "policies", description = "Named sets of actions: the system's and an account's own."),
        (name = "roles", description = "Named sets of policies of one account."),
        (name = "groups", description = "Environment groups: named, coloured tags that nest and hold environments."),
        (name = "environments", description = "The things that are shared."),
        (name = "members", description = "Shared by Me: the people whom an account invites, and what they may do."),
        (name = "access", description = "Who has access to what, and by which roles."),
        (name = "collaborations", description = "Shared with Me: what other accounts share with the caller."),
        (name = "invitations", description = "What a link in an invitation leads to."),
        (name = "notifications", description = "What the caller is told, and how they choose to be told."),
        (name = "tasks", description = "The record: who did what, when, to what."),
        (name = "webhooks", description = "Programs that hear of what happens on an account, by the Standard Webhooks specification."),
        (name = "events", description = "What happens, as it happens."),
        (name = "service", description = "About this server."),
    ),
)]
struct Outline;

/// The whole document.
#[must_use]
pub fn document() -> Value {
    described().0
}

/// The document, and the places in it that lack an example or a bound.
fn described() -> (Value, Vec<String>) {
    let collected = App::new()
        .into_utoipa_app()
        .openapi(Outline::openapi())
        .configure(routes::configure);
    let (_, openapi) = collected.split_for_parts();
    let mut document = serde_json::to_value(openapi).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access_token` of sign-up, sign-in, refresh or an accepted invitation.",
        },
        "api_token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "acc_…",
            "description": "A token that somebody made for a program under `/account/tokens`. It acts for their account, as far as its scopes go; an operation names the scope that it needs.",
        },
        "platform_token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "acp_…",
            "description": "A token that the operator made by `accord token create`, for the control plane. It acts on every account as its owner would, as far as its scopes go; an operation names the scope that it needs. What needs a person is not its to do.",
        },
        "refresh_cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": crate::caller::REFRESH_COOKIE,
            "description": "Set by sign-up, sign-in, refresh and an accepted invitation; kept by the browser.",
        },
    });
    refer_to_what_is_repeated(&mut document);
    let unbounded = bounds::say(&mut document);
    leave_out_what_is_not_sent_as_null(&mut document);
    name_keys(&mut document);
    describe_streamed_events(&mut document);
    say_that_all_are_limited(&mut document);
    for operation in operations_mut(&mut document) {
        complete(operation);
    }
    headers::say(&mut document);
    headers::say_webhooks(&mut document);
    let mut lacking = examples::add(&mut document);
    lacking.extend(unbounded);
    (document, lacking)
}

/// Pages repeat the schema of what they hold; they refer to it instead.
fn refer_to_what_is_repeated(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let all = document["components"]["schemas"].as_object_mut();
    for (name, schema) in all.into_iter().flatten() {
        let Some(item) = name.strip_prefix("Page_") else {
            continue;
        };
        let items = &mut schema["properties"]["items"]["items"];
        if schemas.get(item) == Some(&*items) {
            *items = json!({ "$ref": format!("#/components/schemas/{item}") });
        }
    }
}

/// What is described of a stream is one of its events, whose data is text that holds JSON.
fn describe_streamed_events(document: &mut Value) {
    for operation in operations_mut(document) {
        let Some(content) = operation
            .get_mut("responses")
            .and_then(|responses| responses.pointer_mut("/200/content/text~1event-stream"))
        else {
            continue;
        };
        content["schema"] = json!({
            "description": "An event of the stream.",
            "type": "object",
            "properties": {
                "event": { "description": "The `type` of its data.", "type": "string" },
                "id": {
                    "description": "Where to go on from with `Last-Event-ID`.",
                    "type": "string",
                },
                "data": {
                    "description": "What happened.",
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": content["schema"],
                },
            },
            "required": ["data"],
        });
    }
}

/// A parameter or a body that may be left out is not there then, rather than null.
fn leave_out_what_is_not_sent_as_null(document: &mut Value) {
    for operation in operations_mut(document) {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let kinds = parameter["schema"]["type"].as_array().cloned();
            if let Some([kind, Value::String(_)]) = kinds.as_deref() {
                parameter["schema"]["type"] = kind.clone();
            }
        }
        let Some(body) = operation.get_mut("requestBody") else {
            continue;
        };
        let alternatives = body["content"]["application/json"]["schema"]["oneOf"].as_array();
        if let Some([schema, Value::Object(_)]) = alternatives.cloned().as_deref() {
            body["content"]["application/json"]["schema"] = schema.clone();
            body["required"] = false.into();
        }
    }
}

/// The document as it is served and checked in: indented, in an order that depends on nothing else.
#[must_use]
pub fn pretty(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&Stable(document)).unwrap_or_default();
    text.push('\n');
    text
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::iter_mut)
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .filter_map(|(_, operation)| operation.as_object_mut())
}

/// Names the header by which a caller makes a write one that may be sent again.
fn name_keys(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        let Some(operation) = item.get_mut("post").and_then(Value::as_object_mut) else {
            continue;
        };
        if !idempotency::is_honoured(&Method::POST, path) || !takes(operation, "bearer") {
            continue;
        }
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Value::Array(parameters) = parameters {
            parameters.push(json!({
                "name": "Idempotency-Key",
                "in": "header",
                "required": false,
                "description": "A name of the caller's for this write, such as a UUID. Sent again within 24 hours with the same body, it is not carried out again but answered as the first time, if the caller still may; with another body it is refused. Answers 401, 429, 5xx and those that hold a secret are not kept: sent again, such a write is carried out anew, unless the failure came after it was carried out. That it was carried out is stored together with what it changes; if the server fails before the answer is stored, or the answer is larger than 4 MiB, it is not carried out again either, and answered `idempotency_answer_lost`. Of one session or API token 20,000 keys are kept at a time, of a platform token all; none is dropped before its 24 hours are over, one more is refused.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            }));
        }
    }
}

/// Every operation of the API counts against a limit of its caller's.
fn say_that_all_are_limited(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let below = paths.filter(|(path, _)| path.starts_with(BASE_PATH));
    let operations = below.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for operation in operations.filter_map(|(_, operation)| operation.as_object_mut()) {
        let codes = operation.entry(CODES).or_insert_with(|| json!([]));
        if let Value::Array(codes) = codes {
            codes.push(json!(ErrorCode::RateLimited));
        }
    }
}

/// Adds the answers that are not successes, with their codes.
fn complete(operation: &mut Map<String, Value>) {
    say_who_may_call(operation);
    let codes = codes_of(operation);
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in &codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    operation.insert(CODES.to_owned(), json!(codes));
    // That nobody needs to be signed in is said, too.
    operation.entry("security").or_insert_with(|| json!([]));
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for (status, codes) in by_status {
        let meanings: Vec<String> = codes
            .iter()
            .map(|code| format!("`{code}`: {}", code.meaning()))
            .collect();
        let mut response = json!({
            "description": meanings.join("\n\n"),
            "content": { MEDIA_TYPE: {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": codes
                    .iter()
                    .map(|code| (code.to_string(), examples::of_problem(*code)))
                    .collect::<Map<String, Value>>(),
            } },
        });
        if matches!(status, 429 | 503) {
            response["headers"] = json!({
                "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } },
            });
        }
        // What an operation says itself of a status stays: a probe answers 503 in its own form.
        let status = status.to_string();
        if responses.get(&status).is_none() {
            responses[status] = response;
        }
    }
}

/// Whether an operation can be called with such a credential.
fn takes(operation: &Map<String, Value>, scheme: &str) -> bool {
    let ways = operation.get("security").and_then(Value::as_array);
    ways.is_some_and(|ways| ways.iter().any(|way| way.get(scheme).is_some()))
}

/// Says for people what the security says for programs.
fn say_who_may_call(operation: &mut Map<String, Value>) {
    let ways = operation.get("security").and_then(Value::as_array);
    let scope = ways
        .into_iter()
        .flatten()
        .filter_map(|way| way["api_token"][0].as_str())
        .next()
        .map(str::to_owned);
    let sentence = match scope {
        Some(scope) if takes(operation, "platform_token") => {
            format!("A token needs the scope `{scope}`.")
        }
        Some(scope) => {
            format!("An API token needs the scope `{scope}`; a platform token acts for no person.")
        }
        None if takes(operation, "bearer") => {
            "Only for somebody who is signed in: no token is good for it.".to_owned()
        }
        None => return,
    };
    if let Some(Value::String(description)) = operation.get_mut("description") {
        description.push_str("\n\n");
        description.push_str(&sentence);
    }
}

/// The codes that an operation lists, and those that follow from what it takes.
fn codes_of(operation: &Map<String, Value>) -> Vec<ErrorCode> {
    use ErrorCode as C;
    let listed = operation.get(CODES).cloned().unwrap_or_default();
    let mut codes: Vec<ErrorCode> = serde_json::from_value(listed).unwrap_or_default();
    let has = |place: &str| {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == place))
    };
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let takes_version =
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "If-Match"));
    if operation
        .get("security")
        .is_some_and(|ways| ways != &json!([]))
    {
        codes.push(C::NotSignedIn);
    }
    match (
        takes(operation, "api_token"),
        takes(operation, "platform_token"),
    ) {
        (true, true) => codes.push(C::ScopeMissing),
        (true, false) => codes.extend([C::ScopeMissing, C::PersonNeeded]),
        (false, _) if takes(operation, "bearer") => codes.push(C::SessionNeeded),
        (false, _) => {}
    }
    if has("path") {
        codes.push(C::NotFound);
    }
    if has("query") {
        codes.push(C::ValidationFailed);
    }
    if takes_version {
        codes.push(C::PreconditionFailed);
    }
    if parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key")) {
        codes.extend([
            C::IdempotencyAnswerLost,
            C::TooManyIdempotencyKeys,
            C::IdempotencyKeyInUse,
            C::IdempotencyKeyReused,
            C::ValidationFailed,
        ]);
    }
    if operation.contains_key("requestBody") {
        codes.extend([
            C::MalformedBody,
            C::BodyTooLarge,
            C::UnsupportedMediaType,
            C::ValidationFailed,
        ]);
    }
    codes.extend([C::Internal, C::Unavailable]);
    ErrorCode::ALL
        .iter()
        .copied()
        .filter(|code| codes.contains(code))
        .collect()
}

/// A value whose objects are written with the telling keys first and the others by name, whatever
/// order the library keeps.
struct Stable<'v>(&'v Value);

impl Serialize for Stable<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const FIRST: [&str; 9] = [
            "openapi",
            "info",
            "servers",
            "tags",
            "operationId",
            "summary",
            "title",
            "name",
            "description",
        ];
        match self.0 {
            Value::Object(object) => {
                let mut keys: Vec<&String> = object.keys().collect();
                keys.sort_by_key(|key| {
                    (
                        FIRST
                            .iter()
                            .position(|first| first == key)
                            .unwrap_or(FIRST.len()),
                        *key,
                    )
                });
                let mut map = serializer.serialize_map(Some(keys.len()))?;
                for key in keys {
                    map.serialize_entry(key, &Stable(&object[key.as_str()]))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Stable)),
            other => other.serialize(serializer),
        }
    }
}

/// Which methods each path has, to tell a path that is not there from a method that is not.
#[derive(Debug)]
pub(crate) struct PathTable(Vec<(Vec<Segment>, String)>);

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Any,
}

impl PathTable {
    pub(crate) fn new(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        Self(
            paths
                .map(|(path, item)| {
                    let segments = path.trim_matches('/').split('/').map(|segment| {
                        if segment.starts_with('{') {
                            Segment::Any
                        } else {
                            Segment::Fixed(segment.to_owned())
                        }
                    });
                    let mut methods = Vec::new();
                    for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                        methods.push(method.to_uppercase());
                        if *method == "get" {
                            methods.push("HEAD".to_owned());
                        }
                    }
                    (segments.collect(), methods.join(", "))
                })
                .collect(),
        )
    }

    /// The methods of a path, as `Allow` lists them; nothing if there is no such path.
    pub(crate) fn allow(&self, path: &str) -> Option<&str> {
        let path: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let fits = |segments: &[Segment]| {
            segments.len() == path.len()
                && segments
                    .iter()
                    .zip(&path)
                    .all(|(segment, part)| match segment {
                        Segment::Fixed(fixed) => fixed == part,
                        Segment::Any => !part.is_empty(),
                    })
        };
        self.0
            .iter()
            .find(|(segments, _)| fits(segments))
            .map(|(_, allow)| allow.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_says_what_it_is() {
        let mut document = document();
        let tags: BTreeSet<String> = document["tags"]
            .as_array()
            .expect("tags")
            .iter()
            .map(|tag| tag["name"].as_str().expect("a name").to_owned())
            .collect();
        let mut ids = BTreeSet::new();
        for operation in operations_mut(&mut document) {
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            for part in ["summary", "description"] {
                assert!(
                    operation
                        .get(part)
                        .and_then(Value::as_str)
                        .is_some_and(|text| !text.is_empty()),
                    "{id}: {part}"
                );
            }
            let tag = operation["tags"][0].as_str().expect("a tag");
            assert!(tags.contains(tag), "{id}: {tag}");
            let answers = operation["responses"].as_object().expect("answers");
            assert!(
                answers.keys().any(|status| status.starts_with('2')),
                "{id} never succeeds"
            );
            assert!(answers.contains_key("500"), "{id}");
            for parameter in operation
                .get("parameters")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                assert!(parameter["description"].is_string(), "{id}: {parameter}");
            }
            assert!(ids.insert(id.clone()), "{id} is there twice");
        }
        assert!(!ids.is_empty());
    }

    #[test]
    fn every_body_and_every_path_has_an_example_and_every_text_a_bound() {
        let (document, lacking) = described();
        assert!(lacking.is_empty(), "no example, or no bound: {lacking:#?}");
        let text = document.to_string();
        assert!(text.contains("Mia Berg") && text.contains("#/components/examples/not_found"));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut BTreeSet<String>) {
            match value {
                Value::Object(object) => {
                    if let Some(Value::String(reference)) = object.get("$ref") {
                        found.insert(reference.clone());
                    }
                    object.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.contains("#/components/schemas/Problem"));
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("a reference inside");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn the_document_in_the_repository_is_this_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");
        let checked_in = std::fs::read_to_string(file).expect("the document is checked in");
        assert!(
            checked_in == pretty(&document()),
            "openapi/openapi.json is not what the code says; `cargo xtask openapi` writes it anew"
        );
    }

    #[test]
    fn the_table_tells_paths_from_methods() {
        let table = PathTable::new(&json!({ "paths": {
            "/api/v1/roles/{id}": { "get": {}, "delete": {} },
            "/api/v1/roles": { "post": {} },
        }}));
        assert_eq!(table.allow("/api/v1/roles/7"), Some("GET, HEAD, DELETE"));
        assert_eq!(table.allow("/api/v1/roles"), Some("POST"));
        for other in [
            "/api/v1/roles/",
            "/api/v1/roles/7/x",
            "/api/v1",
            "",
            "api/v1/roles",
        ] {
            assert_eq!(table.allow(other), None, "{other}");
        }
    }
}
