//! What the owner hears when a webhook is given up.

use accord_domain::notification::NotificationKind;
use accord_domain::webhook::SwitchedOff;
use accord_mail::Message;
use accord_store::webhooks::Webhook;
use accord_store::{Conn, StoreError, accounts};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Service;
use crate::call::RequestInfo;
use crate::error::{Result, ServiceError};
use crate::notifications::{Notice, NoticeParams};
use crate::tasks::{Actor, Happening};

impl Service {
    /// Records that a webhook was switched off because of its receiver, and tells the owner: called in the
    /// transaction that does it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn webhook_switched_off(
        &self,
        tx: &mut Conn<'_>,
        webhook: &Webhook,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.note_switched_off(tx, webhook, now)
            .map_err(|error| match error {
                ServiceError::Unavailable => StoreError::Unavailable(error.to_string()),
                error => StoreError::Internal(error.to_string()),
            })
    }

    fn note_switched_off(
        &self,
        tx: &mut Conn<'_>,
        webhook: &Webhook,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Some(owner) = accounts::by_id(tx, webhook.account_id)? else {
            return Ok(());
        };
        let because = webhook.switched_off_because.map(SwitchedOff::as_str);
        let happening = Happening::new("webhook.switch_off")
            .item("webhook", webhook.id, &webhook.url)
            .after(json!({ "enabled": false, "because": because }));
        let request = RequestInfo::default();
        self.record(tx, owner.id, Actor::by_itself(&request), happening, now)?;
        let params = NoticeParams {
            webhook_id: Some(webhook.id.into()),
            webhook_url: Some(webhook.url.clone()),
            error: webhook.last_error.clone(),
            ..NoticeParams::default()
        };
        let message = Message::WebhookSwitchedOff {
            url: webhook.url.clone(),
            error: webhook.last_error.clone().unwrap_or_default(),
            path: format!("/settings/webhooks/{}", webhook.id),
        };
        let notice = Notice::new(NotificationKind::WebhookSwitchedOff, owner.id, params);
        self.tell(tx, &owner, &notice.mail(message), now)?;
        self.wake_mail_worker();
        Ok(())
    }
}
