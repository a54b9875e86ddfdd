//! Webhooks: which happenings are told to an account's programs, under which stable names, and when a
//! webhook that fails is given up.

use std::collections::BTreeSet;

use chrono::Duration;
use serde_json::Value;

use crate::stored::stored_enum;

/// The most webhooks of one account: each change is told to every one of them.
pub const MOST_WEBHOOKS: usize = 20;

/// For so long after a rotation the secret before it still signs too, so that receivers can change over.
pub const FORMER_SECRET_VALID_FOR: Duration = Duration::hours(24);

/// The most former secrets that sign too: every one makes each message longer. Of more, the newest stay.
pub const MOST_FORMER_SECRETS: usize = 5;

/// A webhook that failed for so long, and succeeded not once in between, is switched off.
pub const SWITCHED_OFF_AFTER: Duration = Duration::days(5);

/// The most that wait for one webhook. Beyond that the oldest are given up: whoever cannot keep up is told
/// best of what is newest.
pub const MOST_WAITING: u32 = 10_000;

/// What a test is called. Nobody chooses it: it is sent when it is asked for.
pub const TEST_EVENT: &str = "webhook.test";

stored_enum! {
    /// What can be told. The words are a contract with receivers, and apart from the words of the record.
    "webhook event" WebhookEvent {
        /// Somebody was invited, by whatever way.
        MemberInvited = "member.invited",
        /// The invitation was sent anew.
        MemberInvitationResent = "member.invitation_resent",
        /// Somebody who was out of the collaboration was invited again.
        MemberReinvited = "member.reinvited",
        /// The invited person joined.
        MemberAccepted = "member.accepted",
        /// The invited person does not join.
        MemberRejected = "member.rejected",
        /// The member's access is stopped for a time.
        MemberSuspended = "member.suspended",
        /// The member's access was given back.
        MemberActivated = "member.activated",
        /// The member ended the collaboration.
        MemberLeft = "member.left",
        /// The owner's side ended the collaboration, or took the invitation back.
        MemberRemoved = "member.removed",
        /// The record of an ended collaboration was deleted.
        MemberForgotten = "member.forgotten",
        /// The member's name or address changed.
        MemberUpdated = "member.updated",
        /// What is shared with a member changed.
        SharesChanged = "shares.changed",
        RoleCreated = "role.created",
        RoleUpdated = "role.updated",
        RoleDeleted = "role.deleted",
        PolicyCreated = "policy.created",
        PolicyUpdated = "policy.updated",
        PolicyDeleted = "policy.deleted",
        GroupCreated = "group.created",
        GroupUpdated = "group.updated",
        GroupDeleted = "group.deleted",
        /// A group holds other environments.
        GroupEnvironmentsChanged = "group.environments_changed",
        EnvironmentCreated = "environment.created",
        /// Its name, status or groups changed.
        EnvironmentUpdated = "environment.updated",
        EnvironmentDeleted = "environment.deleted",
        /// The account was disabled: nothing of it gives access.
        AccountDisabled = "account.disabled",
        AccountEnabled = "account.enabled",
    }
}

stored_enum! {
    /// What became of a delivery.
    "delivery status" DeliveryStatus {
        /// It waits, for its first attempt or another one.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

stored_enum! {
    /// Why a webhook is switched off.
    "reason for a webhook to be off" SwitchedOff {
        /// The owner did.
        Owner = "owner",
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// Nothing succeeded for [`SWITCHED_OFF_AFTER`].
        Failing = "failing",
    }
}

/// What is told of an entry of the record; `changed` are the fields that differ. Most entries are one event,
/// some none, and an edit of a member may be two.
pub fn events_of(action: &str, changed: &[String]) -> Vec<WebhookEvent> {
    use WebhookEvent as E;
    let one = match action {
        "member.invite" | "member.copy" | "environment.invite" => E::MemberInvited,
        "member.resend" => E::MemberInvitationResent,
        "member.reinvite" => E::MemberReinvited,
        "member.accept" => E::MemberAccepted,
        "member.reject" => E::MemberRejected,
        "member.suspend" => E::MemberSuspended,
        "member.activate" => E::MemberActivated,
        "member.leave" => E::MemberLeft,
        "member.remove" => E::MemberRemoved,
        "member.forget" => E::MemberForgotten,
        "member.change_address" | "member.merge" => E::MemberUpdated,
        "environment.share" | "environment.unshare" | "member.end_shares" => E::SharesChanged,
        "role.create" | "role.copy" => E::RoleCreated,
        "role.update" => E::RoleUpdated,
        "role.delete" => E::RoleDeleted,
        "policy.create" => E::PolicyCreated,
        "policy.update" => E::PolicyUpdated,
        "policy.delete" => E::PolicyDeleted,
        "group.create" => E::GroupCreated,
        "group.update" => E::GroupUpdated,
        "group.delete" => E::GroupDeleted,
        "group.set_environments" => E::GroupEnvironmentsChanged,
        "environment.create" => E::EnvironmentCreated,
        "environment.update" => E::EnvironmentUpdated,
        "environment.delete" => E::EnvironmentDeleted,
        "account.disable" => E::AccountDisabled,
        "account.enable" => E::AccountEnabled,
        "member.update" => {
            let shares = changed.iter().any(|field| field == SHARES);
            let others = changed.iter().any(|field| field != SHARES);
            let events = [(shares, E::SharesChanged), (others, E::MemberUpdated)];
            return events
                .into_iter()
                .filter_map(|(happened, event)| happened.then_some(event))
                .collect();
        }
        _ => return Vec::new(),
    };
    vec![one]
}

/// The field of a member's facts that holds what is shared with them.
const SHARES: &str = "shares";

/// The names of the fields that differ, where something was changed and not made or deleted. Names
/// alone: whoever receives them asks for the values with rights of their own.
pub fn changed_fields(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else {
        return Vec::new();
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_edit_of_a_member_is_told_as_what_it_changed() {
        let events = |fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
            events_of("member.update", &fields)
        };
        assert_eq!(events(&["shares"]), [WebhookEvent::SharesChanged]);
        assert_eq!(events(&["display_name"]), [WebhookEvent::MemberUpdated]);
        assert_eq!(
            events(&["display_name", "shares"]),
            [WebhookEvent::SharesChanged, WebhookEvent::MemberUpdated]
        );
        assert_eq!(events(&[]), []);
    }

    #[test]
    fn what_concerns_a_person_alone_is_told_to_no_program() {
        for action in [
            "account.change_password",
            "account.delete",
            "webhook.create",
            "anything.else",
        ] {
            assert_eq!(events_of(action, &[]), [], "{action}");
        }
    }

    #[test]
    fn changed_fields_are_names_without_values() {
        let (before, after) = (
            json!({ "name": "a", "status": "running", "gone": 1 }),
            json!({ "name": "b", "status": "running", "new": null }),
        );
        assert_eq!(
            changed_fields(Some(&before), Some(&after)),
            ["gone", "name", "new"]
        );
        assert_eq!(changed_fields(None, Some(&after)), Vec::<String>::new());
        assert_eq!(changed_fields(Some(&before), None), Vec::<String>::new());
    }
}
