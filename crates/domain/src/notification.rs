//! What people are told of, and by which ways they may choose to hear of it.

use std::collections::BTreeMap;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::stored::stored_enum;

/// How long a notification is kept; older ones go when their recipient is told something new, and
/// when the program starts.
pub const KEPT_FOR: Duration = Duration::days(90);

stored_enum! {
    /// What somebody is told of. The words are what mails are filed under, too.
    "kind of notification" NotificationKind {
        /// To the invited person.
        InvitationReceived = "invitation_received",
        /// To the owner.
        InvitationAccepted = "invitation_accepted",
        /// To the owner.
        InvitationRejected = "invitation_rejected",
        /// To the new member: what they were given.
        CollaborationJoined = "collaboration_joined",
        /// To the member: what they were given or lost.
        SharesChanged = "shares_changed",
        /// To the member.
        CollaborationSuspended = "collaboration_suspended",
        /// To the member.
        CollaborationActivated = "collaboration_activated",
        /// To the member, or the invited person: the owner removed them, or the account that shared is gone.
        CollaborationEnded = "collaboration_ended",
        /// To the owner.
        MemberLeft = "member_left",
        /// To the owner and the member: something that is shared ends soon.
        SharesEnding = "shares_ending",
        /// To the owner and the member: something that was shared has ended.
        SharesEnded = "shares_ended",
        /// To the owner and the members whose roles ask for it.
        LoadAlert = "load_alert",
        /// To the owner: an invitation did not reach its address.
        MailGivenUp = "mail_given_up",
        /// To the owner: a webhook failed for too long, or its receiver is gone.
        WebhookSwitchedOff = "webhook_switched_off",
        /// To whose address it is.
        AddressVerification = "address_verification",
        /// To who asked for it.
        PasswordReset = "password_reset",
        /// To whose account it is: its password or address was changed, or it is gone.
        SecurityNotice = "security_notice",
    }
}

/// The ways by which somebody hears of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// By mail; `None` where no mail is ever written.
    pub email: Option<bool>,
    /// In the dashboard; `None` where nothing ever stands there.
    pub dashboard: Option<bool>,
}

impl NotificationKind {
    /// How one hears of it unless one chose otherwise.
    pub const fn default_ways(self) -> Ways {
        let (email, dashboard) = match self {
            Self::InvitationReceived
            | Self::InvitationAccepted
            | Self::InvitationRejected
            | Self::CollaborationSuspended
            | Self::CollaborationActivated
            | Self::CollaborationEnded
            | Self::MemberLeft
            | Self::SharesEnding
            | Self::SharesEnded
            | Self::LoadAlert
            | Self::WebhookSwitchedOff => (true, true),
            // Whoever joined has just pressed the button, and a mail about mail helps nobody.
            Self::CollaborationJoined | Self::SharesChanged | Self::MailGivenUp => (false, true),
            Self::AddressVerification | Self::PasswordReset | Self::SecurityNotice => (true, false),
        };
        Ways {
            email: if email { Some(true) } else { None },
            dashboard: if dashboard { Some(true) } else { None },
        }
    }

    /// Whether one may choose not to hear of it. Nobody can turn off what proves an address, guards an
    /// account, or invites: an invitation goes to an address, whether it has an account or not.
    pub const fn optional(self) -> bool {
        match self {
            Self::InvitationReceived
            | Self::AddressVerification
            | Self::PasswordReset
            | Self::SecurityNotice => false,
            Self::InvitationAccepted
            | Self::InvitationRejected
            | Self::CollaborationJoined
            | Self::SharesChanged
            | Self::CollaborationSuspended
            | Self::CollaborationActivated
            | Self::CollaborationEnded
            | Self::MemberLeft
            | Self::SharesEnding
            | Self::SharesEnded
            | Self::LoadAlert
            | Self::MailGivenUp
            | Self::WebhookSwitchedOff => true,
        }
    }

    /// Whether mail of this kind has a way out of it: whoever gets it may turn it off.
    pub const fn mail_is_optional(self) -> bool {
        self.optional() && self.default_ways().email.is_some()
    }
}

/// What somebody chose about one kind; what is missing follows the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// By mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    /// In the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<bool>,
}

/// Why a choice was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Nobody can turn it off.
    #[error("This cannot be turned off.")]
    NotOptional,
    /// It never comes that way.
    #[error("Nothing of this kind is ever mailed.")]
    NeverMailed,
    /// It never comes that way.
    #[error("Nothing of this kind ever stands in the dashboard.")]
    NeverInDashboard,
}

/// What somebody chose. Stored as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(BTreeMap<NotificationKind, Choice>);

impl Preferences {
    /// How one hears of that kind.
    pub fn ways(&self, kind: NotificationKind) -> Ways {
        let default = kind.default_ways();
        let Some(choice) = self.0.get(&kind).filter(|_| kind.optional()) else {
            return default;
        };
        let chosen =
            |default: Option<bool>, choice: Option<bool>| default.map(|way| choice.unwrap_or(way));
        Ways {
            email: chosen(default.email, choice.email),
            dashboard: chosen(default.dashboard, choice.dashboard),
        }
    }

