use std::collections::BTreeSet;

use accord_domain::authorize::{
    DeleteEnvironment, EditEnvironment, EnvironmentPermission, Grant, ManageEnvironments,
    authorize, authorize_create, authorize_on_environment,
};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId};
use accord_domain::sharing::Item;
use accord_domain::text::{DisplayName, Name};
use accord_store::Conn;
use accord_store::environments::{self, Environment, EnvironmentContent, NewEnvironment};
use serde_json::json;

use super::{EnvironmentView, Sight};
use crate::Service;
use crate::call::{Call, Purpose, Stage};
use crate::error::{Result, ServiceError, done, inserted};
use crate::groups::known_groups;
use crate::tasks::Recorded;

/// An environment to be made.
#[derive(Clone, Debug)]
pub struct CreateEnvironment {
    pub name: Name,
    pub display_name: Option<DisplayName>,
    pub status: EnvironmentStatus,
    pub group_ids: Vec<GroupId>,
}

/// What changes about an environment; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateEnvironment {
    pub name: Option<Name>,
    /// `Some(None)` clears it.
    pub display_name: Option<Option<DisplayName>>,
    pub status: Option<EnvironmentStatus>,
    /// The owner's alone.
    pub group_ids: Option<Vec<GroupId>>,
}

impl Service {
    /// Makes an environment, which belongs to the host whoever makes it. A member needs
    /// `environment.create` from the Environments category, or from every group named.
    ///
    /// # Errors
    /// A taken name, an unknown group, or no right to create there.
    pub fn create_environment(
        &self,
        call: &Call,
        host: AccountId,
        command: &CreateEnvironment,
    ) -> Result<EnvironmentView> {
        self.db.write(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Change, self.clock.now())?;
            let sight = Sight::load(tx, &stage)?;
            let member = match &sight {
                Sight::Member(sight) => Some((&sight.member, &*sight.relations)),
                Sight::Owner | Sight::Nothing => None,
            };
            let grant = authorize_create(
                stage.caller(),
                &stage.host,
                stage.standing,
                member,
                &command.group_ids,
                stage.now,
            )?;
            known_groups(tx, host, &command.group_ids, "/group_ids")?;
            let new = NewEnvironment {
                id: self.randomness.id(stage.now),
                content: EnvironmentContent {
                    name: command.name.as_str().to_owned(),
                    name_key: command.name.key(),
                    display_name: command
                        .display_name
                        .as_ref()
                        .map(|name| name.as_str().to_owned()),
                    status: command.status,
                },
                created_by: stage.party.account_id(),
                group_ids: command.group_ids.iter().copied().collect(),
            };
            let environment = inserted(environments::insert(tx, &grant, &new, stage.now)?)?;
            self.thing_changed(
                tx,
                &stage,
                call,
                "environment.create",
                None,
                Some(&environment),
            )?;
            self.environment_view(tx, &stage, environment.id)
        })
    }

    /// Changes an environment. Its groups are the owner's to change; a member needs `environment.edit`
    /// for the rest.
    ///
    /// # Errors
    /// [`ServiceError::Stale`], a taken name, an unknown group, or no right to edit it.
    pub fn update_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        command: &UpdateEnvironment,
        expected_version: Option<i64>,
    ) -> Result<EnvironmentView> {
        self.db.write(|tx| {
            let (stage, grant, before) =
                self.environment_to_change::<EditEnvironment>(tx, call, host, id)?;
            let regroup = match &command.group_ids {
                None => None,
                Some(ids) => {
                    let grant = authorize::<ManageEnvironments>(
                        stage.caller(),
                        &stage.host,
                        stage.standing,
                    )?;
                    known_groups(tx, host, ids, "/group_ids")?;
                    Some((grant, ids.iter().copied().collect::<BTreeSet<GroupId>>()))
                }
            };
            let display_name = match &command.display_name {
                None => before.display_name.clone(),
                Some(name) => name.as_ref().map(|name| name.as_str().to_owned()),
            };
            let content = EnvironmentContent {
                name: command
                    .name
                    .as_ref()
                    .map_or(before.name.as_str(), Name::as_str)
                    .to_owned(),
                name_key: command
                    .name
                    .as_ref()
                    .map_or_else(|| before.name_key.clone(), Name::key),
                display_name,
                status: command.status.unwrap_or(before.status),
            };
            let mut after = done(environments::update(
                tx,
                &grant,
                id,
                &content,
                expected_version,
                stage.now,
            )?)?;
            if let Some((grant, group_ids)) = &regroup {
                after = environments::set_groups(tx, grant, id, group_ids, stage.now)?
                    .ok_or(ServiceError::HIDDEN)?;
            }
            self.thing_changed(
                tx,
                &stage,
                call,
                "environment.update",
                Some(&before),
                Some(&after),
            )?;
            self.environment_view(tx, &stage, id)
        })
    }

    /// Deletes an environment and all shares of it. A member needs `environment.delete`.
    ///
    /// # Errors
    /// [`ServiceError::Stale`], or no right to delete it.
    pub fn delete_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.db.write(|tx| {
            let (stage, grant, before) =
                self.environment_to_change::<DeleteEnvironment>(tx, call, host, id)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            self.telling_of_lost_shares(
                tx,
                &stage,
                |share| share.item == Item::Environment(id),
                |tx| environments::delete(tx, &grant, id, stage.now)?.ok_or(ServiceError::HIDDEN),
            )?;
            self.thing_changed(tx, &stage, call, "environment.delete", Some(&before), None)
        })
    }

    /// The environment, and the right to change it.
    fn environment_to_change<P: EnvironmentPermission>(
        &self,
        tx: &mut Conn<'_>,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
    ) -> Result<(Stage, Grant<P>, Environment)> {
        let stage = Stage::set(tx, call, host, Purpose::Change, self.clock.now())?;
        let environment = environments::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
        let sight = Sight::load_around(tx, &stage, id)?;
        let resolved = match &sight {
            Sight::Member(sight) => {
                Some((sight.resolver(stage.now).resolve(id), &*sight.relations))
            }
            Sight::Owner | Sight::Nothing => None,
        };
        let grant = authorize_on_environment::<P>(
            stage.caller(),
            &stage.host,
            stage.standing,
            resolved
                .as_ref()
                .map(|(access, relations)| (access, *relations)),
        )?;
        Ok((stage, grant, environment))
    }
}

impl Recorded for Environment {
    const KIND: &'static str = "environment";

    fn id(&self) -> uuid::Uuid {
        self.id.into()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn facts(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "display_name": self.display_name,
            "status": self.status.as_str(),
            "group_ids": self.group_ids,
        })
    }

    fn environment_id(&self) -> Option<EnvironmentId> {
        Some(self.id)
    }
}
