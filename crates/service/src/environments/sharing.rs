//! Direct shares of one environment and invitations to it: by the owner, or by a delegate as far as
//! the rule of delegation lets them.

use accord_domain::authorize::{
    InviteToEnvironment, Invitee, ShareEnvironment, WithdrawInvitation, authorize_direct_share,
    authorize_invitation,
};
use accord_domain::delegation::{DirectRoles, is_invitation_to};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, RoleId};
use accord_domain::member::{MemberEvent, MemberStatus, editable, transition};
use accord_domain::sharing::{CheckedShare, Item, Share, ShareDraft};
use accord_store::members::Member;
use accord_store::{Conn, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::collaborators::{EnvironmentAccessView, Scene};
use crate::Service;
use crate::call::{Call, Purpose, Stage, status_of};
use crate::error::{Invalid, Result, ServiceError};
use crate::members::{Caused, Newcomer, record_of_address, shares_with_ids};
use crate::shares::{checked_shares, share_facts};
use crate::tasks::Happening;

/// Direct roles on an environment.
#[derive(Clone, Debug)]
pub struct DirectShare {
    pub role_ids: Vec<RoleId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Somebody to be invited with a direct share.
#[derive(Clone, Debug)]
pub struct ShareWith {
    pub email: EmailAddress,
    pub share: DirectShare,
}

/// A change of one environment's collaboration under way, with the host's row locked.
#[derive(Clone, Copy)]
struct Change<'a> {
    stage: &'a Stage,
    scene: &'a Scene,
    call: &'a Call,
}

impl Service {
    /// Invites an address with roles on this environment.
    ///
    /// For a delegate, whoever has no access here is a new address: a member of the account who has none
    /// is shared with directly, so that nothing is told of members beyond this environment.
    ///
    /// # Errors
    /// [`ServiceError::MemberExists`]: who is listed here already is shared with by
    /// [`Service::share_environment`]. [`ServiceError::MemberExistsElsewhere`]: an ended record that only
    /// the owner may bring back. [`ServiceError::NotDelegated`].
    pub fn invite_to_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        command: &ShareWith,
    ) -> Result<EnvironmentAccessView> {
        let about = (None, &*command.share.role_ids);
        self.change_sharing(call, host, id, about, |tx, change| {
            let Change { stage, scene, .. } = change;
            let delegation = scene.delegation();
            scene.may_share::<InviteToEnvironment>(stage, delegation.as_ref())?;
            let checked = checked_direct_share(tx, scene, &command.share, &[])?;
            let existing = match &scene.own {
                None => None,
                Some((own, _)) => {
                    let key = command.email.key();
                    if stage
                        .party
                        .account()
                        .is_some_and(|own| own.email_key == key)
                    {
                        return Err(ServiceError::OwnAccount);
                    }
                    let record = record_of_address(tx, host, &key)?;
                    if record.as_ref().is_some_and(|record| record.id == *own) {
                        return Err(ServiceError::OwnAccount);
                    }
                    record
                }
            };
            let member_id = match existing {
                None => self.invite_newcomer(tx, change, &command.email, checked)?,
                Some(member) => self.share_with_unlisted(tx, change, &member, checked)?,
            };
            scene.view_again(tx, member_id)
        })
    }

    /// Gives a member direct roles on this environment, in place of those they had on it.
    ///
    /// # Errors
    /// [`ServiceError::NotEditable`] when removed, [`ServiceError::Stale`], roles that the rules refuse,
    /// [`ServiceError::NotDelegated`]; hidden when a delegate does not see the member here.
    pub fn share_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
        command: &DirectShare,
        expected_version: Option<i64>,
    ) -> Result<EnvironmentAccessView> {
        let about = (Some(member_id), &*command.role_ids);
        self.change_sharing(call, host, id, about, |tx, change| {
            let Change { stage, scene, .. } = change;
            scene.may_share::<ShareEnvironment>(stage, scene.delegation().as_ref())?;
            let (member, stored) = scene.member(tx, member_id, expected_version)?;
            may_edit(&member, stage.now)?;
            let checked = checked_direct_share(tx, scene, command, &stored)?;
            self.put_direct_share(tx, change, &member, &stored, checked)?;
            scene.view_again(tx, member_id)
        })
    }

    /// Takes a member's direct roles on this environment away; lower levels count again. Where a delegate
    /// takes everything from somebody who has not accepted yet, the invitation is withdrawn.
    ///
    /// # Errors
    /// Hidden when there is no direct share; [`ServiceError::Stale`]; [`ServiceError::NotDelegated`].
    pub fn unshare_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        let about = (Some(member_id), &[][..]);
        self.change_sharing(call, host, id, about, |tx, change| {
            let Change { stage, scene, .. } = change;
            let delegation = scene.delegation();
            scene.may_share::<ShareEnvironment>(stage, delegation.as_ref())?;
            let (member, stored) = scene.member(tx, member_id, expected_version)?;
            may_edit(&member, stage.now)?;
            let before = scene.direct(&stored).ok_or(ServiceError::HIDDEN)?;
            let grant = authorize_direct_share(
                stage.caller(),
                &stage.host,
                stage.standing,
                delegation.as_ref(),
                (member_id, &stored),
                None,
            )?;
            shares::delete(tx, &grant, member_id, Item::Environment(id), stage.now)?;
            self.direct_share_changed(tx, change, &member, Some(before), None)?;
            let status = status_of(&member, stage.now);
            if delegation.is_some() && is_invitation_to(id, status, &stored) {
                let grant = authorize_invitation::<WithdrawInvitation>(
                    stage.caller(),
                    &stage.host,
                    stage.standing,
                    delegation.as_ref(),
                    invitee(&member, status, &stored),
                    None,
                )?;
                self.live_on(tx, &grant, &member, change.caused(MemberEvent::Remove))?;
            }
            Ok(())
        })
    }

    /// Mails a new link to somebody who has a direct share here and has not decided; the old link dies. A
    /// delegate may where that share is all that the invitation carries.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless pending or expired; [`ServiceError::NotDelegated`].
    pub fn resend_to_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
    ) -> Result<EnvironmentAccessView> {
        let about = (Some(member_id), &[][..]);
        self.change_sharing(call, host, id, about, |tx, change| {
            let Change { stage, scene, .. } = change;
            let delegation = scene.delegation();
            scene.may_share::<InviteToEnvironment>(stage, delegation.as_ref())?;
            let (member, stored) = scene.member(tx, member_id, None)?;
            let direct = scene.direct(&stored).ok_or(ServiceError::HIDDEN)?;
            let status = status_of(&member, stage.now);
            transition(status, MemberEvent::Resend)?;
            let grant = authorize_invitation::<InviteToEnvironment>(
                stage.caller(),
                &stage.host,
                stage.standing,
                delegation.as_ref(),
                invitee(&member, status, &stored),
                Some(&DirectRoles::from(direct)),
            )?;
            let (after, _) =
                self.live_on(tx, &grant, &member, change.caused(MemberEvent::Resend))?;
            self.mail_invitation(tx, &grant, stage, &after.ok_or(ServiceError::HIDDEN)?)?;
            scene.view_again(tx, member_id)
        })
    }

    /// The key of the address to which an invitation of this member to the environment would go, for
    /// counting them.
    ///
    /// # Errors
    /// As when it is sent again, but for the state of their record.
    pub fn invited_address_of_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
    ) -> Result<String> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            let scene = Scene::load_about(tx, &stage, id, Some(member_id), &[])?;
            scene.may_share::<InviteToEnvironment>(&stage, scene.delegation().as_ref())?;
            Ok(scene.member(tx, member_id, None)?.0.email_key)
        })
    }

    /// Changes an environment's collaboration for a member that is known already, or with roles that are asked, with the host's row locked before anything is read.
    fn change_sharing<T>(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        (member, asked): (Option<MemberId>, &[RoleId]),
        mut work: impl FnMut(&mut Conn<'_>, Change<'_>) -> Result<T>,
    ) -> Result<T> {
        let result = self.db.write(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Change, self.clock.now())?;
            let scene = Scene::load_about(tx, &stage, id, member, asked)?;
            let change = Change {
                stage: &stage,
                scene: &scene,
                call,
            };
            work(tx, change)
        })?;
        self.wake_mail_worker();
        Ok(result)
    }

    fn invite_newcomer(
        &self,
        tx: &mut Conn<'_>,
        change: Change<'_>,
        email: &EmailAddress,
        checked: CheckedShare,
    ) -> Result<MemberId> {
        let Change { stage, scene, call } = change;
        let id = self.randomness.id(stage.now);
        let invitee = Invitee {
            member_id: id,
            status: None,
            shares: &[],
        };
        let grant = authorize_invitation::<InviteToEnvironment>(
            stage.caller(),
            &stage.host,
            stage.standing,
            scene.delegation().as_ref(),
            invitee,
            Some(&DirectRoles::from(&checked)),
        )?;
        let newcomer = Newcomer {
            id,
            email,
            display_name: None,
            shares: vec![checked],
            environment: Some(scene.id),
        };
        let action = "environment.invite";
        Ok(self
            .add_member(tx, stage, call, &grant, newcomer, action)?
            .id)
    }

    /// A delegate named the address of somebody who has a record, of which they may not know.
    fn share_with_unlisted(
        &self,
        tx: &mut Conn<'_>,
        change: Change<'_>,
        member: &Member,
        checked: CheckedShare,
    ) -> Result<MemberId> {
        let Change { stage, scene, .. } = change;
        let status = status_of(member, stage.now);
        let stored = scene.shares_of(tx, member.id)?;
        if scene.lists(member, &stored) {
            return Err(ServiceError::MemberExists {
                member_id: member.id,
                status,
            });
        }
        match status {
            MemberStatus::Pending
            | MemberStatus::Active
            | MemberStatus::Suspended
            | MemberStatus::Expired => {
                self.put_direct_share(tx, change, member, &stored, checked)?;
            }
            // A removed record starts empty, as a new one does.
            MemberStatus::Removed => {
                let grant = authorize_invitation::<InviteToEnvironment>(
                    stage.caller(),
                    &stage.host,
                    stage.standing,
                    scene.delegation().as_ref(),
                    invitee(member, status, &stored),
                    Some(&DirectRoles::from(&checked)),
                )?;
                let (after, _) =
                    self.live_on(tx, &grant, member, change.caused(MemberEvent::Reinvite))?;
                let after = after.ok_or(ServiceError::HIDDEN)?;
                self.put_direct_share(tx, change, &after, &stored, checked)?;
                self.mail_invitation(tx, &grant, stage, &after)?;
            }
            // To invite them again would bring back all that they had.
            MemberStatus::Rejected | MemberStatus::Left => {
                return Err(ServiceError::MemberExistsElsewhere);
            }
        }
        Ok(member.id)
    }

    fn put_direct_share(
        &self,
        tx: &mut Conn<'_>,
        change: Change<'_>,
        member: &Member,
        stored: &[Share],
        checked: CheckedShare,
    ) -> Result<()> {
        let Change { stage, scene, .. } = change;
        let grant = authorize_direct_share(
            stage.caller(),
            &stage.host,
            stage.standing,
            scene.delegation().as_ref(),
            (member.id, stored),
            Some(&DirectRoles::from(&checked)),
        )?;
        let before = scene.direct(stored);
        for share in shares_with_ids(self, vec![checked], stored, stage.now) {
            let after = shares::upsert(tx, &grant, member.id, &share, stage.now)?;
            self.direct_share_changed(tx, change, member, before, Some(&after))?;
        }
        Ok(())
    }

    fn direct_share_changed(
        &self,
        tx: &mut Conn<'_>,
        change: Change<'_>,
        member: &Member,
        before: Option<&Share>,
        after: Option<&Share>,
    ) -> Result<()> {
        let Change { stage, scene, call } = change;
        let as_list = |share: Option<&Share>| share.cloned().into_iter().collect::<Vec<_>>();
        self.tell_of_changed_shares(
            tx,
            &stage.host_account,
            member,
            stage.party.account_id(),
            (&as_list(before), &as_list(after)),
            stage.now,
        )?;
        let facts = |share: Option<&Share>| json!({ "shares": share_facts(share.map_or(&[], std::slice::from_ref)) });
        let action = if after.is_some() {
            "environment.share"
        } else {
            "environment.unshare"
        };
        let happening = Happening::new(action)
            .member(member.id)
            .environment(scene.id)
            .item("member", member.id, &member.email)
            .before(facts(before))
            .after(facts(after));
        self.changed(tx, stage, call, happening)
    }
}

