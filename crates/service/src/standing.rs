//! What waits and what is off, for the operator.

use accord_domain::webhook::SwitchedOff;
use accord_store::{outbox, webhook_standing};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::error::Result;

/// The mail that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxView {
    pub waiting: i64,
    /// Kept for a while, and then not counted any more.
    pub given_up: i64,
    /// How long the one that waits the longest has waited.
    pub oldest_seconds: i64,
}

/// Webhooks, and what waits for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhooksView {
    pub on: i64,
    /// How many are off, for each reason.
    pub off: Vec<(SwitchedOff, i64)>,
    /// Deliveries that wait, for their first attempt or another one.
    pub waiting: i64,
    /// How long the one that waits the longest has waited.
    pub oldest_seconds: i64,
}

impl Service {
    /// How much mail waits now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outbox_now(&self) -> Result<OutboxView> {
        let now = self.clock.now();
        self.db.read(|tx| {
            let (waiting, oldest, given_up) = outbox::standing(tx)?;
            Ok(OutboxView {
                waiting,
                given_up,
                oldest_seconds: seconds_since(oldest, now),
            })
        })
    }

    /// How webhooks stand now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn webhooks_now(&self) -> Result<WebhooksView> {
        let now = self.clock.now();
        self.db.read(|tx| {
            let (waiting, oldest) = webhook_standing::waiting(tx)?;
            let mut off = Vec::new();
            for because in SwitchedOff::ALL {
                off.push((*because, webhook_standing::switched_off(tx, *because)?));
            }
            Ok(WebhooksView {
                on: webhook_standing::switched_on(tx)?,
                off,
                waiting,
                oldest_seconds: seconds_since(oldest, now),
            })
        })
    }
}

fn seconds_since(oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0))
}
