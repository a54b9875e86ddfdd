use chrono::{DateTime, Utc};

api_words! {
    /// What happened to a member's invitation or collaboration.
    TimelineEventKind {
        /// The owner's side invited them.
        Invited = "invited",
        /// They were invited again after an end.
        Reinvited = "reinvited",
        /// A new link was sent; the old one died.
        Resent = "resent",
        /// A link was made to be copied; the old one died.
        LinkMade = "link_made",
        /// The mail waits to be sent.
        MailQueued = "mail_queued",
        /// The mail stays in the development mailbox: no mail server is set up.
        MailKept = "mail_kept",
        /// The mail was not handed over yet, and is tried again; `detail` says why.
        MailDelayed = "mail_delayed",
        /// The mail was handed to the mail server.
        MailSent = "mail_sent",
        /// The mail was given up; `detail` says why.
        MailGivenUp = "mail_given_up",
        /// A person, not a scanner, acted on the page of the link.
        Opened = "opened",
        /// The invitation's time passed undecided.
        Expired = "expired",
        Accepted = "accepted",
        Rejected = "rejected",
        Suspended = "suspended",
        Activated = "activated",
        Left = "left",
        Removed = "removed",
    }
}

api! {
    /// One thing that happened.
    pub struct TimelineEvent {
        pub at: DateTime<Utc>,
        pub event: TimelineEventKind,
        /// Who did it, or why it did not work.
        pub detail: Option<String>,
    }
}
