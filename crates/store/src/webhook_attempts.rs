//! The attempts to send a delivery, each with what came of it.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::webhook_attempts as attempts;
use crate::types::{Sql, many};
use crate::webhook_deliveries::{Attempt, Delivery};
use accord_domain::ids::DeliveryId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// Of a delivery, so many attempts are kept; the oldest make room. It takes ten until it is given up, and
/// may be asked for again.
const KEPT: i32 = 50;

/// One attempt that was made.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub struct MadeAttempt {
    /// What was sent.
    pub delivery_id: DeliveryId,
    /// Which of its attempts it was.
    pub number: i32,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The HTTP status that the receiver answered, if it did.
    pub response_status: Option<i32>,
    /// What went wrong; none where the receiver took it.
    pub error: Option<String>,
}

/// Writes down how the attempt went that was counted when this delivery was claimed. One that is there
/// already stays as it is.
pub(crate) fn note(
    tx: &mut Conn<'_>,
    delivery: &Delivery,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(attempts::table)
        .values((
            attempts::delivery_id.eq(Sql(delivery.id)),
            attempts::number.eq(delivery.attempts),
            attempts::ended_at.eq(Sql(now)),
            attempts::duration_ms.eq(attempt.duration_ms),
            attempts::response_status.eq(attempt.response_status),
            attempts::error.eq(attempt.error.as_deref()),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    on!(tx, |c| diesel::delete(
        attempts::table
            .filter(attempts::delivery_id.eq(Sql(delivery.id)))
            .filter(attempts::number.le(delivery.attempts - KEPT))
    )
    .execute(c))?;
    Ok(())
}

/// The attempts of these deliveries, the first ones first.
pub fn of(
    tx: &mut Conn<'_>,
    deliveries: &[DeliveryId],
) -> Result<HashMap<DeliveryId, Vec<MadeAttempt>>, StoreError> {
    let made: Vec<MadeAttempt> = on!(tx, |c| attempts::table
        .filter(attempts::delivery_id.eq_any(many(deliveries)))
        .order((attempts::delivery_id.asc(), attempts::number.asc()))
        .select(MadeAttempt::as_select())
        .load(c))?;
    let mut by_delivery: HashMap<DeliveryId, Vec<MadeAttempt>> = HashMap::new();
    for one in made {
        by_delivery.entry(one.delivery_id).or_default().push(one);
    }
    Ok(by_delivery)
}
