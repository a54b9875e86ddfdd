//! What travels over the API: requests, answers and the table of error codes.
//!
//! Shared by the server, the client and the dashboard, natively and in WASM. No rules and no database
//! live here; field names are the contract.

/// Derives what every travelling type needs; the OpenAPI schema only where it is asked for.
macro_rules! api {
    ($($item:item)+) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $item
    )+};
}

/// A closed set of words, written in lower snake case.
macro_rules! api_words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word of the set.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it travels.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!(
                        "expected one of {}",
                        Self::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ")
                    )),
                }
            }
        }
    )+};
}

mod account;
mod collaborations;
mod environments;
mod events;
mod groups;
mod list;
mod members;
mod notifications;
mod patch;
mod problem;
mod roles;
mod shares;
mod tasks;
mod timeline;

pub use account::*;
pub use collaborations::*;
pub use environments::*;
pub use events::*;
pub use groups::*;
pub use list::*;
pub use members::*;
pub use notifications::*;
pub use patch::Clearable;
pub use problem::*;
pub use roles::*;
pub use shares::*;
pub use tasks::*;
pub use timeline::*;

pub use chrono::{DateTime, Utc};
pub use uuid::Uuid;

/// Where every path of the API begins.
pub const BASE_PATH: &str = "/api/v1";
