//! What the program remembers about itself and this database, by key.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::meta;
use diesel::prelude::*;

pub(crate) fn ping(tx: &mut Conn<'_>) -> Result<(), StoreError> {
    on!(tx, |c| diesel::select(
        1.into_sql::<diesel::sql_types::Integer>()
    )
    .execute(c)
    .map(drop))
}

/// The value kept under a key.
pub fn get(tx: &mut Conn<'_>, key: &str) -> Result<Option<String>, StoreError> {
    on!(tx, |c| meta::table
        .find(key)
        .select(meta::value)
        .first(c)
        .optional())
}

/// Keeps a value unless there is one, and answers the one that is kept.
pub fn set_if_absent(tx: &mut Conn<'_>, key: &str, value: &str) -> Result<String, StoreError> {
    on!(tx, |c| diesel::insert_into(meta::table)
        .values((meta::key.eq(key), meta::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(c))?;
    on!(tx, |c| meta::table.find(key).select(meta::value).first(c))
}

/// Keeps a value in place of the one before.
pub fn set(tx: &mut Conn<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(meta::table)
        .values((meta::key.eq(key), meta::value.eq(value)))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq(value))
        .execute(c)
        .map(drop))
}
