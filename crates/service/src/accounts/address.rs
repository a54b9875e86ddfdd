//! Another address for an account: it counts only once it is proven, and the one before hears of it.

use accord_domain::authorize::{
    FollowAddress, Grant, HeldLink, PersonMatch, authorize_with_own_account,
};
use accord_domain::email::EmailAddress;
use accord_domain::ids::AccountId;
use accord_domain::member::{InvitationEnd, MemberStatus};
use accord_domain::notification::NotificationKind;
use accord_mail::Message;
use accord_store::account_tokens::{self, AccountToken, TokenPurpose};
use accord_store::accounts::{self, Account};
use accord_store::members::Member;
use accord_store::{Conn, Update, invitations, members, notifications, outbox, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Service;
use crate::call::{Call, Person, RequestInfo, host_of, status_of};
use crate::error::{Result, ServiceError};
use crate::members::INVITATION_MAIL;
use crate::security::secret_tokens::SecretToken;
use crate::shares::share_facts;
use crate::tasks::{Actor, Happening};

/// The address that an account has, and the one that it shall have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressView {
    pub account: Account,
    pub pending: Option<PendingAddress>,
}

/// An address that waits to be proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAddress {
    pub email: String,
    pub asked_at: DateTime<Utc>,
    /// When the mailed link ends.
    pub expires_at: DateTime<Utc>,
}

/// A person's record with the account that shares.
type Membership = (Member, Account);

