//! Another address for an account: it counts only once it is proven, and the one before hears of it.

use accord_domain::authorize::{FollowAddress, HeldLink, PersonMatch, authorize_with_own_account};
use accord_domain::email::EmailAddress;
use accord_domain::ids::AccountId;
use accord_domain::member::InvitationEnd;
use accord_mail::Message;
use accord_store::account_tokens::{self, AccountToken, TokenPurpose};
use accord_store::accounts::{self, Account};
use accord_store::members::Member;
use accord_store::{Conn, Update, invitations, members, outbox, shares};
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
            let message = Message::AddressChangeAsked {
                name: person.name.clone(),
                new_email: email.as_str().to_owned(),
            };
            self.queue_mail_to_account(tx, &person, &message, None, now)
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
            accounts::lock(tx, call.credential.account_id)?;
            let account = Person::of(tx, call, now)?.account;
            account_tokens::delete_unused(tx, account.id, TokenPurpose::ChangeEmail)?;
            Ok(())
        })
    }

    /// Gives the account the address that its person has just proven. Links mailed to the one before
    /// stop working, and the records of the person's collaborations follow.
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
        for (member, host) in &memberships {
            self.follow_address(tx, &account, member, host, request, now)?;
        }
        let happening = Happening::new("account.change_email")
            .before(json!({ "email": before.email }))
            .after(json!({ "email": account.email }));
        let actor = Actor::account_by_link(&account, request);
        self.account_changed(tx, &account, actor, happening, now)?;
        let message = Message::AddressChanged {
            name: account.name.clone(),
            new_email: account.email.clone(),
        };
        self.queue_mail_to_account(tx, &before, &message, None, now)?;
        self.tell_of_waiting_invitations(tx, &account, now)?;
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
    /// address, it is about the same person now, and there is one record for each person: the one that
    /// was accepted stays.
    fn follow_address(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        member: &Member,
        host: &Account,
        request: &RequestInfo,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let caller = Person {
            account: account.clone(),
        }
        .caller();
        let actor = Actor::account_by_link(account, request);
        let grant_for = |record: &Member| {
            authorize_with_own_account::<FollowAddress>(
                &caller,
                &host_of(host),
                PersonMatch {
                    member_id: record.id,
                    person_account_id: record.person_id,
                    email_matches: record.email_key == account.email_key,
                    link: HeldLink::None,
                },
            )
        };
        let other = members::by_email_key(tx, host.id, &account.email_key)?
            .filter(|other| other.id != member.id);
        if let Some(other) = other {
            let grant = grant_for(&other)?;
            invitations::end_open(tx, &grant, other.id, InvitationEnd::Replaced, now)?;
            if self.settings.mail_server {
                outbox::cancel_of_member(tx, other.id, INVITATION_MAIL, now)?;
            }
            let lost = shares::of_member(tx, host.id, other.id)?;
            members::delete(tx, &grant, other.id)?;
            let happening = Happening::new("member.merge")
                .member(member.id)
                .item("member", other.id, &other.email)
                .before(json!({
                    "status": status_of(&other, now).as_str(),
                    "shares": share_facts(&lost),
                }));
            self.record(tx, host.id, actor, happening, now)?;
        }
        let grant = grant_for(member)?;
        members::set_email(
            tx,
            &grant,
            member.id,
            &account.email,
            &account.email_key,
            now,
        )?;
        let happening = Happening::new("member.change_address")
            .member(member.id)
            .item("member", member.id, &account.email)
            .before(json!({ "email": member.email }))
            .after(json!({ "email": account.email }));
        self.access_changed(tx, host.id, actor, happening, now)
    }
}
