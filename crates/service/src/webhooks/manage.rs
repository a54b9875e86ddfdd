//! Adding, changing and removing webhooks.

use accord_domain::authorize::{ManageWebhooks, ReadHosting};
use accord_domain::ids::{AccountId, WebhookId};
use accord_domain::text::Description;
use accord_domain::webhook::{MOST_WEBHOOKS, SwitchedOff, WebhookEvent};
use accord_store::webhooks::{self, WebhookContent};
use accord_store::{Page, Rows, webhook_deliveries};
use accord_webhooks::{Target, WebhookSecret};

use super::{CreateWebhook, UpdateWebhook, WebhookView, WebhookWithSecret};
use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError, done};

/// Why what waited is not sent any more.
pub(super) const OWNER_SWITCHED_OFF: &str = "The webhook was switched off before it could be sent.";

impl Service {
    /// A page of the account's webhooks, by the time they were made.
    ///
    /// # Errors
    /// Unless the caller owns the account.
    pub fn list_webhooks(
        &self,
        call: &Call,
        host: AccountId,
        page: &Page,
    ) -> Result<Rows<WebhookView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| Ok(webhooks::page(tx, host, page)?))
    }

    /// One of them.
    ///
    /// # Errors
    /// Unless the caller owns the account and it is there.
    pub fn get_webhook(&self, call: &Call, host: AccountId, id: WebhookId) -> Result<WebhookView> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, _| {
            webhooks::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)
        })
    }

    /// Adds a webhook, and tells its secret this once.
    ///
    /// # Errors
    /// A URL that may not be sent to, no event, [`ServiceError::TooManyWebhooks`].
    pub fn create_webhook(
        &self,
        call: &Call,
        host: AccountId,
        command: &CreateWebhook,
    ) -> Result<WebhookWithSecret> {
        let url = self.webhook_url(&command.url)?;
        let events = some_events(&command.events)?;
        let secret = WebhookSecret::new(self.randomness.bytes());
        let webhook =
            self.change_hosting::<ManageWebhooks, _>(call, host, |tx, stage, grant| {
                let now = stage.now;
                if usize::try_from(webhooks::count(tx, host)?).unwrap_or(usize::MAX)
                    >= MOST_WEBHOOKS
                {
                    return Err(ServiceError::TooManyWebhooks);
                }
                let id: WebhookId = self.randomness.id(now);
                let sealed = self.seal_webhook_secret(id, &secret)?;
                let content = WebhookContent {
                    url: url.as_str().to_owned(),
                    description: command.description.as_str().to_owned(),
                    events: events.clone(),
                    switched_off: (!command.enabled).then_some((now, SwitchedOff::Owner)),
                    failing_since: None,
                };
                let webhook = webhooks::insert(tx, grant, id, &content, &sealed, now)?;
                self.thing_recorded(tx, stage, call, "webhook.create", None, Some(&webhook))?;
                Ok(webhook)
            })?;
        Ok(WebhookWithSecret { webhook, secret })
    }

    /// Changes a webhook. One that is switched on again begins anew: what it failed at before does not count.
    ///
    /// # Errors
    /// A URL that may not be sent to, no event, [`ServiceError::Stale`].
    pub fn update_webhook(
        &self,
        call: &Call,
        host: AccountId,
        id: WebhookId,
        command: &UpdateWebhook,
        expected_version: Option<i64>,
    ) -> Result<WebhookView> {
        let url = command
            .url
            .as_deref()
            .map(|url| self.webhook_url(url))
            .transpose()?;
        let events = command.events.as_deref().map(some_events).transpose()?;
        self.change_hosting::<ManageWebhooks, _>(call, host, |tx, stage, grant| {
            let now = stage.now;
            let before = webhooks::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            let was_off = before.switched_off_at.zip(before.switched_off_because);
            let switched_off = match command.enabled {
                Some(true) => None,
                Some(false) => was_off.or(Some((now, SwitchedOff::Owner))),
                None => was_off,
            };
            let url = url.as_ref().map_or(before.url.as_str(), Target::as_str);
            let begins_anew = url != before.url || (was_off.is_some() && switched_off.is_none());
            let content = WebhookContent {
                url: url.to_owned(),
                description: command
                    .description
                    .as_ref()
                    .map_or(before.description.as_str(), Description::as_str)
                    .to_owned(),
                events: events.clone().unwrap_or_else(|| before.events.clone()),
                switched_off,
                failing_since: before.failing_since.filter(|_| !begins_anew),
            };
            let webhook = done(webhooks::update(
                tx,
                grant,
                id,
                &content,
                expected_version,
                now,
            )?)?;
            if was_off.is_none() && switched_off.is_some() {
                webhook_deliveries::give_up_waiting(tx, id, OWNER_SWITCHED_OFF, now)?;
            }
            let (before, after) = (Some(&before), Some(&webhook));
            self.thing_recorded(tx, stage, call, "webhook.update", before, after)?;
            Ok(webhook)
        })
    }

    /// Removes a webhook, with its log. What is under way may still arrive.
    ///
    /// # Errors
    /// Hidden when it is not there; [`ServiceError::Stale`].
    pub fn delete_webhook(
        &self,
        call: &Call,
        host: AccountId,
        id: WebhookId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ManageWebhooks, _>(call, host, |tx, stage, grant| {
            let before = webhooks::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            webhooks::delete(tx, grant, id)?;
            self.thing_recorded(tx, stage, call, "webhook.delete", Some(&before), None)
        })
    }

    fn webhook_url(&self, typed: &str) -> Result<Target> {
        Target::parse(typed, &self.settings.webhook_addresses)
            .map_err(|error| ServiceError::invalid("/url", error.to_string()))
    }
}

/// Each event once, and at least one.
fn some_events(events: &[WebhookEvent]) -> Result<Vec<WebhookEvent>> {
    let mut events = events.to_vec();
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(ServiceError::invalid(
            "/event_types",
            "A webhook hears of something: choose at least one event.",
        ));
    }
    Ok(events)
}
