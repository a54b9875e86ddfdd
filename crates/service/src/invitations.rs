//! Invitation links: what they lead to, and deciding by them.

use accord_domain::account::AccountKind;
use accord_domain::authorize::{
    DecideInvitation, Denied, HeldLink, PersonMatch, authorize_link_holder, authorize_person,
};
use accord_domain::email::EmailAddress;
use accord_domain::ids::AccountId;
use accord_domain::member::{InvitationEnd, MemberEvent};
use accord_domain::text::DisplayName;
use accord_store::accounts::Account;
use accord_store::invitations::{self, Invitation};
use accord_store::members::Member;
use accord_store::{Conn, accounts, shares};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::accounts::SignedInView;
use crate::accounts::sign_up::AccountToMake;
use crate::call::{Call, Person, RequestInfo, host_of};
use crate::collaborations::{CollaborationView, collaboration_view};
use crate::environments::OwnerView;
use crate::error::{InvitationState, Result, ServiceError};
use crate::members::Caused;
use crate::notifications::invited_account;
use crate::security::secret_tokens::SecretToken;
use crate::shares::{DescribedShare, describe};
use crate::tasks::Actor;

/// What an invitation link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    pub state: InvitationState,
    /// Only while it is open.
    pub offer: Option<InvitationOffer>,
}

/// Who invites, to what, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationOffer {
    pub owner: OwnerView,
    pub email: String,
    pub display_name: Option<String>,
    pub expires_at: DateTime<Utc>,
    pub shares: Vec<DescribedShare>,
    /// Whether the address has an account: then it signs in, otherwise a password makes one.
    pub account_exists: bool,
    pub now: DateTime<Utc>,
}

/// How an invitation is accepted by somebody whose address has no account yet.
#[derive(Clone, Default)]
pub struct NewAccountChoice {
    pub password: Option<String>,
    /// The name of the new account; the owner's name for the person, or the address, without one.
    pub name: Option<DisplayName>,
}

impl std::fmt::Debug for NewAccountChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccountChoice")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The collaboration that was joined and, for a new account, its session.
#[derive(Clone, Debug)]
pub struct AcceptedInvitation {
    pub collaboration: CollaborationView,
    pub signed_in: Option<SignedInView>,
}

/// A link that leads somewhere, with the host's row locked or only read.
struct Led {
    invitation: Invitation,
    member: Member,
    host: Account,
}

