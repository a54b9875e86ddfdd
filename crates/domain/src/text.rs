//! Text that people type, checked once: a value of one of these types is fit to be stored and shown.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The most characters of a name.
pub const MAX_NAME_CHARS: usize = 100;
/// The most characters of a description.
pub const MAX_DESCRIPTION_CHARS: usize = 1000;
/// The most characters of the name of a metric.
pub const MAX_METRIC_CHARS: usize = 60;
/// The most characters of the message of a load alert.
pub const MAX_ALERT_CHARS: usize = 300;

/// Why typed text was refused, as a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming, or nothing that can be seen.
    #[error("This may not be empty.")]
    Empty,
    /// More than the field holds.
    #[error("This is too long: at most {max} characters.")]
    TooLong {
        /// The most that the field holds.
        max: usize,
    },
    /// A line break where one line is expected.
    #[error("This is one line: line breaks are not allowed.")]
    LineBreak,
    /// A control character.
    #[error("Control characters are not allowed.")]
    ControlCharacter,
    /// A character that changes the direction of the text around it.
    #[error("Characters that control the direction of text are not allowed.")]
    DirectionControl,
    /// A slash in the name of a group, where it separates parent and child.
    #[error("The name of a group may not contain \"/\".")]
    Slash,
    /// Not `#rrggbb`.
    #[error("A color is written #rrggbb.")]
    NotAColor,
    /// Not an e-mail address.
    #[error("This is not an e-mail address: {0}.")]
    NotAnAddress(AddressProblem),
}

/// What is wrong with an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// There is no `@`.
    #[error("it has no \"@\"")]
    NoAt,
    /// There is more than one `@`.
    #[error("it has more than one \"@\"")]
    SeveralAts,
    /// Nothing before the `@`, or a dot too many in it.
    #[error("the part before the \"@\" is empty or has a misplaced dot")]
    BadLocalPart,
    /// The part before the `@` is longer than mail servers take.
    #[error("the part before the \"@\" is too long")]
    LongLocalPart,
    /// A quoted part before the `@`.
    #[error("quoted addresses are not supported")]
    Quoted,
    /// A space or another character that no address holds.
    #[error("it holds a character that is not allowed there")]
    BadCharacter,
    /// The part after the `@` is not the name of a domain.
    #[error("the part after the \"@\" is not the name of a domain")]
    BadDomain,
}

/// The form in which two texts are compared without regard to letter case: NFC, lower case.
///
/// Letters are lowered one by one and both small sigmas count as one, so that the result does not
/// depend on where in a word a letter stands.
pub fn key_of(text: &str) -> String {
    let lowered: String = text
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect();
    lowered.nfc().collect()
}

/// Characters that turn the direction of the text around them, and so can disguise it.
pub(crate) fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that leave no mark: text made of them alone looks empty.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{2800}'
                | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

fn check_one_line(c: char) -> Result<(), TextError> {
    match c {
        '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            Err(TextError::LineBreak)
        }
        c => check_any_line(c),
    }
}

fn check_any_line(c: char) -> Result<(), TextError> {
    if c.is_control() {
        Err(TextError::ControlCharacter)
    } else if is_direction_control(c) {
        Err(TextError::DirectionControl)
    } else {
        Ok(())
    }
}

fn check_length(text: &str, max: usize) -> Result<(), TextError> {
    if text.chars().nth(max).is_some() {
        Err(TextError::TooLong { max })
    } else {
        Ok(())
    }
}

/// Checks before trimming, so that a line break at an end is refused and not silently dropped.
pub(crate) fn one_line(text: &str, max: usize) -> Result<&str, TextError> {
    text.chars().try_for_each(check_one_line)?;
    let trimmed = text.trim();
    if trimmed.chars().all(is_invisible) {
        return Err(TextError::Empty);
    }
    check_length(trimmed, max)?;
    Ok(trimmed)
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and trims what was typed.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                let check: fn(&str) -> Result<String, TextError> = $check;
                check(text).map(Self)
            }

            /// The text as it was typed, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form for comparison without regard to letter case.
            pub fn key(&self) -> String {
                key_of(&self.0)
            }
        }

        $crate::text::text_conversions!($name);
    };
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::text::TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.as_str().to_owned()
            }
        }
    };
}

pub(crate) use text_conversions;

text_type! {
    /// The name of a role, a policy or an environment.
    Name, |text| one_line(text, MAX_NAME_CHARS).map(str::to_owned)
}

text_type! {
    /// The name of a person, or of an environment as it is shown.
    DisplayName, |text| one_line(text, MAX_NAME_CHARS).map(str::to_owned)
}

text_type! {
    /// The name of an environment group. `/` separates parent and child in a path, so a name has none.
    GroupName, |text| {
        let name = one_line(text, MAX_NAME_CHARS)?;
        if name.contains('/') { Err(TextError::Slash) } else { Ok(name.to_owned()) }
    }
}

text_type! {
    /// What a load alert measured.
    MetricName, |text| one_line(text, MAX_METRIC_CHARS).map(str::to_owned)
}

text_type! {
    /// What the platform adds to a load alert.
    AlertMessage, |text| one_line(text, MAX_ALERT_CHARS).map(str::to_owned)
}

text_type! {
    /// What something is for; may be empty and may have several lines.
    Description, |text| {
        // One kind of line break inside, whatever the browser or the shell sent.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        text.chars().filter(|c| !matches!(c, '\n' | '\t')).try_for_each(check_any_line)?;
        let trimmed = text.trim();
        check_length(trimmed, MAX_DESCRIPTION_CHARS)?;
        Ok(trimmed.to_owned())
    }
}

text_type! {
    /// A color as `#rrggbb`, in lower case.
    Color, |text| {
        let color = text.trim_matches(' ');
        match color.strip_prefix('#') {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(color.to_ascii_lowercase())
            }
            _ => Err(TextError::NotAColor),
        }
    }
}

/// Splits `parent/child` into the names of the groups on the way, the root first.
pub fn group_path(path: &str) -> Result<Vec<GroupName>, TextError> {
    path.split('/').map(GroupName::parse).collect()
}

pub use crate::email::EmailAddress;
