//! Roles: named sets of policies of one account.

use std::collections::{BTreeSet, HashSet};

use accord_domain::authorize::{ManageRoles, ReadHosting, authorize_new_account};
use accord_domain::ids::{AccountId, PolicyId, RoleId};
use accord_domain::text::{Description, Name, key_of};
use accord_store::roles::{self, DeleteRole, RoleContent};
use accord_store::{Conn, Page, Rows, members, policies};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError, UsedBy, done, inserted, refuse_unknown};
use crate::tasks::Recorded;

pub use accord_store::roles::Role as RoleView;

/// A role to be made.
#[derive(Clone, Debug)]
pub struct CreateRole {
    pub name: Name,
    pub description: Description,
    pub policy_ids: Vec<PolicyId>,
    pub receive_load_alerts: bool,
}

/// What changes about a role; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateRole {
    pub name: Option<Name>,
    pub description: Option<Description>,
    pub policy_ids: Option<Vec<PolicyId>>,
    pub receive_load_alerts: Option<bool>,
}

impl Service {
    /// A page of the account's roles, by name.
    ///
    /// # Errors
    /// Unless the caller owns the account.
    pub fn list_roles(
        &self,
        call: &Call,
        host: AccountId,
        q: Option<&str>,
        page: &Page,
    ) -> Result<Rows<RoleView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| Ok(roles::page(tx, host, q, page)?))
    }

    /// One of them.
    ///
    /// # Errors
    /// Unless the caller owns the account and it is there.
    pub fn get_role(&self, call: &Call, host: AccountId, id: RoleId) -> Result<RoleView> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| {
            roles::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)
        })
    }

    /// Adds a role to the account.
    ///
    /// # Errors
    /// When a policy is unknown to the account or the name is taken.
    pub fn create_role(
        &self,
        call: &Call,
        host: AccountId,
        command: &CreateRole,
    ) -> Result<RoleView> {
        self.change_hosting::<ManageRoles, _>(call, host, |tx, stage, grant| {
            let content = RoleContent {
                name: command.name.as_str().to_owned(),
                name_key: command.name.key(),
                description: command.description.as_str().to_owned(),
                receive_load_alerts: command.receive_load_alerts,
                policy_ids: known_policies(tx, host, &command.policy_ids)?,
            };
            let role = inserted(roles::insert(
                tx,
                grant,
                self.randomness.id(stage.now),
                &content,
                stage.now,
            )?)?;
            self.thing_changed(tx, stage, call, "role.create", None, Some(&role))?;
            Ok(role)
        })
    }

    /// Makes a role like another one, under a name of its own.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn copy_role(
        &self,
        call: &Call,
        host: AccountId,
        id: RoleId,
        name: &Name,
    ) -> Result<RoleView> {
        self.change_hosting::<ManageRoles, _>(call, host, |tx, stage, grant| {
            let original = roles::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            let content = RoleContent {
                name: name.as_str().to_owned(),
                name_key: name.key(),
                description: original.description,
                receive_load_alerts: original.receive_load_alerts,
                policy_ids: original.policy_ids.into_iter().collect(),
            };
            let role = inserted(roles::insert(
                tx,
                grant,
                self.randomness.id(stage.now),
                &content,
                stage.now,
            )?)?;
            self.thing_changed(tx, stage, call, "role.copy", None, Some(&role))?;
            Ok(role)
        })
    }

    /// Changes a role, and at once what every share with it allows.
    ///
    /// # Errors
    /// [`ServiceError::Stale`], a taken name, an unknown policy.
    pub fn update_role(
        &self,
        call: &Call,
        host: AccountId,
        id: RoleId,
        command: &UpdateRole,
        expected_version: Option<i64>,
    ) -> Result<RoleView> {
        self.change_hosting::<ManageRoles, _>(call, host, |tx, stage, grant| {
            let before = roles::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            let policy_ids = match &command.policy_ids {
                Some(ids) => known_policies(tx, host, ids)?,
                None => before.policy_ids.iter().copied().collect(),
            };
            let content = RoleContent {
                name: command
                    .name
                    .as_ref()
                    .map_or(before.name.as_str(), Name::as_str)
                    .to_owned(),
                name_key: command
                    .name
                    .as_ref()
                    .map_or_else(|| before.name_key.clone(), Name::key),
                description: command
                    .description
                    .as_ref()
                    .map_or(before.description.as_str(), Description::as_str)
                    .to_owned(),
                receive_load_alerts: command
                    .receive_load_alerts
                    .unwrap_or(before.receive_load_alerts),
                policy_ids,
            };
            let role = done(roles::update(
                tx,
                grant,
                id,
                &content,
                expected_version,
                stage.now,
            )?)?;
            self.thing_changed(tx, stage, call, "role.update", Some(&before), Some(&role))?;
            Ok(role)
        })
    }

    /// Deletes a role; one that shares carry only when asked to detach it. Shares left without roles
    /// go with it.
    ///
    /// # Errors
    /// [`ServiceError::InUse`] names the members; [`ServiceError::Stale`].
    pub fn delete_role(
        &self,
        call: &Call,
        host: AccountId,
        id: RoleId,
        detach: bool,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ManageRoles, _>(call, host, |tx, stage, grant| {
            let before = roles::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            let deleted = self.telling_of_lost_shares(
                tx,
                stage,
                |share| share.role_ids.contains(&id),
                |tx| Ok(roles::delete(tx, grant, id, detach, stage.now)?),
            )?;
            match deleted {
                DeleteRole::Deleted { .. } => {
                    self.thing_changed(tx, stage, call, "role.delete", Some(&before), None)
                }
                DeleteRole::Missing => Err(ServiceError::HIDDEN),
                DeleteRole::InUse { member_ids } => Err(ServiceError::InUse(
                    members::by_ids(tx, host, &member_ids)?
                        .into_iter()
                        .map(|member| UsedBy {
                            id: member.id.into(),
                            name: member.display_name.unwrap_or(member.email),
                        })
                        .collect(),
                )),
            }
        })
    }

    /// The catalogue's example roles, for a new account.
    pub(crate) fn seed_example_roles(
        &self,
        tx: &mut Conn<'_>,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let grant = authorize_new_account(account);
        let system = policies::system(tx)?;
        for example in &self.catalogue.example_roles {
            let policy_ids = system
                .iter()
                .filter(|policy| {
                    policy
                        .system_key
                        .as_ref()
                        .is_some_and(|key| example.policies.contains(key))
                })
                .map(|policy| policy.id)
                .collect();
            let content = RoleContent {
                name: example.name.clone(),
                name_key: key_of(&example.name),
                description: example.description.clone(),
                receive_load_alerts: example.receive_load_alerts,
                policy_ids,
            };
            inserted(roles::insert(
                tx,
                &grant,
                self.randomness.id(now),
                &content,
                now,
            )?)?;
        }
        Ok(())
    }
}

impl Recorded for RoleView {
    const KIND: &'static str = "role";

    fn id(&self) -> uuid::Uuid {
        self.id.into()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn facts(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "description": self.description,
            "policy_ids": self.policy_ids,
            "receive_load_alerts": self.receive_load_alerts,
        })
    }
}

/// The policies, if the account can use every one of them; a role needs at least one.
fn known_policies(
    tx: &mut Conn<'_>,
    host: AccountId,
    ids: &[PolicyId],
) -> Result<BTreeSet<PolicyId>> {
    if ids.is_empty() {
        return Err(ServiceError::invalid(
            "/policy_ids",
            "A role needs at least one policy.",
        ));
    }
    let visible: HashSet<PolicyId> = policies::visible_among(tx, host, ids)?
        .into_iter()
        .collect();
    refuse_unknown(
        ids,
        &visible,
        "/policy_ids",
        "There is no such policy here.",
    )?;
    Ok(ids.iter().copied().collect())
}
