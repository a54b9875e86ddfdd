//! What the API and the picture do not agree upon.

use std::fmt;

/// Where it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Whether a call is carried out, or why it is refused.
    Answer,
    /// The owner's members, their states and their shares.
    Members,
    /// What checks say.
    Checks,
    /// Whether the account's revision moves.
    Revision,
    /// Policies, roles, groups and environments.
    Things,
    /// What one of the people is shown.
    Seen,
    /// What the owner is shown of what people have.
    Access,
    /// Nothing: something could not be read at all.
    Unread,
}

#[derive(Debug)]
pub(super) struct Disagreement {
    pub(super) over: Over,
    how: String,
}

impl Disagreement {
    pub(super) fn new(over: Over, how: impl Into<String>) -> Self {
        Self {
            over,
            how: how.into(),
        }
    }

    pub(super) fn unread(what: &str, error: &accord_client::Error) -> Self {
        Self::new(Over::Unread, format!("{what}: {error:?}"))
    }

    pub(super) fn at(self, place: &str) -> Self {
        Self::new(self.over, format!("{place}: {}", self.how))
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "over {:?}, {}", self.over, self.how)
    }
}

pub(super) type Agreed<T = ()> = Result<T, Disagreement>;

/// Holds what was read against what is pictured.
pub(super) fn same<T: PartialEq + fmt::Debug>(
    over: Over,
    what: &str,
    read: T,
    pictured: T,
) -> Agreed {
    if read == pictured {
        return Ok(());
    }
    Err(Disagreement::new(
        over,
        format!("{what}\n    read:     {read:?}\n    expected: {pictured:?}"),
    ))
}
