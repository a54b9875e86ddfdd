//! Links wait in the database encrypted: who reads the outbox alone cannot accept an invitation
//! or reset a password.

use crate::way_out::WayOutKeys;
use accord_domain::ids::MailId;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

/// Wide enough that random nonces never meet, however many mails one secret sees.
const NONCE_BYTES: usize = 24;
/// Binds the derived key to its use: the same secret signs tokens elsewhere.
const KEY_PURPOSE: &[u8] = b"accord mail link v1";

/// Why a link could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No secret was given.
    #[error("No secret is set to encrypt links in waiting mail with.")]
    NoSecret,
    /// The operating system gives no randomness.
    #[error("The operating system gave no randomness to encrypt a link with.")]
    NoRandomness,
    /// The cipher refused.
    #[error("A link could not be encrypted.")]
    NotSealed,
    /// Changed, cut, of another mail, or sealed with a secret that is no longer set.
    #[error(
        "The link in a waiting mail cannot be decrypted: the secret it was written with is not \
         among those that are set, or the stored bytes were changed."
    )]
    NotOpened,
}

/// Seals links with the first secret and opens those of all; the same for the ways out of mail.
#[derive(Clone)]
pub struct LinkSealer {
    ciphers: Vec<XChaCha20Poly1305>,
    ways_out: WayOutKeys,
}

impl std::fmt::Debug for LinkSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSealer")
            .field("keys", &self.ciphers.len())
            .finish()
    }
}

impl LinkSealer {
    /// One key is derived from each secret; the first seals, all open. Without a secret nothing
    /// can be sealed.
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
            ways_out: WayOutKeys::new(secrets),
        }
    }

    /// Signs and reads the links by which people leave mail.
    pub fn ways_out(&self) -> &WayOutKeys {
        &self.ways_out
    }

    /// Encrypts the link of one mail under a fresh nonce.
    pub fn seal(&self, mail: MailId, link: &str) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let cipher = self.ciphers.first().ok_or(SealError::NoSecret)?;
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Bound {
                    mail,
                    text: link.as_bytes(),
                }
                .payload(),
            )
            .map_err(|_| SealError::NotSealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`Self::seal`] made for the same mail.
    pub fn open(&self, mail: MailId, sealed: &[u8]) -> Result<String, SealError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SealError::NotOpened)?;
        self.ciphers
            .iter()
            .find_map(|cipher| {
                cipher
                    .decrypt(
                        &XNonce::from(*nonce),
                        Bound { mail, text: sealed }.payload(),
                    )
                    .ok()
            })
            .and_then(|link| String::from_utf8(link).ok())
            .ok_or(SealError::NotOpened)
    }
}

/// Binds what is sealed to its mail: moved to another mail's row it does not open.
struct Bound<'a> {
    mail: MailId,
    text: &'a [u8],
}

impl<'a> Bound<'a> {
    fn payload(&'a self) -> Payload<'a, 'a> {
        Payload {
            msg: self.text,
            aad: self.mail.0.as_bytes(),
        }
    }
}
