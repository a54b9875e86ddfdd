use serde::{Deserialize, Serialize};

/// A page of a list. Every list of the API has this shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that always fits one page.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }
}

/// Items on a page unless `limit` says otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page.
pub const MAX_LIMIT: u32 = 200;

macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
        #[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
        pub struct $name {
            /// Most items on the page; 50 unless said otherwise, at most 200.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
            pub limit: Option<u32>,
            /// `next_cursor` of the page before.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub cursor: Option<String>,
            $(
                $(#[$field_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }
    )+};
}

queries! {
    /// How to page through a list, and in what order.
    PageQuery {
        /// One of the fields that the operation names; with `-` before it, the other way round.
        sort: String,
    }

    /// Who of those with access to an environment, in what order.
    EnvironmentAccessQuery {
        /// Part of the address or display name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `email`, `display_name`, `status` or `access_level`; with `-` before it, the other way round.
        sort: String,
    }

    /// On which environments to tell what somebody may do, in what order.
    EffectiveAccessQuery {
        /// Part of the environment's name or display name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `environment_name` or `access_level`; with `-` before it, the other way round.
        sort: String,
    }

    /// Which policies, in what order.
    PoliciesQuery {
        /// Part of the name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `name` or `-name`.
        sort: String,
    }

    /// Which roles, in what order.
    RolesQuery {
        /// Part of the name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `name` or `-name`.
        sort: String,
    }

    /// Which groups, in what order.
    GroupsQuery {
        /// Part of the name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `path` (the order of the tree: parents before children, siblings by name), `name` or
        /// `created_at`; with `-` before it, the other way round.
        sort: String,
    }

    /// Which of an account's environments, in what order.
    EnvironmentsQuery {
        /// Part of the name or display name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `name`, `-name`, `created_at` or `-created_at`.
        sort: String,
        /// Only those directly in this group.
        group_id: uuid::Uuid,
        /// Only those with this status.
        status: crate::EnvironmentStatus,
    }

    /// Which of the environments that the caller can see.
    VisibleEnvironmentsQuery {
        /// Part of the name or display name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `name`, `-name`, `created_at` or `-created_at`.
        sort: String,
        /// Only this owner's.
        owner_id: uuid::Uuid,
        /// Only those directly in this group.
        group_id: uuid::Uuid,
        /// Only those with this status.
        status: crate::EnvironmentStatus,
    }

    /// Which notifications, in what order.
    NotificationsQuery {
        /// Only those that are not read.
        unread: bool,
        /// `-created_at` (the newest first, unless said otherwise) or `created_at`.
        sort: String,
    }

    /// Which deliveries to a webhook, in what order.
    WebhookDeliveriesQuery {
        /// Only those with this status.
        status: crate::WebhookDeliveryStatus,
        /// `-created_at` (the newest first, unless said otherwise) or `created_at`.
        sort: String,
    }

    /// In what order to tell what happened.
    TimelineQuery {
        /// `-at` (the newest first, unless said otherwise) or `at`.
        sort: String,
    }

    /// Which members, in what order.
    MembersQuery {
        /// Part of the address or display name.
        #[cfg_attr(feature = "openapi", param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"))]
        q: String,
        /// `email`, `display_name` or `invited_at`; with `-` before it, the other way round.
        sort: String,
        /// Only those in this state.
        status: crate::MemberStatus,
        /// Only those with a share that carries this role, ended shares included.
        role_id: uuid::Uuid,
    }

    /// Which entries of the record, in what order.
    TasksQuery {
        /// `-at` (the newest first, unless said otherwise) or `at`.
        sort: String,
        /// Only what this account did.
        actor_id: uuid::Uuid,
        /// Only what was done to this environment.
        environment_id: uuid::Uuid,
        /// Only what was done to this member.
        member_id: uuid::Uuid,
        /// Only this action, or every one of a family: `member.suspend`, `member`.
        #[cfg_attr(feature = "openapi", param(max_length = 60, pattern = r"^[a-z_]+(\.[a-z_]+)*$"))]
        action: String,
        /// Not before this moment.
        from: chrono::DateTime<chrono::Utc>,
        /// Before this moment.
        to: chrono::DateTime<chrono::Utc>,
    }
}

/// Whether a deletion also detaches what it is in use by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct DeleteQuery {
    /// Take it out of everything that uses it; without this, something in use is not deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detach: Option<bool>,
}
