use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::set;

api_words! {
    /// What somebody is told of.
    NotificationKind {
        /// An invitation to the reader.
        InvitationReceived = "invitation_received",
        /// A member accepted the reader's invitation.
        InvitationAccepted = "invitation_accepted",
        /// A member rejected the reader's invitation.
        InvitationRejected = "invitation_rejected",
        /// The reader joined: what they were given.
        CollaborationJoined = "collaboration_joined",
        /// What is shared with the reader changed.
        SharesChanged = "shares_changed",
        /// The owner suspended the reader.
        CollaborationSuspended = "collaboration_suspended",
        /// The owner activated the reader again.
        CollaborationActivated = "collaboration_activated",
        /// A collaboration of the reader's, or an invitation to one, is gone.
        CollaborationEnded = "collaboration_ended",
        /// A member left the reader's account.
        MemberLeft = "member_left",
        /// Something that is shared with the reader, or by them, ends soon.
        SharesEnding = "shares_ending",
        /// Something that was shared with the reader, or by them, has ended.
        SharesEnded = "shares_ended",
        /// An environment is under strain.
        LoadAlert = "load_alert",
        /// An invitation of the reader's did not reach its address.
        MailGivenUp = "mail_given_up",
        /// A webhook of the reader's failed for too long, or its receiver is gone.
        WebhookSwitchedOff = "webhook_switched_off",
        /// Proof of an address; mail only.
        AddressVerification = "address_verification",
        /// A new password that was asked for; mail only.
        PasswordReset = "password_reset",
        /// The safety of the account; mail only.
        SecurityNotice = "security_notice",
    }

    /// Why a collaboration, or an invitation to one, is gone.
    EndedBecause {
        /// The owner removed the member.
        Removed = "removed",
        /// The owner took the invitation back.
        Withdrawn = "withdrawn",
        /// The account that shared was deleted.
        HostGone = "host_gone",
    }
}

api! {
    /// Something that the reader was told. Its words are the dashboard's, made of `kind` and `params`.
    pub struct Notification {
        pub id: Uuid,
        pub kind: NotificationKind,
        pub params: NotificationParams,
        /// The account that shares.
        pub account_id: Option<Uuid>,
        /// The member it is about; to that member, the collaboration of the same id.
        pub member_id: Option<Uuid>,
        pub environment_id: Option<Uuid>,
        pub created_at: DateTime<Utc>,
        /// `null` until the reader says that they have read it.
        pub read_at: Option<DateTime<Utc>>,
    }

    /// What a notification is about, in names as they were then; only what fits the kind is present.
    #[derive(Default)]
    pub struct NotificationParams {
        /// Who shares.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub owner_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub owner_email: Option<String>,
        /// How the owner calls the member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub member_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub member_email: Option<String>,
        /// What is shared, or what of it changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub items: Vec<NotificationItem>,
        /// How many further items there are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub more_items: Option<u32>,
        /// `collaboration_ended`: why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ended_because: Option<EndedBecause>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub environment_name: Option<String>,
        /// `load_alert`: what was measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub alert: Option<AlertFacts>,
        /// `webhook_switched_off`: which one. It may be deleted by now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub webhook_id: Option<Uuid>,
        /// `webhook_switched_off`: where it sent to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub webhook_url: Option<String>,
        /// `mail_given_up`: what the mail server said; `webhook_switched_off`: what went wrong last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub error: Option<String>,
    }

    /// A shared item of a notification.
    pub struct NotificationItem {
        /// A group's path, an environment's name, or the category's title.
        pub item: String,
        /// Names of the roles on it; none where it is not shared any more.
        pub roles: Vec<String>,
        /// `shares_ending` and `shares_ended`, to the owner of several members: whose it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub member_name: Option<String>,
        pub expires_at: Option<DateTime<Utc>>,
        /// Where it changed, the names of the roles before; none where it was not shared.
        pub roles_before: Option<Vec<String>>,
    }

    /// A load alert with its repeats, which are counted for 15 minutes.
    pub struct AlertFacts {
        pub metric: String,
        /// The newest value.
        pub value: f64,
        pub threshold: f64,
        pub message: Option<String>,
        /// How often it was posted, the first time included.
        pub times: u32,
        pub last_at: DateTime<Utc>,
    }

    /// A page of notifications.
    pub struct NotificationPage {
        pub items: Vec<Notification>,
        /// Pass as `cursor` for the next page; `null` on the last one.
        pub next_cursor: Option<String>,
        /// How many the reader has not read, on whatever page.
        pub unread_count: u64,
    }

    /// What the reader has read: either of the two.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct MarkNotificationsRead {
        /// These; at most 200.
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub ids: Option<Vec<Uuid>>,
        /// Everything up to here: a notification's id, or a time.
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub all_until: Option<String>,
    }

    /// What is left to be read.
    pub struct UnreadCount {
        pub unread_count: u64,
    }

    /// How somebody hears of a kind of thing.
    pub struct NotificationPreference {
        /// By mail; `null` where no mail is ever written.
        pub email: Option<bool>,
        /// In the dashboard; `null` where nothing ever stands there.
        pub dashboard: Option<bool>,
        /// Whether it can be turned off.
        pub optional: bool,
    }

    /// How somebody wants to hear of a kind of thing; a missing field stays.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct ChooseNotification {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub email: Option<bool>,
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub dashboard: Option<bool>,
    }

    /// What the way out in a mail leads out of.
    pub struct MailWayOut {
        pub kind: NotificationKind,
        /// Whether mail of that kind is still sent to the account.
        pub mailed: bool,
    }

    /// Says that an environment is under strain.
    #[serde(deny_unknown_fields)]
    pub struct PostLoadAlert {
        /// What was measured, in a few words: `CPU load, %`.
        pub metric: String,
        /// What it is.
        pub value: f64,
        /// What it should not have passed.
        pub threshold: f64,
        /// One line that goes along.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
    }

    /// Whom a load alert reached.
    pub struct LoadAlertOutcome {
        /// How many people have it: told now, or with the repeat counted in what they were told lately.
        pub notified: u32,
    }
}

