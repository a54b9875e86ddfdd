use accord_api_types::{CreateGroup, Group, GroupEnvironments, GroupsQuery, Page, UpdateGroup};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// The account's groups, in the order of the tree.
    pub async fn groups(&self, account_id: Uuid, query: &GroupsQuery) -> Result<Page<Group>> {
        self.get(&["accounts", &account_id.to_string(), "groups"])
            .query(query)
            .read()
            .await
    }

    /// One group.
    pub async fn group(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Group>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "groups",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Adds a group, or all of a path that is missing, and answers the last one.
    pub async fn create_group(
        &self,
        account_id: Uuid,
        body: &CreateGroup,
    ) -> Result<Versioned<Group>> {
        self.post(&["accounts", &account_id.to_string(), "groups"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Renames, recolours or moves a group.
    pub async fn update_group(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdateGroup,
        if_match: Option<&str>,
    ) -> Result<Versioned<Group>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "groups",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Deletes a group with its subgroups; environments stay.
    pub async fn delete_group(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "groups",
            &id.to_string(),
        ])
        .if_match(if_match)
        .done()
        .await
    }

    /// Says which environments a group holds, replacing those it held.
    pub async fn set_group_environments(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &GroupEnvironments,
        if_match: Option<&str>,
    ) -> Result<Versioned<Group>> {
        self.put(&[
            "accounts",
            &account_id.to_string(),
            "groups",
            &id.to_string(),
            "environments",
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }
}
