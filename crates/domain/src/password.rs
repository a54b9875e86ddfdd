//! The length rule of passwords. Whether one is too common is asked elsewhere.

/// The fewest characters a password may have.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The most characters a password may have, so that hashing one stays cheap.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Why a password was refused for its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_PASSWORD_CHARS`].
    #[error("A password has at least {MIN_PASSWORD_CHARS} characters.")]
    TooShort,
    /// More than [`MAX_PASSWORD_CHARS`].
    #[error("A password has at most {MAX_PASSWORD_CHARS} characters.")]
    TooLong,
}

/// Checks the length in characters, not bytes: no script is at a disadvantage.
pub fn check_password_length(password: &str) -> Result<(), PasswordError> {
    // Looking at one character more than allowed keeps a huge input cheap.
    match password.chars().take(MAX_PASSWORD_CHARS + 1).count() {
        count if count < MIN_PASSWORD_CHARS => Err(PasswordError::TooShort),
        count if count > MAX_PASSWORD_CHARS => Err(PasswordError::TooLong),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_at_both_ends() {
        assert_eq!(
            check_password_length(&"a".repeat(11)),
            Err(PasswordError::TooShort)
        );
        assert_eq!(
            check_password_length(&"é".repeat(11)),
            Err(PasswordError::TooShort)
        );
        assert_eq!(check_password_length(&"a".repeat(12)), Ok(()));
        assert_eq!(check_password_length(&"猫".repeat(12)), Ok(()));
        assert_eq!(check_password_length(&"猫".repeat(256)), Ok(()));
        assert_eq!(
            check_password_length(&"a".repeat(257)),
            Err(PasswordError::TooLong)
        );
    }
}
