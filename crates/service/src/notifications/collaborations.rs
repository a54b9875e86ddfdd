//! What happens between an owner and a member, as each of them is told.

use std::collections::BTreeSet;

use accord_domain::ids::AccountId;
use accord_domain::member::{MemberEvent, MemberStatus};
use accord_domain::notification::NotificationKind;
use accord_domain::sharing::{Item, Share};
use accord_mail::{Decision, Message};
use accord_store::accounts::Account;
use accord_store::members::Member;
use accord_store::outbox::Mail;
use accord_store::{Conn, StoreError, accounts, members, notifications, shares};
use chrono::{DateTime, Utc};

use super::{EndedBecause, Notice, NoticeItem, NoticeParams, notice_items, role_names};
use crate::Service;
use crate::call::status_of;
use crate::error::Result;
use crate::members::INVITATION_MAIL;
use crate::shares::{DescribedShare, describe};

impl Service {
    /// Tells the account of the invited address, if it has a proven one, of an invitation; the
    /// notification of a former one to the same goes.
    pub(crate) fn tell_of_invitation(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Some(invited) = invited_account(tx, member)? else {
            return Ok(());
        };
        notifications::delete_about_member(
            tx,
            invited.id,
            NotificationKind::InvitationReceived,
            member.id,
        )?;
        // What is seen under Shared with Me is what is told of: invitations to proven addresses.
        if invited.email_verified_at.is_none() || invited.id == host.id {
            return Ok(());
        }
        let mut live = shares::of_member(tx, host.id, member.id)?;
        live.retain(|share| !share.ended(now));
        let items = notice_items(&describe(tx, host.id, &live)?);
        let params = NoticeParams::of_owner(host).with_items(items);
        let kind = NotificationKind::InvitationReceived;
        self.tell(
            tx,
            &invited,
            &Notice::new(kind, host.id, params).member(member.id),
            now,
        )
    }

    /// Tells somebody whose address was just proven of the invitations to it that wait.
    pub(crate) fn tell_of_waiting_invitations(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<()> {
        for (member, owner) in members::by_invited_address(tx, &account.email_key)? {
            let waits = status_of(&member, now) == MemberStatus::Pending;
            if !waits || owner.disabled_at.is_some() {
                continue;
            }
            if let Some(host) = accounts::by_id(tx, owner.id)? {
                self.tell_of_invitation(tx, &host, &member, now)?;
            }
        }
        Ok(())
    }

    /// An invitation that was decided or taken back is nothing to look at any more.
    pub(crate) fn invitation_is_over(
        &self,
        tx: &mut Conn<'_>,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if let Some(invited) = invited_account(tx, member)? {
            let kind = NotificationKind::InvitationReceived;
            notifications::mark_read_about_member(tx, invited.id, kind, member.id, now)?;
        }
        Ok(())
    }

    /// Tells the owner of a decision and, on acceptance, the new member of what they were given.
    pub(crate) fn tell_of_decision(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        event: MemberEvent,
        person: Option<&Account>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (kind, decision) = if event == MemberEvent::Accept {
            (NotificationKind::InvitationAccepted, Decision::Accepted)
        } else {
            (NotificationKind::InvitationRejected, Decision::Rejected)
        };
        let message = Message::InvitationDecided {
            member_name: member.display_name.clone(),
            member_email: member.email.clone(),
            decision,
        };
        let notice = Notice::new(kind, host.id, of_member(member)).member(member.id);
        self.tell(tx, host, &notice.mail(message), now)?;
        let Some(person) = person.filter(|_| event == MemberEvent::Accept) else {
            return Ok(());
        };
        let live = shares::of_member(tx, host.id, member.id)?;
        let items = notice_items(&describe(tx, host.id, &live)?);
        let params = NoticeParams::of_owner(host).with_items(items);
        let kind = NotificationKind::CollaborationJoined;
        self.tell(
            tx,
            person,
            &Notice::new(kind, host.id, params).member(member.id),
            now,
        )
    }

    /// Tells the owner that a member left.
    pub(crate) fn tell_of_leaving(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let message = Message::Left {
            member_name: member.display_name.clone(),
            member_email: member.email.clone(),
        };
        let notice = Notice::new(NotificationKind::MemberLeft, host.id, of_member(member));
        self.tell(tx, host, &notice.member(member.id).mail(message), now)
    }

    /// Tells the member, or who was invited, what the owner's side did.
    pub(crate) fn tell_member_of_event(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        before: &Member,
        event: MemberEvent,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let joined = matches!(
            status_of(before, now),
            MemberStatus::Active | MemberStatus::Suspended
        );
        let Some(person) = person_of(tx, before, joined, now)? else {
            return Ok(());
        };
        let owner_name = host.name.clone();
        let mut params = NoticeParams::of_owner(host);
        let (kind, message) = match event {
            MemberEvent::Suspend => (
                NotificationKind::CollaborationSuspended,
                Some(Message::Suspended { owner_name }),
            ),
            MemberEvent::Activate => (
                NotificationKind::CollaborationActivated,
                Some(Message::Activated { owner_name }),
            ),
            MemberEvent::Remove => {
                params.ended_because = Some(if joined {
                    EndedBecause::Removed
                } else {
                    EndedBecause::Withdrawn
                });
                let message = joined.then_some(Message::Removed { owner_name });
                (NotificationKind::CollaborationEnded, message)
            }
            _ => return Ok(()),
        };
        let mut notice = Notice::new(kind, host.id, params).member(before.id);
        notice.mail = message;
        self.tell(tx, &person, &notice, now)
    }

