use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::patch::set;

api_words! {
    /// What a webhook can be told. Words are added, and none changes its meaning: receivers pass over those
    /// that they do not know.
    WebhookEventType {
        /// Somebody was invited.
        MemberInvited = "member.invited",
        /// An invitation was sent anew.
        MemberInvitationResent = "member.invitation_resent",
        /// Somebody who was out of the collaboration was invited again.
        MemberReinvited = "member.reinvited",
        /// An invited person joined.
        MemberAccepted = "member.accepted",
        /// An invited person does not join.
        MemberRejected = "member.rejected",
        /// A member's access is stopped for a time.
        MemberSuspended = "member.suspended",
        /// A member's access was given back.
        MemberActivated = "member.activated",
        /// A member ended the collaboration.
        MemberLeft = "member.left",
        /// The owner's side ended a collaboration, or took an invitation back.
        MemberRemoved = "member.removed",
        /// The record of an ended collaboration was deleted.
        MemberForgotten = "member.forgotten",
        /// A member's name or address changed.
        MemberUpdated = "member.updated",
        /// What is shared with a member changed.
        SharesChanged = "shares.changed",
        /// A role was made.
        RoleCreated = "role.created",
        /// A role changed, and with it what members with it may do.
        RoleUpdated = "role.updated",
        /// A role was deleted.
        RoleDeleted = "role.deleted",
        /// A policy was made.
        PolicyCreated = "policy.created",
        /// A policy changed, and with it what roles with it allow.
        PolicyUpdated = "policy.updated",
        /// A policy was deleted.
        PolicyDeleted = "policy.deleted",
        /// A group was made.
        GroupCreated = "group.created",
        /// A group's name, colour or place changed.
        GroupUpdated = "group.updated",
        /// A group was deleted, with its subgroups.
        GroupDeleted = "group.deleted",
        /// A group holds other environments.
        GroupEnvironmentsChanged = "group.environments_changed",
        /// An environment was made.
        EnvironmentCreated = "environment.created",
        /// An environment's name, status or groups changed.
        EnvironmentUpdated = "environment.updated",
        /// An environment was deleted.
        EnvironmentDeleted = "environment.deleted",
        /// The account was disabled: nothing of it gives access.
        AccountDisabled = "account.disabled",
        /// The account was enabled again.
        AccountEnabled = "account.enabled",
    }

    /// Why nothing is sent to a webhook.
    WebhookOffBecause {
        /// The owner switched it off.
        Owner = "owner",
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// Nothing succeeded for five days.
        Failing = "failing",
    }

    /// What became of a delivery.
    WebhookDeliveryStatus {
        /// It waits, for its first attempt or another one.
        Pending = "pending",
        /// The receiver answered with a status from 200 to 299.
        Delivered = "delivered",
        /// It was given up: after the last attempt, or because the webhook was switched off.
        Failed = "failed",
    }
}

