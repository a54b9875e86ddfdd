//! The life of a member: one total function over (state, event).

use chrono::{DateTime, Utc};

use crate::stored::stored_enum;

stored_enum! {
    /// The state of a member as it is stored. That an invitation expired is never stored.
    "member status" StoredStatus {
        /// Invited, not decided yet.
        Pending = "pending",
        /// Accepted: the only state that gives access.
        Active = "active",
        /// Access is taken away for a while.
        Suspended = "suspended",
        /// The person declined the invitation.
        Rejected = "rejected",
        /// The person left.
        Left = "left",
        /// The owner's side ended it; the shares are gone.
        Removed = "removed",
    }
}

stored_enum! {
    /// The state of a member as it is seen at a moment.
    "member status" MemberStatus {
        /// Invited, not decided yet.
        Pending = "pending",
        /// Accepted: the only state that gives access.
        Active = "active",
        /// Access is taken away for a while.
        Suspended = "suspended",
        /// The person declined the invitation.
        Rejected = "rejected",
        /// The person left.
        Left = "left",
        /// The owner's side ended it; the shares are gone.
        Removed = "removed",
        /// Pending, and the invitation's end has passed.
        Expired = "expired",
    }
}

stored_enum! {
    /// What can happen to a member's record after the invitation.
    "member event" MemberEvent {
        /// The person accepts.
        Accept = "accept",
        /// The person declines.
        Reject = "reject",
        /// The owner's side sends a new link; the old one dies.
        Resend = "resend",
        /// The owner's side takes access away for a while.
        Suspend = "suspend",
        /// The owner's side gives access back.
        Activate = "activate",
        /// The person ends it.
        Leave = "leave",
        /// The owner's side ends it and deletes the shares.
        Remove = "remove",
        /// The owner's side invites again after an end.
        Reinvite = "reinvite",
        /// The owner's side deletes the record for good.
        Forget = "forget",
    }
}

stored_enum! {
    /// What became of an invitation that is no longer open.
    "invitation end" InvitationEnd {
        /// The person accepted.
        Accepted = "accepted",
        /// The person declined.
        Rejected = "rejected",
        /// The owner's side took it back.
        Withdrawn = "withdrawn",
        /// A newer invitation took its place.
        Replaced = "replaced",
    }
}

/// Who an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The primary account, or whom it lets manage collaboration.
    Owner,
    /// The person whom the record is about.
    Person,
}

/// What becomes of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is in this state afterwards.
    Becomes(StoredStatus),
    /// It is deleted for good.
    Forgotten,
}

/// Everything that a legal event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transition {
    /// What becomes of the record.
    pub to: Outcome,
    /// Whether the member's shares are deleted with it.
    pub delete_shares: bool,
    /// Whether a new invitation with a new link is made.
    pub new_invitation: bool,
    /// What the open invitation ends as, where there is one that ends.
    pub ends_invitation: Option<InvitationEnd>,
}

/// An event that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("\"{event}\" is not possible while the member is {status}")]
pub struct IllegalTransition {
    /// The state it was in, and stays in.
    pub status: MemberStatus,
    /// The event that was refused.
    pub event: MemberEvent,
}

impl From<StoredStatus> for MemberStatus {
    fn from(stored: StoredStatus) -> Self {
        match stored {
            StoredStatus::Pending => Self::Pending,
            StoredStatus::Active => Self::Active,
            StoredStatus::Suspended => Self::Suspended,
            StoredStatus::Rejected => Self::Rejected,
            StoredStatus::Left => Self::Left,
            StoredStatus::Removed => Self::Removed,
        }
    }
}

impl MemberStatus {
    /// The state at `now`: a pending member has expired from the very end of the invitation on.
    pub fn derive(
        stored: StoredStatus,
        invitation_expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        match (stored, invitation_expires_at) {
            (StoredStatus::Pending, Some(end)) if now >= end => Self::Expired,
            (stored, _) => stored.into(),
        }
    }

    /// The state under which it is stored.
    pub const fn stored(self) -> StoredStatus {
        match self {
            Self::Pending | Self::Expired => StoredStatus::Pending,
            Self::Active => StoredStatus::Active,
            Self::Suspended => StoredStatus::Suspended,
            Self::Rejected => StoredStatus::Rejected,
            Self::Left => StoredStatus::Left,
            Self::Removed => StoredStatus::Removed,
        }
    }

    /// Whether the member's shares give access.
    pub const fn gives_access(self) -> bool {
        match self {
            Self::Active => true,
            Self::Pending
            | Self::Suspended
            | Self::Rejected
            | Self::Left
            | Self::Removed
            | Self::Expired => false,
        }
    }

