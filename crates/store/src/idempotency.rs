//! Answers to writes that came with a key of the caller's, kept for when the same write comes again.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::idempotency_keys;
use crate::types::Sql;
use accord_domain::ids::{ClaimId, CredentialId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// A write that is carried out for the first time, or again after it broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Of caller, operation and key.
    pub key_hash: Vec<u8>,
    /// By what the caller is known.
    pub credential_id: CredentialId,
    /// Of what was sent.
    pub body_hash: Vec<u8>,
    /// Tells this turn from others.
    pub claim_id: ClaimId,
    /// When it began.
    pub claimed_at: DateTime<Utc>,
    /// From when on it counts as broken off, and another may claim the key.
    pub claimed_until: DateTime<Utc>,
    /// From when on the key means nothing.
    pub expires_at: DateTime<Utc>,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: i32,
    /// Pairs of name and value.
    pub headers: Value,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Of what was sent.
    pub body_hash: Vec<u8>,
    /// The turn that it is, or was.
    pub claim_id: ClaimId,
    /// Until when that turn counts, unless it is over.
    pub claimed_until: DateTime<Utc>,
    /// From when on the key means nothing.
    pub expires_at: DateTime<Utc>,
    /// What was answered, once it was.
    pub answer: Option<KeptAnswer>,
}

/// Claims a key that nobody used yet; `false` if somebody did.
pub fn claim(tx: &mut Conn<'_>, claim: &Claim) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::key_hash.eq(&claim.key_hash),
            idempotency_keys::credential_id.eq(Sql(claim.credential_id)),
            idempotency_keys::body_hash.eq(&claim.body_hash),
            idempotency_keys::claim_id.eq(Sql(claim.claim_id)),
            idempotency_keys::claimed_at.eq(Sql(claim.claimed_at)),
            idempotency_keys::claimed_until.eq(Sql(claim.claimed_until)),
            idempotency_keys::expires_at.eq(Sql(claim.expires_at)),
        ))
        .on_conflict_do_nothing()
        .execute(c)
        .map(|count| count > 0))
}

/// Claims a key in place of a turn that broke off or means nothing any more; `false` if somebody else did.
pub fn take_over(tx: &mut Conn<'_>, from: ClaimId, claim: &Claim) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(from)))
    )
    .set((
        idempotency_keys::body_hash.eq(&claim.body_hash),
        idempotency_keys::claim_id.eq(Sql(claim.claim_id)),
        idempotency_keys::claimed_at.eq(Sql(claim.claimed_at)),
        idempotency_keys::claimed_until.eq(Sql(claim.claimed_until)),
        idempotency_keys::expires_at.eq(Sql(claim.expires_at)),
        idempotency_keys::status.eq(None::<i32>),
        idempotency_keys::headers.eq(None::<Value>),
        idempotency_keys::body.eq(None::<Vec<u8>>),
    ))
    .execute(c)
    .map(|count| count > 0))
}

/// What is known of a key.
pub fn find(tx: &mut Conn<'_>, key_hash: &[u8]) -> Result<Option<Kept>, StoreError> {
    type Row = (
        Vec<u8>,
        ClaimId,
        DateTime<Utc>,
        DateTime<Utc>,
        Option<i32>,
        Option<Value>,
        Option<Vec<u8>>,
    );
    let row: Option<Row> = on!(tx, |c| idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq(key_hash))
        .select((
            idempotency_keys::body_hash,
            idempotency_keys::claim_id,
            idempotency_keys::claimed_until,
            idempotency_keys::expires_at,
            idempotency_keys::status,
            idempotency_keys::headers,
            idempotency_keys::body,
        ))
        .first(c)
        .optional())?;
    Ok(row.map(
        |(body_hash, claim_id, claimed_until, expires_at, status, headers, body)| Kept {
            body_hash,
            claim_id,
            claimed_until,
            expires_at,
            answer: status.map(|status| KeptAnswer {
                status,
                headers: headers.unwrap_or_default(),
                body: body.unwrap_or_default(),
            }),
        },
    ))
}

/// Keeps the answer of a turn, if it still is that turn's.
pub fn keep(tx: &mut Conn<'_>, claim: &Claim, answer: &KeptAnswer) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
    )
    .set((
        idempotency_keys::status.eq(Some(answer.status)),
        idempotency_keys::headers.eq(Some(&answer.headers)),
        idempotency_keys::body.eq(Some(&answer.body)),
    ))
    .execute(c)
    .map(drop))
}

/// Gives a key back, if it still is that turn's: nothing is known of it then.
pub fn release(tx: &mut Conn<'_>, claim: &Claim) -> Result<(), StoreError> {
    on!(tx, |c| diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
    )
    .execute(c)
    .map(drop))
}

/// Deletes the keys that mean nothing any more; answers how many.
pub fn delete_over(tx: &mut Conn<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        idempotency_keys::table.filter(idempotency_keys::expires_at.le(Sql(now)))
    )
    .execute(c))
}

/// Deletes all but the newest keys of a credential; answers how many.
pub fn delete_beyond(
    tx: &mut Conn<'_>,
    credential: CredentialId,
    most: u32,
) -> Result<usize, StoreError> {
    let oldest_kept: Option<DateTime<Utc>> = on!(tx, |c| idempotency_keys::table
        .filter(idempotency_keys::credential_id.eq(Sql(credential)))
        .order(idempotency_keys::claimed_at.desc())
        .select(idempotency_keys::claimed_at)
        .offset(i64::from(most))
        .limit(1)
        .first(c)
        .optional())?;
    let Some(oldest_kept) = oldest_kept else {
        return Ok(0);
    };
    on!(tx, |c| diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::credential_id.eq(Sql(credential)))
            .filter(idempotency_keys::claimed_at.le(Sql(oldest_kept)))
    )
    .execute(c))
}
