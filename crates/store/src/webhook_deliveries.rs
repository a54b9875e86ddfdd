//! Deliveries: events that were queued for a webhook in the transaction of what happened, and what
//! became of them. Their id is the message's id, the same over all attempts.

use crate::conn::{Backend, Conn, on};
use crate::error::StoreError;
use crate::page::{Page, Position, Rows, keyset};
use crate::schema::webhook_deliveries as deliveries;
use crate::types::{Sql, many};
use crate::webhook_attempts;
use crate::webhooks::{self, Webhook};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_domain::webhook::DeliveryStatus;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub struct Delivery {
    /// Its id, and the message's.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Which event.
    pub event_type: String,
    /// What is sent, byte for byte: the signature is made over it.
    pub body: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When to try next, while it waits.
    pub next_attempt_at: DateTime<Utc>,
    /// How often somebody set out to send it.
    pub attempts: i32,
    /// How often that failed since it was queued, or asked for again.
    pub failures: i32,
    /// Until when the one who set out has it to themselves.
    pub claimed_until: Option<DateTime<Utc>>,
    /// When the last attempt ended.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// How long it took, in milliseconds.
    pub last_duration_ms: Option<i64>,
    /// The HTTP status that the receiver answered.
    pub response_status: Option<i32>,
    /// The beginning of what the receiver answered.
    pub response_body: Option<String>,
    /// What went wrong.
    pub last_error: Option<String>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A delivery as it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Which event.
    pub event_type: String,
    /// What is sent.
    pub body: String,
}

/// How an attempt went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The HTTP status that the receiver answered, if it did.
    pub response_status: Option<i32>,
    /// The beginning of what the receiver answered.
    pub response_body: Option<String>,
    /// What went wrong; none where the receiver took it.
    pub error: Option<String>,
}

/// What follows on a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// Try again then.
    RetryAt(DateTime<Utc>),
    /// Not again, unless somebody asks for it.
    GiveUp,
}

/// How much one caller takes.
#[derive(Clone, Copy, Debug)]
pub struct Take<'a> {
    /// At most so many.
    pub limit: usize,
    /// At most so many of one webhook, so that a slow one does not hold up others.
    pub of_one_webhook: usize,
    /// How many of each webhook the caller has already.
    pub in_hand: &'a HashMap<WebhookId, usize>,
    /// Until when they are the caller's alone.
    pub until: DateTime<Utc>,
    /// Claims that lapsed by then are nobody's any more.
    pub lapsed_by: DateTime<Utc>,
}

/// How far a caller looks for deliveries to take.
const LOOKED_AT: i64 = 256;
/// So many are given up at once, where too many wait.
const GIVEN_UP_AT_ONCE: i64 = 1_000;

/// Nobody has it in hand.
macro_rules! is_free {
    ($now:expr) => {
        deliveries::claimed_until
            .is_null()
            .or(deliveries::claimed_until.assume_not_null().le(Sql($now)))
    };
}

/// Queues an event of the account for one of its webhooks, due at once.
pub fn queue(
    tx: &mut Conn<'_>,
    account: AccountId,
    new: &NewDelivery,
    now: DateTime<Utc>,
) -> Result<Delivery, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(Sql(new.id)),
            deliveries::webhook_id.eq(Sql(new.webhook_id)),
            deliveries::event_type.eq(&new.event_type),
            deliveries::body.eq(&new.body),
            deliveries::status.eq(Sql(DeliveryStatus::Pending)),
            deliveries::created_at.eq(Sql(now)),
            deliveries::next_attempt_at.eq(Sql(now)),
            deliveries::attempts.eq(0),
            deliveries::failures.eq(0),
        ))
        .returning(Delivery::as_returning())
        .get_result(c))
}