    /// Whether the person still sees the collaboration under Shared with Me.
    pub const fn seen_by_person(self) -> bool {
        match self {
            Self::Pending | Self::Active | Self::Suspended => true,
            Self::Rejected | Self::Left | Self::Removed | Self::Expired => false,
        }
    }
}

impl MemberEvent {
    /// Who may cause it.
    pub const fn side(self) -> Side {
        match self {
            Self::Accept | Self::Reject | Self::Leave => Side::Person,
            Self::Resend
            | Self::Suspend
            | Self::Activate
            | Self::Remove
            | Self::Reinvite
            | Self::Forget => Side::Owner,
        }
    }
}

impl Transition {
    const fn to(status: StoredStatus) -> Self {
        Self {
            to: Outcome::Becomes(status),
            delete_shares: false,
            new_invitation: false,
            ends_invitation: None,
        }
    }

    const fn invited() -> Self {
        let mut transition = Self::to(StoredStatus::Pending);
        transition.new_invitation = true;
        transition
    }

    const fn removed() -> Self {
        let mut transition = Self::to(StoredStatus::Removed);
        transition.delete_shares = true;
        transition
    }

    const fn forgotten() -> Self {
        Self {
            to: Outcome::Forgotten,
            delete_shares: true,
            new_invitation: false,
            ends_invitation: None,
        }
    }

    const fn ending(mut self, end: InvitationEnd) -> Self {
        self.ends_invitation = Some(end);
        self
    }
}

/// What an event does to a member in a state. Every pair that is not listed as legal is refused;
/// every pair is written out, so that a new state or event does not compile until it is decided.
pub const fn transition(
    status: MemberStatus,
    event: MemberEvent,
) -> Result<Transition, IllegalTransition> {
    use MemberEvent as E;
    use MemberStatus as S;
    let legal = match (status, event) {
        (S::Pending, E::Accept) => {
            Transition::to(StoredStatus::Active).ending(InvitationEnd::Accepted)
        }
        (S::Pending, E::Reject) => {
            Transition::to(StoredStatus::Rejected).ending(InvitationEnd::Rejected)
        }
        (S::Pending | S::Expired, E::Resend) => {
            Transition::invited().ending(InvitationEnd::Replaced)
        }
        (S::Pending | S::Expired, E::Remove) => {
            Transition::removed().ending(InvitationEnd::Withdrawn)
        }
        (S::Expired, E::Reinvite) => Transition::invited().ending(InvitationEnd::Replaced),
        (S::Expired, E::Forget) => Transition::forgotten().ending(InvitationEnd::Withdrawn),
        (S::Active, E::Suspend) => Transition::to(StoredStatus::Suspended),
        (S::Suspended, E::Activate) => Transition::to(StoredStatus::Active),
        (S::Active | S::Suspended, E::Leave) => Transition::to(StoredStatus::Left),
        (S::Active | S::Suspended | S::Rejected | S::Left, E::Remove) => Transition::removed(),
        (S::Rejected | S::Left | S::Removed, E::Reinvite) => Transition::invited(),
        (S::Rejected | S::Left | S::Removed, E::Forget) => Transition::forgotten(),

        (S::Pending, E::Suspend | E::Activate | E::Leave | E::Reinvite | E::Forget)
        | (S::Expired, E::Accept | E::Reject | E::Suspend | E::Activate | E::Leave)
        | (S::Active, E::Accept | E::Reject | E::Resend | E::Activate | E::Reinvite | E::Forget)
        | (
            S::Suspended,
            E::Accept | E::Reject | E::Resend | E::Suspend | E::Reinvite | E::Forget,
        )
        | (
            S::Rejected | S::Left,
            E::Accept | E::Reject | E::Resend | E::Suspend | E::Activate | E::Leave,
        )
        | (
            S::Removed,
            E::Accept | E::Reject | E::Resend | E::Suspend | E::Activate | E::Leave | E::Remove,
        ) => return Err(IllegalTransition { status, event }),
    };
    Ok(legal)
}

/// Whether the display name and the shares may be changed.
pub const fn editable(status: MemberStatus) -> bool {
    match status {
        MemberStatus::Removed => false,
        MemberStatus::Pending
        | MemberStatus::Active
        | MemberStatus::Suspended
        | MemberStatus::Rejected
        | MemberStatus::Left
        | MemberStatus::Expired => true,
    }
}

/// The events that the state allows, by whomever.
pub fn allowed_events(status: MemberStatus) -> Vec<MemberEvent> {
    MemberEvent::ALL
        .iter()
        .copied()
        .filter(|event| transition(status, *event).is_ok())
        .collect()
}

/// The events that the state allows to one side.
pub fn allowed_events_for(status: MemberStatus, side: Side) -> Vec<MemberEvent> {
    allowed_events(status)
        .into_iter()
        .filter(|event| event.side() == side)
        .collect()
}
