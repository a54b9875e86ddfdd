//! The program itself: what it offers and how it fares.

use accord_api_types::{DevelopmentMail, Health, ServiceInfo};

use crate::{Client, Result};

impl Client {
    /// What the service offers, before anybody is signed in.
    pub async fn service_info(&self) -> Result<ServiceInfo> {
        self.get(&["service"]).anonymous().read().await
    }

    /// Whether the program is alive.
    pub async fn livez(&self) -> Result<Health> {
        self.get_at_root(&["livez"]).anonymous().read().await
    }

    /// Whether the program can serve: its database answers.
    pub async fn readyz(&self) -> Result<Health> {
        self.get_at_root(&["readyz"]).anonymous().read().await
    }

    /// The API's description, as it is served.
    pub async fn openapi(&self) -> Result<serde_json::Value> {
        self.get(&["openapi.json"]).anonymous().read().await
    }

    /// The mails kept in the development mailbox, newest first.
    pub async fn development_mailbox(&self) -> Result<Vec<DevelopmentMail>> {
        self.get_at_root(&["dev", "mailbox.json"])
            .anonymous()
            .read()
            .await
    }

    /// Those of them that go to this address, as it was typed.
    pub async fn development_mailbox_of(&self, address: &str) -> Result<Vec<DevelopmentMail>> {
        self.get_at_root(&["dev", "mailbox.json"])
            .query(&[("to", address)])
            .anonymous()
            .read()
            .await
    }
}
