//! Writes that are sent again: the first answer is given again, and nothing is done twice.

use std::sync::Arc;

use accord_domain::ids::{ClaimId, CredentialId};
use accord_store::idempotency;
use accord_store::{Conn, Rehearsal, StoreError};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use crate::Service;
use crate::call::Credential;
use crate::error::{Result, ServiceError};

pub use accord_store::idempotency::{Claim as KeyClaim, KeptAnswer};

/// How long an answer is kept.
const KEPT_FOR: Duration = Duration::hours(24);
/// How long a write may be under way before it counts as broken off, as when the program crashed: longer
/// than any takes.
const CLAIMED_FOR: Duration = Duration::minutes(2);
/// Keys of one session or API token that are kept at a time. Another is refused and none is dropped: an answer
/// is promised for as long as it is kept. The platform's own tokens have no such limit, for whoever runs the
/// service gave them out.
const MOST_KEYS: i64 = 20_000;
/// The same for all that is kept of their answers.
const MOST_KEPT_BYTES: i64 = 256 * 1024 * 1024;

/// A write as it was sent.
#[derive(Clone, Debug)]
pub struct KeyedWrite {
    pub credential: Credential,
    /// What the caller calls it.
    pub key: String,
    pub method: String,
    pub path: String,
    /// All that the answer depends on beside the path.
    pub sent: Vec<u8>,
}

/// What is to be done about a write with a key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyOutcome {
    /// Carry it out; this says whose turn it is.
    CarryOut(KeyClaim),
    /// It was carried out.
    Answered(KeptAnswer),
    /// It was carried out, and what was answered is not known any more.
    AnswerLost,
    /// It is being carried out.
    UnderWay,
    /// Something else was sent with this key.
    SomethingElse,
}

/// A rehearsal of which only the outcome matters.
struct Unwatched;

impl Rehearsal for Unwatched {
    fn before(&self, _: &mut Conn<'_>) -> std::result::Result<(), StoreError> {
        Ok(())
    }

    fn after(&self, _: &mut Conn<'_>) -> std::result::Result<(), StoreError> {
        Ok(())
    }
}

impl KeyedWrite {
    /// Of who calls what by which key; each part ends where its length says.
    fn key_hash(&self) -> Vec<u8> {
        let account = self.credential.account_id().map(|id| id.0.into_bytes());
        let mut hasher = Sha256::new();
        hasher.update(account.unwrap_or_default());
        hasher.update(self.credential.id().as_bytes());
        for part in [&self.method, &self.path, &self.key] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_vec()
    }
}

impl Service {
    /// Claims the key of a write, or says what became of it before.
    ///
    /// # Errors
    /// [`ServiceError::TooManyKeys`].
    pub fn claim_key(&self, write: &KeyedWrite) -> Result<KeyOutcome> {
        let now = self.clock.now();
        let claim = KeyClaim {
            key_hash: write.key_hash(),
            credential_id: CredentialId(write.credential.id()),
            body_hash: Sha256::digest(&write.sent).to_vec(),
            claim_id: self.randomness.id::<ClaimId>(now),
            claimed_at: now,
            claimed_until: now + CLAIMED_FOR,
            expires_at: now + KEPT_FOR,
        };
        self.db.write(|tx| {
            if idempotency::claim(tx, &claim)? {
                refuse_too_many(tx, write.credential, now)?;
                return Ok(KeyOutcome::CarryOut(claim.clone()));
            }
            let Some(kept) = idempotency::find(tx, &claim.key_hash)? else {
                // Given back at this moment; whoever sends it again may have it.
                return Ok(KeyOutcome::UnderWay);
            };
            let is_over = now >= kept.claimed_until;
            let broke_off = kept.answer.is_none() && is_over && !kept.carried_out;
            if now >= kept.expires_at || broke_off {
                if !idempotency::take_over(tx, &kept, &claim)? {
                    return Ok(KeyOutcome::UnderWay);
                }
                refuse_too_many(tx, write.credential, now)?;
                return Ok(KeyOutcome::CarryOut(claim.clone()));
            }
            if kept.body_hash != claim.body_hash {
                return Ok(KeyOutcome::SomethingElse);
            }
            Ok(match kept.answer {
                Some(answer) => KeyOutcome::Answered(answer),
                None if is_over => KeyOutcome::AnswerLost,
                None => KeyOutcome::UnderWay,
            })
        })
    }

    /// The same use cases, which note with what they write that the claim's write is carried out: it is not
    /// carried out again then, even if the program ends before the answer is kept.
    #[must_use]
    pub fn carrying_out(&self, claim: &KeyClaim) -> Self {
        Self {
            db: self.db.carrying_out(claim.clone()),
            ..self.clone()
        }
    }

    /// Keeps what was answered, for when the write comes again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_answer(&self, claim: &KeyClaim, answer: &KeptAnswer) -> Result<()> {
        self.db
            .write(|tx| Ok::<_, ServiceError>(idempotency::keep(tx, claim, answer)?))
    }

    /// Keeps no answer: unless the write was carried out, it may be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn release_key(&self, claim: &KeyClaim) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(|tx| Ok::<_, ServiceError>(idempotency::release(tx, claim, now)?))
    }

    /// Gives the key back: the write may be carried out once more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_key(&self, claim: &KeyClaim) -> Result<()> {
        self.db
            .write(|tx| Ok::<_, ServiceError>(idempotency::forget(tx, claim)?))
    }

    /// The same use cases, by which nothing is written: to see whether a call would be allowed.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        Self {
            db: self.db.rehearsing(Arc::new(Unwatched)),
            ..self.clone()
        }
    }
}

/// With the claimed key, there may be no more of the credential's than are kept.
fn refuse_too_many(tx: &mut Conn<'_>, credential: Credential, now: DateTime<Utc>) -> Result<()> {
    if matches!(credential, Credential::PlatformToken { .. }) {
        return Ok(());
    }
    let credential = CredentialId(credential.id());
    let in_use = idempotency::in_use(tx, credential, now)?;
    if in_use.keys <= MOST_KEYS && in_use.bytes <= MOST_KEPT_BYTES {
        return Ok(());
    }
    let first_end = idempotency::first_end(tx, credential, now)?.unwrap_or(now);
    Err(ServiceError::TooManyKeys {
        wait: first_end - now,
    })
}