/// A page of what was sent to a webhook, by the time it was queued.
pub fn page(
    tx: &mut Conn<'_>,
    webhook: WebhookId,
    status: Option<DeliveryStatus>,
    page: &Page,
) -> Result<Rows<Delivery>, StoreError> {
    let after = page.after_moment::<DeliveryId>()?;
    let rows: Vec<Delivery> = on!(tx, |c| {
        let mut query = deliveries::table
            .filter(deliveries::webhook_id.eq(Sql(webhook)))
            .into_boxed::<DB>();
        if let Some(status) = status {
            query = query.filter(deliveries::status.eq(Sql(status)));
        }
        keyset!(query, page, after, deliveries::created_at, deliveries::id)
            .select(Delivery::as_select())
            .load(c)
    })?;
    Ok(Rows::cut(rows, page, |row| {
        Position::moment(&row.created_at, row.id)
    }))
}

/// One delivery to that webhook.
pub fn by_id(
    tx: &mut Conn<'_>,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    on!(tx, |c| deliveries::table
        .find(Sql(id))
        .filter(deliveries::webhook_id.eq(Sql(webhook)))
        .select(Delivery::as_select())
        .first(c)
        .optional())
}

/// Makes a delivery due at once, with all its attempts before it. One that somebody has in hand stays
/// theirs.
pub fn send_again(
    tx: &mut Conn<'_>,
    account: AccountId,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<Option<Delivery>, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::update(
        deliveries::table
            .find(Sql(delivery.id))
            .filter(is_free!(now))
    )
    .set((
        deliveries::status.eq(Sql(DeliveryStatus::Pending)),
        deliveries::next_attempt_at.eq(Sql(now)),
        deliveries::failures.eq(0),
        deliveries::finished_at.eq(None::<Sql<DateTime<Utc>>>),
    ))
    .returning(Delivery::as_returning())
    .get_result(c)
    .optional())
}

/// Gives up what waits for a webhook that is switched off; what somebody has in hand is theirs.
pub fn give_up_waiting(
    tx: &mut Conn<'_>,
    webhook: WebhookId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::update(
        deliveries::table
            .filter(deliveries::webhook_id.eq(Sql(webhook)))
            .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
            .filter(is_free!(now))
    )
    .set((
        deliveries::status.eq(Sql(DeliveryStatus::Failed)),
        deliveries::last_error.eq(Some(reason)),
        deliveries::finished_at.eq(Some(Sql(now))),
        deliveries::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
    ))
    .execute(c))
}

/// Gives up the oldest that wait for a webhook, beyond the newest `most`, some at a time; what somebody has
/// in hand is theirs.
pub fn give_up_beyond(
    tx: &mut Conn<'_>,
    webhook: WebhookId,
    most: u32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    macro_rules! waiting {
        () => {
            deliveries::table
                .filter(deliveries::webhook_id.eq(Sql(webhook)))
                .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
        };
    }
    let newest_to_go: Option<(DateTime<Utc>, DeliveryId)> = on!(tx, |c| waiting!()
        .order((deliveries::created_at.desc(), deliveries::id.desc()))
        .select((deliveries::created_at, deliveries::id))
        .offset(i64::from(most))
        .first(c)
        .optional())?;
    let Some((at, id)) = newest_to_go else {
        return Ok(0);
    };
    macro_rules! to_go {
        () => {
            waiting!()
                .filter(is_free!(now))
                .filter(
                    deliveries::created_at.lt(Sql(at)).or(deliveries::created_at
                        .eq(Sql(at))
                        .and(deliveries::id.le(Sql(id)))),
                )
                .order((deliveries::created_at.asc(), deliveries::id.asc()))
                .select(deliveries::id)
                .limit(GIVEN_UP_AT_ONCE)
        };
    }
    // Whoever claims some of them at this moment has them.
    let found: QueryResult<Vec<DeliveryId>> = match &mut tx.backend {
        Backend::Pg(c) => to_go!().for_update().skip_locked().load(*c),
        Backend::Sqlite(c) => to_go!().load(*c),
    };
    let found = tx.note(found)?;
    on!(tx, |c| diesel::update(
        deliveries::table.filter(deliveries::id.eq_any(many(&found)))
    )
    .set((
        deliveries::status.eq(Sql(DeliveryStatus::Failed)),
        deliveries::last_error.eq(Some(reason)),
        deliveries::finished_at.eq(Some(Sql(now))),
        deliveries::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
    ))
    .execute(c))
}

