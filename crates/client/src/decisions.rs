//! What is allowed, asked before something is done.

use accord_api_types::{CheckAccess, CheckAnswers, Preview, PreviewAccess};
use uuid::Uuid;

use crate::{Client, Result};

impl Client {
    /// Whether accounts may do actions on environments, in the order of the checks.
    pub async fn check_access(&self, body: &CheckAccess) -> Result<CheckAnswers> {
        self.post(&["checks"]).body(body).read().await
    }

    /// Who would gain and lose what by a change; nothing is saved.
    pub async fn preview(
        &self,
        account_id: Uuid,
        body: &PreviewAccess,
        if_match: Option<&str>,
    ) -> Result<Preview> {
        self.post(&["accounts", &account_id.to_string(), "preview"])
            .body(body)
            .if_match(if_match)
            .read()
            .await
    }
}
