//! What the description says of the bounds of what is sent: how long a text may be, what it may hold, how many
//! things a list may have. They are the rules' own constants, by the name of the field, here, once; so a client
//! that is made from the description refuses early what the server would refuse.

use accord_api_types::{MAX_CHECK_ACTIONS, MAX_CHECKS, MAX_LIMIT};
use accord_domain::email::MAX_ADDRESS_CHARS;
use accord_domain::password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use accord_domain::sharing::MAX_SHARES;
use accord_domain::text::{
    MAX_ALERT_CHARS, MAX_DESCRIPTION_CHARS, MAX_METRIC_CHARS, MAX_NAME_CHARS,
};
use serde_json::{Map, Value, json};

use crate::routes;

/// Control characters. The rules know more that no text may hold (what changes the direction of the text around
/// it) or be made of alone (what leaves no mark); spelled out, nobody could read the pattern any more.
const CONTROLS: &str = r"\u0000-\u001F\u007F-\u009F";
/// The same without tabulators and line breaks.
const CONTROLS_WITHIN_LINES: &str = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F";
const LINE_SEPARATORS: &str = r"\u2028\u2029";

/// One line of which something can be seen, without these characters.
fn line(without: &str) -> String {
    let any = format!("[^{CONTROLS}{LINE_SEPARATORS}{without}]");
    let visible = format!("[^\\s{CONTROLS}{without}]");
    format!("^{any}*{visible}{any}*$")
}

fn one_line(max: usize) -> Value {
    json!({ "minLength": 1, "maxLength": max, "pattern": line("") })
}

fn list(min: usize, max: Option<usize>) -> Value {
    let mut bounds = json!({ "minItems": min });
    if let Some(max) = max {
        bounds["maxItems"] = max.into();
    }
    bounds
}

/// Texts that may be anything: what is not right is answered like what is not there, so that the answers tell
/// nobody which addresses and links there are.
const ANY_TEXT: &[(&str, &str)] = &[
    ("SignIn", "email"),
    ("ForgotPassword", "email"),
    ("VerifyEmail", "token"),
    ("ResetPassword", "token"),
];

/// The bounds of a field, by `Type.field` or by `field` alone; the first that fits counts.
fn told(owner: &str, field: &str) -> Option<Value> {
    if ANY_TEXT.contains(&(owner, field)) {
        return None;
    }
    Some(match (owner, field) {
        ("CreateGroup" | "UpdateGroup", "name") => json!({
            "minLength": 1, "maxLength": MAX_NAME_CHARS, "pattern": line("/"),
        }),
        ("CreateGroup", "path") => json!({ "minLength": 1 }),
        (_, "name" | "display_name" | "label") => one_line(MAX_NAME_CHARS),
        (_, "description") => json!({
            "maxLength": MAX_DESCRIPTION_CHARS,
            "pattern": format!("^[^{CONTROLS_WITHIN_LINES}]*$"),
        }),
        ("PostLoadAlert", "metric") => one_line(MAX_METRIC_CHARS),
        ("PostLoadAlert", "message") => one_line(MAX_ALERT_CHARS),
        ("ChooseNotification", _) => return None,
        (_, "email") => json!({ "format": "email", "maxLength": MAX_ADDRESS_CHARS }),
        ("SignUp" | "ResetPassword" | "AcceptInvitation", "password")
        | ("ChangePassword", "new_password") => json!({
            "format": "password",
            "minLength": MIN_PASSWORD_CHARS,
            "maxLength": MAX_PASSWORD_CHARS,
        }),
        // What is not the account's password is wrong, however long it is.
        (_, "password" | "current_password") => json!({ "format": "password" }),
        (_, "color") => json!({ "pattern": "^#[0-9A-Fa-f]{6}$" }),
        (_, "url") => json!({ "format": "uri", "pattern": "^https?://" }),
        ("CheckAccess", "checks") => list(0, Some(MAX_CHECKS)),
        ("Check", "action_ids") => list(1, Some(MAX_CHECK_ACTIONS)),
        (_, "action_ids" | "scopes" | "event_types" | "role_ids") => list(1, None),
        (_, "shares") => list(0, Some(MAX_SHARES)),
        ("MarkNotificationsRead", "all_until") => json!({
            "anyOf": [{ "format": "uuid" }, { "format": "date-time" }],
        }),
        ("MarkNotificationsRead", "ids") => list(0, Some(MAX_LIMIT as usize)),
        _ => return None,
    })
}

/// Says in what orders every list can be asked for, and answers with the lists of which none is known.
fn say_orders(document: &mut Value) -> Vec<String> {
    let mut unbounded = Vec::new();
    for operation in super::operations_mut(document) {
        let id = operation.get("operationId").and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        let parameters = parameters.into_iter().flatten();
        for sort in parameters.filter(|one| one["name"] == "sort") {
            let Some(orders) = routes::orders_of(&id) else {
                unbounded.push(format!("{id}?sort"));
                continue;
            };
            let words = orders
                .iter()
                .flat_map(|order| [order.name.to_owned(), format!("-{}", order.name)]);
            sort["schema"]["enum"] = words.collect();
        }
    }
    unbounded
}

/// Says the bounds of everything that a request can have, and answers with the texts that have none.
pub(super) fn say(document: &mut Value) -> Vec<String> {
    let mut unbounded = say_orders(document);
    for name in sent(document) {
        let schema = &mut document["components"]["schemas"][&name];
        let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (field, schema) in fields.into_iter().flatten() {
            let Some(schema) = schema.as_object_mut() else {
                continue;
            };
            match told(&name, field) {
                Some(Value::Object(bounds)) => schema.extend(bounds),
                _ if is_free_text(schema)
                    && !ANY_TEXT.contains(&(name.as_str(), field.as_str())) =>
                {
                    unbounded.push(format!("{name}.{field}"));
                }
                _ => {}
            }
        }
    }
    unbounded
}

fn is_free_text(schema: &Map<String, Value>) -> bool {
    let text = json!("string");
    let is_text = schema.get("type").is_some_and(|kind| {
        kind == &text || kind.as_array().is_some_and(|kinds| kinds.contains(&text))
    });
    is_text && !schema.contains_key("format")
}

/// The schemas of which a request can be made.
fn sent(document: &Value) -> Vec<String> {
    let operations = document["paths"].as_object().into_iter().flatten();
    let bodies = operations
        .filter_map(|(_, item)| item.as_object())
        .flat_map(|item| item.values().map(|operation| &operation["requestBody"]));
    let mut names = Vec::new();
    bodies.for_each(|body| refer(body, &mut names));
    let mut looked_at = 0;
    while let Some(name) = names.get(looked_at).cloned() {
        refer(&document["components"]["schemas"][name], &mut names);
        looked_at += 1;
    }
    names
}

fn refer(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|name| name.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
                names.push(name.to_owned());
            }
            fields.values().for_each(|field| refer(field, names));
        }
        Value::Array(items) => items.iter().for_each(|item| refer(item, names)),
        _ => {}
    }
}
