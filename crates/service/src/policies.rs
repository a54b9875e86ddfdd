//! Policies: named sets of actions. The system's come with the catalogue; an account adds its own.

use accord_domain::authorize::{ManagePolicies, ReadHosting};
use accord_domain::catalogue::{Action, ActionId};
use accord_domain::ids::{AccountId, PolicyId};
use accord_domain::text::{Description, Name, key_of};
use accord_store::policies::{self, DeletePolicy, PolicyContent};
use accord_store::{Conn, Page, Rows, roles};
use serde_json::json;
use uuid::Uuid;

use crate::Service;
use crate::call::{Call, Party};
use crate::error::{Invalid, Result, ServiceError, UsedBy, done, inserted};
use crate::paging::page_of;
use crate::tasks::Recorded;

pub use accord_store::policies::Policy as PolicyView;

/// A policy to be made.
#[derive(Clone, Debug)]
pub struct CreatePolicy {
    pub name: Name,
    pub description: Description,
    pub action_ids: Vec<String>,
}

/// What changes about a policy; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdatePolicy {
    pub name: Option<Name>,
    pub description: Option<Description>,
    pub action_ids: Option<Vec<String>>,
}

/// What a list of actions is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActionSort {
    /// The order of the catalogue, which is the operator's.
    #[default]
    Catalogue,
    Id,
    Title,
}

