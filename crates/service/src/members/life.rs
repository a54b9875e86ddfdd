//! Applies an event to a member's record: the one place where the life of DOMAIN.md is written.

use accord_domain::authorize::{Grant, WritesMembers};
use accord_domain::ids::AccountId;
use accord_domain::member::{MemberEvent, Outcome, Transition, transition};
use accord_domain::sharing::{CheckedShare, Share};
use accord_mail::Message;
use accord_store::accounts::Account;
use accord_store::invitations::NewInvitation;
use accord_store::members::{Member, MemberLife};
use accord_store::{Conn, Update, invitations, members, outbox, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::view::INVITATION_MAIL;
use crate::Service;
use crate::call::{Stage, status_of};
use crate::error::{Result, ServiceError};
use crate::security::secret_tokens::SecretToken;
use crate::shares::{describe, mail_lines};
use crate::tasks::{Actor, Happening};

/// An event, and who causes it to which account's member.
#[derive(Clone, Copy)]
pub(crate) struct Caused<'a> {
    pub event: MemberEvent,
    pub host: &'a Account,
    pub actor: Actor<'a>,
    /// Who accepts, where somebody does.
    pub person: Option<AccountId>,
    pub now: DateTime<Utc>,
}

impl Service {
    /// Moves the member's record on, ends its open invitations as the event says, and records it.
    /// Answers the record, or `None` when it is forgotten, and what else the transition asks for.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`]; [`ServiceError::MemberExists`] when the person has another record.
    pub(crate) fn live_on<P: WritesMembers>(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<P>,
        member: &Member,
        caused: Caused<'_>,
    ) -> Result<(Option<Member>, Transition)> {
        let Caused {
            event,
            host,
            actor,
            person,
            now,
        } = caused;
        let status = status_of(member, now);
        let transition = transition(status, event)?;
        if let Some(end) = transition.ends_invitation {
            invitations::end_open(tx, grant, member.id, end, now)?;
            if self.settings.mail_server {
                outbox::cancel_of_member(tx, member.id, INVITATION_MAIL, now)?;
            }
            self.invitation_is_over(tx, member, now)?;
        }
        let after = match transition.to {
            Outcome::Forgotten => {
                members::delete(tx, grant, member.id)?;
                None
            }
            Outcome::Becomes(to) => {
                let pending = to == accord_domain::member::StoredStatus::Pending;
                let life = MemberLife {
                    status: to,
                    person_id: person.or(member.person_id),
                    invited_at: if event == MemberEvent::Reinvite {
                        now
                    } else {
                        member.invited_at
                    },
                    invitation_expires_at: if transition.new_invitation {
                        Some(now + self.settings.invitation_lifetime)
                    } else {
                        member.invitation_expires_at.filter(|_| pending)
                    },
                    accepted_at: match event {
                        MemberEvent::Accept => Some(now),
                        MemberEvent::Reinvite => None,
                        _ => member.accepted_at,
                    },
                    suspended_at: (event == MemberEvent::Suspend).then_some(now),
                    ended_at: match event {
                        MemberEvent::Reject | MemberEvent::Leave | MemberEvent::Remove => Some(now),
                        _ => None,
                    },
                };
                match members::update_life(tx, grant, member.id, &life, None, now)? {
                    Update::Done(after) => Some(after),
                    Update::Missing | Update::Stale { .. } => return Err(ServiceError::HIDDEN),
                    Update::Taken(_) => {
                        return Err(self.other_record(tx, host.id, life.person_id, now)?);
                    }
                }
            }
        };
        let mut happening = Happening::new(event_name(event))
            .member(member.id)
            .item("member", member.id, &member.email)
            .before(json!({ "status": status.as_str() }));
        if let Some(after) = &after {
            happening = happening.after(json!({ "status": status_of(after, now).as_str() }));
        }
        self.access_changed(tx, host.id, actor, happening, now)?;
        Ok((after, transition))
    }

    /// The record that stands in the way of tying another one to the same person.
    fn other_record(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        person: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<ServiceError> {
        let other = match person {
            Some(person) => members::by_person(tx, host, person)?,
            None => None,
        };
        Ok(
            other.map_or(ServiceError::HIDDEN, |other| ServiceError::MemberExists {
                member_id: other.id,
                status: status_of(&other, now),
            }),
        )
    }

    /// A new link for a pending member. One that is mailed proves the address; one that is copied does not.
    pub(crate) fn new_invitation<P: WritesMembers>(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<P>,
        member: &Member,
        proves_address: bool,
        now: DateTime<Utc>,
    ) -> Result<SecretToken> {
        let token = SecretToken::generate(&self.randomness);
        let new = NewInvitation {
            id: self.randomness.id(now),
            member_id: member.id,
            token_hash: token.hash(),
            expires_at: member
                .invitation_expires_at
                .unwrap_or(now + self.settings.invitation_lifetime),
            proves_address,
        };
        invitations::insert(tx, grant, &new, now)?;
        Ok(token)
    }

    /// A new link for a pending member, on its way by mail: in the host's name, whoever causes it. Who
    /// has an account sees the invitation there, too.
    pub(crate) fn mail_invitation<P: WritesMembers>(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<P>,
        stage: &Stage,
        member: &Member,
    ) -> Result<()> {
        let host = &stage.host_account;
        let inviter = stage.party.account().filter(|person| person.id != host.id);
        self.mail_invitation_of(tx, grant, host, inviter, member, stage.now)
    }

    /// The same where nobody acts on the host's account; `inviter` is who invites if it is not the host.
    pub(crate) fn mail_invitation_of<P: WritesMembers>(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<P>,
        host: &Account,
        inviter: Option<&Account>,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let token = self.new_invitation(tx, grant, member, true, now)?;
        let mut live = shares::of_member(tx, host.id, member.id)?;
        live.retain(|share| !share.ended(now));
        let message = Message::Invitation {
            owner_name: host.name.clone(),
            owner_email: host.email.clone(),
            items: mail_lines(&describe(tx, host.id, &live)?),
            expires_at: member
                .invitation_expires_at
                .unwrap_or(now + self.settings.invitation_lifetime),
            display_name: member.display_name.clone(),
            inviter_name: inviter.map(|inviter| inviter.name.clone()),
        };
        let link = self.link("invitations", &token);
        self.queue_mail_to_member(tx, member, &message, Some(&link), now)?;
        self.tell_of_invitation(tx, host, member, now)
    }
}

/// The checked shares, each with an id: its own where the item is shared already, a new one otherwise.
pub(crate) fn shares_with_ids(
    service: &Service,
    checked: Vec<CheckedShare>,
    stored: &[Share],
    now: DateTime<Utc>,
) -> Vec<Share> {
    checked
        .into_iter()
        .map(|share| Share {
            id: stored
                .iter()
                .find(|stored| stored.item == share.item)
                .map_or_else(|| service.randomness.id(now), |stored| stored.id),
            item: share.item,
            role_ids: share.role_ids,
            expires_at: share.expires_at,
        })
        .collect()
}

const fn event_name(event: MemberEvent) -> &'static str {
    match event {
        MemberEvent::Accept => "member.accept",
        MemberEvent::Reject => "member.reject",
        MemberEvent::Resend => "member.resend",
        MemberEvent::Suspend => "member.suspend",
        MemberEvent::Activate => "member.activate",
        MemberEvent::Leave => "member.leave",
        MemberEvent::Remove => "member.remove",
        MemberEvent::Reinvite => "member.reinvite",
        MemberEvent::Forget => "member.forget",
    }
}