api! {
    /// An address to which events of an account are sent, by the Standard Webhooks specification.
    pub struct Webhook {
        pub id: Uuid,
        pub url: String,
        pub description: String,
        pub event_types: Vec<WebhookEventType>,
        /// Whether anything is sent.
        pub enabled: bool,
        /// Why not, where it is not.
        pub disabled_because: Option<WebhookOffBecause>,
        pub disabled_at: Option<DateTime<Utc>>,
        /// Since when every attempt has failed; `null` while the last one succeeded. After five days of
        /// that it is switched off, and the owner hears of it.
        pub failing_since: Option<DateTime<Utc>>,
        pub last_success_at: Option<DateTime<Utc>>,
        pub last_failure_at: Option<DateTime<Utc>>,
        /// What went wrong at the last attempt, if something did.
        pub last_error: Option<String>,
        /// Until when the newest former secret signs too; `null` where none does. Each signs for a day after the
        /// rotation that replaced it.
        pub former_secret_until: Option<DateTime<Utc>>,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        /// What the caller may do with it: `edit`, `rotate_secret`, `delete`, and `test` while it is enabled.
        pub allowed_actions: Vec<String>,
    }

    /// A webhook with its new secret.
    pub struct NewWebhook {
        /// The secret by which its receiver verifies messages, shown this once: `whsec_` and base64.
        pub secret: String,
        pub webhook: Webhook,
    }

    #[serde(deny_unknown_fields)]
    pub struct CreateWebhook {
        /// Where to send: `https://`, without a user name or a password. Private, local and reserved
        /// addresses, and plain `http://`, only within networks that the operator allows.
        pub url: String,
        /// What it is told, at least one.
        pub event_types: Vec<WebhookEventType>,
        #[serde(default)]
        pub description: String,
        /// `true` unless said otherwise.
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub enabled: Option<bool>,
    }

    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateWebhook {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub url: Option<String>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub event_types: Option<Vec<WebhookEventType>>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub description: Option<String>,
        /// Switching it off gives up what waits; switching it on begins anew.
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub enabled: Option<bool>,
    }

    /// One event on its way to one webhook.
    pub struct WebhookDelivery {
        /// The header `webhook-id`: the same over all attempts, so that a receiver recognises what it has.
        pub id: Uuid,
        /// One of the webhook's event types, or `webhook.test`.
        pub event_type: String,
        pub status: WebhookDeliveryStatus,
        pub created_at: DateTime<Utc>,
        /// How often somebody set out to send it.
        pub attempt_count: u32,
        /// What came of each attempt, the first ones first, of the newest 50. One that is under way, or that
        /// the program did not live to note, is not among them.
        pub attempts: Vec<WebhookAttempt>,
        /// When it is tried next, while it waits.
        pub next_attempt_at: Option<DateTime<Utc>>,
        pub last_attempt_at: Option<DateTime<Utc>>,
        /// How long the last attempt took, in milliseconds.
        pub duration_ms: Option<u64>,
        /// The HTTP status that the receiver answered last.
        pub response_status: Option<u16>,
        /// The beginning of what it answered.
        pub response_body: Option<String>,
        /// What went wrong at the last attempt.
        pub error: Option<String>,
        /// What is sent: a `WebhookEvent`.
        #[cfg_attr(feature = "openapi", schema(value_type = WebhookEvent))]
        pub payload: Value,
    }

    /// One attempt to send a delivery.
    pub struct WebhookAttempt {
        /// Which of the delivery's attempts it was, counted from 1.
        pub number: u32,
        /// When it ended.
        pub ended_at: DateTime<Utc>,
        /// How long it took, in milliseconds.
        pub duration_ms: u64,
        /// The HTTP status that the receiver answered; `null` where no answer came.
        pub response_status: Option<u16>,
        /// What went wrong; `null` where the receiver took it.
        pub error: Option<String>,
    }

    /// What a receiver gets as the body. Its headers are `webhook-id`, `webhook-timestamp` (seconds since
    /// 1970) and `webhook-signature`: for each valid secret, separated by spaces, `v1,` and the base64 of
    /// HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, with what follows `whsec_`, decoded, as
    /// the key.
    pub struct WebhookEvent {
        /// One of the event types, or `webhook.test`.
        #[serde(rename = "type")]
        pub event_type: String,
        /// When it happened.
        pub timestamp: DateTime<Utc>,
        pub data: WebhookEventData,
    }

    /// What happened, in ids and names of fields: ask the API for the rest. Order is not promised; the
    /// greatest revision is the newest.
    pub struct WebhookEventData {
        /// On whose account.
        pub account_id: Uuid,
        /// The account's revision afterwards: whatever was kept of an older one may be out of date. Pass it
        /// as `at_least_revision` to checks.
        pub revision: i64,
        /// The entry of the record; `null` for a test.
        pub task_id: Option<Uuid>,
        /// Who did it; `null` when it was nobody in particular, or the platform.
        pub actor_id: Option<Uuid>,
        pub member_id: Option<Uuid>,
        pub environment_id: Option<Uuid>,
        /// What it happened to.
        pub item: Option<WebhookEventItem>,
        /// The names of the fields that changed, where something was changed.
        pub changed: Vec<String>,
    }

    /// What something happened to.
    pub struct WebhookEventItem {
        /// `member`, `environment`, `group`, `role`, `policy`, `account` or `webhook`.
        pub kind: String,
        pub id: Uuid,
    }
}