impl<'a> Change<'a> {
    fn caused(self, event: MemberEvent) -> Caused<'a> {
        Caused {
            event,
            host: &self.stage.host_account,
            actor: self.stage.party.actor(&self.call.request),
            person: None,
            now: self.stage.now,
        }
    }
}

fn invitee<'s>(member: &Member, status: MemberStatus, shares: &'s [Share]) -> Invitee<'s> {
    Invitee {
        member_id: member.id,
        status: Some(status),
        shares,
    }
}

fn may_edit(member: &Member, now: DateTime<Utc>) -> Result<()> {
    let status = status_of(member, now);
    if editable(status) {
        Ok(())
    } else {
        Err(ServiceError::NotEditable(status))
    }
}

/// The direct share, with pointers as the request has them: not in a list.
fn checked_direct_share(
    tx: &mut Conn<'_>,
    scene: &Scene,
    command: &DirectShare,
    stored: &[Share],
) -> Result<CheckedShare> {
    let draft = ShareDraft {
        item: Item::Environment(scene.id),
        role_ids: command.role_ids.clone(),
        expires_at: command.expires_at,
    };
    let in_list = "/shares";
    let checked =
        checked_shares(tx, scene.host, &[draft], stored, in_list, scene.now).map_err(|error| {
            match error {
                ServiceError::Invalid(places) => ServiceError::Invalid(
                    places
                        .into_iter()
                        .map(|place| Invalid {
                            pointer: place.pointer.trim_start_matches("/shares/0").to_owned(),
                            detail: place.detail,
                        })
                        .collect(),
                ),
                other => other,
            }
        })?;
    checked
        .into_iter()
        .next()
        .ok_or_else(|| ServiceError::internal("a checked share was lost"))
}
