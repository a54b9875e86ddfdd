//! Who calls, and the first look at them inside every transaction.

use accord_domain::authorize::{Caller, Denied, Host, Requester, Standing};
use accord_domain::ids::{AccountId, ApiTokenId, PlatformTokenId, SessionId};
use accord_domain::member::MemberStatus;
use accord_domain::token::{TokenScope, TokenScopes};
use accord_store::accounts::Account;
use accord_store::api_tokens::{self, ApiToken};
use accord_store::members::Member;
use accord_store::platform_tokens::{self, PlatformToken};
use accord_store::{Conn, accounts, members, sessions};
use chrono::{DateTime, Utc};

use crate::error::{Result, ServiceError};
use crate::security::access_tokens::SessionCredential;
use crate::tasks::{Actor, Means};

/// By what a caller is known. Whether it still counts, and for what, is the database's to say in each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Somebody who is signed in.
    Session(SessionCredential),
    /// A program, for one account.
    ApiToken {
        account_id: AccountId,
        token_id: ApiTokenId,
    },
    /// The platform's control plane, for every account.
    PlatformToken { token_id: PlatformTokenId },
}

impl Credential {
    /// Whose it is; the platform's is nobody's.
    #[must_use]
    pub fn account_id(&self) -> Option<AccountId> {
        match self {
            Self::Session(session) => Some(session.account_id),
            Self::ApiToken { account_id, .. } => Some(*account_id),
            Self::PlatformToken { .. } => None,
        }
    }

    /// The session that it is, if it is one.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::Session(session) => Some(session.session_id),
            Self::ApiToken { .. } | Self::PlatformToken { .. } => None,
        }
    }

    /// The id of the session or token itself.
    #[must_use]
    pub fn id(&self) -> uuid::Uuid {
        match self {
            Self::Session(session) => session.session_id.into(),
            Self::ApiToken { token_id, .. } => (*token_id).into(),
            Self::PlatformToken { token_id } => (*token_id).into(),
        }
    }
}

/// What is recorded of the request that carries a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestInfo {
    pub id: String,
    pub network_address: String,
    pub user_agent: String,
}

/// A call by somebody who is signed in, or by a program with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub credential: Credential,
    /// The scope that a token needs for it; without one it is for those alone who are signed in.
    pub scope: Option<TokenScope>,
    pub request: RequestInfo,
}

impl Call {
    /// The account of the person who calls, before it is locked and looked at.
    ///
    /// # Errors
    /// Where no person calls.
    pub(crate) fn account_id(&self, tx: &mut Conn<'_>, now: DateTime<Utc>) -> Result<AccountId> {
        match self.credential.account_id() {
            Some(id) => Ok(id),
            None => Ok(Person::of(tx, self, now)?.account.id),
        }
    }

    /// A token that lives must be good for what is asked.
    fn check_scope(&self, scopes: TokenScopes) -> Result<()> {
        match self.scope {
            None => Err(ServiceError::SessionNeeded),
            Some(scope) if scopes.contains(scope) => Ok(()),
            Some(scope) => Err(ServiceError::ScopeMissing(scope)),
        }
    }
}

/// The person who calls, as the database knows them in this transaction.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub account: Account,
    /// The token that they call by, unless they are signed in.
    token: Option<ApiToken>,
    /// When what they call by ends by itself.
    ends_at: Option<DateTime<Utc>>,
}

/// Who calls, as the database knows them in this transaction.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    Person(Box<Person>),
    Platform(PlatformToken),
}

