//! How each account chose to be told; no row is no choice.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::CHUNK;
use crate::schema::notification_preferences;
use crate::types::{Sql, many};
use accord_domain::ids::AccountId;
use accord_domain::notification::Preferences;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// An account's choices at a version; 0 is that of no choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// What was chosen.
    pub preferences: Preferences,
    /// Counts every change.
    pub version: i64,
}

/// What the account chose.
pub fn of(tx: &mut Conn<'_>, account: AccountId) -> Result<Stored, StoreError> {
    let row: Option<(Value, i64)> = on!(tx, |c| notification_preferences::table
        .find(Sql(account))
        .select((
            notification_preferences::choices,
            notification_preferences::version,
        ))
        .first(c)
        .optional())?;
    match row {
        None => Ok(Stored::default()),
        Some((choices, version)) => Ok(Stored {
            preferences: read(choices)?,
            version,
        }),
    }
}

/// What each of these accounts chose. Who chose nothing is not in the answer.
pub fn of_many(
    tx: &mut Conn<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Preferences>, StoreError> {
    let mut found = HashMap::new();
    for ids in accounts.chunks(CHUNK) {
        let rows: Vec<(AccountId, Value)> = on!(tx, |c| notification_preferences::table
            .filter(notification_preferences::account_id.eq_any(many(ids)))
            .select((
                notification_preferences::account_id,
                notification_preferences::choices,
            ))
            .load(c))?;
        for (account, choices) in rows {
            found.insert(account, read(choices)?);
        }
    }
    Ok(found)
}

/// Writes what the account chose, in place of what it chose before; its row is locked by the caller.
pub fn set(
    tx: &mut Conn<'_>,
    account: AccountId,
    preferences: &Preferences,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    tx.touch(account);
    let choices = serde_json::to_value(preferences)
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    on!(tx, |c| diesel::insert_into(notification_preferences::table)
        .values((
            notification_preferences::account_id.eq(Sql(account)),
            notification_preferences::choices.eq(&choices),
            notification_preferences::version.eq(1),
            notification_preferences::updated_at.eq(Sql(now)),
        ))
        .on_conflict(notification_preferences::account_id)
        .do_update()
        .set((
            notification_preferences::choices.eq(&choices),
            notification_preferences::version.eq(notification_preferences::version + 1),
            notification_preferences::updated_at.eq(Sql(now)),
        ))
        .returning(notification_preferences::version)
        .get_result(c))
}

fn read(choices: Value) -> Result<Preferences, StoreError> {
    serde_json::from_value(choices).map_err(|error| StoreError::Internal(error.to_string()))
}