impl Service {
    /// The caller's address, and the one that waits to be proven.
    ///
    /// # Errors
    /// When not signed in.
    pub fn get_address(&self, call: &Call) -> Result<AddressView> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let account = Person::of(tx, call, now)?.account;
            let token = account_tokens::unused(tx, account.id, TokenPurpose::ChangeEmail, now)?;
            let pending = token.and_then(|token| {
                Some(PendingAddress {
                    email: token.new_email?,
                    asked_at: token.created_at,
                    expires_at: token.expires_at,
                })
            });
            Ok(AddressView { account, pending })
        })
    }

    /// Mails a link to the new address, which will be the account's once the link is followed, and
    /// tells the present one. An address that has an account already is told so by mail; the caller
    /// sees no difference.
    ///
    /// An unproven account may ask too, although it causes no other mail to addresses that somebody
    /// typed: whoever mistyped theirs when they signed up has no other way out. The address that was
    /// never proven may be a stranger's, so it is told nothing, neither now nor when the new one counts.
    ///
    /// # Errors
    /// [`ServiceError::WrongPassword`]; the address that it is already.
    pub fn change_address(&self, call: &Call, email: &EmailAddress, password: &str) -> Result<()> {
        let account = self
            .db
            .read(|tx| Ok::<_, ServiceError>(Person::of(tx, call, self.clock.now())?.account))?;
        if !self
            .passwords
            .verify(password, Some(&account.password_hash))
        {
            return Err(ServiceError::WrongPassword);
        }
        let key = email.key();
        self.db.write(|tx| {
            let now = self.clock.now();
            accounts::lock(tx, account.id)?;
            let person = Person::of(tx, call, now)?.account;
            if person.password_hash != account.password_hash {
                return Err(ServiceError::WrongPassword);
            }
            if person.email_key == key {
                return Err(ServiceError::invalid(
                    "/email",
                    "Your account has this address already.",
                ));
            }
            let token = SecretToken::generate(&self.randomness);
            account_tokens::delete_unused(tx, person.id, TokenPurpose::ChangeEmail)?;
            account_tokens::insert(
                tx,
                &AccountToken {
                    token_hash: token.hash(),
                    account_id: person.id,
                    purpose: TokenPurpose::ChangeEmail,
                    email_key: key.clone(),
                    created_at: now,
                    expires_at: now + self.settings.verification_lifetime,
                    used_at: None,
                    new_email: Some(email.as_str().to_owned()),
                },
            )?;
            match accounts::by_email_key(tx, &key)? {
                Some(other) => {
                    let message = Message::AddressInUse {
                        name: other.name.clone(),
                    };
                    self.queue_mail_to_account(tx, &other, &message, None, now)?;
                }
                None => {
                    let link = self.link("verify-email", &token);
                    let message = Message::ProveNewAddress {
                        name: person.name.clone(),
                    };
                    self.queue_mail_to_address(tx, email.as_str(), &message, Some(&link), now)?;
                }
            }
            if person.email_verified_at.is_some() {
                let message = Message::AddressChangeAsked {
                    name: person.name.clone(),
                    new_email: email.as_str().to_owned(),
                };
                self.queue_mail_to_account(tx, &person, &message, None, now)?;
            }
            Ok(())
        })?;
        self.wake_mail_worker();
        Ok(())
    }

    /// Drops the address that waits to be proven, if one does: its link stops working.
    ///
    /// # Errors
    /// When not signed in.
    pub fn cancel_address_change(&self, call: &Call) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let own = call.account_id(tx, now)?;
            accounts::lock(tx, own)?;
            let account = Person::of(tx, call, now)?.account;
            account_tokens::delete_unused(tx, account.id, TokenPurpose::ChangeEmail)?;
            Ok(())
        })
    }

    /// Gives the account the address that its person has just proven. Links mailed to the one before
    /// stop working, those of invitations included, and the records of the person's collaborations
    /// follow.
    pub(super) fn take_new_address(
        &self,
        tx: &mut Conn<'_>,
        token: &AccountToken,
        request: &RequestInfo,
        now: DateTime<Utc>,
    ) -> Result<Account> {
        let memberships = self.lock_with_hosts(tx, token.account_id)?;
        let before = accounts::by_id(tx, token.account_id)?
            .filter(|account| account.disabled_at.is_none())
            .ok_or(ServiceError::LinkExpired)?;
        let email = token
            .new_email
            .as_deref()
            .ok_or(ServiceError::LinkExpired)?;
        if !account_tokens::mark_used(tx, &token.token_hash, now)? {
            return Err(ServiceError::LinkUsed);
        }
        let account = match accounts::set_email(tx, before.id, email, &token.email_key, now)? {
            Update::Done(account) => account,
            Update::Missing | Update::Stale { .. } => return Err(ServiceError::LinkExpired),
            // Whoever holds the link owns the address: this tells them nothing of anybody else.
            Update::Taken(_) => return Err(ServiceError::EmailTaken),
        };
        for purpose in [
            TokenPurpose::VerifyEmail,
            TokenPurpose::ResetPassword,
            TokenPurpose::ChangeEmail,
        ] {
            account_tokens::delete_unused(tx, account.id, purpose)?;
        }
        let step = Move {
            account: &account,
            actor: Actor::account_by_link(&account, request),
            now,
        };
        // Before the others follow: those are told of when their new link goes out.
        self.tell_of_waiting_invitations(tx, &account, now)?;
        for (member, host) in &memberships {
            self.follow_address(tx, &step, member, host)?;
        }
        let happening = Happening::new("account.change_email")
            .before(json!({ "email": before.email }))
            .after(json!({ "email": account.email }));
        self.account_changed(tx, &account, step.actor, happening, now)?;
        if before.email_verified_at.is_some() {
            let message = Message::AddressChanged {
                name: account.name.clone(),
                new_email: account.email.clone(),
            };
            self.queue_mail_to_account(tx, &before, &message, None, now)?;
        }
        Ok(account)
    }

    /// Locks the account and every account that has a record of its person, and answers these records.
    /// None is added meanwhile: joining locks the person's account too.
    pub(super) fn lock_with_hosts(
        &self,
        tx: &mut Conn<'_>,
        person: AccountId,
    ) -> Result<Vec<Membership>> {
        let mut locked = Vec::new();
        loop {
            let records = members::of_person(tx, person)?;
            let mut wanted: Vec<AccountId> = records
                .iter()
                .map(|(member, _)| member.account_id)
                .collect();
            wanted.push(person);
            wanted.retain(|id| !locked.contains(id));
            if wanted.is_empty() {
                return records
                    .into_iter()
                    .map(|(member, _)| {
                        let host = accounts::by_id(tx, member.account_id)?;
                        Ok((member, host.ok_or(ServiceError::HIDDEN)?))
                    })
                    .collect();
            }
            accounts::lock_all(tx, &wanted)?;
            locked.extend(wanted);
        }
    }

    /// One record follows its person to their new address. Where the host has another record for that
    /// address, it is about the same person now, and there is one record for each person: an open
    /// invitation stays rather than a record that ended, and otherwise the one that was accepted stays.
    fn follow_address(
        &self,
        tx: &mut Conn<'_>,
        step: &Move<'_>,
        member: &Member,
        host: &Account,
    ) -> Result<()> {
        let other = members::by_email_key(tx, host.id, &step.account.email_key)?
            .filter(|other| other.id != member.id);
        if let Some(other) = other {
            let seen = |record: &Member| status_of(record, step.now).seen_by_person();
            if seen(&other) && !seen(member) {
                return self.merge_records(tx, step, host, member, &other);
            }
            self.merge_records(tx, step, host, &other, member)?;
        }
        let grant = step.grant(member, host)?;
        let moved = members::set_email(
            tx,
            &grant,
            member.id,
            &step.account.email,
            &step.account.email_key,
            step.now,
        )?
        .ok_or(ServiceError::HIDDEN)?;
        self.invitation_follows(tx, step, &grant, &moved, host)?;
        let happening = Happening::new("member.change_address")
            .member(member.id)
            .item("member", member.id, &step.account.email)
            .before(json!({ "email": member.email }))
            .after(json!({ "email": step.account.email }));
        self.access_changed(tx, host.id, step.actor, happening, step.now)
    }

    /// Forgets one of two records about the same person.
    fn merge_records(
        &self,
        tx: &mut Conn<'_>,
        step: &Move<'_>,
        host: &Account,
        lost: &Member,
        kept: &Member,
    ) -> Result<()> {
        let grant = step.grant(lost, host)?;
        self.replace_invitation(tx, &grant, lost, step.now)?;
        notifications::delete_about_member(
            tx,
            step.account.id,
            NotificationKind::InvitationReceived,
            lost.id,
        )?;
        let shares = shares::of_member(tx, host.id, lost.id)?;
        members::delete(tx, &grant, lost.id)?;
        let happening = Happening::new("member.merge")
            .member(kept.id)
            .item("member", lost.id, &lost.email)
            .before(json!({
                "status": status_of(lost, step.now).as_str(),
                "shares": share_facts(&shares),
            }));
        self.access_changed(tx, host.id, step.actor, happening, step.now)
    }

    /// Whoever reads what was sent to the address before may be somebody else by now: a link that went
    /// there stops working, and a new one goes to where the person is. A frozen host mails none; once
    /// it is free again, the person finds the invitation under Shared with Me.
    fn invitation_follows(
        &self,
        tx: &mut Conn<'_>,
        step: &Move<'_>,
        grant: &Grant<FollowAddress>,
        moved: &Member,
        host: &Account,
    ) -> Result<()> {
        self.replace_invitation(tx, grant, moved, step.now)?;
        if status_of(moved, step.now) == MemberStatus::Pending && host.disabled_at.is_none() {
            self.mail_invitation_of(tx, grant, host, None, moved, step.now)?;
        }
        Ok(())
    }

    fn replace_invitation(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<FollowAddress>,
        member: &Member,
        now: DateTime<Utc>,
    ) -> Result<()> {
        invitations::end_open(tx, grant, member.id, InvitationEnd::Replaced, now)?;
        if self.settings.mail_server {
            outbox::cancel_of_member(tx, member.id, INVITATION_MAIL, now)?;
        }
        Ok(())
    }
}

/// A person on the way to their new address, which their account has already.
struct Move<'a> {
    account: &'a Account,
    actor: Actor<'a>,
    now: DateTime<Utc>,
}

impl Move<'_> {
    fn grant(&self, record: &Member, host: &Account) -> Result<Grant<FollowAddress>> {
        let caller = Person::by_link(self.account.clone()).caller();
        let grant = authorize_with_own_account::<FollowAddress>(
            &caller,
            &host_of(host),
            PersonMatch {
                member_id: record.id,
                person_account_id: record.person_id,
                email_matches: record.email_key == self.account.email_key,
                link: HeldLink::None,
            },
        )?;
        Ok(grant)
    }
}
