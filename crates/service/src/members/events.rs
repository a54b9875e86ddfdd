use accord_domain::authorize::{
    Grant, InviteMembers, ManageMembers, OwnerPermission, WritesMembers, WritesShares,
};
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::{MemberEvent, Transition};
use accord_store::members::Member;
use accord_store::{Conn, members, shares};

use super::{Caused, MemberView};
use crate::Service;
use crate::call::{Call, Stage};
use crate::error::{Result, ServiceError};

impl Service {
    /// Takes a member's access away for a while.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless active; [`ServiceError::Stale`].
    pub fn suspend_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<MemberView> {
        self.event_with_notice(call, host, id, MemberEvent::Suspend, expected_version)
    }

    /// Gives a suspended member their access back.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless suspended; [`ServiceError::Stale`].
    pub fn activate_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<MemberView> {
        self.event_with_notice(call, host, id, MemberEvent::Activate, expected_version)
    }

    /// Ends a collaboration and deletes its shares; the record stays.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] when removed already; [`ServiceError::Stale`].
    pub fn remove_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<MemberView> {
        self.change_hosting::<ManageMembers, _>(call, host, |tx, stage, grant| {
            let before = fresh_member(tx, host, id, expected_version)?;
            let (after, _) =
                self.owners_event(tx, stage, call, grant, &before, MemberEvent::Remove)?;
            self.tell_member_of_event(
                tx,
                &stage.host_account,
                &before,
                MemberEvent::Remove,
                stage.now,
            )?;
            self.member_view(tx, after.ok_or(ServiceError::HIDDEN)?, stage.now)
        })
    }

    /// Deletes an ended member's record for good.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless ended; [`ServiceError::Stale`].
    pub fn forget_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ManageMembers, _>(call, host, |tx, stage, grant| {
            let before = fresh_member(tx, host, id, expected_version)?;
            self.owners_event(tx, stage, call, grant, &before, MemberEvent::Forget)?;
            Ok(())
        })
    }

    /// The key of the address to which an invitation of this member would go, for counting them.
    ///
    /// # Errors
    /// As when they are invited, but for the state of their record.
    pub fn invited_address(&self, call: &Call, host: AccountId, id: MemberId) -> Result<String> {
        self.read_hosting::<InviteMembers, _>(call, host, |tx, _| {
            Ok(fresh_member(tx, host, id, None)?.email_key)
        })
    }

    /// Mails a new link to a member who has not decided; the old link dies.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless pending or expired.
    pub fn resend_invitation(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
    ) -> Result<MemberView> {
        self.invite_again(call, host, id, MemberEvent::Resend)
    }

    /// Invites a member again after an end, with the shares that are left.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless rejected, left, removed or expired.
    pub fn reinvite_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
    ) -> Result<MemberView> {
        self.invite_again(call, host, id, MemberEvent::Reinvite)
    }

    /// A new link for a member who has not decided, to be copied where no mail server is set up; the
    /// old link dies.
    ///
    /// # Errors
    /// [`ServiceError::MailServerSet`]; [`ServiceError::IllegalTransition`] unless pending or expired.
    pub fn copy_invitation_link(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
    ) -> Result<String> {
        self.change_hosting::<InviteMembers, _>(call, host, |tx, stage, grant| {
            if self.settings.mail_server {
                return Err(ServiceError::MailServerSet);
            }
            let before = fresh_member(tx, host, id, None)?;
            let (after, _) =
                self.owners_event(tx, stage, call, grant, &before, MemberEvent::Resend)?;
            let after = after.ok_or(ServiceError::HIDDEN)?;
            let token = self.new_invitation(tx, grant, &after, false, stage.now)?;
            self.tell_of_invitation(tx, &stage.host_account, &after, stage.now)?;
            Ok(self.link("invitations", &token))
        })
    }

    fn invite_again(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        event: MemberEvent,
    ) -> Result<MemberView> {
        self.change_hosting::<InviteMembers, _>(call, host, |tx, stage, grant| {
            let before = fresh_member(tx, host, id, None)?;
            let (after, _) = self.owners_event(tx, stage, call, grant, &before, event)?;
            let after = after.ok_or(ServiceError::HIDDEN)?;
            self.mail_invitation(tx, grant, stage, &after)?;
            self.member_view(tx, after, stage.now)
        })
    }

    fn event_with_notice(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        event: MemberEvent,
        expected_version: Option<i64>,
    ) -> Result<MemberView> {
        self.change_hosting::<ManageMembers, _>(call, host, |tx, stage, grant| {
            let before = fresh_member(tx, host, id, expected_version)?;
            let (after, _) = self.owners_event(tx, stage, call, grant, &before, event)?;
            self.tell_member_of_event(tx, &stage.host_account, &before, event, stage.now)?;
            self.member_view(tx, after.ok_or(ServiceError::HIDDEN)?, stage.now)
        })
    }

    /// Applies an event that the owner causes, shares included.
    fn owners_event<P: OwnerPermission + WritesMembers + WritesShares>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        grant: &Grant<P>,
        member: &Member,
        event: MemberEvent,
    ) -> Result<(Option<Member>, Transition)> {
        let caused = Caused {
            event,
            host: &stage.host_account,
            actor: stage.party.actor(&call.request),
            person: None,
            now: stage.now,
        };
        let (mut after, transition) = self.live_on(tx, grant, member, caused)?;
        if transition.delete_shares && after.is_some() {
            shares::replace_all(tx, grant, member.id, &[], stage.now)?;
            // Its version went up with its shares.
            after = members::by_id(tx, stage.host.account_id, member.id)?;
        }
        Ok((after, transition))
    }
}

/// The member, at the version that the caller expects.
pub(crate) fn fresh_member(
    tx: &mut Conn<'_>,
    host: AccountId,
    id: MemberId,
    expected_version: Option<i64>,
) -> Result<Member> {
    let member = members::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
    if expected_version.is_some_and(|expected| expected != member.version) {
        return Err(ServiceError::Stale);
    }
    Ok(member)
}
