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
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $variant_doc:literal])* $variant:ident = $word:literal),+ $(,)?
    })+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $variant_doc])* #[serde(rename = $word)] $variant),+
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let words = [$(($word, concat!($($variant_doc),*))),+];
                crate::words_schema(concat!($($doc),*), &words)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
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
mod decisions;
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
mod tokens;
mod webhooks;

pub use account::*;
pub use collaborations::*;
pub use decisions::*;
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
pub use tokens::*;
pub use webhooks::*;

pub use chrono::{DateTime, Utc};
pub use uuid::Uuid;

/// The schema of a closed set of words, each with its meaning. Derived ones would list the names of the
/// variants: the derive does not read a name that a macro passed on.
#[cfg(feature = "openapi")]
fn words_schema(
    meaning: &str,
    words: &[(&str, &str)],
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    let mut description = meaning.trim().to_owned();
    for (word, meaning) in words.iter().filter(|(_, meaning)| !meaning.is_empty()) {
        description.push_str(&format!("\n- `{word}`: {}", meaning.trim()));
    }
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().map(|(word, _)| *word)))
        .into()
}

/// Where every path of the API begins.
pub const BASE_PATH: &str = "/api/v1";
