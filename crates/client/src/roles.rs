//! The catalogue, policies and roles.

use accord_api_types::{
    Action, CopyRole, CreatePolicy, CreateRole, DeleteQuery, Page, PageQuery, PoliciesQuery,
    Policy, Role, RolesQuery, UpdatePolicy, UpdateRole,
};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// The catalogue of actions.
    pub async fn actions(&self, query: &PageQuery) -> Result<Page<Action>> {
        self.get(&["actions"]).query(query).read().await
    }

    /// The account's policies, the system's among them.
    pub async fn policies(&self, account_id: Uuid, query: &PoliciesQuery) -> Result<Page<Policy>> {
        self.get(&["accounts", &account_id.to_string(), "policies"])
            .query(query)
            .read()
            .await
    }

    /// One policy.
    pub async fn policy(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Policy>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "policies",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Adds a policy.
    pub async fn create_policy(
        &self,
        account_id: Uuid,
        body: &CreatePolicy,
    ) -> Result<Versioned<Policy>> {
        self.post(&["accounts", &account_id.to_string(), "policies"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Changes a policy of the account's own.
    pub async fn update_policy(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdatePolicy,
        if_match: Option<&str>,
    ) -> Result<Versioned<Policy>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "policies",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Deletes a policy, taking it out of the roles that hold it when `detach` says so.
    pub async fn delete_policy(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &DeleteQuery,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "policies",
            &id.to_string(),
        ])
        .query(query)
        .if_match(if_match)
        .done()
        .await
    }

    /// The account's roles.
    pub async fn roles(&self, account_id: Uuid, query: &RolesQuery) -> Result<Page<Role>> {
        self.get(&["accounts", &account_id.to_string(), "roles"])
            .query(query)
            .read()
            .await
    }

    /// One role.
    pub async fn role(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Role>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "roles",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Adds a role.
    pub async fn create_role(
        &self,
        account_id: Uuid,
        body: &CreateRole,
    ) -> Result<Versioned<Role>> {
        self.post(&["accounts", &account_id.to_string(), "roles"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Changes a role.
    pub async fn update_role(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdateRole,
        if_match: Option<&str>,
    ) -> Result<Versioned<Role>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "roles",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Deletes a role, taking it out of the shares that hold it when `detach` says so.
    pub async fn delete_role(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &DeleteQuery,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "roles",
            &id.to_string(),
        ])
        .query(query)
        .if_match(if_match)
        .done()
        .await
    }

    /// Makes a role with the same policies under another name.
    pub async fn copy_role(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &CopyRole,
    ) -> Result<Versioned<Role>> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "roles",
            &id.to_string(),
            "copy",
        ])
        .body(body)
        .read_versioned()
        .await
    }
}