impl Service {
    /// What the link leads to. Looking changes nothing: mail scanners open everything.
    ///
    /// # Errors
    /// Hidden when no invitation has this token.
    pub fn get_invitation(&self, token: &SecretToken) -> Result<InvitationView> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let (invitation, member) =
                invitations::by_token_hash(tx, &token.hash())?.ok_or(ServiceError::HIDDEN)?;
            let state = state_of(&invitation, now);
            let Some(member) = member.filter(|_| state == InvitationState::Open) else {
                let state = if state == InvitationState::Open {
                    InvitationState::Withdrawn
                } else {
                    state
                };
                return Ok(InvitationView { state, offer: None });
            };
            let host = accounts::by_id(tx, member.account_id)?.ok_or(ServiceError::HIDDEN)?;
            if host.disabled_at.is_some() {
                return Err(ServiceError::HIDDEN);
            }
            let stored = shares::of_member(tx, host.id, member.id)?;
            Ok(InvitationView {
                state,
                offer: Some(InvitationOffer {
                    owner: OwnerView::of(&host),
                    email: member.email.clone(),
                    display_name: member.display_name.clone(),
                    expires_at: invitation.expires_at,
                    shares: describe(tx, host.id, &stored)?,
                    account_exists: invited_account(tx, &member)?.is_some(),
                    now,
                }),
            })
        })
    }

    /// Notes that a person, not a scanner, looked at the invitation.
    ///
    /// # Errors
    /// Hidden when no invitation has this token.
    pub fn invitation_opened(&self, token: &SecretToken) -> Result<()> {
        self.db.write(|tx| {
            let (invitation, member) =
                invitations::by_token_hash(tx, &token.hash())?.ok_or(ServiceError::HIDDEN)?;
            let host = member.map(|member| member.account_id);
            if let Some(host) = host {
                accounts::by_id(tx, host)?
                    .filter(|host| host.disabled_at.is_none())
                    .ok_or(ServiceError::HIDDEN)?;
            }
            invitations::mark_opened(tx, &invitation, host, self.clock.now())?;
            Ok(())
        })
    }

    /// Accepts by the link: as the signed-in person it is for, or with a password that makes their account.
    ///
    /// # Errors
    /// [`ServiceError::InvitationNotOpen`]; [`ServiceError::NotSignedIn`] where the address has an account;
    /// [`ServiceError::WrongAccount`]; [`ServiceError::AccountExists`]; a missing or weak password.
    pub fn accept_invitation(
        &self,
        call: Option<&Call>,
        request: &RequestInfo,
        token: &SecretToken,
        choice: &NewAccountChoice,
    ) -> Result<AcceptedInvitation> {
        let password_hash = match &choice.password {
            // Checked against the open invitation first, so that a wrong link costs nothing.
            Some(password) if call.is_none() => {
                Some(self.hash_for_new_account(token, password, choice)?)
            }
            Some(_) | None => None,
        };
        let accepted = self.db.write(|tx| {
            let now = self.clock.now();
            let person = call.and_then(|call| call.credential.account_id());
            let led = self.follow(tx, token, person, now)?;
            match call {
                Some(call) => self.accept_as_person(tx, call, &led, choice, now),
                None => {
                    if invited_account(tx, &led.member)?.is_some() {
                        return Err(if password_hash.is_some() {
                            ServiceError::AccountExists
                        } else {
                            ServiceError::NotSignedIn
                        });
                    }
                    let Some(password_hash) = password_hash.clone() else {
                        return Err(ServiceError::invalid(
                            "/password",
                            "Choose a password for your new account.",
                        ));
                    };
                    self.accept_as_new_account(
                        tx,
                        request,
                        &led,
                        password_hash,
                        choice.name.as_ref(),
                        now,
                    )
                }
            }
        })?;
        self.wake_mail_worker();
        Ok(accepted)
    }

    /// Declines by the link alone, whoever is signed in.
    ///
    /// # Errors
    /// [`ServiceError::InvitationNotOpen`]; hidden when no invitation has this token.
    pub fn reject_invitation(&self, request: &RequestInfo, token: &SecretToken) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let led = self.follow(tx, token, None, now)?;
            let grant = authorize_link_holder(&host_of(&led.host), led.member.id)?;
            let caused = Caused {
                event: MemberEvent::Reject,
                host: &led.host,
                actor: Actor::link(&led.member.email, request),
                person: None,
                now,
            };
            self.live_on(tx, &grant, &led.member, caused)?;
            self.tell_of_decision(tx, &led.host, &led.member, MemberEvent::Reject, None, now)
        })?;
        self.wake_mail_worker();
        Ok(())
    }

    fn accept_as_person(
        &self,
        tx: &mut Conn<'_>,
        call: &Call,
        led: &Led,
        choice: &NewAccountChoice,
        now: DateTime<Utc>,
    ) -> Result<AcceptedInvitation> {
        let mut person = Person::of(tx, call, now)?;
        let email_matches = led.member.email_key == person.account.email_key;
        let record = PersonMatch {
            member_id: led.member.id,
            person_account_id: led.member.person_id,
            email_matches,
            link: if led.invitation.proves_address {
                HeldLink::Mailed
            } else {
                HeldLink::Copied
            },
        };
        if led.host.id == person.account.id {
            return Err(ServiceError::OwnAccount);
        }
        let grant =
            authorize_person::<DecideInvitation>(&person.caller(), &host_of(&led.host), record)
                .map_err(|denied| match denied {
                    Denied::Forbidden { .. } => ServiceError::WrongAccount,
                    other => other.into(),
                })?;
        if choice.password.is_some() {
            return Err(ServiceError::AccountExists);
        }
        let newly_proven = led.invitation.proves_address
            && email_matches
            && person.account.email_verified_at.is_none();
        if newly_proven {
            person.account =
                accounts::set_verified(tx, person.account.id, now)?.ok_or(ServiceError::HIDDEN)?;
        }
        let caused = Caused {
            event: MemberEvent::Accept,
            host: &led.host,
            actor: person.actor(&call.request),
            person: Some(person.account.id),
            now,
        };
        let (after, _) = self.live_on(tx, &grant, &led.member, caused)?;
        let account = Some(&person.account);
        self.tell_of_decision(
            tx,
            &led.host,
            &led.member,
            MemberEvent::Accept,
            account,
            now,
        )?;
        if newly_proven {
            self.tell_of_waiting_invitations(tx, &person.account, now)?;
        }
        let collaboration = collaboration_view(tx, after.ok_or(ServiceError::HIDDEN)?, now)?;
        Ok(AcceptedInvitation {
            collaboration,
            signed_in: None,
        })
    }

    fn accept_as_new_account(
        &self,
        tx: &mut Conn<'_>,
        request: &RequestInfo,
        led: &Led,
        password_hash: String,
        name: Option<&DisplayName>,
        now: DateTime<Utc>,
    ) -> Result<AcceptedInvitation> {
        let email = EmailAddress::parse(&led.member.email).map_err(ServiceError::internal)?;
        let name = name_of_new_account(&led.member, name)?;
        let account = self.make_account(
            tx,
            AccountToMake {
                email: &email,
                name: &name,
                kind: AccountKind::Member,
                password_hash,
                email_verified: led.invitation.proves_address,
            },
            now,
        )?;
        let person = Person::by_link(account);
        let record = PersonMatch {
            member_id: led.member.id,
            person_account_id: led.member.person_id,
            email_matches: true,
            link: HeldLink::MadeAccount,
        };
        let grant =
            authorize_person::<DecideInvitation>(&person.caller(), &host_of(&led.host), record)?;
        let caused = Caused {
            event: MemberEvent::Accept,
            host: &led.host,
            actor: Actor::account_by_link(&person.account, request),
            person: Some(person.account.id),
            now,
        };
        let (after, _) = self.live_on(tx, &grant, &led.member, caused)?;
        let account = Some(&person.account);
        self.tell_of_decision(
            tx,
            &led.host,
            &led.member,
            MemberEvent::Accept,
            account,
            now,
        )?;
        if led.invitation.proves_address {
            self.tell_of_waiting_invitations(tx, &person.account, now)?;
        }
        let collaboration = collaboration_view(tx, after.ok_or(ServiceError::HIDDEN)?, now)?;
        let signed_in = self.open_session(tx, person.account, request, now)?;
        Ok(AcceptedInvitation {
            collaboration,
            signed_in: Some(signed_in),
        })
    }

    /// Checks and hashes the password for the account that this open invitation would make.
    fn hash_for_new_account(
        &self,
        token: &SecretToken,
        password: &str,
        choice: &NewAccountChoice,
    ) -> Result<String> {
        let member = self.db.read(|tx| {
            let now = self.clock.now();
            let (invitation, member) =
                invitations::by_token_hash(tx, &token.hash())?.ok_or(ServiceError::HIDDEN)?;
            let member = open_member(&invitation, member, now)?;
            if invited_account(tx, &member)?.is_some() {
                return Err(ServiceError::AccountExists);
            }
            Ok(member)
        })?;
        let name = name_of_new_account(&member, choice.name.as_ref())?;
        self.check_password("/password", password, &member.email, name.as_str())?;
        self.hash_password(password)
    }

    /// Follows the link to an open invitation, with the host's row locked, and that of whoever is about
    /// to join: their address may be changing.
    fn follow(
        &self,
        tx: &mut Conn<'_>,
        token: &SecretToken,
        person: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<Led> {
        let hash = token.hash();
        let (invitation, member) =
            invitations::by_token_hash(tx, &hash)?.ok_or(ServiceError::HIDDEN)?;
        let host_id: AccountId = open_member(&invitation, member, now)?.account_id;
        let both: Vec<AccountId> = [host_id].into_iter().chain(person).collect();
        accounts::lock_all(tx, &both)?;
        let host = accounts::by_id(tx, host_id)?
            .filter(|host| host.disabled_at.is_none())
            .ok_or(ServiceError::HIDDEN)?;
        // Read again under the lock: it may have been decided while waiting for it.
        let (invitation, member) =
            invitations::by_token_hash(tx, &hash)?.ok_or(ServiceError::HIDDEN)?;
        let member = open_member(&invitation, member, now)?;
        Ok(Led {
            invitation,
            member,
            host,
        })
    }
}

