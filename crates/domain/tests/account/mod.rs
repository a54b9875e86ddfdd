//! An account as a file of cases writes it, with the names that its ids stand for.

use std::collections::{BTreeMap, HashMap};

use accord_domain::access::{Relations, RoleFacts};
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{EnvironmentId, GroupId, PolicyId, RoleId, ShareId};
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

/// A share as a case writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    on: String,
    #[serde(rename = "as")]
    roles: Vec<String>,
    until: Option<DateTime<Utc>>,
}

/// What the account owns, as a file writes it.
pub(crate) struct Owned<'a> {
    pub(crate) policies: &'a BTreeMap<String, Vec<String>>,
    pub(crate) roles: &'a BTreeMap<String, Vec<String>>,
    pub(crate) load_alert_roles: &'a [String],
    pub(crate) deleted_roles: &'a [String],
    pub(crate) groups: &'a [String],
    pub(crate) environments: &'a BTreeMap<String, Vec<String>>,
}

/// The account of one case.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) relations: Relations,
    pub(crate) groups: HashMap<String, GroupId>,
    pub(crate) environments: HashMap<String, EnvironmentId>,
    pub(crate) roles: HashMap<String, RoleId>,
    next_id: u128,
}

pub(crate) type Checked<T> = Result<T, String>;

impl Account {
    pub(crate) fn new(owned: &Owned<'_>) -> Checked<Self> {
        let mut account = Self::default();
        let mut policies = HashMap::new();
        for (name, actions) in owned.policies {
            let id = PolicyId(account.id());
            let actions = actions
                .iter()
                .map(|action| ActionId::parse(action).map_err(|e| e.to_string()));
            account
                .relations
                .policies
                .insert(id, actions.collect::<Checked<_>>()?);
            policies.insert(name.as_str(), id);
        }
        for (name, held) in owned.roles {
            let id = RoleId(account.id());
            let policy_ids = held.iter().map(|policy| {
                policies
                    .get(policy.as_str())
                    .copied()
                    .ok_or_else(|| format!("there is no policy {policy}"))
            });
            let facts = RoleFacts {
                policy_ids: policy_ids.collect::<Checked<_>>()?,
                receive_load_alerts: owned.load_alert_roles.contains(name),
            };
            account.relations.roles.insert(id, facts);
            account.roles.insert(name.clone(), id);
        }
        for name in owned.deleted_roles {
            let id = RoleId(account.id());
            account.roles.insert(name.clone(), id);
        }
        for path in owned.groups {
            account.add_group(path);
        }
        for (name, held_by) in owned.environments {
            let id = EnvironmentId(account.id());
            let groups = held_by
                .iter()
                .map(|path| account.group(path))
                .collect::<Checked<_>>()?;
            account.relations.environments.insert(id, groups);
            account.environments.insert(name.clone(), id);
        }
        Ok(account)
    }

    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    /// Adds what is missing of a path.
    fn add_group(&mut self, path: &str) {
        let mut parent = None;
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        for end in ends.collect::<Vec<_>>() {
            let id = match self.groups.get(&path[..end]) {
                Some(id) => *id,
                None => GroupId(self.id()),
            };
            self.groups.insert(path[..end].to_owned(), id);
            self.relations.groups.insert(id, parent);
            parent = Some(id);
        }
    }

    pub(crate) fn group(&self, path: &str) -> Checked<GroupId> {
        self.groups
            .get(path)
            .copied()
            .ok_or_else(|| format!("there is no group {path}"))
    }

    pub(crate) fn environment(&self, name: &str) -> Checked<EnvironmentId> {
        self.environments
            .get(name)
            .copied()
            .ok_or_else(|| format!("there is no environment {name}"))
    }

    pub(crate) fn role(&self, name: &str) -> Checked<RoleId> {
        self.roles
            .get(name)
            .copied()
            .ok_or_else(|| format!("there is no role {name}"))
    }

    fn item(&self, text: &str) -> Checked<Item> {
        match text.split_once(' ') {
            None if text == "Environments" => Ok(Item::Environments),
            Some(("Environment", "groups")) => Ok(Item::Groups),
            Some(("group", path)) => self.group(path).map(Item::Group),
            Some(("environment", name)) => self.environment(name).map(Item::Environment),
            _ => Err(format!("\"{text}\" is no item")),
        }
    }

    /// A share with an id of its own.
    pub(crate) fn share(&mut self, given: &Given) -> Checked<Share> {
        Ok(Share {
            id: ShareId(self.id()),
            item: self.item(&given.on)?,
            role_ids: given
                .roles
                .iter()
                .map(|role| self.role(role))
                .collect::<Checked<_>>()?,
            expires_at: given.until,
        })
    }
}
