//! Invitation links: what they lead to, and the decision.

use accord_api_types::{AcceptInvitation, AcceptedInvitation, Invitation};

use crate::{Client, Result};

impl Client {
    /// What an invitation link leads to. Asking changes nothing.
    pub async fn invitation(&self, token: &str) -> Result<Invitation> {
        self.get(&["invitations", token]).read().await
    }

    /// Tells that a person acted on the page of the link, and not a scanner that opens every link.
    pub async fn invitation_opened(&self, token: &str) -> Result<()> {
        self.post(&["invitations", token, "opened"]).done().await
    }

    /// Accepts by the link: signed in with the invited address, or with a password that makes an
    /// account. In the second case the client is signed in afterwards.
    pub async fn accept_invitation(
        &self,
        token: &str,
        body: &AcceptInvitation,
    ) -> Result<AcceptedInvitation> {
        let accepted: AcceptedInvitation = self
            .post(&["invitations", token, "accept"])
            .body(body)
            .read()
            .await?;
        if let Some(token) = &accepted.access_token {
            self.set_access_token(Some(token.clone()));
        }
        Ok(accepted)
    }

    /// Rejects by the link alone; nobody need be signed in.
    pub async fn reject_invitation(&self, token: &str) -> Result<()> {
        self.post(&["invitations", token, "reject"]).done().await
    }
}
