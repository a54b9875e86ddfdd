//! The ids that an operation takes in its path, its query and its bodies, as the API's description has them,
//! and of what they are. An id of something that is not known here fails the tests: nobody would try another's
//! in its place.

use std::collections::BTreeMap;

use accord_client::types::{
    CreateApiToken, CreateWebhook, PoliciesQuery, PostLoadAlert, TokenScope, Uuid, WebhookEventType,
};
use serde_json::{Value, json};

use crate::operations::Operation;
use crate::world::People;

/// What an id in a query or a body is of, by what it is called.
const BY_NAME: [(&str, &str); 15] = [
    ("account_id", "accounts"),
    ("owner_id", "accounts"),
    ("actor_id", "accounts"),
    ("environment_id", "environments"),
    ("environment_ids", "environments"),
    ("group_id", "groups"),
    ("group_ids", "groups"),
    ("parent_id", "groups"),
    ("policy_id", "policies"),
    ("policy_ids", "policies"),
    ("role_id", "roles"),
    ("role_ids", "roles"),
    ("member_id", "members"),
    ("delivery_id", "deliveries"),
    ("ids", "notifications"),
];

/// What an `id` is of, by the `kind` beside it.
const BY_KIND: [(&str, &str); 15] = [
    ("role", "roles"),
    ("role_deletion", "roles"),
    ("policy", "policies"),
    ("policy_deletion", "policies"),
    ("group", "groups"),
    ("group_deletion", "groups"),
    ("group_environments", "groups"),
    ("environment", "environments"),
    ("environment_deletion", "environments"),
    ("direct_roles", "environments"),
    ("direct_roles_removal", "environments"),
    ("shares", "members"),
    ("member_state", "members"),
    ("environments", NO_ID),
    ("groups", NO_ID),
];

/// The two categories are there once.
const NO_ID: &str = "";

/// Operations that answer for what they find, and say nothing of the rest: an id of somebody else's is no
/// reason to refuse the others.
pub(crate) const ANSWERS_FOR_THE_REST: [&str; 2] =
    ["POST /api/v1/checks", "POST /api/v1/notifications/read"];

fn known(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, collection)| *collection)
}

/// The ids of another owner's things, by the collection that they are in.
pub(crate) async fn foreign(people: &People) -> BTreeMap<&'static str, Uuid> {
    let other = &people.others["other_owner"];
    let environments = other
        .environments(other.id, &Default::default())
        .await
        .expect("some");
    let environment = environments.items[0].id;
    let groups = other
        .groups(other.id, &Default::default())
        .await
        .expect("some");
    let policies = PoliciesQuery {
        q: Some("Theirs".into()),
        ..Default::default()
    };
    let policies = other.policies(other.id, &policies).await.expect("some");
    let members = other.members(other.id, &Default::default()).await;
    let member = members.expect("some").items[0].id;
    let sessions = other.sessions(&Default::default()).await.expect("some");
    let token = CreateApiToken {
        name: "Theirs".into(),
        scopes: vec![TokenScope::Read],
        expires_at: None,
    };
    let token = other.create_api_token(&token).await.expect("a token");
    let webhook = CreateWebhook {
        url: "https://127.0.0.1:9/theirs".into(),
        event_types: vec![WebhookEventType::AccountDisabled],
        description: String::new(),
        enabled: None,
    };
    let webhook = other.create_webhook(other.id, &webhook).await;
    let webhook = webhook.expect("a webhook").webhook.id;
    let delivery = other.test_webhook(other.id, webhook).await;
    let alert = PostLoadAlert {
        metric: "CPU load, %".into(),
        value: 97.5,
        threshold: 90.0,
        message: None,
    };
    let alert = other.post_load_alert(other.id, environment, &alert).await;
    alert.expect("told");
    let told = other.notifications(&Default::default()).await;
    [
        ("accounts", other.id),
        ("environments", environment),
        ("groups", groups.items[0].id),
        ("policies", policies.items[0].id),
        ("roles", other.role_named("Theirs").await.id),
        ("members", member),
        ("access", member),
        ("collaborations", member),
        ("sessions", sessions.items[0].id),
        ("tokens", token.token.id),
        ("webhooks", webhook),
        ("deliveries", delivery.expect("a test").id),
        ("notifications", told.expect("some").items[0].id),
    ]
    .into()
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

/// The address with this in its query, and all else that stands there.
pub(crate) fn with_query(address: &str, name: &str, value: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let beside = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    let mut pairs: Vec<String> = beside.map(str::to_owned).collect();
    pairs.push(format!("{name}={value}"));
    format!("{path}?{}", pairs.join("&"))
}

/// The ids in an operation's query, and the collections that they are of.
pub(crate) fn ids_in_query(document: &Value, operation: &Operation) -> Vec<(String, &'static str)> {
    let mut ids = Vec::new();
    for parameter in operation.parameters("query") {
        let name = parameter["name"].as_str().expect("a name").to_owned();
        if !resolved(document, &parameter["schema"])
            .iter()
            .any(|way| is_id(way))
        {
            continue;
        }
        let collection = known(&BY_NAME, &name)
            .unwrap_or_else(|| panic!("{}: what is ?{name} an id of?", operation.name));
        ids.push((name, collection));
    }
    ids
}

/// The ids in a body, wherever they stand, and the collections that they are of.
pub(crate) fn ids_in(body: &Value) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    gather(body, "", "", None, &mut found);
    found
}