/// Deliveries that are due and that nobody has, in the order in which they became due.
macro_rules! due {
    ($now:expr, $lapsed_by:expr) => {
        deliveries::table
            .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
            .filter(deliveries::next_attempt_at.le(Sql($now)))
            .filter(is_free!($lapsed_by))
            .order((deliveries::next_attempt_at.asc(), deliveries::id.asc()))
    };
}

/// Whether anything is due, with claims that lapsed by then: a look that locks nothing.
pub fn any_due(
    tx: &mut Conn<'_>,
    lapsed_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let first: Option<DeliveryId> = on!(tx, |c| due!(now, lapsed_by)
        .select(deliveries::id)
        .first(c)
        .optional())?;
    Ok(first.is_some())
}

/// Takes what is due and nobody has, for this caller alone for a while, and counts the attempt. Safe
/// with several instances at once.
pub fn claim_due(
    tx: &mut Conn<'_>,
    take: Take<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<(Delivery, Webhook)>, StoreError> {
    let full: Vec<WebhookId> = take
        .in_hand
        .iter()
        .filter(|(_, count)| **count >= take.of_one_webhook)
        .map(|(id, _)| *id)
        .collect();
    macro_rules! candidates {
        () => {
            due!(now, take.lapsed_by)
                .filter(deliveries::webhook_id.ne_all(many(&full)))
                .select((deliveries::id, deliveries::webhook_id))
                .limit(LOOKED_AT)
        };
    }
    let found: QueryResult<Vec<(DeliveryId, WebhookId)>> = match &mut tx.backend {
        Backend::Pg(c) => candidates!().for_update().skip_locked().load(*c),
        Backend::Sqlite(c) => candidates!().load(*c),
    };
    let found = tx.note(found)?;
    let mut in_hand = take.in_hand.clone();
    let mut chosen = Vec::new();
    for (id, webhook) in found {
        let count = in_hand.entry(webhook).or_default();
        if chosen.len() < take.limit && *count < take.of_one_webhook {
            *count += 1;
            chosen.push(id);
        }
    }
    let mut claimed: Vec<Delivery> = on!(tx, |c| diesel::update(
        deliveries::table.filter(deliveries::id.eq_any(many(&chosen)))
    )
    .set((
        deliveries::claimed_until.eq(Some(Sql(take.until))),
        deliveries::attempts.eq(deliveries::attempts + 1),
    ))
    .returning(Delivery::as_returning())
    .get_results(c))?;
    claimed.sort_by_key(|delivery| (delivery.next_attempt_at, delivery.id));
    let mut ids: Vec<WebhookId> = claimed.iter().map(|delivery| delivery.webhook_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let webhooks: HashMap<WebhookId, Webhook> = webhooks::by_ids(tx, &ids)?
        .into_iter()
        .map(|webhook| (webhook.id, webhook))
        .collect();
    Ok(claimed
        .into_iter()
        .filter_map(|delivery| {
            let webhook = webhooks.get(&delivery.webhook_id)?.clone();
            Some((delivery, webhook))
        })
        .collect())
}

/// Notes that the receiver took it, whoever set out since; `false` when it is gone.
pub fn mark_delivered(
    tx: &mut Conn<'_>,
    delivery: &Delivery,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let is_there = on!(tx, |c| diesel::update(
        deliveries::table.find(Sql(delivery.id))
    )
    .set((
        deliveries::status.eq(Sql(DeliveryStatus::Delivered)),
        deliveries::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
        deliveries::last_attempt_at.eq(Some(Sql(now))),
        deliveries::last_duration_ms.eq(Some(attempt.duration_ms)),
        deliveries::response_status.eq(attempt.response_status),
        deliveries::response_body.eq(attempt.response_body.as_deref()),
        deliveries::last_error.eq(None::<String>),
        deliveries::finished_at.eq(Some(Sql(now))),
    ))
    .execute(c)
    .map(|count| count > 0))?;
    if is_there {
        webhook_attempts::note(tx, delivery, attempt, now)?;
    }
    Ok(is_there)
}

/// Notes that an attempt failed; `false` when the delivery is gone, or somebody else has set out since,
/// whose attempt counts: this one then is only written down.
pub fn mark_failed(
    tx: &mut Conn<'_>,
    delivery: &Delivery,
    attempt: &Attempt,
    then: AfterFailure,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (status, next_attempt_at, finished_at) = match then {
        AfterFailure::RetryAt(at) => (DeliveryStatus::Pending, at, None),
        AfterFailure::GiveUp => (
            DeliveryStatus::Failed,
            delivery.next_attempt_at,
            Some(Sql(now)),
        ),
    };
    let counts = on!(tx, |c| diesel::update(
        deliveries::table
            .find(Sql(delivery.id))
            .filter(deliveries::attempts.eq(delivery.attempts))
            .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
    )
    .set((
        deliveries::status.eq(Sql(status)),
        deliveries::next_attempt_at.eq(Sql(next_attempt_at)),
        deliveries::failures.eq(deliveries::failures + 1),
        deliveries::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
        deliveries::last_attempt_at.eq(Some(Sql(now))),
        deliveries::last_duration_ms.eq(Some(attempt.duration_ms)),
        deliveries::response_status.eq(attempt.response_status),
        deliveries::response_body.eq(attempt.response_body.as_deref()),
        deliveries::last_error.eq(attempt.error.as_deref()),
        deliveries::finished_at.eq(finished_at),
    ))
    .execute(c)
    .map(|count| count > 0))?;
    if counts || by_id(tx, delivery.webhook_id, delivery.id)?.is_some() {
        webhook_attempts::note(tx, delivery, attempt, now)?;
    }
    Ok(counts)
}

/// Deletes what was delivered or given up before a moment.
pub fn delete_finished(tx: &mut Conn<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        deliveries::table.filter(deliveries::finished_at.lt(Some(Sql(before))))
    )
    .execute(c))
}

