//! Answers to writes that came with a key of the caller's, kept for when the same write comes again.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::idempotency_keys;
use crate::types::Sql;
use accord_domain::ids::{ClaimId, CredentialId};
use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, sum};
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
    /// Whether that turn committed what it wrote.
    pub carried_out: bool,
    /// What was answered, once it was.
    pub answer: Option<KeptAnswer>,
}

/// What the keys of a credential take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// How many there are.
    pub keys: i64,
    /// How much is kept of their answers.
    pub bytes: i64,
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

/// Claims a key in place of a turn that broke off or means nothing any more; `false` if somebody else did, or
/// if that turn has committed meanwhile.
pub fn take_over(tx: &mut Conn<'_>, from: &Kept, claim: &Claim) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(from.claim_id)))
            .filter(idempotency_keys::carried_out.eq(from.carried_out))
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
        idempotency_keys::carried_out.eq(false),
        idempotency_keys::kept_bytes.eq(0),
    ))
    .execute(c)
    .map(|count| count > 0))
}

/// Notes, in the transaction of the write itself, that this turn carries it out. Fails where it is another's
/// turn by now, so that nothing is committed twice.
pub(crate) fn note_carried_out(tx: &mut Conn<'_>, claim: &Claim) -> Result<(), StoreError> {
    let noted = on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
    )
    .set(idempotency_keys::carried_out.eq(true))
    .execute(c))?;
    if noted == 0 {
        return Err(StoreError::TurnLost);
    }
    Ok(())
}

/// What is known of a key.
pub fn find(tx: &mut Conn<'_>, key_hash: &[u8]) -> Result<Option<Kept>, StoreError> {
    type Row = (
        Vec<u8>,
        ClaimId,
        DateTime<Utc>,
        DateTime<Utc>,
        bool,
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
            idempotency_keys::carried_out,
            idempotency_keys::status,
            idempotency_keys::headers,
            idempotency_keys::body,
        ))
        .first(c)
        .optional())?;
    Ok(row.map(
        |(body_hash, claim_id, claimed_until, expires_at, carried_out, status, headers, body)| {
            Kept {
                body_hash,
                claim_id,
                claimed_until,
                expires_at,
                carried_out,
                answer: status.map(|status| KeptAnswer {
                    status,
                    headers: headers.unwrap_or_default(),
                    body: body.unwrap_or_default(),
                }),
            }
        },
    ))
}

/// Keeps the answer of a turn, if it still is that turn's.
pub fn keep(tx: &mut Conn<'_>, claim: &Claim, answer: &KeptAnswer) -> Result<(), StoreError> {
    let bytes = i32::try_from(answer.body.len())
        .map_err(|_| StoreError::Internal("an answer is too large to be kept".to_owned()))?;
    on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
    )
    .set((
        idempotency_keys::status.eq(Some(answer.status)),
        idempotency_keys::headers.eq(Some(&answer.headers)),
        idempotency_keys::body.eq(Some(&answer.body)),
        idempotency_keys::kept_bytes.eq(bytes),
    ))
    .execute(c)
    .map(drop))
}

/// Ends a turn of which no answer is kept, if it still is that turn's. Where nothing was committed, nothing is
/// known of the key then.
pub fn release(tx: &mut Conn<'_>, claim: &Claim, now: DateTime<Utc>) -> Result<(), StoreError> {
    // A commit whose outcome was lost may still be under way, and is waited for.
    let given_back = on!(tx, |c| diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
            .filter(idempotency_keys::carried_out.eq(false))
    )
    .execute(c))?;
    if given_back > 0 {
        return Ok(());
    }
    on!(tx, |c| diesel::update(
        idempotency_keys::table
            .filter(idempotency_keys::key_hash.eq(&claim.key_hash))
            .filter(idempotency_keys::claim_id.eq(Sql(claim.claim_id)))
    )
    .set(idempotency_keys::claimed_until.eq(Sql(now)))
    .execute(c)
    .map(drop))
}

/// Gives a key back, if it still is that turn's: nothing is known of it then, whatever was committed.
pub fn forget(tx: &mut Conn<'_>, claim: &Claim) -> Result<(), StoreError> {
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

/// What the keys of a credential take that still mean something.
pub fn in_use(
    tx: &mut Conn<'_>,
    credential: CredentialId,
    now: DateTime<Utc>,
) -> Result<InUse, StoreError> {
    let (keys, bytes): (i64, Option<i64>) = on!(tx, |c| idempotency_keys::table
        .filter(idempotency_keys::credential_id.eq(Sql(credential)))
        .filter(idempotency_keys::expires_at.gt(Sql(now)))
        .select((count_star(), sum(idempotency_keys::kept_bytes)))
        .first(c))?;
    Ok(InUse {
        keys,
        bytes: bytes.unwrap_or_default(),
    })
}

/// When the first of them will mean nothing any more.
pub fn first_end(
    tx: &mut Conn<'_>,
    credential: CredentialId,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    on!(tx, |c| idempotency_keys::table
        .filter(idempotency_keys::credential_id.eq(Sql(credential)))
        .filter(idempotency_keys::expires_at.gt(Sql(now)))
        .order(idempotency_keys::expires_at.asc())
        .select(idempotency_keys::expires_at)
        .first(c)
        .optional())
}
