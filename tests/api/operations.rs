//! The operations of the API as its own description lists them, and what is expected of each
//! (`tests/cases/authorization.yaml`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One operation of the served description.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// `GET /api/v1/account`
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Its part of the description.
    pub(crate) description: Value,
    secured: bool,
}

impl Operation {
    /// The name that the description gives it.
    pub(crate) fn id(&self) -> String {
        let id = self.description["operationId"].as_str();
        id.expect("every operation has an id").to_owned()
    }

    pub(crate) fn needs_sign_in(&self) -> bool {
        self.secured
    }

    /// Whether somebody who calls it may be signed in, but need not be.
    pub(crate) fn asks_who_calls(&self) -> bool {
        let ways = self.description["security"].as_array();
        ways.into_iter()
            .flatten()
            .any(|way| way.get("bearer").is_some())
    }

    /// The scope that a token needs for it, and whether the platform may call it, as the description says.
    pub(crate) fn scope(&self) -> Option<(&str, bool)> {
        let of = |scheme: &str| {
            let ways = self.description["security"].as_array();
            ways.into_iter()
                .flatten()
                .find_map(|way| way[scheme][0].as_str())
        };
        let (api, platform) = (of("api_token"), of("platform_token"));
        assert!(
            platform.is_none() || platform == api,
            "{}: both kinds of token need the same scope",
            self.name
        );
        Some((api?, platform.is_some()))
    }

    pub(crate) fn takes_body(&self) -> bool {
        !self.description["requestBody"].is_null()
    }

    /// Its parameters that stand there: `path`, `query`.
    pub(crate) fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        let parameters = self.description["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        parameters.filter(move |one| one["in"] == place)
    }

    /// Its query parameters.
    pub(crate) fn query(&self) -> Vec<&str> {
        self.parameters("query")
            .filter_map(|one| one["name"].as_str())
            .collect()
    }

    /// The schema of its body.
    pub(crate) fn body_schema(&self) -> &Value {
        &self.description["requestBody"]["content"]["application/json"]["schema"]
    }
}

/// All operations of a description.
pub(crate) fn operations_of(document: &Value) -> Vec<Operation> {
    let requires = |security: &Value| {
        let ways = security.as_array()?;
        Some(
            !ways.is_empty()
                && ways
                    .iter()
                    .all(|way| way.as_object().is_some_and(|way| !way.is_empty())),
        )
    };
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"] {
            let description = &methods[method];
            if description.is_null() {
                continue;
            }
            let secured = requires(&description["security"])
                .or_else(|| requires(&document["security"]))
                .unwrap_or(false);
            operations.push(Operation {
                name: format!("{} {path}", method.to_uppercase()),
                method: method.to_uppercase(),
                path: path.clone(),
                description: description.clone(),
                secured,
            });
        }
    }
    operations
}

/// The table of who may do what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectations {
    #[expect(dead_code, reason = "for the people who read the table")]
    about: String,
    /// Names for several kinds of caller at once.
    groups: BTreeMap<String, Vec<String>>,
    pub(crate) callers: Vec<String>,
    /// A kind of caller to the one whose answers it gets where a row does not name it.
    otherwise_as: BTreeMap<String, String>,
    /// Scope to the operations that a token with it may call.
    scopes: BTreeMap<String, Scope>,
    operations: BTreeMap<String, Expectation>,
}

/// What a scope is good for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Scope {
    persons_and_the_platform: Vec<String>,
    persons_alone: Vec<String>,
}

/// What is expected of one operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    /// Kind of caller, or of several, to the status of the answer.
    answers: BTreeMap<String, u16>,
    /// A body that the operation accepts; `$name` stands for something of the world.
    #[serde(default)]
    pub(crate) body: Option<Value>,
    /// Other bodies that it accepts, with what does not go with the first.
    #[serde(default)]
    pub(crate) also: Vec<Value>,
    /// Whose member record the path names; that of the active member unless said otherwise.
    #[serde(default)]
    pub(crate) member: Option<String>,
    /// The query that goes along.
    #[serde(default)]
    pub(crate) query: String,
    /// Fields that the body leaves out, because they do not go with those that it has.
    #[serde(default)]
    leaves_out: Vec<String>,
}

impl Expectation {
    pub(crate) fn leaves_out(&self, field: &str) -> bool {
        self.leaves_out.iter().any(|known| known == field)
    }
}

impl Expectations {
    pub(crate) fn load() -> Self {
        serde_saphyr::from_str(include_str!("../cases/authorization.yaml"))
            .expect("the table is read")
    }

    /// What is expected of an operation; `None` where the table has no row for it.
    pub(crate) fn of(&self, operation: &Operation) -> Option<&Expectation> {
        let wanted = nameless(&operation.name);
        self.operations
            .iter()
            .find(|(name, _)| nameless(name) == wanted)
            .map(|(_, row)| row)
    }

    /// Rows of operations that the API does not have.
    pub(crate) fn beyond<'t>(&'t self, operations: &[Operation]) -> Vec<&'t str> {
        let known: Vec<String> = operations
            .iter()
            .map(|operation| nameless(&operation.name))
            .collect();
        self.operations
            .keys()
            .filter(|name| !known.contains(&nameless(name)))
            .map(String::as_str)
            .collect()
    }

    /// The status that this caller is answered; a caller's own entry counts more than a group's, and
    /// both more than that of the kind whose answers it otherwise gets.
    pub(crate) fn status(&self, row: &Expectation, caller: &str) -> Option<u16> {
        let by_group = || {
            let groups = self
                .groups
                .iter()
                .filter(|(_, callers)| callers.iter().any(|known| known == caller));
            groups
                .filter_map(|(group, _)| row.answers.get(group).copied())
                .next()
        };
        let as_another = || self.status(row, self.otherwise_as.get(caller)?);
        row.answers
            .get(caller)
            .copied()
            .or_else(by_group)
            .or_else(as_another)
    }

    /// The scope that a token needs for the operation, and whether the platform may call it, as the table
    /// says; `None` where it is for people who are signed in, or open to all.
    pub(crate) fn scope(&self, operation: &Operation) -> Option<(&str, bool)> {
        self.scopes.iter().find_map(|(scope, of)| {
            if of.persons_and_the_platform.contains(&operation.name) {
                Some((scope.as_str(), true))
            } else if of.persons_alone.contains(&operation.name) {
                Some((scope.as_str(), false))
            } else {
                None
            }
        })
    }

    /// Operations under a scope that the API does not have.
    pub(crate) fn scopes_beyond<'t>(&'t self, operations: &[Operation]) -> Vec<&'t str> {
        let known = |name: &str| operations.iter().any(|operation| operation.name == name);
        self.scopes
            .values()
            .flat_map(|of| of.persons_and_the_platform.iter().chain(&of.persons_alone))
            .map(String::as_str)
            .filter(|name| !known(name))
            .collect()
    }

    /// Names in a row that are neither a caller nor a group.
    pub(crate) fn unknown_names<'t>(&self, row: &'t Expectation) -> Vec<&'t str> {
        let known =
            |name: &&String| !self.callers.contains(name) && !self.groups.contains_key(*name);
        row.answers
            .keys()
            .filter(known)
            .map(String::as_str)
            .collect()
    }
}

/// The name without what its path parameters are called.
fn nameless(name: &str) -> String {
    let segments = name.split('/').map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
