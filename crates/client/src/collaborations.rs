//! Shared with Me: the member's side of a collaboration.

use accord_api_types::{
    Collaboration, EffectiveAccess, EffectiveAccessQuery, Page, PageQuery, UpdateCollaboration,
};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// The collaborations that the caller is invited to or takes part in.
    pub async fn collaborations(&self, query: &PageQuery) -> Result<Page<Collaboration>> {
        self.get(&["collaborations"]).query(query).read().await
    }

    /// One collaboration; its id is the member record's.
    pub async fn collaboration(&self, id: Uuid) -> Result<Versioned<Collaboration>> {
        self.get(&["collaborations", &id.to_string()])
            .read_versioned()
            .await
    }

    /// Gives a collaboration the caller's own label.
    pub async fn update_collaboration(
        &self,
        id: Uuid,
        body: &UpdateCollaboration,
        if_match: Option<&str>,
    ) -> Result<Versioned<Collaboration>> {
        self.patch(&["collaborations", &id.to_string()])
            .body(body)
            .if_match(if_match)
            .read_versioned()
            .await
    }

    /// Accepts an invitation to the caller's verified address.
    pub async fn accept_collaboration(&self, id: Uuid) -> Result<Collaboration> {
        self.post(&["collaborations", &id.to_string(), "accept"])
            .read()
            .await
    }

    /// Rejects an invitation to the caller's verified address.
    pub async fn reject_collaboration(&self, id: Uuid) -> Result<()> {
        self.post(&["collaborations", &id.to_string(), "reject"])
            .done()
            .await
    }

    /// Leaves a collaboration.
    pub async fn leave_collaboration(&self, id: Uuid) -> Result<()> {
        self.post(&["collaborations", &id.to_string(), "leave"])
            .done()
            .await
    }

    /// The caller's effective access in a collaboration, environment by environment.
    pub async fn collaboration_access(
        &self,
        id: Uuid,
        query: &EffectiveAccessQuery,
    ) -> Result<Page<EffectiveAccess>> {
        self.get(&["collaborations", &id.to_string(), "access"])
            .query(query)
            .read()
            .await
    }
}
