//! The catalogue: the platform's actions, the system policies made of them, and example roles.
//! It is data. An embedded one is the default; an operator may give another.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::text::{Description, Name, TextError};

/// The actions that Accord itself obeys. A catalogue without one of them is refused.
pub mod reserved {
    /// Make an environment on somebody's account.
    pub const ENVIRONMENT_CREATE: &str = "environment.create";
    /// Change the name and the status of an environment.
    pub const ENVIRONMENT_EDIT: &str = "environment.edit";
    /// Delete an environment.
    pub const ENVIRONMENT_DELETE: &str = "environment.delete";
    /// See and change who has access to an environment.
    pub const COLLABORATION_MANAGE: &str = "collaboration.manage";

    /// All of them.
    pub const ALL: [&str; 4] = [
        ENVIRONMENT_CREATE,
        ENVIRONMENT_EDIT,
        ENVIRONMENT_DELETE,
        COLLABORATION_MANAGE,
    ];
}

const MAX_ACTION_ID_CHARS: usize = 100;
const MAX_POLICY_KEY_CHARS: usize = 60;

/// The id of an action: lower-case words joined by dots, such as `files.read`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionId(String);

/// Text that is not the id of an action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not the id of an action: lower-case words joined by dots, such as files.read")]
pub struct InvalidActionId(pub String);

impl ActionId {
    /// Checks the form; whether the catalogue has it is another question.
    pub fn parse(text: &str) -> Result<Self, InvalidActionId> {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-')
                })
        };
        if text.len() <= MAX_ACTION_ID_CHARS && text.contains('.') && text.split('.').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidActionId(
                text.chars().take(MAX_ACTION_ID_CHARS).collect(),
            ))
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ActionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ActionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ActionId {
    type Err = InvalidActionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ActionId {
    type Error = InvalidActionId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ActionId> for String {
    fn from(id: ActionId) -> String {
        id.0
    }
}

/// The smallest permission: one operation of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its id, unique in the catalogue.
    pub id: ActionId,
    /// The heading under which it is listed.
    pub category: String,
    /// What it is called.
    pub title: String,
    /// What it lets somebody do.
    pub description: String,
}

/// A named set of actions that comes with the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemPolicy {
    /// Its stable key: another catalogue that keeps the key keeps the policy.
    pub key: String,
    /// Its name, unique without regard to letter case.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The actions in it, each once.
    pub actions: Vec<ActionId>,
}

/// A role that a new account starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleRole {
    /// Its name.
    pub name: String,
    /// Whom it is for.
    pub description: String,
    /// Whether who has it hears of load alerts.
    pub receive_load_alerts: bool,
    /// The keys of the policies in it.
    pub policies: Vec<String>,
}

/// Everything that the platform lets people do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    /// The actions, in the order in which they are listed.
    pub actions: Vec<Action>,
    /// The system policies.
    pub policies: Vec<SystemPolicy>,
    /// The roles for a new account.
    pub example_roles: Vec<ExampleRole>,
    #[serde(skip)]
    ids: HashSet<ActionId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    actions: Vec<Action>,
    policies: Vec<SystemPolicy>,
    #[serde(default)]
    example_roles: Vec<ExampleRole>,
}

/// Why a catalogue was refused.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not JSON, or not of the form of a catalogue.
    #[error("the catalogue cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Two actions share an id.
    #[error("the action {0} is in the catalogue twice")]
    ActionTwice(ActionId),
    /// An action that Accord itself obeys is missing.
    #[error("the catalogue lacks the reserved action {0}")]
    ReservedMissing(&'static str),
    /// A policy's key is not lower-case words joined by hyphens.
    #[error("\"{0}\" is not the key of a policy: lower-case words joined by hyphens")]
    InvalidPolicyKey(String),
    /// Two policies share a key.
    #[error("the policy key {0} is in the catalogue twice")]
    PolicyKeyTwice(String),
    /// Two policies, or two example roles, share a name without regard to letter case.
    #[error("the name \"{0}\" is in the catalogue twice")]
    NameTwice(String),
    /// A policy holds no action.
    #[error("the policy {0} holds no action")]
    EmptyPolicy(String),
    /// A policy holds an action twice.
    #[error("the policy {policy} holds the action {action} twice")]
    PolicyActionTwice {
        /// The policy's key.
        policy: String,
        /// The action.
        action: ActionId,
    },
    /// A policy names an action that the catalogue does not have.
    #[error("the policy {policy} holds the unknown action {action}")]
    UnknownAction {
        /// The policy's key.
        policy: String,
        /// The action.
        action: ActionId,
    },
    /// An example role names a policy that the catalogue does not have.
    #[error("the example role {role} holds the unknown policy {policy}")]
    UnknownPolicy {
        /// The role's name.
        role: String,
        /// The key that leads nowhere.
        policy: String,
    },
    /// An example role holds no policy, or one twice.
    #[error("the example role {0} must hold policies, each once")]
    RolePolicies(String),
    /// A name or a description that is not fit to be shown.
    #[error("\"{text}\" in the catalogue is refused: {error}")]
    Text {
        /// The text.
        text: String,
        /// What is wrong with it.
        error: TextError,
    },
}

