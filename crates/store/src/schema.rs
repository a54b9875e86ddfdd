//! The tables, as diesel sees them on both databases.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    accounts (id) {
        id -> Id,
        kind -> Word,
        name -> Text,
        email -> Text,
        email_key -> Text,
        email_verified_at -> Nullable<Moment>,
        password_hash -> Text,
        disabled_at -> Nullable<Moment>,
        revision -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        invitation_news -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Id, Moment};

    sessions (id) {
        id -> Id,
        account_id -> Id,
        created_at -> Moment,
        last_used_at -> Moment,
        expires_at -> Moment,
        ended_at -> Nullable<Moment>,
        user_agent -> Text,
        network_address -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::types::{Id, Moment};

    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> Id,
        created_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    account_tokens (token_hash) {
        token_hash -> Binary,
        account_id -> Id,
        purpose -> Word,
        email_key -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        new_email -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    policies (id) {
        id -> Id,
        account_id -> Nullable<Id>,
        system_key -> Nullable<Text>,
        name -> Text,
        name_key -> Text,
        description -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id};

    policy_actions (policy_id, action_id) {
        policy_id -> Id,
        action_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Text};
    use crate::types::{Id, Moment};

    roles (id) {
        id -> Id,
        account_id -> Id,
        name -> Text,
        name_key -> Text,
        description -> Text,
        receive_load_alerts -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::types::{Id};

    role_policies (role_id, policy_id) {
        role_id -> Id,
        policy_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    groups (id) {
        id -> Id,
        account_id -> Id,
        parent_id -> Nullable<Id>,
        name -> Text,
        name_key -> Text,
        color -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    environments (id) {
        id -> Id,
        account_id -> Id,
        name -> Text,
        name_key -> Text,
        display_name -> Nullable<Text>,
        display_name_key -> Text,
        status -> Word,
        created_by -> Nullable<Id>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use crate::types::{Id};

    environment_groups (environment_id, group_id) {
        account_id -> Id,
        environment_id -> Id,
        group_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    members (id) {
        id -> Id,
        account_id -> Id,
        email -> Text,
        email_key -> Text,
        display_name -> Nullable<Text>,
        display_name_key -> Text,
        person_id -> Nullable<Id>,
        status -> Word,
        invited_at -> Moment,
        invitation_expires_at -> Nullable<Moment>,
        accepted_at -> Nullable<Moment>,
        suspended_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        label -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable};
    use crate::types::{Id, Moment, Word};

    invitations (id) {
        id -> Id,
        member_id -> Nullable<Id>,
        token_hash -> Binary,
        created_at -> Moment,
        expires_at -> Moment,
        state -> Word,
        proves_address -> Bool,
        opened_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable};
    use crate::types::{Id, Moment, Word};

    shares (id) {
        id -> Id,
        account_id -> Id,
        member_id -> Id,
        item_kind -> Word,
        group_id -> Nullable<Id>,
        environment_id -> Nullable<Id>,
        expires_at -> Nullable<Moment>,
        created_at -> Moment,
        reminded_at -> Nullable<Moment>,
        end_told_at -> Nullable<Moment>,
        remind_from -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::types::{Id};

    share_roles (share_id, role_id) {
        account_id -> Id,
        share_id -> Id,
        role_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::{Json, Nullable, Text};
    use crate::types::{Id, Moment};

    tasks (id) {
        id -> Id,
        account_id -> Id,
        at -> Moment,
        actor_id -> Nullable<Id>,
        actor_name -> Text,
        action -> Text,
        member_id -> Nullable<Id>,
        environment_id -> Nullable<Id>,
        item -> Nullable<Json>,
        before -> Nullable<Json>,
        after -> Nullable<Json>,
        means -> Text,
        request_id -> Text,
        network_address -> Text,
        token -> Nullable<Json>,
        names -> Nullable<Json>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Json, Nullable, Text};
    use crate::types::{Id, Moment};

    outbox (id) {
        id -> Id,
        account_id -> Nullable<Id>,
        member_id -> Nullable<Id>,
        kind -> Text,
        recipient -> Text,
        params -> Json,
        sealed_link -> Nullable<Binary>,
        created_at -> Moment,
        next_attempt_at -> Moment,
        attempts -> Integer,
        claimed_until -> Nullable<Moment>,
        last_error -> Nullable<Text>,
        sent_at -> Nullable<Moment>,
        gave_up_at -> Nullable<Moment>,
        recipient_id -> Nullable<Id>,
        failed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Json, Nullable};
    use crate::types::{Id, Moment, Word};

    notifications (id) {
        id -> Id,
        account_id -> Id,
        kind -> Word,
        params -> Json,
        host_id -> Nullable<Id>,
        member_id -> Nullable<Id>,
        environment_id -> Nullable<Id>,
        created_at -> Moment,
        read_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Json};
    use crate::types::{Id, Moment};

    notification_preferences (account_id) {
        account_id -> Id,
        choices -> Json,
        version -> BigInt,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Id, Moment};

    load_alert_windows (environment_id, account_id, metric) {
        environment_id -> Id,
        account_id -> Id,
        metric -> Text,
        opened_at -> Moment,
        notification_id -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Json, Nullable};
    use crate::types::Id;

    access_changes (account_id, revision) {
        account_id -> Id,
        revision -> BigInt,
        since -> BigInt,
        things -> Nullable<Json>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Json, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    webhooks (id) {
        id -> Id,
        account_id -> Id,
        url -> Text,
        description -> Text,
        event_types -> Json,
        sealed_secret -> Binary,
        switched_off_at -> Nullable<Moment>,
        switched_off_because -> Nullable<Word>,
        failing_since -> Nullable<Moment>,
        last_success_at -> Nullable<Moment>,
        last_failure_at -> Nullable<Moment>,
        last_error -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use crate::types::{Id, Moment};

    webhook_former_secrets (webhook_id, sealed_secret) {
        webhook_id -> Id,
        sealed_secret -> Binary,
        ends_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    webhook_deliveries (id) {
        id -> Id,
        webhook_id -> Id,
        event_type -> Text,
        body -> Text,
        status -> Word,
        created_at -> Moment,
        next_attempt_at -> Moment,
        attempts -> Integer,
        failures -> Integer,
        claimed_until -> Nullable<Moment>,
        last_attempt_at -> Nullable<Moment>,
        last_duration_ms -> Nullable<BigInt>,
        response_status -> Nullable<Integer>,
        response_body -> Nullable<Text>,
        last_error -> Nullable<Text>,
        finished_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::types::{Id, Moment};

    webhook_attempts (delivery_id, number) {
        delivery_id -> Id,
        number -> Integer,
        ended_at -> Moment,
        duration_ms -> BigInt,
        response_status -> Nullable<Integer>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;

    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    api_tokens (id) {
        id -> Id,
        account_id -> Id,
        token_hash -> Binary,
        hint -> Text,
        name -> Text,
        scopes -> Word,
        created_at -> Moment,
        expires_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{Id, Moment, Word};

    platform_tokens (id) {
        id -> Id,
        token_hash -> Binary,
        hint -> Text,
        name -> Text,
        scopes -> Word,
        created_at -> Moment,
        expires_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Integer, Json, Nullable};
    use crate::types::{Id, Moment};

    idempotency_keys (key_hash) {
        key_hash -> Binary,
        credential_id -> Id,
        body_hash -> Binary,
        claim_id -> Id,
        claimed_at -> Moment,
        claimed_until -> Moment,
        expires_at -> Moment,
        status -> Nullable<Integer>,
        headers -> Nullable<Json>,
        body -> Nullable<Binary>,
        carried_out -> Bool,
        kept_bytes -> Integer,
    }
}

diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(api_tokens -> accounts (account_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(account_tokens -> accounts (account_id));
diesel::joinable!(policy_actions -> policies (policy_id));
diesel::joinable!(role_policies -> roles (role_id));
diesel::joinable!(role_policies -> policies (policy_id));
diesel::joinable!(environment_groups -> environments (environment_id));
diesel::joinable!(environment_groups -> groups (group_id));
diesel::joinable!(invitations -> members (member_id));
diesel::joinable!(members -> accounts (account_id));
diesel::joinable!(shares -> members (member_id));
diesel::joinable!(share_roles -> shares (share_id));
diesel::joinable!(share_roles -> roles (role_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    sessions,
    refresh_tokens,
    account_tokens,
    policies,
    policy_actions,
    roles,
    role_policies,
    groups,
    environments,
    environment_groups,
    members,
    invitations,
    shares,
    share_roles,
    tasks,
    outbox,
    notifications,
    notification_preferences,
    load_alert_windows,
    access_changes,
    webhooks,
    webhook_former_secrets,
    webhook_deliveries,
    webhook_attempts,
    meta,
    api_tokens,
    platform_tokens,
    idempotency_keys,
);
