//! What becomes of a write that can meet something in its way.

use crate::error::UniqueRule;

/// What became of an insert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Insert<T> {
    /// It was written.
    Done(T),
    /// There is one already; nothing was written, and the transaction goes on.
    Taken(UniqueRule),
}

/// What became of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Update<T> {
    /// It was written; this is the row as it is now.
    Done(T),
    /// There is no such row in this account.
    Missing,
    /// The row is not at the version that the caller expected.
    Stale {
        /// The version that it is at.
        version: i64,
    },
    /// The new value is taken; nothing was written, and the transaction goes on.
    Taken(UniqueRule),
}

/// Answers early, from the function around, unless the row is there at the expected version.
macro_rules! expect_version {
    ($found:expr, $expected:expr) => {
        match $found {
            None => return Ok($crate::outcome::Update::Missing),
            Some(version) if $expected.is_some_and(|expected| expected != version) => {
                return Ok($crate::outcome::Update::Stale { version });
            }
            Some(_) => {}
        }
    };
}

pub(crate) use expect_version;