fn name_of_new_account(member: &Member, chosen: Option<&DisplayName>) -> Result<DisplayName> {
    if let Some(name) = chosen {
        return Ok(name.clone());
    }
    let fallback: String = match &member.display_name {
        Some(name) => name.clone(),
        None => member
            .email
            .split('@')
            .next()
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect(),
    };
    DisplayName::parse(&fallback).map_err(|error| ServiceError::invalid("/name", error.to_string()))
}

fn open_member(
    invitation: &Invitation,
    member: Option<Member>,
    now: DateTime<Utc>,
) -> Result<Member> {
    match state_of(invitation, now) {
        InvitationState::Open => {
            member.ok_or(ServiceError::InvitationNotOpen(InvitationState::Withdrawn))
        }
        ended => Err(ServiceError::InvitationNotOpen(ended)),
    }
}

fn state_of(invitation: &Invitation, now: DateTime<Utc>) -> InvitationState {
    match invitation.state {
        invitations::InvitationState::Ended(InvitationEnd::Accepted) => InvitationState::Accepted,
        invitations::InvitationState::Ended(InvitationEnd::Rejected) => InvitationState::Rejected,
        invitations::InvitationState::Ended(InvitationEnd::Replaced) => InvitationState::Replaced,
        invitations::InvitationState::Ended(InvitationEnd::Withdrawn) => InvitationState::Withdrawn,
        invitations::InvitationState::Open if now >= invitation.expires_at => {
            InvitationState::Expired
        }
        invitations::InvitationState::Open => InvitationState::Open,
    }
}
