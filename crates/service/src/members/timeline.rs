//! What became of a member's invitations and of the collaboration, told from what is stored: the
//! links, the mails, and the record of tasks.

use accord_domain::authorize::ReadHosting;
use accord_domain::ids::{AccountId, MemberId};
use accord_store::invitations::{self, Invitation, InvitationState};
use accord_store::outbox::{self, Mail};
use accord_store::tasks::{self, Task};
use accord_store::{Page, Rows};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::MailState;
use super::events::fresh_member;
use super::view::INVITATION_MAIL;
use crate::Service;
use crate::call::Call;
use crate::error::Result;
use crate::paging::{moment_key, page_of};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEvent {
    pub at: DateTime<Utc>,
    pub kind: TimelineEventKind,
    /// Who did it, or why it did not work.
    pub detail: Option<String>,
    /// The row that says so, which tells events of one moment apart.
    source: Uuid,
}

/// What happened. Those of one moment stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimelineEventKind {
    Invited,
    Reinvited,
    Resent,
    LinkMade,
    MailQueued,
    MailKept,
    MailDelayed,
    MailSent,
    MailGivenUp,
    Opened,
    Expired,
    Accepted,
    Rejected,
    Suspended,
    Activated,
    Left,
    Removed,
}

/// The record's words for what belongs to the life of a member.
const ACTIONS: [(&str, TimelineEventKind); 11] = [
    ("member.invite", TimelineEventKind::Invited),
    ("member.copy", TimelineEventKind::Invited),
    ("environment.invite", TimelineEventKind::Invited),
    ("member.reinvite", TimelineEventKind::Reinvited),
    ("member.resend", TimelineEventKind::Resent),
    ("member.accept", TimelineEventKind::Accepted),
    ("member.reject", TimelineEventKind::Rejected),
    ("member.suspend", TimelineEventKind::Suspended),
    ("member.activate", TimelineEventKind::Activated),
    ("member.leave", TimelineEventKind::Left),
    ("member.remove", TimelineEventKind::Removed),
];

impl Service {
    /// What became of a member's invitations and of the collaboration.
    ///
    /// # Errors
    /// Unless the caller owns the account and the member is there.
    pub fn member_timeline(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        page: &Page,
    ) -> Result<Rows<TimelineEvent>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let member = fresh_member(tx, host, id, None)?;
            let actions = ACTIONS.map(|(action, _)| action);
            let links = invitations::of_member(tx, member.id)?;
            let mut mails = outbox::of_member(tx, member.id)?;
            mails.retain(|mail| mail.kind == INVITATION_MAIL);
            let done = tasks::of_member(tx, host, member.id, &actions)?;
            let mut events: Vec<TimelineEvent> = done
                .iter()
                .filter_map(|task| of_task(task, &links))
                .collect();
            events.extend(mails.iter().flat_map(|mail| self.of_mail(mail)));
            events.extend(links.iter().flat_map(|link| of_link(link, stage.now)));
            Ok(page_of(events, page, |event| {
                let key = format!("{}|{:02}", moment_key(event.at), event.kind as u8);
                (key, event.source)
            }))
        })
    }

    fn of_mail(&self, mail: &Mail) -> Vec<TimelineEvent> {
        let event = |at, kind, detail: Option<&String>| TimelineEvent {
            at,
            kind,
            detail: detail.cloned(),
            source: mail.id.into(),
        };
        let outcome = self.mail_outcome(mail);
        let error = outcome.error.as_ref();
        let first = event(mail.created_at, TimelineEventKind::MailQueued, None);
        match outcome.state {
            MailState::Queued => vec![first],
            // Somebody has set out to send it for the first time; nothing failed yet.
            MailState::Retrying if error.is_none() => vec![first],
            MailState::Kept => vec![event(mail.created_at, TimelineEventKind::MailKept, None)],
            MailState::Retrying => vec![
                first,
                event(
                    mail.failed_at.unwrap_or(mail.created_at),
                    TimelineEventKind::MailDelayed,
                    error,
                ),
            ],
            MailState::Sent => vec![first, event(outcome.at, TimelineEventKind::MailSent, None)],
            MailState::GaveUp => vec![
                first,
                event(outcome.at, TimelineEventKind::MailGivenUp, error),
            ],
        }
    }
}

fn of_task(task: &Task, links: &[Invitation]) -> Option<TimelineEvent> {
    let (_, kind) = ACTIONS.iter().find(|(action, _)| *action == task.action)?;
    // A link made to be copied is recorded as a new link, as one that is mailed; what it was made for
    // tells them apart.
    let copied = *kind == TimelineEventKind::Resent
        && links
            .iter()
            .any(|link| link.created_at == task.at && !link.proves_address);
    Some(TimelineEvent {
        at: task.at,
        kind: if copied {
            TimelineEventKind::LinkMade
        } else {
            *kind
        },
        detail: Some(task.actor_name.clone()),
        source: task.id.into(),
    })
}

fn of_link(link: &Invitation, now: DateTime<Utc>) -> Vec<TimelineEvent> {
    let event = |at, kind| TimelineEvent {
        at,
        kind,
        detail: None,
        source: link.id.into(),
    };
    let opened = link
        .opened_at
        .map(|at| event(at, TimelineEventKind::Opened));
    // That an invitation expired is not stored: it is open, and its time has passed. One that was
    // replaced after its end had expired, too.
    let over = match (link.state, link.ended_at) {
        (InvitationState::Open, _) => now,
        (InvitationState::Ended(_), Some(at)) => at,
        (InvitationState::Ended(_), None) => link.expires_at,
    };
    let expired =
        (over >= link.expires_at).then(|| event(link.expires_at, TimelineEventKind::Expired));
    opened.into_iter().chain(expired).collect()
}
