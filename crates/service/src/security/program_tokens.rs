//! Tokens of programs, as they travel: a prefix that says what they are, 256 random bits, and a checksum,
//! so that a scanner finds them and a mistyped one is told from a wrong one without the database.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::randomness::Randomness;
use super::secret_tokens::TokenHash;
use crate::call::Credential;

const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
/// Letters after the prefix by which people tell their tokens apart: 20 of 256 bits.
const HINT_LETTERS: usize = 4;

/// Whose program a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// One account's.
    Api,
    /// The platform's.
    Platform,
}

impl TokenKind {
    const ALL: [Self; 2] = [Self::Api, Self::Platform];

    /// How such a token begins.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Api => "acc_",
            Self::Platform => "acp_",
        }
    }
}

/// A token as it travels: the prefix and 58 letters and digits, all small.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgramToken {
    kind: TokenKind,
    text: String,
}

impl ProgramToken {
    /// A new one.
    #[must_use]
    pub fn generate(kind: TokenKind, randomness: &Randomness) -> Self {
        Self::of(kind, &randomness.bytes::<SECRET_BYTES>())
    }

    fn of(kind: TokenKind, secret: &[u8]) -> Self {
        let bytes = [secret, &checksum(kind, secret)].concat();
        let text = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        Self {
            kind,
            text: format!("{}{text}", kind.prefix()),
        }
    }

    /// Whether a text means to be such a token: it begins as one.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        TokenKind::ALL
            .iter()
            .any(|kind| text.starts_with(kind.prefix()))
    }

    /// One that came in from outside, if it is well-formed and its checksum right.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = *TokenKind::ALL
            .iter()
            .find(|kind| text.starts_with(kind.prefix()))?;
        let letters = text.strip_prefix(kind.prefix())?;
        let bytes = BASE32_NOPAD
            .decode(letters.to_ascii_uppercase().as_bytes())
            .ok()?;
        let (secret, _) = bytes.split_at_checked(SECRET_BYTES)?;
        let token = Self::of(kind, secret);
        (token.text == text).then_some(token)
    }

    /// Whose program it is for.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What is stored of it. A plain hash suffices, for the secret has 256 random bits.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.text.as_bytes()).to_vec()
    }

    /// How it begins, to recognise it by.
    #[must_use]
    pub fn hint(&self) -> String {
        let length = self.kind.prefix().len() + HINT_LETTERS;
        self.text.chars().take(length).collect()
    }

    /// The token itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

/// Over the prefix too: one kind is never the other with another beginning.
fn checksum(kind: TokenKind, secret: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind.prefix().as_bytes());
    hasher.update(secret);
    hasher.finalize().to_be_bytes()
}

impl std::fmt::Debug for ProgramToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

/// How often at most the use of a token is written down.
const NOTED_EVERY: Duration = Duration::minutes(1);
/// Tokens remembered at most; then memory begins anew.
const REMEMBERED_AT_MOST: usize = 10_000;

/// What is remembered of tokens between calls: whose they are, which never changes, and when their use
/// was noted. Whether they still count is asked of the database each time.
#[derive(Debug, Default)]
pub(crate) struct TokenMemory {
    whose: Mutex<HashMap<TokenHash, Credential>>,
    noted: Mutex<HashMap<Uuid, DateTime<Utc>>>,
}

impl TokenMemory {
    pub(crate) fn whose(&self, token: &ProgramToken) -> Option<Credential> {
        let whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        whose.get(&token.hash()).copied()
    }

    pub(crate) fn remember(&self, token: &ProgramToken, credential: Credential) {
        let mut whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        if whose.len() >= REMEMBERED_AT_MOST {
            whose.clear();
        }
        whose.insert(token.hash(), credential);
    }

    /// Whether a use at that moment is to be written down; it then counts as noted.
    pub(crate) fn is_worth_noting(&self, id: Uuid, now: DateTime<Utc>) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted
            .get(&id)
            .is_some_and(|at| now.signed_duration_since(at).abs() < NOTED_EVERY)
        {
            return false;
        }
        if noted.len() >= REMEMBERED_AT_MOST {
            noted.clear();
        }
        noted.insert(id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn token(kind: TokenKind) -> ProgramToken {
        ProgramToken::generate(kind, &Randomness::system())
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for kind in TokenKind::ALL {
            let made = token(kind);
            assert_eq!(ProgramToken::parse(made.reveal()), Some(made.clone()));
            assert_eq!(made.reveal().len(), 4 + 58);
            assert!(made.reveal().starts_with(&made.hint()) && made.hint().len() == 8);
            assert!(!format!("{made:?}").contains(&made.reveal()[4..]));
            assert_ne!(made.hash(), token(kind).hash());
        }
    }

    #[test]
    fn a_mistyped_token_is_told_without_the_database() {
        let made = token(TokenKind::Api);
        let text = made.reveal();
        for place in 4..text.len() {
            let mut wrong = text.to_owned();
            let other = if &text[place..=place] == "a" {
                "b"
            } else {
                "a"
            };
            wrong.replace_range(place..=place, other);
            assert_eq!(ProgramToken::parse(&wrong), None, "{place}");
        }
        let platform = text.replacen("acc_", "acp_", 1);
        for wrong in [
            "",
            "acc_",
            "acc_ä",
            &text[..61],
            &format!("{text}a"),
            &text.to_uppercase(),
            &platform,
            &text[4..],
        ] {
            assert_eq!(ProgramToken::parse(wrong), None, "{wrong:?}");
        }
        assert!(ProgramToken::is_meant("acc_x") && !ProgramToken::is_meant("eyJhbGciOi"));
    }

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let memory = TokenMemory::default();
        let noon = Utc
            .with_ymd_and_hms(2026, 1, 1, 12, 0, 0)
            .single()
            .expect("a time");
        let id = Uuid::from_u128(1);
        assert!(memory.is_worth_noting(id, noon));
        assert!(!memory.is_worth_noting(id, noon + Duration::seconds(59)));
        assert!(memory.is_worth_noting(Uuid::from_u128(2), noon));
        assert!(memory.is_worth_noting(id, noon + Duration::seconds(60)));
    }
}
