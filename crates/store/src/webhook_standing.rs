//! How webhooks stand altogether, for the operator.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::{webhook_deliveries as deliveries, webhooks};
use crate::types::Sql;
use accord_domain::webhook::{DeliveryStatus, SwitchedOff};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// How many deliveries wait, and since when the oldest does.
pub fn waiting(tx: &mut Conn<'_>) -> Result<(i64, Option<DateTime<Utc>>), StoreError> {
    let count: i64 = on!(tx, |c| deliveries::table
        .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
        .count()
        .get_result(c))?;
    let oldest: Option<DateTime<Utc>> = on!(tx, |c| deliveries::table
        .filter(deliveries::status.eq(Sql(DeliveryStatus::Pending)))
        .order(deliveries::created_at.asc())
        .select(deliveries::created_at)
        .first(c)
        .optional())?;
    Ok((count, oldest))
}

/// How many webhooks are on.
pub fn switched_on(tx: &mut Conn<'_>) -> Result<i64, StoreError> {
    on!(tx, |c| webhooks::table
        .filter(webhooks::switched_off_at.is_null())
        .count()
        .get_result(c))
}

/// How many are off for that reason.
pub fn switched_off(tx: &mut Conn<'_>, because: SwitchedOff) -> Result<i64, StoreError> {
    on!(tx, |c| webhooks::table
        .filter(webhooks::switched_off_because.eq(Some(Sql(because))))
        .count()
        .get_result(c))
}
