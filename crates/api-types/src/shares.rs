use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::AccessLevel;

api_words! {
    /// What is shared.
    ItemKind {
        /// The *Environments* category: every environment, present and future.
        Environments = "environments",
        /// The *Environment groups* category: the default for every group.
        Groups = "groups",
        Group = "group",
        Environment = "environment",
    }
}

api! {
    /// What is shared: a category, a group or an environment.
    #[serde(deny_unknown_fields)]
    #[derive(Copy, Eq, Hash)]
    pub struct Item {
        pub kind: ItemKind,
        /// The group's or the environment's; absent for a category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<Uuid>,
    }

    /// Roles on one item.
    pub struct Share {
        pub item: Item,
        pub role_ids: Vec<Uuid>,
        pub expires_at: Option<DateTime<Utc>>,
        /// Its end has passed: it grants nothing until it is extended.
        pub ended: bool,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewShare {
        pub item: Item,
        /// At least one.
        pub role_ids: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<DateTime<Utc>>,
    }

    /// All of a member's shares, replacing those there were.
    #[serde(deny_unknown_fields)]
    pub struct Shares {
        pub shares: Vec<NewShare>,
    }

    /// Shares that are not saved, to learn what would come of them.
    #[serde(deny_unknown_fields)]
    pub struct DraftShares {
        /// All shares that the member would have.
        pub shares: Vec<NewShare>,
        /// The member who has shares already, so that those of theirs that ended may stay as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub member_id: Option<Uuid>,
    }

    /// What an active member with these shares would have, on every environment where it is the same.
    pub struct DraftAccess {
        pub access_level: AccessLevel,
        pub role_ids: Vec<Uuid>,
        /// Names of those roles, in their order.
        pub role_names: Vec<String>,
        pub action_ids: Vec<String>,
        /// The environments that it holds for, in the order in which they were made.
        pub environment_ids: Vec<Uuid>,
    }

    /// A member's effective access to one environment.
    pub struct EffectiveAccess {
        pub environment_id: Uuid,
        pub environment_name: String,
        pub access_level: AccessLevel,
        pub role_ids: Vec<Uuid>,
        /// Names of those roles, in their order.
        pub role_names: Vec<String>,
        pub action_ids: Vec<String>,
    }
}

impl Item {
    pub const ENVIRONMENTS: Self = Self {
        kind: ItemKind::Environments,
        id: None,
    };
    pub const GROUPS: Self = Self {
        kind: ItemKind::Groups,
        id: None,
    };

    #[must_use]
    pub const fn group(id: Uuid) -> Self {
        Self {
            kind: ItemKind::Group,
            id: Some(id),
        }
    }

    #[must_use]
    pub const fn environment(id: Uuid) -> Self {
        Self {
            kind: ItemKind::Environment,
            id: Some(id),
        }
    }
}
