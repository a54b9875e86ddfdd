//! What is allowed, asked before something is done.

use accord_api_types::{CheckAccess, CheckAnswers};

use crate::{Client, Result};

impl Client {
    /// Whether accounts may do actions on environments, in the order of the checks.
    pub async fn check_access(&self, body: &CheckAccess) -> Result<CheckAnswers> {
        self.post(&["checks"]).body(body).read().await
    }
}