impl Party {
    /// The session or token must live, be good for the call, and its account be enabled, now: a credential
    /// that ended a moment ago is refused.
    pub(crate) fn of(tx: &mut Conn<'_>, call: &Call, now: DateTime<Utc>) -> Result<Self> {
        let (account, token, ends_at) = match call.credential {
            Credential::Session(SessionCredential {
                account_id,
                session_id,
            }) => {
                let (session, account) = sessions::live_with_account(tx, session_id, now)?
                    .filter(|(_, account)| account.id == account_id)
                    .ok_or(ServiceError::NotSignedIn)?;
                (account, None, Some(session.expires_at))
            }
            Credential::ApiToken {
                account_id,
                token_id,
            } => {
                let (token, account) = api_tokens::with_account(tx, token_id)?
                    .filter(|(token, account)| account.id == account_id && !token.ended(now))
                    .ok_or(ServiceError::NotSignedIn)?;
                let ends_at = token.expires_at;
                (account, Some(token), ends_at)
            }
            Credential::PlatformToken { token_id } => {
                let token = platform_tokens::by_id(tx, token_id)?
                    .filter(|token| !token.ended(now))
                    .ok_or(ServiceError::NotSignedIn)?;
                call.check_scope(token.scopes)?;
                return Ok(Self::Platform(token));
            }
        };
        if account.disabled_at.is_some() {
            return Err(ServiceError::NotSignedIn);
        }
        if let Some(token) = &token {
            call.check_scope(token.scopes)?;
        }
        Ok(Self::Person(Box::new(Person {
            account,
            token,
            ends_at,
        })))
    }

    /// The person's account; the platform has none.
    pub(crate) fn account(&self) -> Option<&Account> {
        match self {
            Self::Person(person) => Some(&person.account),
            Self::Platform(_) => None,
        }
    }

    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account().map(|account| account.id)
    }

    /// When the session or token ends by itself.
    pub(crate) fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Person(person) => person.ends_at,
            Self::Platform(token) => token.expires_at,
        }
    }

    pub(crate) fn requester(&self) -> Requester {
        match self {
            Self::Person(person) => person.caller().into(),
            Self::Platform(_) => Requester::Platform,
        }
    }

    /// As whom the record names who calls.
    pub(crate) fn actor<'a>(&'a self, request: &'a RequestInfo) -> Actor<'a> {
        match self {
            Self::Person(person) => person.actor(request),
            Self::Platform(token) => Actor {
                account: None,
                name: &token.name,
                request,
                means: Means::PlatformToken,
                token: Some((token.id.into(), &token.name)),
            },
        }
    }
}

impl Person {
    /// The person who calls; the platform is none.
    pub(crate) fn of(tx: &mut Conn<'_>, call: &Call, now: DateTime<Utc>) -> Result<Self> {
        match Party::of(tx, call, now)? {
            Party::Person(person) => Ok(*person),
            Party::Platform(_) => Err(Denied::NeedsPerson.into()),
        }
    }

    /// Somebody who shows no credential, because a link is enough.
    pub(crate) fn by_link(account: Account) -> Self {
        Self {
            account,
            token: None,
            ends_at: None,
        }
    }

    pub(crate) fn actor<'a>(&'a self, request: &'a RequestInfo) -> Actor<'a> {
        let signed_in = Actor::account(&self.account, request);
        match &self.token {
            None => signed_in,
            Some(token) => Actor {
                means: Means::ApiToken,
                token: Some((token.id.into(), &token.name)),
                ..signed_in
            },
        }
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller {
            account_id: self.account.id,
            kind: self.account.kind,
            email_verified: self.account.email_verified_at.is_some(),
        }
    }
}

/// Somebody before an account's things: theirs, shared with them, or a stranger's.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub party: Party,
    pub host_account: Account,
    pub host: Host,
    pub standing: Standing,
    /// The caller's own member record there.
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
        let party = Party::of(tx, call, now)?;
        let host_account = host_account.ok_or(ServiceError::HIDDEN)?;
        let membership = match party.account_id() {
            Some(person) if person != host => members::by_person(tx, host, person)?,
            Some(_) | None => None,
        };
        let host = host_of(&host_account);
        let standing = Standing::of(
            party.requester(),
            &host,
            membership
                .as_ref()
                .map(|member| (member.id, status_of(member, now))),
        );
        Ok(Self {
            party,
            host_account,
            host,
            standing,
            membership,
            now,
        })
    }

    pub(crate) fn caller(&self) -> Requester {
        self.party.requester()
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