impl Catalogue {
    /// The catalogue that Accord brings along.
    pub fn embedded() -> Self {
        Self::from_json(include_str!("catalogue.json"))
            .expect("the embedded catalogue is checked by the tests")
    }

    /// Reads and checks a catalogue.
    pub fn from_json(json: &str) -> Result<Self, CatalogueError> {
        let CatalogueFile {
            actions,
            policies,
            example_roles,
        } = serde_json::from_str(json)?;
        let mut ids = HashSet::new();
        for action in &actions {
            check_name(&action.category)?;
            check_name(&action.title)?;
            check_description(&action.description)?;
            if !ids.insert(action.id.clone()) {
                return Err(CatalogueError::ActionTwice(action.id.clone()));
            }
        }
        if let Some(missing) = reserved::ALL.into_iter().find(|id| !ids.contains(*id)) {
            return Err(CatalogueError::ReservedMissing(missing));
        }
        let keys = check_policies(&policies, &ids)?;
        check_roles(&example_roles, &keys)?;
        Ok(Self {
            actions,
            policies,
            example_roles,
            ids,
        })
    }

    /// Whether there is such an action.
    pub fn contains(&self, action: &ActionId) -> bool {
        self.ids.contains(action)
    }

    /// The system policy with this key.
    pub fn policy(&self, key: &str) -> Option<&SystemPolicy> {
        self.policies.iter().find(|policy| policy.key == key)
    }
}

fn check_policies(
    policies: &[SystemPolicy],
    ids: &HashSet<ActionId>,
) -> Result<HashSet<String>, CatalogueError> {
    let mut keys = HashSet::new();
    let mut names = HashSet::new();
    for policy in policies {
        check_policy_key(&policy.key)?;
        if !keys.insert(policy.key.clone()) {
            return Err(CatalogueError::PolicyKeyTwice(policy.key.clone()));
        }
        check_unique_name(&mut names, &policy.name)?;
        check_description(&policy.description)?;
        if policy.actions.is_empty() {
            return Err(CatalogueError::EmptyPolicy(policy.key.clone()));
        }
        let mut held = HashSet::new();
        for action in &policy.actions {
            if !ids.contains(action) {
                return Err(CatalogueError::UnknownAction {
                    policy: policy.key.clone(),
                    action: action.clone(),
                });
            }
            if !held.insert(action) {
                return Err(CatalogueError::PolicyActionTwice {
                    policy: policy.key.clone(),
                    action: action.clone(),
                });
            }
        }
    }
    Ok(keys)
}

fn check_roles(roles: &[ExampleRole], keys: &HashSet<String>) -> Result<(), CatalogueError> {
    let mut names = HashSet::new();
    for role in roles {
        check_unique_name(&mut names, &role.name)?;
        check_description(&role.description)?;
        if let Some(policy) = role.policies.iter().find(|key| !keys.contains(*key)) {
            return Err(CatalogueError::UnknownPolicy {
                role: role.name.clone(),
                policy: policy.clone(),
            });
        }
        let distinct: HashSet<_> = role.policies.iter().collect();
        if distinct.is_empty() || distinct.len() != role.policies.len() {
            return Err(CatalogueError::RolePolicies(role.name.clone()));
        }
    }
    Ok(())
}

fn check_policy_key(key: &str) -> Result<(), CatalogueError> {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if key.len() <= MAX_POLICY_KEY_CHARS && key.split('-').all(word) {
        Ok(())
    } else {
        Err(CatalogueError::InvalidPolicyKey(
            key.chars().take(MAX_POLICY_KEY_CHARS).collect(),
        ))
    }
}

fn check_unique_name(seen: &mut HashSet<String>, name: &str) -> Result<(), CatalogueError> {
    if seen.insert(check_name(name)?.key()) {
        Ok(())
    } else {
        Err(CatalogueError::NameTwice(name.to_owned()))
    }
}

fn check_name(text: &str) -> Result<Name, CatalogueError> {
    Name::parse(text).map_err(|error| CatalogueError::Text {
        text: text.to_owned(),
        error,
    })
}

fn check_description(text: &str) -> Result<(), CatalogueError> {
    Description::parse(text)
        .map(|_| ())
        .map_err(|error| CatalogueError::Text {
            text: text.to_owned(),
            error,
        })
}
