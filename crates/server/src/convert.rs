//! Bodies become commands here, with every invalid field named at once; records become answers.

use accord_api_types as api;
use accord_api_types::FieldError;
use accord_domain::access::Why;
use accord_domain::explain::Missing;
use accord_domain::ids::RoleId;
use accord_domain::notification::NotificationKind;
use accord_domain::sharing::{Item, ItemKind, Share, ShareDraft};
use accord_domain::{account, environment, member, webhook};
use accord_service as service;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::problem::ApiError;

/// Collects what is wrong with a request.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    errors: Vec<FieldError>,
}

impl Fields {
    /// The value, or nothing and a note of what is wrong with it.
    pub(crate) fn take<T, E: std::fmt::Display>(
        &mut self,
        pointer: impl Into<String>,
        read: Result<T, E>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                let detail = error.to_string();
                self.errors.push(FieldError {
                    pointer: pointer.into(),
                    detail,
                });
                None
            }
        }
    }

    /// The same for a field that may be missing; `Some(None)` when it is.
    pub(crate) fn take_optional<T, U, E: std::fmt::Display>(
        &mut self,
        pointer: &str,
        value: Option<T>,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<Option<U>> {
        match value {
            Some(value) => self.take(pointer, read(value)).map(Some),
            None => Some(None),
        }
    }

    /// The same for a field that `null` clears.
    pub(crate) fn take_clearable<T, U, E: std::fmt::Display>(
        &mut self,
        pointer: &str,
        value: api::Clearable<T>,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<Option<Option<U>>> {
        match value {
            Some(value) => self.take_optional(pointer, value, read).map(Some),
            None => Some(None),
        }
    }

    pub(crate) fn refuse(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        });
    }

    /// What was built, unless something is wrong.
    pub(crate) fn finish<T>(self, built: Option<T>) -> Result<T, ApiError> {
        match built {
            Some(built) if self.errors.is_empty() => Ok(built),
            _ => Err(ApiError::invalid(self.errors)),
        }
    }
}

/// Words that the domain and the API share, each in its own type.
macro_rules! same_words {
    ($($(#[$doc:meta])* $name:ident: $from:path => $to:path { $($variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        pub(crate) const fn $name(word: $from) -> $to {
            use $from as From;
            use $to as To;
            match word { $(From::$variant => To::$variant),+ }
        }
    )+};
}

same_words! {
    account_kind: account::AccountKind => api::AccountKind { Billing, Member }
    member_status: member::MemberStatus => api::MemberStatus {
        Pending, Active, Suspended, Rejected, Left, Removed, Expired
    }
    member_status_asked: api::MemberStatus => member::MemberStatus {
        Pending, Active, Suspended, Rejected, Left, Removed, Expired
    }
    invitation_state: service::InvitationState => api::InvitationState {
        Open, Accepted, Rejected, Replaced, Expired, Withdrawn
    }
    notification_kind: NotificationKind => api::NotificationKind {
        InvitationReceived, InvitationAccepted, InvitationRejected, CollaborationJoined, SharesChanged,
        CollaborationSuspended, CollaborationActivated, CollaborationEnded, MemberLeft, SharesEnding,
        SharesEnded, LoadAlert,
        MailGivenUp, WebhookSwitchedOff, AddressVerification, PasswordReset, SecurityNotice
    }
    notification_kind_asked: api::NotificationKind => NotificationKind {
        InvitationReceived, InvitationAccepted, InvitationRejected, CollaborationJoined, SharesChanged,
        CollaborationSuspended, CollaborationActivated, CollaborationEnded, MemberLeft, SharesEnding,
        SharesEnded, LoadAlert,
        MailGivenUp, WebhookSwitchedOff, AddressVerification, PasswordReset, SecurityNotice
    }
    ended_because: service::EndedBecause => api::EndedBecause { Removed, Withdrawn, HostGone }
    timeline_event: service::TimelineEventKind => api::TimelineEventKind {
        Invited, Reinvited, Resent, LinkMade, MailQueued, MailKept, MailDelayed, MailSent, MailGivenUp,
        Opened, Expired, Accepted, Rejected, Suspended, Activated, Left, Removed
    }
    environment_status: environment::EnvironmentStatus => api::EnvironmentStatus { Running, Stopped, Sleeping }
    environment_status_asked: api::EnvironmentStatus => environment::EnvironmentStatus {
        Running, Stopped, Sleeping
    }
    step_reason: Why => api::StepReason {
        Counted, NearestAncestorWithRoles, GroupsCategoryDefault, HiddenByHigherLevel,
        HiddenByNearerGroup, NoShareHere, ShareEnded, NoKnownRoles, MemberNotActive, AccountDisabled,
        NoSuchEnvironment
    }
    missing_thing: Missing => api::MissingThing {
        Share, LiveShare, ActiveMember, EnabledAccount, Action
    }
    check_mode_asked: api::CheckMode => service::CheckMode { All, Any }
    webhook_event: webhook::WebhookEvent => api::WebhookEventType {
        MemberInvited, MemberInvitationResent, MemberReinvited, MemberAccepted, MemberRejected,
        MemberSuspended, MemberActivated, MemberLeft, MemberRemoved, MemberForgotten,
        MemberUpdated, SharesChanged, RoleCreated, RoleUpdated, RoleDeleted, PolicyCreated,
        PolicyUpdated, PolicyDeleted, GroupCreated, GroupUpdated, GroupDeleted,
        GroupEnvironmentsChanged, EnvironmentCreated, EnvironmentUpdated, EnvironmentDeleted,
        AccountDisabled, AccountEnabled
    }
    webhook_event_asked: api::WebhookEventType => webhook::WebhookEvent {
        MemberInvited, MemberInvitationResent, MemberReinvited, MemberAccepted, MemberRejected,
        MemberSuspended, MemberActivated, MemberLeft, MemberRemoved, MemberForgotten,
        MemberUpdated, SharesChanged, RoleCreated, RoleUpdated, RoleDeleted, PolicyCreated,
        PolicyUpdated, PolicyDeleted, GroupCreated, GroupUpdated, GroupDeleted,
        GroupEnvironmentsChanged, EnvironmentCreated, EnvironmentUpdated, EnvironmentDeleted,
        AccountDisabled, AccountEnabled
    }
    webhook_off_because: webhook::SwitchedOff => api::WebhookOffBecause { Owner, Gone, Failing }
    delivery_status: webhook::DeliveryStatus => api::WebhookDeliveryStatus { Pending, Delivered, Failed }
    delivery_status_asked: api::WebhookDeliveryStatus => webhook::DeliveryStatus {
        Pending, Delivered, Failed
    }
    item_kind: ItemKind => api::ItemKind { Environments, Groups, Group, Environment }
    item_kind_asked: api::ItemKind => ItemKind { Environments, Groups, Group, Environment }
}

