//! Passwords: Argon2id, and a check against common ones.

use std::sync::{Arc, Condvar, Mutex};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use super::randomness::Randomness;

/// Guesses that an attacker who knows the common passwords needs at most for one that is refused.
const COMMON_BELOW_LOG10_GUESSES: f64 = 8.0;

/// Hashes and verifies passwords, a few at a time: each takes 19 MiB and tens of milliseconds.
#[derive(Clone, Debug)]
pub struct Passwords {
    randomness: Randomness,
    turnstile: Arc<Turnstile>,
    /// Verified where there is no account, so that the answer takes as long.
    decoy: Arc<str>,
}

/// The library refused; nothing that a person typed can cause it.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashingFailed(String);

impl Passwords {
    /// `at_once`: how many may be hashed at the same time.
    ///
    /// # Errors
    /// When the library cannot hash at all.
    pub fn new(randomness: Randomness, at_once: usize) -> Result<Self, HashingFailed> {
        let mut passwords = Self {
            randomness,
            turnstile: Arc::new(Turnstile::new(at_once)),
            decoy: Arc::from(""),
        };
        passwords.decoy = passwords.hash("nobody has this password")?.into();
        Ok(passwords)
    }

    /// The hash to store, in PHC format.
    ///
    /// # Errors
    /// When the library fails.
    pub fn hash(&self, password: &str) -> Result<String, HashingFailed> {
        let _turn = self.turnstile.enter();
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &self.randomness.bytes::<16>())
            .map(|hash| hash.to_string())
            .map_err(|error| HashingFailed(error.to_string()))
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and is wrong.
    #[must_use]
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let _turn = self.turnstile.enter();
        let matches = PasswordHash::new(hash.unwrap_or(&self.decoy)).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        });
        matches && hash.is_some()
    }
}

/// Whether the password is common or easily guessed, also from what is known of the person.
#[must_use]
pub fn is_common(password: &str, known_of_person: &[&str]) -> bool {
    zxcvbn::zxcvbn(password, known_of_person).guesses_log10() < COMMON_BELOW_LOG10_GUESSES
}

/// Lets a fixed number through at a time.
#[derive(Debug)]
struct Turnstile {
    free: Mutex<usize>,
    left: Condvar,
}

impl Turnstile {
    fn new(places: usize) -> Self {
        Self {
            free: Mutex::new(places.max(1)),
            left: Condvar::new(),
        }
    }

    fn enter(&self) -> Turn<'_> {
        let free = self
            .free
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut free = self
            .left
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *free -= 1;
        Turn(self)
    }
}

struct Turn<'a>(&'a Turnstile);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self
            .0
            .free
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hashed_password_verifies() {
        let passwords = Passwords::new(Randomness::system(), 2).expect("hashes");
        let hash = passwords.hash("correct horse battery").expect("hashes");
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse battery", Some(&hash)));
        assert!(!passwords.verify("correct horse batterx", Some(&hash)));
        assert!(!passwords.verify("nobody has this password", None));
        assert!(!passwords.verify("anything", Some("not a hash")));
    }

    #[test]
    fn common_and_personal_passwords_are_refused() {
        for common in [
            "password1234",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "letmeinletmein",
            "iloveyou2026",
        ] {
            assert!(is_common(common, &[]), "{common}");
        }
        assert!(is_common(
            "ada.lovelace",
            &["ada.lovelace@example.com", "ada.lovelace"]
        ));
        for good in [
            "correct horse battery staple",
            "mauve-otter-climbs-42",
            "пароль длинный и странный",
        ] {
            assert!(!is_common(good, &[]), "{good}");
        }
    }
}
