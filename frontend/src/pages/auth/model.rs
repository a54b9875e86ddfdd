//! What can be said about typed addresses, names and passwords before the server is asked. The server
//! has the last word; this only spares a round trip.

use accord_api_types::{ErrorCode, FieldError};

use crate::failure::{Failure, invalid};

/// Least length of a password, in characters.
pub(crate) const PASSWORD_LENGTH: usize = 12;

/// What helps to choose a password.
pub(crate) const PASSWORD_HINT: &str =
    "At least 12 characters. A few unrelated words make a good one.";

/// An address, as far as a glance can tell.
pub(crate) fn check_email(pointer: &str, email: &str) -> Option<FieldError> {
    let email = email.trim();
    if email.is_empty() {
        return Some(invalid(pointer, "Enter an e-mail address"));
    }
    let looks_right = email.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    let odd = email
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control());
    (!looks_right || odd).then(|| invalid(pointer, "Enter an address such as name@example.com"))
}

/// A password being chosen.
pub(crate) fn check_new_password(pointer: &str, password: &str) -> Option<FieldError> {
    let length = password.chars().count();
    match length {
        0 => Some(invalid(pointer, "Choose a password")),
        _ if length < PASSWORD_LENGTH => {
            let missing = PASSWORD_LENGTH - length;
            let plural = if missing == 1 { "" } else { "s" };
            Some(invalid(
                pointer,
                &format!(
                    "Add {missing} more character{plural}: it takes at least {PASSWORD_LENGTH}"
                ),
            ))
        }
        _ => None,
    }
}

/// Something that must be said.
pub(crate) fn check_filled(pointer: &str, text: &str, detail: &str) -> Option<FieldError> {
    text.trim().is_empty().then(|| invalid(pointer, detail))
}

/// All that is wrong, as one failure.
pub(crate) fn checked<const N: usize>(errors: [Option<FieldError>; N]) -> Result<(), Failure> {
    let errors: Vec<_> = errors.into_iter().flatten().collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Failure::Invalid(errors))
    }
}

/// Whether a link from a mail will never work: then another one helps, and trying again does not.
pub(crate) const fn is_dead_link(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::LinkUsed | ErrorCode::LinkExpired | ErrorCode::NotFound
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_link_helps_only_where_this_one_is_dead() {
        assert!(is_dead_link(ErrorCode::LinkExpired));
        assert!(is_dead_link(ErrorCode::NotFound));
        assert!(!is_dead_link(ErrorCode::Internal));
        assert!(!is_dead_link(ErrorCode::RateLimited));
    }

    #[test]
    fn addresses_are_judged_at_a_glance() {
        for good in [
            "a@b",
            "Ada.Lovelace+x@Example.ORG",
            "用户@例子.公司",
            " ada@example.org ",
        ] {
            assert_eq!(check_email("/email", good), None, "{good}");
        }
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a da@example.org",
            "ada@.org",
            "ada@org.",
        ] {
            assert!(check_email("/email", bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert_eq!(check_new_password("/password", "zwölf Wörter"), None);
        assert!(
            check_new_password("/password", "elf Zeichen")
                .is_some_and(|error| error.detail.contains("1 more character:"))
        );
        assert!(check_new_password("/password", "").is_some());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let wrong = checked([
            check_email("/email", ""),
            None,
            check_filled("/name", " ", "Enter a name"),
        ]);
        assert!(matches!(wrong, Err(Failure::Invalid(errors)) if errors.len() == 2));
        assert_eq!(checked([None, None]), Ok(()));
    }
}
