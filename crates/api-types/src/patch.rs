//! Merge patches (RFC 7396): a missing field stays, `null` clears.

use serde::{Deserialize, Deserializer};

/// A field that `null` clears: `None` stays, `Some(None)` clears, `Some(Some(value))` sets.
pub type Clearable<T> = Option<Option<T>>;

/// Reads a [`Clearable`] field: present, so `null` means "clear".
pub(crate) fn clearable<'de, D, T>(deserializer: D) -> Result<Clearable<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads a field that can be left out but not cleared: `null` is refused.
pub(crate) fn set<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
