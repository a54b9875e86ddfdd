//! Writes that are sent again: the first answer is given again, and nothing is done twice.

use std::sync::Arc;

use accord_domain::ids::{ClaimId, CredentialId};
use accord_store::idempotency;
use accord_store::{Conn, Rehearsal, StoreError};
use chrono::Duration;
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
/// Answers kept of one session or token; the oldest make room.
const MOST_OF_A_CREDENTIAL: u32 = 2_000;
/// Every so many keys somebody is looked at for having too many.
const LOOKED_AT_EVERY: u8 = 16;

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
    /// When the database fails.
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
                let [chance] = self.randomness.bytes::<1>();
                if chance.is_multiple_of(LOOKED_AT_EVERY) {
                    idempotency::delete_beyond(tx, claim.credential_id, MOST_OF_A_CREDENTIAL)?;
                }
                return Ok(KeyOutcome::CarryOut(claim.clone()));
            }
            let Some(kept) = idempotency::find(tx, &claim.key_hash)? else {
                // Given back at this moment; whoever sends it again may have it.
                return Ok(KeyOutcome::UnderWay);
            };
            let broke_off = kept.answer.is_none() && now >= kept.claimed_until;
            if now >= kept.expires_at || broke_off {
                let taken = idempotency::take_over(tx, kept.claim_id, &claim)?;
                return Ok(if taken {
                    KeyOutcome::CarryOut(claim.clone())
                } else {
                    KeyOutcome::UnderWay
                });
            }
            if kept.body_hash != claim.body_hash {
                return Ok(KeyOutcome::SomethingElse);
            }
            Ok(match kept.answer {
                Some(answer) => KeyOutcome::Answered(answer),
                None => KeyOutcome::UnderWay,
            })
        })
    }

    /// Keeps what was answered, for when the write comes again.
    ///
    /// # Errors
    /// When the database fails; the key is then free again after a while.
    pub fn keep_answer(&self, claim: &KeyClaim, answer: &KeptAnswer) -> Result<()> {
        self.db
            .write(|tx| Ok::<_, ServiceError>(idempotency::keep(tx, claim, answer)?))
    }

    /// Gives the key back: the write may be tried again.
    ///
    /// # Errors
    /// When the database fails; the key is then free again after a while.
    pub fn release_key(&self, claim: &KeyClaim) -> Result<()> {
        self.db
            .write(|tx| Ok::<_, ServiceError>(idempotency::release(tx, claim)?))
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
