//! Kinds of notifications, as they are chosen among.

use accord_api_types::NotificationKind;

/// What a kind of thing is called, and what it is about.
pub(crate) const fn kind_words(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::InvitationReceived => (
            "Invitations to you",
            "Somebody wants to share environments with you.",
        ),
        NotificationKind::InvitationAccepted => {
            ("Accepted invitations", "Somebody whom you invited joins.")
        }
        NotificationKind::InvitationRejected => (
            "Rejected invitations",
            "Somebody whom you invited does not join.",
        ),
        NotificationKind::CollaborationJoined => {
            ("What you were given", "You join, and see what was added.")
        }
        NotificationKind::SharesChanged => (
            "Changes of what is shared with you",
            "You get something new, or lose something.",
        ),
        NotificationKind::CollaborationSuspended => {
            ("Suspensions", "Your access is stopped for a time.")
        }
        NotificationKind::CollaborationActivated => {
            ("Activations", "Your access is given back to you.")
        }
        NotificationKind::CollaborationEnded => (
            "Ends of collaborations",
            "Somebody does not share with you any more.",
        ),
        NotificationKind::MemberLeft => ("Members who leave", "Somebody leaves your account."),
        NotificationKind::SharesEnding => (
            "Access that ends soon",
            "Some time before something that is shared by you or with you ends by itself.",
        ),
        NotificationKind::SharesEnded => (
            "Access that has ended",
            "Something that was shared by you or with you has ended by itself.",
        ),
        NotificationKind::LoadAlert => (
            "Load alerts",
            "An environment is under strain, and your role there asks for alerts, or it is yours.",
        ),
        NotificationKind::MailGivenUp => (
            "Invitations that did not arrive",
            "A mail to somebody whom you invited could not be delivered.",
        ),
        NotificationKind::WebhookSwitchedOff => (
            "Webhooks that fail",
            "A webhook of yours was switched off because its receiver takes nothing.",
        ),
        NotificationKind::AddressVerification => (
            "Proof of your address",
            "A link that shows that an address is yours.",
        ),
        NotificationKind::PasswordReset => (
            "Forgotten passwords",
            "A link to choose a new one, when you ask for it.",
        ),
        NotificationKind::SecurityNotice => (
            "The safety of your account",
            "Your password or address was changed, or your account was deleted.",
        ),
    }
}
