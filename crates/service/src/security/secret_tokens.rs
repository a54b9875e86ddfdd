//! Single-use secrets that travel in links and cookies: 256 random bits, stored only as a hash.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::randomness::Randomness;

/// What is stored of a secret token.
pub type TokenHash = Vec<u8>;

/// A secret as it travels, base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// A new one.
    #[must_use]
    pub fn generate(randomness: &Randomness) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(randomness.bytes::<32>()))
    }

    /// One that came in from outside; any text will do, a wrong one is simply not found.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token that takes its place in this attempt: the same one however often it is made. Nobody finds it who
    /// does not know both.
    #[must_use]
    pub fn successor(&self, attempt: &Self) -> Self {
        let mut digest = Sha256::new();
        for part in ["the token after", &self.0, &attempt.0] {
            digest.update(part);
            digest.update([0]);
        }
        Self(BASE64_URL_SAFE_NO_PAD.encode(digest.finalize()))
    }

    /// What is stored of it. A plain hash suffices, for the secret has 256 random bits.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The secret itself, to be put into a link or a cookie.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretToken(…)")
    }
}
