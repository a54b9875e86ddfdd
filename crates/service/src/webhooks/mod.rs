//! Webhooks: an account's programs hear of what happens on it. What is told is queued in the transaction
//! in which it happens, and sent by the worker of `accord-webhooks`.

mod deliveries;
mod events;
mod manage;
mod secrets;
mod switched_off;

use accord_domain::text::Description;
use accord_domain::webhook::WebhookEvent;
use accord_store::webhook_deliveries::Delivery;
use accord_webhooks::WebhookSecret;

pub use accord_store::webhook_attempts::MadeAttempt as AttemptView;
pub use accord_store::webhooks::Webhook as WebhookView;
pub(crate) use secrets::seal_anew;

/// What was or shall be sent to a webhook, and the attempts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    pub delivery: Delivery,
    /// The first ones first.
    pub attempts: Vec<AttemptView>,
}

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct CreateWebhook {
    pub url: String,
    pub description: Description,
    pub events: Vec<WebhookEvent>,
    pub enabled: bool,
}

/// What changes about a webhook; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateWebhook {
    pub url: Option<String>,
    pub description: Option<Description>,
    pub events: Option<Vec<WebhookEvent>>,
    pub enabled: Option<bool>,
}

/// A webhook with a new secret, which is told this once.
#[derive(Clone, Debug)]
pub struct WebhookWithSecret {
    pub webhook: WebhookView,
    pub secret: WebhookSecret,
}

impl crate::tasks::Recorded for WebhookView {
    const KIND: &'static str = "webhook";

    fn id(&self) -> uuid::Uuid {
        self.id.into()
    }

    fn name(&self) -> &str {
        &self.url
    }

    fn facts(&self) -> serde_json::Value {
        serde_json::json!({
            "url": self.url,
            "description": self.description,
            "event_types": self.events,
            "enabled": self.switched_off_at.is_none(),
        })
    }
}
