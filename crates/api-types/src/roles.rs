use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::set;

api_words! {
    /// Where a policy comes from.
    PolicyKind {
        /// From the catalogue; cannot be changed.
        System = "system",
        /// Made by the account.
        Custom = "custom",
    }
}

api! {
    /// The smallest permission: an operation of the platform.
    pub struct Action {
        pub id: String,
        pub category: String,
        pub title: String,
        pub description: String,
    }

    /// A named set of actions.
    pub struct Policy {
        pub id: Uuid,
        pub name: String,
        pub description: String,
        pub kind: PolicyKind,
        pub action_ids: Vec<String>,
        pub updated_at: DateTime<Utc>,
        /// What the caller may do with it: `edit`, `delete`.
        pub allowed_actions: Vec<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct CreatePolicy {
        pub name: String,
        #[serde(default)]
        pub description: String,
        pub action_ids: Vec<String>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdatePolicy {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub name: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub description: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub action_ids: Option<Vec<String>>,
    }

    /// A named set of policies.
    pub struct Role {
        pub id: Uuid,
        pub name: String,
        pub description: String,
        pub policy_ids: Vec<Uuid>,
        /// Members with this role on an environment get its load alerts.
        pub receive_load_alerts: bool,
        /// Shares that hold it.
        pub share_count: u64,
        /// Members with at least one of these shares.
        pub member_count: u64,
        pub updated_at: DateTime<Utc>,
        /// What the caller may do with it: `edit`, `copy`, `delete`.
        pub allowed_actions: Vec<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct CreateRole {
        pub name: String,
        #[serde(default)]
        pub description: String,
        pub policy_ids: Vec<Uuid>,
        #[serde(default)]
        pub receive_load_alerts: bool,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateRole {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub name: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub description: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub policy_ids: Option<Vec<Uuid>>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub receive_load_alerts: Option<bool>,
    }

    #[serde(deny_unknown_fields)]
    pub struct CopyRole {
        pub name: String,
    }

    /// A role by its name, for people who see that they have it but do not own it.
    pub struct RoleSummary {
        pub id: Uuid,
        pub name: String,
        pub description: String,
        /// Names of its policies.
        pub policies: Vec<String>,
    }
}
