//! Who calls, and the first look at them inside every transaction.

use accord_domain::authorize::{Caller, Host, Standing};
use accord_domain::ids::AccountId;
use accord_domain::member::MemberStatus;
use accord_store::accounts::Account;
use accord_store::members::Member;
use accord_store::{Conn, accounts, members, sessions};
use chrono::{DateTime, Utc};

use crate::error::{Result, ServiceError};
use crate::security::access_tokens::Credential;

/// What is recorded of the request that carries a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestInfo {
    pub id: String,
    pub network_address: String,
    pub user_agent: String,
}

/// A signed-in call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub credential: Credential,
    pub request: RequestInfo,
}

/// The signed-in person, as the database knows them in this transaction.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub account: Account,
}

impl Person {
    /// The session must live and the account be enabled, now: a credential that ended a moment ago is refused.
    pub(crate) fn of(tx: &mut Conn<'_>, call: &Call, now: DateTime<Utc>) -> Result<Self> {
        let live = sessions::live_with_account(tx, call.credential.session_id, now)?.filter(
            |(_, account)| {
                account.id == call.credential.account_id && account.disabled_at.is_none()
            },
        );
        live.map(|(_, account)| Self { account })
            .ok_or(ServiceError::NotSignedIn)
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller {
            account_id: self.account.id,
            kind: self.account.kind,
            email_verified: self.account.email_verified_at.is_some(),
        }
    }
}

/// A person before an account's things: theirs, shared with them, or a stranger's.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub person: Person,
    pub host_account: Account,
    pub host: Host,
    pub standing: Standing,
    /// The person's own member record there.
    pub membership: Option<Member>,
    pub now: DateTime<Utc>,
}

/// Whether the host's row is locked first, so that what is decided on stays true until the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Change,
}

impl Stage {
    pub(crate) fn set(
        tx: &mut Conn<'_>,
        call: &Call,
        host: AccountId,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        // The caller is looked at after the wait for the lock: a credential may end meanwhile.
        let host_account = match purpose {
            Purpose::Read => accounts::by_id(tx, host)?,
            Purpose::Change => accounts::lock(tx, host)?,
        };
        let person = Person::of(tx, call, now)?;
        let host_account = host_account.ok_or(ServiceError::HIDDEN)?;
        let membership = if host == person.account.id {
            None
        } else {
            members::by_person(tx, host, person.account.id)?
        };
        let host = host_of(&host_account);
        let standing = Standing::of(
            &person.caller(),
            &host,
            membership
                .as_ref()
                .map(|member| (member.id, status_of(member, now))),
        );
        Ok(Self {
            person,
            host_account,
            host,
            standing,
            membership,
            now,
        })
    }

    pub(crate) fn caller(&self) -> Caller {
        self.person.caller()
    }
}

pub(crate) fn host_of(account: &Account) -> Host {
    Host {
        account_id: account.id,
        kind: account.kind,
        frozen: account.disabled_at.is_some(),
    }
}

/// The member's state at that moment.
pub(crate) fn status_of(member: &Member, now: DateTime<Utc>) -> MemberStatus {
    MemberStatus::derive(member.status, member.invitation_expires_at, now)
}
