//! The way out of mail: a link that names an account and a kind of mail, signed so that nobody can make
//! one up. Nothing is stored of it and it never ends: whoever keeps an old mail may still leave by it,
//! for as long as the secret that it was signed with is set.

use crate::seal::SealError;
use accord_domain::ids::AccountId;
use accord_domain::notification::NotificationKind;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Binds the derived key to its use: the same secret signs tokens elsewhere.
const KEY_PURPOSE: &[u8] = b"accord unsubscribe v1";
const ACCOUNT_BYTES: usize = 16;
const SIGNATURE_BYTES: usize = 32;
/// Longer than any that is made.
const LONGEST: usize = 200;

/// Whose mail of which kind a link stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// Whose.
    pub account: AccountId,
    /// Of which kind.
    pub kind: NotificationKind,
}

/// Signs with the first secret, and reads what any of them signed.
#[derive(Clone)]
pub struct WayOutKeys(Vec<Hmac<Sha256>>);

impl std::fmt::Debug for WayOutKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WayOutKeys")
            .field("keys", &self.0.len())
            .finish()
    }
}

impl WayOutKeys {
    pub(crate) fn new(secrets: &[&[u8]]) -> Self {
        let signer = |secret: &&[u8]| {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, secret)
                .expand(KEY_PURPOSE, &mut key)
                .expect("a key is short enough to be derived");
            Hmac::new_from_slice(&key).expect("a key of any length will do")
        };
        Self(secrets.iter().map(signer).collect())
    }

    /// The link to the page that stops it, which is also where a mail program posts (RFC 8058).
    pub(crate) fn link(&self, way_out: WayOut, public_url: &str) -> Result<String, SealError> {
        let signer = self.0.first().ok_or(SealError::NoSecret)?;
        let word = way_out.kind.as_str();
        let signed = signer.clone().chain_update(way_out.account.0.as_bytes());
        let signature = signed.chain_update(word).finalize().into_bytes();
        let token = [
            way_out.account.0.as_bytes(),
            signature.as_slice(),
            word.as_bytes(),
        ]
        .concat();
        Ok(format!(
            "{}/unsubscribe/{}",
            public_url.trim_end_matches('/'),
            BASE64_URL_SAFE_NO_PAD.encode(token)
        ))
    }

    /// What the token of such a link stops; `None` when it was not made here.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<WayOut> {
        if token.len() > LONGEST {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (account, rest) = bytes.split_first_chunk::<ACCOUNT_BYTES>()?;
        let (signature, word) = rest.split_first_chunk::<SIGNATURE_BYTES>()?;
        let made_here = self.0.iter().any(|signer| {
            let signed = signer.clone().chain_update(account).chain_update(word);
            signed.verify_slice(signature).is_ok()
        });
        let kind: NotificationKind = std::str::from_utf8(word).ok()?.parse().ok()?;
        (made_here && kind.mail_is_optional()).then_some(WayOut {
            account: AccountId(Uuid::from_bytes(*account)),
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = b"a secret of thirty-two bytes and more";
    const OTHER: &[u8] = b"another secret of thirty-two bytes and more";
    const URL: &str = "https://accord.example/";

    fn way_out() -> WayOut {
        WayOut {
            account: AccountId(Uuid::from_u128(7)),
            kind: NotificationKind::LoadAlert,
        }
    }

    fn token(keys: &WayOutKeys, way_out: WayOut) -> String {
        let link = keys.link(way_out, URL).expect("a secret is set");
        let token = link.strip_prefix("https://accord.example/unsubscribe/");
        token.expect("a page of the dashboard").to_owned()
    }

    #[test]
    fn a_link_says_whose_mail_of_which_kind_it_stops() {
        let keys = WayOutKeys::new(&[ONE]);
        assert_eq!(keys.read(&token(&keys, way_out())), Some(way_out()));
    }

    #[test]
    fn nobody_can_make_one_up() {
        let keys = WayOutKeys::new(&[ONE]);
        let token = token(&keys, way_out());
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            // The last character's spare bits may differ without another meaning; they are refused, too.
            assert_eq!(keys.read(&changed), None, "{at}");
        }
        for made_up in [
            "",
            "A",
            &"A".repeat(43),
            &"A".repeat(90),
            &token[1..],
            &"A".repeat(4_000),
        ] {
            assert_eq!(keys.read(made_up), None, "{made_up:.50}");
        }
        let other_account = WayOut {
            account: AccountId(Uuid::from_u128(8)),
            ..way_out()
        };
        assert_ne!(token, self::token(&keys, other_account));
    }

    #[test]
    fn what_cannot_be_left_has_no_link_that_works() {
        let keys = WayOutKeys::new(&[ONE]);
        let of_reset = WayOut {
            kind: NotificationKind::PasswordReset,
            ..way_out()
        };
        assert_eq!(keys.read(&token(&keys, of_reset)), None);
    }

    #[test]
    fn a_former_secret_still_leads_out_while_it_is_set() {
        let before = token(&WayOutKeys::new(&[ONE]), way_out());
        assert_eq!(
            WayOutKeys::new(&[OTHER, ONE]).read(&before),
            Some(way_out())
        );
        assert_eq!(WayOutKeys::new(&[OTHER]).read(&before), None);
    }

    #[test]
    fn without_a_secret_there_is_none() {
        assert_eq!(
            WayOutKeys::new(&[]).link(way_out(), URL),
            Err(SealError::NoSecret)
        );
    }
}
