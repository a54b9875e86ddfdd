use accord_domain::authorize::InviteMembers;
use accord_domain::authorize::{Grant, OwnerPermission, WritesMembers, WritesShares};
use accord_domain::email::EmailAddress;
use accord_domain::ids::AccountId;
use accord_domain::sharing::{CheckedShare, ShareDraft};
use accord_domain::text::DisplayName;
use accord_store::members::{InsertMember, Member, NewMember};
use accord_store::{Conn, accounts, members, shares};
use serde_json::json;

use super::{MemberView, shares_with_ids};
use crate::Service;
use crate::call::{Call, Stage, status_of};
use crate::error::{Result, ServiceError};
use crate::shares::{checked_shares, share_facts};
use crate::tasks::Happening;

/// Somebody to be invited.
#[derive(Clone, Debug)]
pub struct Invite {
    pub email: EmailAddress,
    pub display_name: Option<DisplayName>,
    pub shares: Vec<ShareDraft>,
}

impl Service {
    /// Invites an address, with what is shared from the moment it accepts. A link goes out by mail.
    ///
    /// # Errors
    /// [`ServiceError::MemberExists`], [`ServiceError::OwnAccount`], shares that the rules refuse.
    pub fn invite_member(
        &self,
        call: &Call,
        host: AccountId,
        command: &Invite,
    ) -> Result<MemberView> {
        self.change_hosting::<InviteMembers, _>(call, host, |tx, stage, grant| {
            let checked = checked_shares(tx, host, &command.shares, &[], "/shares", stage.now)?;
            let member = self.add_member(
                tx,
                stage,
                call,
                grant,
                &command.email,
                command.display_name.as_ref().map(DisplayName::as_str),
                checked,
                "member.invite",
            )?;
            self.member_view(tx, member, stage.now)
        })
    }

    /// Stores a pending member with shares, and mails the invitation.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn add_member<P: OwnerPermission + WritesMembers + WritesShares>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        grant: &Grant<P>,
        email: &EmailAddress,
        display_name: Option<&str>,
        checked: Vec<CheckedShare>,
        action: &'static str,
    ) -> Result<Member> {
        let now = stage.now;
        let host = &stage.host_account;
        let email_key = email.key();
        if email_key == host.email_key {
            return Err(ServiceError::OwnAccount);
        }
        // A record follows its person: under another address than the one it began with, too.
        if let Some(account) = accounts::by_email_key(tx, &email_key)?
            && let Some(member) = members::by_person(tx, host.id, account.id)?
        {
            return Err(ServiceError::MemberExists {
                member_id: member.id,
                status: status_of(&member, now),
            });
        }
        let new = NewMember {
            id: self.randomness.id(now),
            email: email.as_str().to_owned(),
            email_key,
            display_name: display_name.map(str::to_owned),
            invitation_expires_at: now + self.settings.invitation_lifetime,
        };
        let member = match members::insert(tx, grant, &new, now)? {
            InsertMember::Done(member) => member,
            InsertMember::Exists(member) => {
                return Err(ServiceError::MemberExists {
                    member_id: member.id,
                    status: status_of(&member, now),
                });
            }
        };
        let stored = shares_with_ids(self, checked, &[], now);
        shares::replace_all(tx, grant, member.id, &stored, now)?;
        let happening = Happening::new(action)
            .member(member.id)
            .item("member", member.id, &member.email)
            .after(json!({ "status": "pending", "shares": share_facts(&stored) }));
        self.changed(tx, stage, call, happening)?;
        self.mail_invitation(tx, grant, host, &member, now)?;
        members::by_id(tx, host.id, member.id)?.ok_or(ServiceError::HIDDEN)
    }
}
