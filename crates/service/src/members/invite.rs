use accord_domain::authorize::{Grant, InviteMembers, WritesMembers, WritesShares};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
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

/// A member who is being made.
pub(crate) struct Newcomer<'a> {
    pub id: MemberId,
    pub email: &'a EmailAddress,
    pub display_name: Option<&'a str>,
    pub shares: Vec<CheckedShare>,
    /// The environment to which they are invited, where it is one alone.
    pub environment: Option<EnvironmentId>,
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
            let newcomer = Newcomer {
                id: self.randomness.id(stage.now),
                email: &command.email,
                display_name: command.display_name.as_ref().map(DisplayName::as_str),
                shares: checked,
                environment: None,
            };
            let member = self.add_member(tx, stage, call, grant, newcomer, "member.invite")?;
            self.member_view(tx, member, stage.now)
        })
    }

    /// Stores a pending member with shares, and mails the invitation.
    pub(crate) fn add_member<P: WritesMembers + WritesShares>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        grant: &Grant<P>,
        newcomer: Newcomer<'_>,
        action: &'static str,
    ) -> Result<Member> {
        let now = stage.now;
        let host = &stage.host_account;
        let email_key = newcomer.email.key();
        if email_key == host.email_key {
            return Err(ServiceError::OwnAccount);
        }
        if let Some(member) = record_of_address(tx, host.id, &email_key)? {
            return Err(ServiceError::MemberExists {
                member_id: member.id,
                status: status_of(&member, now),
            });
        }
        let new = NewMember {
            id: newcomer.id,
            email: newcomer.email.as_str().to_owned(),
            email_key,
            display_name: newcomer.display_name.map(str::to_owned),
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
        let stored = shares_with_ids(self, newcomer.shares, &[], now);
        shares::add_all(tx, grant, member.id, &stored, now)?;
        let mut happening = Happening::new(action)
            .member(member.id)
            .item("member", member.id, &member.email)
            .after(json!({ "status": "pending", "shares": share_facts(&stored) }));
        if let Some(environment) = newcomer.environment {
            happening = happening.environment(environment);
        }
        self.changed(tx, stage, call, happening)?;
        self.mail_invitation(tx, grant, stage, &member)?;
        members::by_id(tx, host.id, member.id)?.ok_or(ServiceError::HIDDEN)
    }
}

/// The record that an account has for an address: by the address, or by the person whose it is now,
/// since a record follows its person.
pub(crate) fn record_of_address(
    tx: &mut Conn<'_>,
    host: AccountId,
    email_key: &str,
) -> Result<Option<Member>> {
    if let Some(account) = accounts::by_email_key(tx, email_key)?
        && let Some(member) = members::by_person(tx, host, account.id)?
    {
        return Ok(Some(member));
    }
    Ok(members::by_email_key(tx, host, email_key)?)
}