/// Deletes of each webhook the oldest that are delivered or given up, beyond the newest `kept`.
pub fn keep_newest(tx: &mut Conn<'_>, kept: u32) -> Result<usize, StoreError> {
    let crowded: Vec<WebhookId> = on!(tx, |c| deliveries::table
        .filter(deliveries::finished_at.is_not_null())
        .group_by(deliveries::webhook_id)
        .having(diesel::dsl::count_star().gt(i64::from(kept)))
        .select(deliveries::webhook_id)
        .load(c))?;
    let mut deleted = 0;
    for webhook in crowded {
        let last_to_go: Option<(DateTime<Utc>, DeliveryId)> = on!(tx, |c| deliveries::table
            .filter(deliveries::webhook_id.eq(Sql(webhook)))
            .filter(deliveries::finished_at.is_not_null())
            .order((deliveries::created_at.desc(), deliveries::id.desc()))
            .select((deliveries::created_at, deliveries::id))
            .offset(i64::from(kept))
            .first(c)
            .optional())?;
        let Some((at, id)) = last_to_go else { continue };
        deleted += on!(tx, |c| diesel::delete(
            deliveries::table
                .filter(deliveries::webhook_id.eq(Sql(webhook)))
                .filter(deliveries::finished_at.is_not_null())
                .filter(
                    deliveries::created_at.lt(Sql(at)).or(deliveries::created_at
                        .eq(Sql(at))
                        .and(deliveries::id.le(Sql(id)))),
                )
        )
        .execute(c))?;
    }
    Ok(deleted)
}