    /// Tells a member, or who was invited, that the account which shared is gone: by mail, as an invitation
    /// went to an address, and in the dashboard of who has one and knew of it.
    pub(crate) fn tell_of_gone_host(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let joined = match status_of(member, now) {
            MemberStatus::Active | MemberStatus::Suspended => true,
            MemberStatus::Pending => false,
            MemberStatus::Rejected
            | MemberStatus::Left
            | MemberStatus::Removed
            | MemberStatus::Expired => return Ok(()),
        };
        let message = Message::HostGone {
            owner_name: host.name.clone(),
        };
        self.invitation_is_over(tx, member, now)?;
        match person_of(tx, member, joined, now)? {
            Some(person) => {
                let params = NoticeParams {
                    ended_because: Some(EndedBecause::HostGone),
                    ..NoticeParams::of_owner(host)
                };
                let kind = NotificationKind::CollaborationEnded;
                let notice = Notice::new(kind, host.id, params).member(member.id);
                self.tell(tx, &person, &notice.mail(message), now)
            }
            None => self.queue_mail_to_member(tx, member, &message, None, now),
        }
    }

    /// Tells an active member what was given to them or taken from them, if anything was.
    pub(crate) fn tell_of_changed_shares(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        by: Option<AccountId>,
        (before, after): (&[Share], &[Share]),
        now: DateTime<Utc>,
    ) -> Result<()> {
        let described = (
            describe(tx, host.id, before)?,
            describe(tx, host.id, after)?,
        );
        self.tell_of_difference(tx, host, member, by, (&described.0, &described.1), now)
    }

    /// The same, of shares that were described while everything in them was there.
    pub(super) fn tell_of_difference(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        member: &Member,
        by: Option<AccountId>,
        (before, after): (&[DescribedShare], &[DescribedShare]),
        now: DateTime<Utc>,
    ) -> Result<()> {
        if status_of(member, now) != MemberStatus::Active {
            return Ok(());
        }
        let person = match member.person_id {
            Some(person) if Some(person) != by => accounts::by_id(tx, person)?,
            Some(_) | None => None,
        };
        let Some(person) = person else {
            return Ok(());
        };
        let items = changes(before, after, now);
        if items.is_empty() {
            return Ok(());
        }
        let params = NoticeParams::of_owner(host).with_items(items);
        let kind = NotificationKind::SharesChanged;
        self.tell(
            tx,
            &person,
            &Notice::new(kind, host.id, params).member(member.id),
            now,
        )
    }

    /// Tells the owner that an invitation did not reach its address: called with the worker's note of it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn mail_given_up(
        &self,
        tx: &mut Conn<'_>,
        mail: &Mail,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (Some(host), Some(member)) = (mail.account_id, mail.member_id) else {
            return Ok(());
        };
        if mail.kind != INVITATION_MAIL {
            return Ok(());
        }
        let (Some(host), Some(member)) = (
            accounts::by_id(tx, host)?,
            members::by_id(tx, host, member)?,
        ) else {
            return Ok(());
        };
        let params = NoticeParams {
            error: mail.last_error.clone(),
            ..of_member(&member)
        };
        let notice = Notice::new(NotificationKind::MailGivenUp, host.id, params).member(member.id);
        self.tell(tx, &host, &notice, now)
            .map_err(|error| StoreError::Internal(error.to_string()))
    }
}

/// How the owner knows the member.
pub(super) fn of_member(member: &Member) -> NoticeParams {
    NoticeParams {
        member_name: member.display_name.clone(),
        member_email: Some(member.email.clone()),
        ..NoticeParams::default()
    }
}

/// The account that an invitation is for, if there is one: the record's person, or the address's.
pub(crate) fn invited_account(tx: &mut Conn<'_>, member: &Member) -> Result<Option<Account>> {
    match member.person_id {
        Some(person) => Ok(accounts::by_id(tx, person)?),
        None => Ok(accounts::by_email_key(tx, &member.email_key)?),
    }
}

/// Who hears of what happens to the record: its person while the collaboration goes on, and who was
/// invited while the invitation waits and is seen.
fn person_of(
    tx: &mut Conn<'_>,
    member: &Member,
    joined: bool,
    now: DateTime<Utc>,
) -> Result<Option<Account>> {
    let person = invited_account(tx, member)?;
    Ok(person.filter(|person| {
        joined
            || (status_of(member, now) == MemberStatus::Pending
                && person.email_verified_at.is_some())
    }))
}

/// What differs between the shares before and after, in the order of the items. Ended shares count as
/// none: to the member they are.
fn changes(
    before: &[DescribedShare],
    after: &[DescribedShare],
    now: DateTime<Utc>,
) -> Vec<NoticeItem> {
    fn live(
        shares: &[DescribedShare],
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &DescribedShare> {
        shares.iter().filter(move |line| !line.share.ended(now))
    }
    let on = |shares: &[DescribedShare], item: Item| {
        live(shares, now)
            .find(|line| line.share.item == item)
            .cloned()
    };
    let mut seen = BTreeSet::new();
    let items = live(after, now).chain(live(before, now));
    items
        .map(|line| (line.share.item, &line.item_name))
        .filter(|(item, _)| seen.insert(*item))
        .filter_map(|(item, name)| {
            let (was, is) = (on(before, item), on(after, item));
            let essence = |line: &Option<DescribedShare>| {
                line.as_ref()
                    .map(|line| (line.share.role_ids.clone(), line.share.expires_at))
            };
            (essence(&was) != essence(&is)).then(|| NoticeItem {
                item: name.clone(),
                roles: is.as_ref().map(role_names).unwrap_or_default(),
                expires_at: is.and_then(|line| line.share.expires_at),
                member_name: None,
                roles_before: Some(was.as_ref().map(role_names).unwrap_or_default()),
            })
        })
        .collect()
}
