//! Between the record and the webhooks: an entry of the record becomes a delivery for each webhook that
//! asked to hear of it, in the transaction of the entry.

use accord_domain::webhook::{MOST_WAITING, TEST_EVENT, changed_fields, events_of};
use accord_store::tasks::Task;
use accord_store::webhook_deliveries::{self, Delivery, NewDelivery};
use accord_store::webhooks::{self, Webhook};
use accord_store::{Conn, accounts};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::Service;
use crate::error::Result;

/// Why the oldest that waited are not sent any more.
const TOO_MANY_WAITED: &str = "Too many waited for this webhook: the oldest were given up.";

impl Service {
    /// Queues what the account's webhooks are told of an entry that was just added. What is told are ids, the
    /// names of fields and the account's revision: whoever receives it asks for more with rights of their own.
    pub(crate) fn queue_events(&self, tx: &mut Conn<'_>, task: &Task) -> Result<()> {
        let changed = changed_fields(task.before.as_ref(), task.after.as_ref());
        let events = events_of(&task.action, &changed);
        if events.is_empty() {
            return Ok(());
        }
        let webhooks = webhooks::switched_on(tx, task.account_id)?;
        if webhooks.is_empty() {
            return Ok(());
        }
        let revision = accounts::revisions(tx, &[task.account_id])?
            .get(&task.account_id)
            .copied();
        let data = json!({
            "account_id": task.account_id,
            "revision": revision,
            "task_id": task.id,
            "actor_id": task.actor_id,
            "member_id": task.member_id,
            "environment_id": task.environment_id,
            "item": task.item.as_ref().map(|item| json!({ "kind": item["kind"], "id": item["id"] })),
            "changed": changed,
        });
        for event in events {
            let body = body(event.as_str(), task.at, &data);
            for webhook in webhooks
                .iter()
                .filter(|webhook| webhook.events.contains(&event))
            {
                self.queue_delivery(tx, webhook, event.as_str(), &body, task.at)?;
            }
        }
        Ok(())
    }

    /// Queues a test for one webhook, whatever events it asked to hear of.
    pub(super) fn queue_test(
        &self,
        tx: &mut Conn<'_>,
        webhook: &Webhook,
        now: DateTime<Utc>,
    ) -> Result<Delivery> {
        let revision = accounts::revisions(tx, &[webhook.account_id])?
            .get(&webhook.account_id)
            .copied();
        let data = json!({
            "account_id": webhook.account_id,
            "revision": revision,
            "task_id": null,
            "actor_id": null,
            "member_id": null,
            "environment_id": null,
            "item": { "kind": "webhook", "id": webhook.id },
            "changed": [],
        });
        let body = body(TEST_EVENT, now, &data);
        self.queue_delivery(tx, webhook, TEST_EVENT, &body, now)
    }

    fn queue_delivery(
        &self,
        tx: &mut Conn<'_>,
        webhook: &Webhook,
        event_type: &str,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<Delivery> {
        let new = NewDelivery {
            id: self.randomness.id(now),
            webhook_id: webhook.id,
            event_type: event_type.to_owned(),
            body: body.to_owned(),
        };
        let queued = webhook_deliveries::queue(tx, webhook.account_id, &new, now)?;
        webhook_deliveries::give_up_beyond(tx, webhook.id, MOST_WAITING, TOO_MANY_WAITED, now)?;
        Ok(queued)
    }
}

fn body(event_type: &str, at: DateTime<Utc>, data: &Value) -> String {
    json!({
        "type": event_type,
        "timestamp": at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "data": data,
    })
    .to_string()
}
