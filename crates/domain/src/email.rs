//! E-mail addresses: kept as they were typed, compared by a key.

use serde::{Deserialize, Serialize};

use crate::text::{AddressProblem, TextError, is_invisible, key_of, one_line, text_conversions};

/// The longest address that fits a mail transaction.
pub const MAX_ADDRESS_CHARS: usize = 254;
const MAX_LOCAL_PART_BYTES: usize = 64;

/// An e-mail address as it was typed, trimmed. Local parts and domains may be in any script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    typed: String,
    ascii_domain: String,
}

impl EmailAddress {
    /// Checks what was typed.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let typed = one_line(text, MAX_ADDRESS_CHARS)?;
        let (local, domain) = split(typed).map_err(TextError::NotAnAddress)?;
        check_local_part(local).map_err(TextError::NotAnAddress)?;
        let ascii_domain = ascii_domain(domain).map_err(TextError::NotAnAddress)?;
        if local.len() + 1 + ascii_domain.len() > MAX_ADDRESS_CHARS {
            return Err(TextError::TooLong {
                max: MAX_ADDRESS_CHARS,
            });
        }
        Ok(Self {
            typed: typed.to_owned(),
            ascii_domain,
        })
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// What stands before the `@`, as it was typed.
    pub fn local_part(&self) -> &str {
        self.typed.split_once('@').map_or("", |(local, _)| local)
    }

    /// The domain as A-labels, lower case.
    pub fn ascii_domain(&self) -> &str {
        &self.ascii_domain
    }

    /// The address for a mail transaction: the local part as typed, the domain as A-labels.
    pub fn deliverable(&self) -> String {
        format!("{}@{}", self.local_part(), self.ascii_domain)
    }

    /// The form for comparison: NFC, lower case, the domain as A-labels.
    pub fn key(&self) -> String {
        format!("{}@{}", key_of(self.local_part()), self.ascii_domain)
    }
}

text_conversions!(EmailAddress);

fn split(address: &str) -> Result<(&str, &str), AddressProblem> {
    if address.contains('"') {
        return Err(AddressProblem::Quoted);
    }
    let (local, domain) = address.split_once('@').ok_or(AddressProblem::NoAt)?;
    if domain.contains('@') {
        Err(AddressProblem::SeveralAts)
    } else {
        Ok((local, domain))
    }
}

fn check_local_part(local: &str) -> Result<(), AddressProblem> {
    if local.len() > MAX_LOCAL_PART_BYTES {
        return Err(AddressProblem::LongLocalPart);
    }
    if local.split('.').any(str::is_empty) {
        return Err(AddressProblem::BadLocalPart);
    }
    let allowed = |c: char| match c {
        '.' | '!' | '#'..='\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^'..='`' | '{'..='~' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => !is_invisible(c),
    };
    if local.chars().all(allowed) {
        Ok(())
    } else {
        Err(AddressProblem::BadCharacter)
    }
}

fn ascii_domain(domain: &str) -> Result<String, AddressProblem> {
    if domain.chars().any(is_invisible) {
        return Err(AddressProblem::BadCharacter);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| AddressProblem::BadDomain)?;
    // A last label of digits would be the address of a machine, not the name of a domain.
    let last = ascii.rsplit('.').next().unwrap_or_default();
    if ascii.split('.').any(str::is_empty) || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AddressProblem::BadDomain);
    }
    Ok(ascii)
}