macro_rules! preferences {
    ($($field:ident = $kind:ident),+ $(,)?) => {
        api! {
            /// How the caller hears of each kind of thing.
            pub struct NotificationPreferences {
                $(pub $field: NotificationPreference),+
            }

            /// How the caller wants to hear of things; what is missing stays.
            #[serde(deny_unknown_fields)]
            #[derive(Default)]
            pub struct ChooseNotifications {
                $(#[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
                #[cfg_attr(feature = "openapi", schema(nullable = false))]
                pub $field: Option<ChooseNotification>),+
            }
        }

        impl NotificationPreferences {
            /// Asks for each kind.
            pub fn of(mut each: impl FnMut(NotificationKind) -> NotificationPreference) -> Self {
                Self { $($field: each(NotificationKind::$kind)),+ }
            }

            /// One kind's.
            #[must_use]
            pub const fn get(&self, kind: NotificationKind) -> &NotificationPreference {
                match kind { $(NotificationKind::$kind => &self.$field),+ }
            }
        }

        impl ChooseNotifications {
            /// A choice about one kind.
            #[must_use]
            pub fn one(kind: NotificationKind, choice: ChooseNotification) -> Self {
                let mut choices = Self::default();
                match kind { $(NotificationKind::$kind => choices.$field = Some(choice)),+ }
                choices
            }

            /// What is chosen, kind by kind.
            #[must_use]
            pub fn chosen(&self) -> Vec<(NotificationKind, ChooseNotification)> {
                let all = [$((NotificationKind::$kind, self.$field.clone())),+];
                all.into_iter().filter_map(|(kind, choice)| Some((kind, choice?))).collect()
            }
        }
    };
}

preferences! {
    invitation_received = InvitationReceived,
    invitation_accepted = InvitationAccepted,
    invitation_rejected = InvitationRejected,
    collaboration_joined = CollaborationJoined,
    shares_changed = SharesChanged,
    collaboration_suspended = CollaborationSuspended,
    collaboration_activated = CollaborationActivated,
    collaboration_ended = CollaborationEnded,
    member_left = MemberLeft,
    load_alert = LoadAlert,
    shares_ending = SharesEnding,
    shares_ended = SharesEnded,
    mail_given_up = MailGivenUp,
    webhook_switched_off = WebhookSwitchedOff,
    address_verification = AddressVerification,
    password_reset = PasswordReset,
    security_notice = SecurityNotice,
}
