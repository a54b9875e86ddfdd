//! The program's secrets: the first signs, every one is believed, so that they can be rotated.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Fewest bytes of a secret.
pub const MIN_SECRET_BYTES: usize = 32;

/// One secret with the name that tokens call it by.
#[derive(Clone)]
pub struct SigningKey {
    /// Derived from the secret, and telling nothing of it.
    pub id: String,
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.id).finish()
    }
}

/// At least one secret; the first one signs.
#[derive(Clone)]
pub struct SigningKeys(Vec<SigningKey>);

/// Why secrets were refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SigningKeysError {
    #[error("a secret must have at least {MIN_SECRET_BYTES} bytes, and one has {0}")]
    TooShort(usize),
    #[error("at least one secret is needed")]
    None,
}

impl SigningKeys {
    /// Takes the secrets in order.
    ///
    /// # Errors
    /// When there is none, or one is shorter than [`MIN_SECRET_BYTES`].
    pub fn new(secrets: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, SigningKeysError> {
        let mut keys = Vec::new();
        for secret in secrets {
            if secret.len() < MIN_SECRET_BYTES {
                return Err(SigningKeysError::TooShort(secret.len()));
            }
            let digest = Sha256::new()
                .chain_update(b"accord key id")
                .chain_update(&secret)
                .finalize();
            keys.push(SigningKey {
                id: BASE64_URL_SAFE_NO_PAD.encode(&digest[..9]),
                secret,
            });
        }
        if keys.is_empty() {
            return Err(SigningKeysError::None);
        }
        Ok(Self(keys))
    }

    /// The key that signs.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.0[0]
    }

    /// The key of that name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&SigningKey> {
        self.0.iter().find(|key| key.id == id)
    }

    /// All of them, the signing one first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter()
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| &key.id))
            .finish()
    }
}
