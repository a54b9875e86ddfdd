//! Webhooks and what was sent to them.

use accord_api_types::{
    CreateWebhook, NewWebhook, Page, PageQuery, UpdateWebhook, Webhook, WebhookDeliveriesQuery,
    WebhookDelivery,
};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// The account's webhooks.
    pub async fn webhooks(&self, account_id: Uuid, query: &PageQuery) -> Result<Page<Webhook>> {
        self.get(&["accounts", &account_id.to_string(), "webhooks"])
            .query(query)
            .read()
            .await
    }

    /// One of them.
    pub async fn webhook(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Webhook>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Adds a webhook; its secret is in the answer, this once.
    pub async fn create_webhook(
        &self,
        account_id: Uuid,
        body: &CreateWebhook,
    ) -> Result<Versioned<NewWebhook>> {
        self.post(&["accounts", &account_id.to_string(), "webhooks"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Changes a webhook.
    pub async fn update_webhook(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdateWebhook,
        if_match: Option<&str>,
    ) -> Result<Versioned<Webhook>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Removes a webhook, with its log.
    pub async fn delete_webhook(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
        ])
        .if_match(if_match)
        .done()
        .await
    }

    /// Gives a webhook another secret, which is in the answer, this once.
    pub async fn rotate_webhook_secret(
        &self,
        account_id: Uuid,
        id: Uuid,
    ) -> Result<Versioned<NewWebhook>> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
            "rotate-secret",
        ])
        .read_versioned()
        .await
    }

    /// Sends a test to a webhook.
    pub async fn test_webhook(&self, account_id: Uuid, id: Uuid) -> Result<WebhookDelivery> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
            "test",
        ])
        .read()
        .await
    }

    /// What was or shall be sent to a webhook, the newest first.
    pub async fn webhook_deliveries(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &WebhookDeliveriesQuery,
    ) -> Result<Page<WebhookDelivery>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
            "deliveries",
        ])
        .query(query)
        .read()
        .await
    }

    /// Sends something again, under the id that it had.
    pub async fn redeliver_webhook(
        &self,
        account_id: Uuid,
        id: Uuid,
        delivery_id: Uuid,
    ) -> Result<WebhookDelivery> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "webhooks",
            &id.to_string(),
            "deliveries",
            &delivery_id.to_string(),
            "redeliver",
        ])
        .read()
        .await
    }
}
