use chrono::{DateTime, Utc};
use uuid::Uuid;

api_words! {
    /// Something that a token may be good for. What manages the account itself (its address, password,
    /// sessions and tokens, its end) and what a person decides about invitations is in none of them.
    TokenScope {
        /// Reading all that the account sees: its own things, what is shared with it, the record.
        Read = "read",
        /// Members: inviting, their shares, their state, and who has access to an environment.
        Members = "members",
        /// Roles and policies.
        Roles = "roles",
        /// Environments and groups.
        Environments = "environments",
        /// Asking whether somebody may do something.
        Checks = "checks",
        /// Posting load alerts.
        Alerts = "alerts",
        /// Webhooks.
        Webhooks = "webhooks",
    }
}

api! {
    /// A token by which a program calls for an account.
    pub struct ApiToken {
        pub id: Uuid,
        pub name: String,
        /// How the token begins, to recognise it by.
        pub hint: String,
        pub scopes: Vec<TokenScope>,
        pub created_at: DateTime<Utc>,
        /// From when on it is refused; `null` is never.
        pub expires_at: Option<DateTime<Utc>>,
        /// Whether its end has come. It stays listed until it is revoked.
        pub expired: bool,
        /// When a program called with it last, to the minute or so; `null` is never.
        pub last_used_at: Option<DateTime<Utc>>,
    }

    /// A new token, with the secret.
    pub struct NewApiToken {
        /// The token itself, shown this once: send as `Authorization: Bearer …`.
        pub secret: String,
        pub token: ApiToken,
    }

    #[serde(deny_unknown_fields)]
    pub struct CreateApiToken {
        /// What it is for, to tell it from others.
        pub name: String,
        /// What it shall be good for, at least one.
        pub scopes: Vec<TokenScope>,
        /// From when on it is refused; never, if it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<DateTime<Utc>>,
    }
}