pub(crate) fn ids<T: Into<Uuid>>(ids: impl IntoIterator<Item = T>) -> Vec<Uuid> {
    ids.into_iter().map(Into::into).collect()
}

pub(crate) fn ids_asked<T: From<Uuid>>(ids: Vec<Uuid>) -> Vec<T> {
    ids.into_iter().map(T::from).collect()
}

pub(crate) fn item(item: Item) -> api::Item {
    api::Item {
        kind: item_kind(item.kind()),
        id: item.id(),
    }
}

pub(crate) fn share(share: &Share, now: DateTime<Utc>) -> api::Share {
    api::Share {
        item: item(share.item),
        role_ids: ids(share.role_ids.iter().copied()),
        expires_at: share.expires_at,
        ended: share.ended(now),
    }
}

/// The shares as they were asked for. Which of them the rules allow is not decided here.
pub(crate) fn share_drafts(
    fields: &mut Fields,
    pointer: &str,
    shares: Vec<api::NewShare>,
) -> Option<Vec<ShareDraft>> {
    let drafts: Vec<Option<ShareDraft>> = shares
        .into_iter()
        .enumerate()
        .map(|(index, share)| {
            let item = Item::from_parts(item_kind_asked(share.item.kind), share.item.id);
            let item = fields.take(format!("{pointer}/{index}/item/id"), item);
            let expires_at = end_asked(
                fields,
                format!("{pointer}/{index}/expires_at"),
                share.expires_at,
            );
            Some(ShareDraft {
                item: item?,
                role_ids: ids_asked::<RoleId>(share.role_ids),
                expires_at: expires_at?,
            })
        })
        .collect();
    drafts.into_iter().collect()
}

/// An end time within what the databases keep.
pub(crate) fn end_asked(
    fields: &mut Fields,
    pointer: impl Into<String>,
    end: Option<DateTime<Utc>>,
) -> Option<Option<DateTime<Utc>>> {
    use chrono::Datelike as _;
    match end {
        Some(end) if !(1..=9998).contains(&end.year()) => {
            fields.refuse(pointer, "This time is out of range.");
            None
        }
        end => Some(end),
    }
}

pub(crate) fn summary(id: impl Into<Uuid>, name: &str, email: &str) -> api::AccountSummary {
    api::AccountSummary {
        id: id.into(),
        name: name.to_owned(),
        email: email.to_owned(),
    }
}

pub(crate) fn account(account: &service::AccountView) -> api::Account {
    api::Account {
        id: account.id.into(),
        email: account.email.clone(),
        name: account.name.clone(),
        kind: account_kind(account.kind),
        email_verified: account.email_verified_at.is_some(),
        created_at: account.created_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_domain::text::Name;

    #[test]
    fn every_invalid_field_is_named() {
        let mut fields = Fields::default();
        let name = fields.take("/name", Name::parse("a\nb"));
        let other = fields.take_optional("/other", Some("ok"), Name::parse);
        let cleared = fields.take_clearable("/cleared", Some(None), Name::parse);
        assert_eq!(
            (name.is_none(), other.is_some(), cleared),
            (true, true, Some(Some(None)))
        );
        let refused = fields.finish(Some(())).expect_err("one is invalid");
        assert!(format!("{refused:?}").contains("/name"));
    }

    #[test]
    fn shares_without_their_ids_are_refused_where_they_stand() {
        let share = |kind, id| api::NewShare {
            item: api::Item { kind, id },
            role_ids: vec![],
            expires_at: None,
        };
        let mut fields = Fields::default();
        let drafts = share_drafts(
            &mut fields,
            "/shares",
            vec![
                share(api::ItemKind::Groups, None),
                share(api::ItemKind::Group, None),
            ],
        );
        assert!(drafts.is_none());
        let refused = fields.finish(drafts).expect_err("one lacks its id");
        assert!(format!("{refused:?}").contains("/shares/1/item/id"));
    }
}