impl Service {
    /// A page of the platform's actions.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_actions(&self, call: &Call, sort: ActionSort, page: &Page) -> Result<Rows<Action>> {
        self.db
            .read(|tx| Party::of(tx, call, self.clock.now()).map(drop))?;
        let numbered: Vec<(usize, &Action)> = self.catalogue.actions.iter().enumerate().collect();
        let rows = page_of(numbered, page, |(number, action)| {
            let key = match sort {
                ActionSort::Catalogue => format!("{number:06}"),
                ActionSort::Id => action.id.to_string(),
                // Two may have one title; the place in the catalogue tells them apart.
                ActionSort::Title => format!("{}\u{1}{number:06}", key_of(&action.title)),
            };
            (key, Uuid::nil())
        });
        Ok(rows.map(|(_, action)| action.clone()))
    }

    /// A page of the policies that the account can use: its own and the system's.
    ///
    /// # Errors
    /// Unless the caller owns the account.
    pub fn list_policies(
        &self,
        call: &Call,
        host: AccountId,
        q: Option<&str>,
        page: &Page,
    ) -> Result<Rows<PolicyView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| {
            Ok(policies::page(tx, host, q, page)?)
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// Unless the caller owns the account and it is there.
    pub fn get_policy(&self, call: &Call, host: AccountId, id: PolicyId) -> Result<PolicyView> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| {
            policies::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)
        })
    }

    /// Adds a policy of the account's own.
    ///
    /// # Errors
    /// When an action is unknown or the name is taken, also by a system policy.
    pub fn create_policy(
        &self,
        call: &Call,
        host: AccountId,
        command: &CreatePolicy,
    ) -> Result<PolicyView> {
        let content = PolicyContent {
            name: command.name.as_str().to_owned(),
            name_key: command.name.key(),
            description: command.description.as_str().to_owned(),
            action_ids: self.known_actions(&command.action_ids)?,
        };
        self.change_hosting::<ManagePolicies, _>(call, host, |tx, stage, grant| {
            let policy = inserted(policies::insert(
                tx,
                grant,
                self.randomness.id(stage.now),
                &content,
                stage.now,
            )?)?;
            self.thing_changed(tx, stage, call, "policy.create", None, Some(&policy))?;
            Ok(policy)
        })
    }

    /// Changes one of the account's own policies, and at once what every role with it allows.
    ///
    /// # Errors
    /// [`ServiceError::SystemPolicy`], [`ServiceError::Stale`], a taken name, an unknown action.
    pub fn update_policy(
        &self,
        call: &Call,
        host: AccountId,
        id: PolicyId,
        command: &UpdatePolicy,
        expected_version: Option<i64>,
    ) -> Result<PolicyView> {
        let action_ids = command
            .action_ids
            .as_deref()
            .map(|ids| self.known_actions(ids))
            .transpose()?;
        self.change_hosting::<ManagePolicies, _>(call, host, |tx, stage, grant| {
            let before = own_policy(tx, host, id)?;
            let name = command.name.clone();
            let content = PolicyContent {
                name_key: name
                    .as_ref()
                    .map_or_else(|| before.name_key.clone(), Name::key),
                name: name.map_or_else(|| before.name.clone(), |name| name.as_str().to_owned()),
                description: command
                    .description
                    .as_ref()
                    .map_or(before.description.as_str(), Description::as_str)
                    .to_owned(),
                action_ids: action_ids
                    .clone()
                    .unwrap_or_else(|| before.action_ids.clone()),
            };
            let policy = done(policies::update(
                tx,
                grant,
                id,
                &content,
                expected_version,
                stage.now,
            )?)?;
            self.thing_changed(
                tx,
                stage,
                call,
                "policy.update",
                Some(&before),
                Some(&policy),
            )?;
            Ok(policy)
        })
    }

    /// Deletes one of the account's own policies; one that roles hold only when asked to detach it.
    ///
    /// # Errors
    /// [`ServiceError::InUse`] names the roles; [`ServiceError::SystemPolicy`]; [`ServiceError::Stale`].
    pub fn delete_policy(
        &self,
        call: &Call,
        host: AccountId,
        id: PolicyId,
        detach: bool,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ManagePolicies, _>(call, host, |tx, stage, grant| {
            let before = own_policy(tx, host, id)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            match policies::delete(tx, grant, id, detach, stage.now)? {
                DeletePolicy::Deleted { .. } => {
                    self.thing_changed(tx, stage, call, "policy.delete", Some(&before), None)
                }
                DeletePolicy::Missing => Err(ServiceError::HIDDEN),
                DeletePolicy::InUse { role_ids } => {
                    let roles = roles::names_among(tx, host, &role_ids)?.into_iter();
                    let mut used_by: Vec<UsedBy> = roles
                        .map(|(id, (name, _))| UsedBy {
                            id: id.into(),
                            name,
                        })
                        .collect();
                    used_by.sort_by_key(|role| role.id);
                    Err(ServiceError::InUse(used_by))
                }
            }
        })
    }

    fn known_actions(&self, ids: &[String]) -> Result<Vec<ActionId>> {
        if ids.is_empty() {
            return Err(ServiceError::invalid(
                "/action_ids",
                "A policy needs at least one action.",
            ));
        }
        let mut known = std::collections::BTreeSet::new();
        let mut unknown = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            match ActionId::parse(id)
                .ok()
                .filter(|action| self.catalogue.contains(action))
            {
                Some(action) => {
                    known.insert(action);
                }
                None => unknown.push(Invalid {
                    pointer: format!("/action_ids/{index}"),
                    detail: "The catalogue has no such action.".to_owned(),
                }),
            }
        }
        if unknown.is_empty() {
            Ok(known.into_iter().collect())
        } else {
            Err(ServiceError::Invalid(unknown))
        }
    }
}

impl Recorded for PolicyView {
    const KIND: &'static str = "policy";

    fn id(&self) -> uuid::Uuid {
        self.id.into()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn facts(&self) -> serde_json::Value {
        json!({ "name": self.name, "description": self.description, "action_ids": self.action_ids })
    }
}

/// A policy that the account may change.
fn own_policy(tx: &mut Conn<'_>, host: AccountId, id: PolicyId) -> Result<PolicyView> {
    let policy = policies::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
    if policy.account_id.is_none() {
        Err(ServiceError::SystemPolicy)
    } else {
        Ok(policy)
    }
}