fn gather(
    value: &Value,
    at: &str,
    name: &str,
    kind: Option<&str>,
    found: &mut Vec<(String, &'static str)>,
) {
    match value {
        Value::String(text) if text.parse::<Uuid>().is_ok() => {
            let collection = match (name, kind) {
                ("id", Some(kind)) => known(&BY_KIND, kind),
                _ => known(&BY_NAME, name),
            };
            let collection =
                collection.unwrap_or_else(|| panic!("what is {at} of kind {kind:?} an id of?"));
            found.push((at.to_owned(), collection));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(item, &format!("{at}/{index}"), name, kind, found);
            }
        }
        Value::Object(fields) => {
            let kind = value["kind"].as_str();
            for (name, field) in fields {
                gather(field, &format!("{at}/{name}"), name, kind, found);
            }
        }
        _ => {}
    }
}

/// What a schema is: references resolved, and each of several ways.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> Vec<&'d Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#'));
        return resolved(document, found.expect("a reference leads somewhere"));
    }
    let ways = ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|word| schema[word].as_array())
        .flatten();
    let mut all: Vec<&Value> = ways.flat_map(|way| resolved(document, way)).collect();
    all.push(schema);
    all
}

fn is_id(schema: &Value) -> bool {
    schema["format"] == "uuid" || schema["items"]["format"] == "uuid"
}

/// Finds what is described and never tried.
pub(crate) struct Untried<'d> {
    document: &'d Value,
    places: Vec<String>,
    /// Words for what an `id` is of, by their schema, and whether one of the bodies has it.
    kinds: BTreeMap<(String, String), bool>,
}

impl<'d> Untried<'d> {
    pub(crate) fn of(document: &'d Value) -> Self {
        Self {
            document,
            places: Vec::new(),
            kinds: BTreeMap::new(),
        }
    }

    /// Compares the ids that an operation takes with those that can be swapped.
    pub(crate) fn look_at(
        &mut self,
        operation: &'d Operation,
        foreign: &BTreeMap<&'static str, Uuid>,
        bodies: &[Value],
    ) {
        let segments: Vec<&str> = operation.path.split('/').collect();
        for parameter in operation.parameters("path") {
            let name = parameter["name"].as_str().unwrap_or_default();
            let place = format!("{{{name}}}");
            let at = segments.iter().position(|segment| **segment == place);
            let before = at.map_or("", |at| segments[at - 1]);
            let ways = resolved(self.document, &parameter["schema"]);
            if ways.iter().any(|way| is_id(way)) && !foreign.contains_key(before) {
                self.places.push(format!("{} {place}", operation.name));
            }
        }
        for (name, collection) in ids_in_query(self.document, operation) {
            if !foreign.contains_key(collection) {
                self.places.push(format!("{} ?{name}", operation.name));
            }
        }
        let schema = operation.body_schema();
        let bodies: Vec<&Value> = bodies.iter().collect();
        self.walk(schema, &operation.name, &bodies);
    }

    /// `values` is what the bodies have at this place.
    fn walk(&mut self, schema: &'d Value, at: &str, values: &[&Value]) {
        for schema in resolved(self.document, schema) {
            if schema["format"] == "uuid" && values.iter().all(|value| value.is_null()) {
                self.places.push(at.to_owned());
            }
            if schema["items"].is_object() {
                let items = values.iter().filter_map(|value| value.as_array());
                let items: Vec<&Value> = items.flatten().collect();
                self.walk(&schema["items"], &format!("{at}/*"), &items);
            }
            let properties = &schema["properties"];
            for (name, property) in properties.as_object().into_iter().flatten() {
                let fields = values.iter().filter_map(|value| value.get(name));
                let fields: Vec<&Value> = fields.collect();
                if name == "kind" && !properties["id"].is_null() {
                    self.kinds_of(property, &fields);
                }
                self.walk(property, &format!("{at}/{name}"), &fields);
            }
        }
    }

    fn kinds_of(&mut self, property: &Value, fields: &[&Value]) {
        let name = property["$ref"].as_str().unwrap_or_default();
        let described = resolved(self.document, property).into_iter();
        let words = described.filter_map(|way| way["enum"].as_array()).flatten();
        for word in words {
            let tried = fields.contains(&word);
            let word = word.as_str().unwrap_or_default().to_owned();
            *self.kinds.entry((name.to_owned(), word)).or_default() |= tried;
        }
    }

    /// All that no call tries somebody else's id for.
    pub(crate) fn all(self) -> Vec<String> {
        let kinds = self.kinds.into_iter();
        let kinds = kinds
            .filter(|((_, word), tried)| !tried && known(&BY_KIND, word) != Some(NO_ID))
            .map(|((schema, word), _)| format!("{schema} {word:?}"));
        self.places.into_iter().chain(kinds).collect()
    }
}

/// The places of actions in a body: words of the catalogue, which no id is.
pub(crate) fn actions_in(body: &Value, at: &str) -> Vec<String> {
    match body {
        Value::Object(fields) => {
            let inside = fields.iter().flat_map(|(name, field)| {
                let place = format!("{at}/{name}");
                match field {
                    Value::Array(actions) if name == "action_ids" => (0..actions.len())
                        .map(|index| format!("{place}/{index}"))
                        .collect(),
                    _ => actions_in(field, &place),
                }
            });
            inside.collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(index, item)| actions_in(item, &format!("{at}/{index}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The body with something else at that place.
pub(crate) fn changed_at(body: &Value, place: &str, by: &Value) -> Value {
    let mut changed = body.clone();
    *changed.pointer_mut(place).expect("a place in the body") = json!(by);
    changed
}
