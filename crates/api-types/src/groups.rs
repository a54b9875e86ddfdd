use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::{Clearable, clearable, set};

api! {
    /// An environment group: a named, coloured tag that holds environments and nests.
    pub struct Group {
        pub id: Uuid,
        pub name: String,
        /// `#rrggbb`
        pub color: String,
        pub parent_id: Option<Uuid>,
        /// The names from the root down, `parent/child`.
        pub path: String,
        /// Environments directly in it.
        pub environment_count: u64,
        pub updated_at: DateTime<Utc>,
        /// What the caller may do with it: `edit`, `delete`.
        pub allowed_actions: Vec<String>,
    }

    /// Either `name` (with `parent_id` unless it is a root group) or `path`.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct CreateGroup {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent_id: Option<Uuid>,
        /// `parent/child`: makes what is missing and answers the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub path: Option<String>,
        /// `#rrggbb`; without it one is chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub color: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateGroup {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub name: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub color: Option<String>,
        /// `null` moves it to the root.
        #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>))]
        pub parent_id: Clearable<Uuid>,
    }

    /// The environments that a group holds, replacing those it held.
    #[serde(deny_unknown_fields)]
    pub struct GroupEnvironments {
        pub environment_ids: Vec<Uuid>,
    }
}
