//! What was sent to a webhook, and sending it again.

use accord_domain::authorize::{ManageWebhooks, ReadHosting};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_domain::webhook::DeliveryStatus;
use accord_store::webhook_attempts;
use accord_store::webhook_deliveries::{self, Delivery};
use accord_store::webhooks;
use accord_store::{Conn, Page, Rows};

use super::{DeliveryView, WebhookView};
use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError};

impl Service {
    /// A page of what was or shall be sent to a webhook.
    ///
    /// # Errors
    /// Unless the caller owns the account and the webhook is there.
    pub fn list_deliveries(
        &self,
        call: &Call,
        host: AccountId,
        webhook: WebhookId,
        status: Option<DeliveryStatus>,
        page: &Page,
    ) -> Result<Rows<DeliveryView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| {
            webhooks::by_id(tx, host, webhook)?.ok_or(ServiceError::HIDDEN)?;
            let rows = webhook_deliveries::page(tx, webhook, status, page)?;
            let ids: Vec<DeliveryId> = rows.items.iter().map(|one| one.id).collect();
            let mut attempts = webhook_attempts::of(tx, &ids)?;
            Ok(rows.map(|delivery| DeliveryView {
                attempts: attempts.remove(&delivery.id).unwrap_or_default(),
                delivery,
            }))
        })
    }

    /// Sends something again, under the id that it had: the receiver recognises it. One that is under way
    /// stays as it is.
    ///
    /// # Errors
    /// Hidden when it is not there; [`ServiceError::WebhookOff`].
    pub fn redeliver(
        &self,
        call: &Call,
        host: AccountId,
        webhook: WebhookId,
        id: DeliveryId,
    ) -> Result<DeliveryView> {
        self.change_hosting::<ManageWebhooks, _>(call, host, |tx, stage, _| {
            let webhook = webhooks::by_id(tx, host, webhook)?.ok_or(ServiceError::HIDDEN)?;
            let delivery =
                webhook_deliveries::by_id(tx, webhook.id, id)?.ok_or(ServiceError::HIDDEN)?;
            is_on(&webhook)?;
            let again = webhook_deliveries::send_again(tx, host, &delivery, stage.now)?;
            with_attempts(tx, again.unwrap_or(delivery))
        })
    }

    /// Sends a test to a webhook, on the way that everything takes.
    ///
    /// # Errors
    /// Hidden when it is not there; [`ServiceError::WebhookOff`].
    pub fn test_webhook(
        &self,
        call: &Call,
        host: AccountId,
        id: WebhookId,
    ) -> Result<DeliveryView> {
        self.change_hosting::<ManageWebhooks, _>(call, host, |tx: &mut Conn<'_>, stage, _| {
            let webhook = webhooks::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            is_on(&webhook)?;
            let queued = self.queue_test(tx, &webhook, stage.now)?;
            with_attempts(tx, queued)
        })
    }
}

fn with_attempts(tx: &mut Conn<'_>, delivery: Delivery) -> Result<DeliveryView> {
    let mut attempts = webhook_attempts::of(tx, &[delivery.id])?;
    Ok(DeliveryView {
        attempts: attempts.remove(&delivery.id).unwrap_or_default(),
        delivery,
    })
}

fn is_on(webhook: &WebhookView) -> Result<()> {
    match webhook.switched_off_at {
        None => Ok(()),
        Some(_) => Err(ServiceError::WebhookOff),
    }
}