    /// Whether mail of that kind is wanted.
    pub fn mails(&self, kind: NotificationKind) -> bool {
        self.ways(kind).email.unwrap_or(false)
    }

    /// Whether that kind shall stand in the dashboard.
    pub fn shows(&self, kind: NotificationKind) -> bool {
        self.ways(kind).dashboard.unwrap_or(false)
    }

    /// Takes a choice over; what it says nothing of stays.
    ///
    /// # Errors
    /// When the kind is not optional or never comes that way. Saying what is so anyway is no error.
    pub fn choose(&mut self, kind: NotificationKind, choice: Choice) -> Result<(), ChoiceError> {
        let now = self.ways(kind);
        let refused =
            |asked: Option<bool>, now: Option<bool>, never: ChoiceError| match (asked, now) {
                (Some(true), None) => Some(never),
                (Some(asked), Some(now)) if asked != now && !kind.optional() => {
                    Some(ChoiceError::NotOptional)
                }
                _ => None,
            };
        if let Some(error) =
            refused(choice.email, now.email, ChoiceError::NeverMailed).or_else(|| {
                refused(
                    choice.dashboard,
                    now.dashboard,
                    ChoiceError::NeverInDashboard,
                )
            })
        {
            return Err(error);
        }
        if kind.optional() {
            let stored = self.0.entry(kind).or_default();
            stored.email = choice
                .email
                .filter(|_| now.email.is_some())
                .or(stored.email);
            stored.dashboard = choice
                .dashboard
                .filter(|_| now.dashboard.is_some())
                .or(stored.dashboard);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn choice(email: Option<bool>, dashboard: Option<bool>) -> Choice {
        Choice { email, dashboard }
    }

    #[test]
    fn without_a_choice_the_default_counts() {
        let none = Preferences::default();
        for kind in NotificationKind::ALL {
            assert_eq!(none.ways(*kind), kind.default_ways(), "{kind}");
        }
    }

    #[test]
    fn a_choice_changes_what_it_names_and_no_more() {
        let mut preferences = Preferences::default();
        let kind = NotificationKind::LoadAlert;
        preferences
            .choose(kind, choice(Some(false), None))
            .expect("optional");
        assert!(!preferences.mails(kind) && preferences.shows(kind));
        preferences
            .choose(kind, choice(None, Some(false)))
            .expect("optional");
        assert!(!preferences.mails(kind) && !preferences.shows(kind));
        assert!(preferences.mails(NotificationKind::MemberLeft));
        preferences
            .choose(kind, choice(Some(true), None))
            .expect("optional");
        assert!(preferences.mails(kind) && !preferences.shows(kind));
    }

    #[test]
    fn what_is_not_optional_stays() {
        for kind in NotificationKind::ALL
            .iter()
            .copied()
            .filter(|kind| !kind.optional())
        {
            let mut preferences = Preferences::default();
            assert_eq!(
                preferences.choose(kind, choice(Some(false), None)),
                Err(ChoiceError::NotOptional),
                "{kind}"
            );
            assert_eq!(
                preferences.choose(kind, choice(Some(true), None)),
                Ok(()),
                "{kind}: it is so anyway"
            );
            assert!(preferences.mails(kind), "{kind}");
            assert!(!kind.mail_is_optional());
        }
    }

    #[test]
    fn no_way_appears_that_a_kind_never_takes() {
        let mut preferences = Preferences::default();
        let refused = preferences.choose(NotificationKind::SharesChanged, choice(Some(true), None));
        assert_eq!(refused, Err(ChoiceError::NeverMailed));
        let refused = preferences.choose(NotificationKind::PasswordReset, choice(None, Some(true)));
        assert_eq!(refused, Err(ChoiceError::NeverInDashboard));
        preferences
            .choose(
                NotificationKind::SharesChanged,
                choice(Some(false), Some(false)),
            )
            .expect("never mailed anyway");
        assert_eq!(
            preferences.ways(NotificationKind::SharesChanged),
            Ways {
                email: None,
                dashboard: Some(false)
            }
        );
    }

    #[test]
    fn a_stored_choice_about_what_is_not_optional_counts_for_nothing() {
        let stored = r#"{"password_reset":{"email":false},"load_alert":{"email":false}}"#;
        let preferences: Preferences = serde_json::from_str(stored).expect("as it is stored");
        assert!(preferences.mails(NotificationKind::PasswordReset));
        assert!(!preferences.mails(NotificationKind::LoadAlert));
        assert_eq!(
            serde_json::to_string(&preferences).expect("JSON"),
            r#"{"load_alert":{"email":false},"password_reset":{"email":false}}"#
        );
    }
}
