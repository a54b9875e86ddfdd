//! The secret of a webhook, and the signature by which its receiver knows that a message is genuine
//! (Standard Webhooks, symmetric: `v1`, HMAC-SHA256).

use accord_domain::ids::DeliveryId;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The specification asks for 24 to 64 bytes.
const SECRET_BYTES: usize = 32;
const PREFIX: &str = "whsec_";

/// A webhook's secret. Its text is for the receiver alone: `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret([u8; SECRET_BYTES]);

impl WebhookSecret {
    /// From random bytes.
    #[must_use]
    pub const fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(random)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is handed to the receiver, once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(self.0))
    }

    fn sign(&self, id: DeliveryId, timestamp: i64, body: &str) -> String {
        let mut signer =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        signer.update(format!("{id}.{timestamp}.").as_bytes());
        signer.update(body.as_bytes());
        BASE64_STANDARD.encode(signer.finalize().into_bytes())
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The value of the header `webhook-signature`: one signature for each secret that is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(String);

impl Signature {
    /// Signs a message at a moment, in seconds since 1970.
    #[must_use]
    pub fn of(secrets: &[WebhookSecret], id: DeliveryId, timestamp: i64, body: &str) -> Self {
        let signed = secrets
            .iter()
            .map(|secret| format!("v1,{}", secret.sign(id, timestamp, body)));
        Self(signed.collect::<Vec<_>>().join(" "))
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: DeliveryId = DeliveryId(uuid::Uuid::from_u128(
        0x0189_0000_0000_7000_8000_0000_0000_0001,
    ));

    #[test]
    fn the_signature_is_the_specifications() {
        // Made with `openssl dgst -sha256 -mac HMAC` over "{id}.1674087231.{body}".
        let secret = WebhookSecret::new([7; 32]);
        let signature = Signature::of(&[secret], ID, 1_674_087_231, r#"{"test": 2432232314}"#);
        assert_eq!(
            signature.as_str(),
            "v1,6pvKawvhC/rDCjwa1GDs9+Onn4Dk9+aSKK6EcJAAUDs="
        );
    }

    #[test]
    fn every_valid_secret_signs() {
        let secrets = [[1; 32], [2; 32]].map(WebhookSecret::new);
        let both = Signature::of(&secrets, ID, 1, "{}");
        let each: Vec<String> = secrets
            .iter()
            .map(|secret| Signature::of(std::slice::from_ref(secret), ID, 1, "{}").0)
            .collect();
        assert_eq!(both.as_str(), each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn a_secret_is_revealed_only_when_asked() {
        let secret = WebhookSecret::new([0; 32]);
        assert_eq!(
            secret.reveal(),
            "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        );
        assert!(!format!("{secret:?}").contains("AAA"));
    }
}
