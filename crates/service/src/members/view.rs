use accord_domain::ids::MemberId;
use accord_domain::member::{MemberEvent, MemberStatus, Side, allowed_events_for, editable};
use accord_domain::sharing::Share;
use accord_store::members::Member;
use accord_store::outbox::Mail;
use accord_store::{Conn, outbox, shares};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::call::status_of;
use crate::error::{Result, ServiceError};

/// A member as the owner sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    pub member: Member,
    pub status: MemberStatus,
    pub shares: Vec<Share>,
    /// What the owner may do now.
    pub allowed_actions: Vec<&'static str>,
    /// What became of the latest invitation mail.
    pub invitation_mail: Option<MailOutcome>,
    /// The moment this was true: which shares have ended depends on it.
    pub now: DateTime<Utc>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailOutcome {
    pub state: MailState,
    pub at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    Queued,
    Sent,
    Retrying,
    GaveUp,
    /// No mail server is set up: it stays in the development mailbox.
    Kept,
}

impl Service {
    pub(crate) fn member_view(
        &self,
        tx: &mut Conn<'_>,
        member: Member,
        now: DateTime<Utc>,
    ) -> Result<MemberView> {
        self.member_views(tx, vec![member], now)?
            .pop()
            .ok_or(ServiceError::HIDDEN)
    }

    pub(crate) fn member_views(
        &self,
        tx: &mut Conn<'_>,
        members: Vec<Member>,
        now: DateTime<Utc>,
    ) -> Result<Vec<MemberView>> {
        let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
        let mut shares = shares::of_members(tx, &ids)?;
        let mut mails = outbox::latest_of_members(tx, &ids, INVITATION_MAIL)?;
        Ok(members
            .into_iter()
            .map(|member| {
                let status = status_of(&member, now);
                MemberView {
                    shares: shares.remove(&member.id).unwrap_or_default(),
                    allowed_actions: self.owners_actions(status),
                    invitation_mail: mails
                        .remove(&member.id)
                        .map(|mail| self.mail_outcome(&mail)),
                    status,
                    member,
                    now,
                }
            })
            .collect())
    }

    fn owners_actions(&self, status: MemberStatus) -> Vec<&'static str> {
        let events = allowed_events_for(status, Side::Owner);
        let mut actions = Vec::new();
        if editable(status) {
            actions.push("edit");
        }
        actions.push("copy");
        if events.contains(&MemberEvent::Resend) && !self.settings.mail_server {
            actions.push("link");
        }
        actions.extend(events.iter().map(|event| event.as_str()));
        actions
    }

    pub(super) fn mail_outcome(&self, mail: &Mail) -> MailOutcome {
        let (state, at) = match (mail.sent_at, mail.gave_up_at) {
            (Some(at), _) => (MailState::Sent, at),
            (None, Some(at)) => (MailState::GaveUp, at),
            (None, None) if !self.settings.mail_server => (MailState::Kept, mail.created_at),
            (None, None) if mail.attempts > 0 => (MailState::Retrying, mail.next_attempt_at),
            (None, None) => (MailState::Queued, mail.created_at),
        };
        MailOutcome {
            state,
            at,
            error: mail.last_error.clone(),
        }
    }
}

/// The kind under which the outbox keeps invitations.
pub(crate) const INVITATION_MAIL: &str = accord_mail::Message::INVITATION;
