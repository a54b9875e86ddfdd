//! Environments, and who has access to one.

use accord_api_types::{
    CreateEnvironment, DirectRoles, Environment, EnvironmentAccess, EnvironmentAccessQuery,
    EnvironmentsQuery, ExplainQuery, Explanation, Page, PageQuery, ShareEnvironment, ShareableRole,
    UpdateEnvironment, VisibleEnvironmentsQuery,
};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// All environments that the caller can see, own and shared.
    pub async fn visible_environments(
        &self,
        query: &VisibleEnvironmentsQuery,
    ) -> Result<Page<Environment>> {
        self.get(&["environments"]).query(query).read().await
    }

    /// The environments of one account, as far as the caller sees them.
    pub async fn environments(
        &self,
        account_id: Uuid,
        query: &EnvironmentsQuery,
    ) -> Result<Page<Environment>> {
        self.get(&["accounts", &account_id.to_string(), "environments"])
            .query(query)
            .read()
            .await
    }

    /// One environment.
    pub async fn environment(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Environment>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Adds an environment.
    pub async fn create_environment(
        &self,
        account_id: Uuid,
        body: &CreateEnvironment,
    ) -> Result<Versioned<Environment>> {
        self.post(&["accounts", &account_id.to_string(), "environments"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Changes an environment.
    pub async fn update_environment(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdateEnvironment,
        if_match: Option<&str>,
    ) -> Result<Versioned<Environment>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Deletes an environment and its shares.
    pub async fn delete_environment(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
        ])
        .if_match(if_match)
        .done()
        .await
    }

    /// Who has access to an environment.
    pub async fn environment_access(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &EnvironmentAccessQuery,
    ) -> Result<Page<EnvironmentAccess>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
        ])
        .query(query)
        .read()
        .await
    }

    /// One member's access to an environment.
    pub async fn environment_access_of(
        &self,
        account_id: Uuid,
        id: Uuid,
        member_id: Uuid,
    ) -> Result<Versioned<EnvironmentAccess>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
            &member_id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Why a member may do something on an environment, or may not.
    pub async fn explain_access(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &ExplainQuery,
    ) -> Result<Explanation> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "explain",
        ])
        .query(query)
        .read()
        .await
    }

    /// The roles that the caller may give on an environment.
    pub async fn shareable_roles(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &PageQuery,
    ) -> Result<Page<ShareableRole>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "shareable-roles",
        ])
        .query(query)
        .read()
        .await
    }

    /// Invites somebody with a direct share of an environment.
    pub async fn share_environment(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &ShareEnvironment,
    ) -> Result<EnvironmentAccess> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
        ])
        .body(body)
        .read()
        .await
    }

    /// Says which roles a member has on an environment directly.
    pub async fn set_direct_roles(
        &self,
        account_id: Uuid,
        id: Uuid,
        member_id: Uuid,
        body: &DirectRoles,
        if_match: Option<&str>,
    ) -> Result<Versioned<EnvironmentAccess>> {
        self.put(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
            &member_id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Mails a new link to somebody who is invited to an environment; the old one dies.
    pub async fn resend_environment_invitation(
        &self,
        account_id: Uuid,
        id: Uuid,
        member_id: Uuid,
    ) -> Result<Versioned<EnvironmentAccess>> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
            &member_id.to_string(),
            "resend",
        ])
        .read_versioned()
        .await
    }

    /// Takes a member's direct share of an environment away.
    pub async fn remove_direct_roles(
        &self,
        account_id: Uuid,
        id: Uuid,
        member_id: Uuid,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &id.to_string(),
            "access",
            &member_id.to_string(),
        ])
        .if_match(if_match)
        .done()
        .await
    }
}
