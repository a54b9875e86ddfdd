//! Secrets lie in the database encrypted: who reads it alone cannot forge a message.

use crate::signature::WebhookSecret;
use accord_domain::ids::WebhookId;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

/// Wide enough that random nonces never meet.
const NONCE_BYTES: usize = 24;
/// Binds the derived key to its use: the same secret signs tokens elsewhere.
const KEY_PURPOSE: &[u8] = b"accord webhook secret v1";

/// Why a secret could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No secret of the program was given.
    #[error("No secret is set to encrypt the secrets of webhooks with.")]
    NoSecret,
    /// The operating system gives no randomness.
    #[error("The operating system gave no randomness to encrypt a webhook's secret with.")]
    NoRandomness,
    /// The cipher refused.
    #[error("The webhook's secret could not be encrypted.")]
    NotSealed,
    /// Changed, cut, of another webhook, or sealed with a secret that is no longer set.
    #[error("The webhook's secret cannot be decrypted any more: rotate it.")]
    NotOpened,
}

/// Seals with the program's first secret and opens with all of them.
#[derive(Clone)]
pub struct SecretSealer {
    ciphers: Vec<XChaCha20Poly1305>,
}

impl std::fmt::Debug for SecretSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretSealer")
            .field("keys", &self.ciphers.len())
            .finish()
    }
}

impl SecretSealer {
    /// One key is derived from each secret of the program.
    #[must_use]
    pub fn new(secrets: &[&[u8]]) -> Self {
        let cipher = |secret: &&[u8]| {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, secret)
                .expand(KEY_PURPOSE, &mut key)
                .expect("a key is short enough to be derived");
            XChaCha20Poly1305::new(&key.into())
        };
        Self {
            ciphers: secrets.iter().map(cipher).collect(),
        }
    }

    /// Encrypts the secret of one webhook under a fresh nonce.
    pub fn seal(&self, webhook: WebhookId, secret: &WebhookSecret) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let cipher = self.ciphers.first().ok_or(SealError::NoSecret)?;
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), bound(&webhook, secret.bytes()))
            .map_err(|_| SealError::NotSealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Whether secrets that the program had before are set beside the first one, which alone seals.
    #[must_use]
    pub fn rotates(&self) -> bool {
        self.ciphers.len() > 1
    }

    /// The same sealed with the program's first secret; none where it is already.
    pub fn resealed(
        &self,
        webhook: WebhookId,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, SealError> {
        let first = self.ciphers.get(..1).ok_or(SealError::NoSecret)?;
        if open_with(first, webhook, sealed).is_ok() {
            return Ok(None);
        }
        let secret = self.open(webhook, sealed)?;
        self.seal(webhook, &secret).map(Some)
    }

    /// Decrypts what [`Self::seal`] made for the same webhook.
    pub fn open(&self, webhook: WebhookId, sealed: &[u8]) -> Result<WebhookSecret, SealError> {
        open_with(&self.ciphers, webhook, sealed)
    }
}

fn open_with(
    ciphers: &[XChaCha20Poly1305],
    webhook: WebhookId,
    sealed: &[u8],
) -> Result<WebhookSecret, SealError> {
    let (nonce, sealed) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(SealError::NotOpened)?;
    ciphers
        .iter()
        .find_map(|cipher| {
            cipher
                .decrypt(&XNonce::from(*nonce), bound(&webhook, sealed))
                .ok()
        })
        .and_then(|bytes| WebhookSecret::from_bytes(&bytes))
        .ok_or(SealError::NotOpened)
}

/// Binds what is sealed to its webhook: moved to another's row it does not open.
fn bound<'a>(webhook: &'a WebhookId, bytes: &'a [u8]) -> Payload<'a, 'a> {
    Payload {
        msg: bytes,
        aad: webhook.0.as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = b"the old secret of thirty-two bytes!!";
    const NEW: &[u8] = b"the new secret of thirty-two bytes!!";

    fn webhook(number: u128) -> WebhookId {
        WebhookId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn what_was_sealed_opens_for_its_webhook_alone() {
        let sealer = SecretSealer::new(&[NEW]);
        let secret = WebhookSecret::new([9; 32]);
        let sealed = sealer.seal(webhook(1), &secret).expect("sealed");
        assert_eq!(sealer.open(webhook(1), &sealed), Ok(secret.clone()));
        assert_eq!(sealer.open(webhook(2), &sealed), Err(SealError::NotOpened));
        let mut changed = sealed.clone();
        *changed.last_mut().expect("bytes") ^= 1;
        for broken in [&changed[..], &sealed[..20], &[]] {
            assert_eq!(sealer.open(webhook(1), broken), Err(SealError::NotOpened));
        }
        assert_ne!(
            sealer.seal(webhook(1), &secret).expect("sealed"),
            sealed,
            "a nonce of its own each time"
        );
    }

    #[test]
    fn secrets_of_the_program_rotate() {
        let secret = WebhookSecret::new([9; 32]);
        let sealed = SecretSealer::new(&[OLD])
            .seal(webhook(1), &secret)
            .expect("sealed");
        let rotated = SecretSealer::new(&[NEW, OLD]);
        assert_eq!(rotated.open(webhook(1), &sealed), Ok(secret));
        let gone = SecretSealer::new(&[NEW]);
        assert_eq!(gone.open(webhook(1), &sealed), Err(SealError::NotOpened));
    }

    #[test]
    fn what_a_former_secret_sealed_is_sealed_anew_once() {
        let secret = WebhookSecret::new([9; 32]);
        let sealed = SecretSealer::new(&[OLD])
            .seal(webhook(1), &secret)
            .expect("sealed");
        let rotated = SecretSealer::new(&[NEW, OLD]);
        let anew = rotated.resealed(webhook(1), &sealed).expect("it opens");
        let anew = anew.expect("the first secret did not seal it");
        let alone = SecretSealer::new(&[NEW]);
        assert_eq!(alone.open(webhook(1), &anew), Ok(secret));
        assert_eq!(rotated.resealed(webhook(1), &anew), Ok(None));
        let refused = alone.resealed(webhook(1), &sealed);
        assert_eq!(refused, Err(SealError::NotOpened));
    }
}
