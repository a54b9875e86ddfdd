//! What the description says of the headers of answers, and of the messages that webhooks get.

use accord_api_types::BASE_PATH;
use serde_json::{Map, Value, json};

const REQUEST_ID: &str = "X-Request-Id";
const REVISION: &str = "Accord-Revision";
const REPLAYED: &str = "Idempotency-Replayed";
const LOCATION: &str = "Location";
const POLICY: &str = "RateLimit-Policy";
const LIMIT: &str = "RateLimit";

/// Names the headers that answers have beside those that an operation describes itself: those of successes, as an
/// error's body says what it needs.
pub(super) fn say(document: &mut Value) {
    document["components"]["headers"] = json!({
        REQUEST_ID: {
            "description": "Names the request in the log and in the record. A trusted proxy's own is kept.",
            "schema": { "type": "string" },
        },
        REVISION: {
            "description": "The account's revision after this write, where it changed what access follows from: pass it as `at_least_revision` to checks.",
            "schema": { "type": "integer", "format": "int64" },
        },
        REPLAYED: {
            "description": "`true` where the write was carried out before with this `Idempotency-Key`, and this is the answer of that time.",
            "schema": { "type": "string", "enum": ["true"] },
        },
        LOCATION: {
            "description": "Where the thing is.",
            "schema": { "type": "string", "format": "uri-reference" },
        },
        POLICY: {
            "description": "The limits that the call counted against: the name of each, so many (`q`) within so many seconds (`w`). Of a refusal, the one that was reached.",
            "schema": { "type": "string" },
        },
        LIMIT: {
            "description": "What is left of each (`r`), and the seconds until it is all there again (`t`).",
            "schema": { "type": "string" },
        },
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let limited = path.starts_with(BASE_PATH);
            let writes = method != "get" && limited;
            let keyed = takes_key(operation);
            let responses = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut);
            for (status, response) in responses.into_iter().flatten() {
                let mut names = Vec::new();
                if status.starts_with('2') {
                    names.push(REQUEST_ID);
                    names.extend(writes.then_some(REVISION));
                    names.extend(keyed.then_some(REPLAYED));
                    names.extend((status == "201").then_some(LOCATION));
                }
                if limited && !names.is_empty() || status == "429" {
                    names.extend([POLICY, LIMIT]);
                }
                add(response, &names);
            }
        }
    }
}

fn takes_key(operation: &Value) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"))
}

fn add(response: &mut Value, names: &[&str]) {
    let Some(response) = response.as_object_mut().filter(|_| !names.is_empty()) else {
        return;
    };
    let headers = response
        .entry("headers")
        .or_insert_with(|| Value::Object(Map::new()));
    for name in names {
        headers[*name] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
}

/// Describes what is sent to webhooks, as OpenAPI has a place for it.
pub(super) fn say_webhooks(document: &mut Value) {
    let header = |name: &str, description: &str| {
        json!({
            "name": name,
            "in": "header",
            "required": true,
            "description": description,
            "schema": { "type": "string" },
        })
    };
    document["webhooks"] = json!({ "event": { "post": {
        "summary": "Something happened on the account",
        "description": "Sent to every webhook of the account that asked for events of this type, by the Standard Webhooks specification. Whatever is not answered with a success is sent again, for days; a receiver that answers 410 is switched off.",
        "parameters": [
            header("webhook-id", "The message: the same each time it is sent, so that it is acted upon once."),
            header("webhook-timestamp", "When this attempt was made, in seconds since 1970: refuse what is older than some minutes."),
            header("webhook-signature", "For each valid secret, separated by spaces, `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, with what follows `whsec_`, decoded, as the key."),
        ],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/WebhookEvent" } } },
        },
        "responses": {
            "2XX": { "description": "It was taken." },
            "410": { "description": "Nobody is there any more: the webhook is switched off." },
        },
    } } });
}
