//! Authorization: who may do what. A [`Grant`] is made here and nowhere else; what changes an
//! account's collaboration takes one, so that a forgotten check does not compile.

mod permission;
mod sharing;

use std::marker::PhantomData;

use chrono::{DateTime, Utc};

pub use permission::*;
pub use sharing::{
    Invitee, NotShared, authorize_direct_share, authorize_invitation, check_sharing,
};

use crate::access::{Access, AccessLevel, MemberAccess, Relations, may_create};
use crate::account::AccountKind;
use crate::ids::{AccountId, EnvironmentId, GroupId, MemberId};
use crate::member::MemberStatus;
use crate::sharing::Item;

/// The signed-in account that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its id.
    pub account_id: AccountId,
    /// Whether it may host.
    pub kind: AccountKind,
    /// Whether its address is proven.
    pub email_verified: bool,
}

/// Who asks for something on an account: a person, or the platform that the service stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requester {
    /// A signed-in account, or a program with a token of it.
    Person(Caller),
    /// The platform's control plane: it acts as the owner of the account in question would, and is nobody's
    /// member.
    Platform,
}

impl Requester {
    /// The account that asks; the platform is none.
    pub const fn account_id(&self) -> Option<AccountId> {
        match self {
            Self::Person(caller) => Some(caller.account_id),
            Self::Platform => None,
        }
    }

    /// Whether it may make the service write to an address that somebody typed: the platform answers for
    /// whom it writes to.
    const fn may_cause_mail(&self) -> bool {
        match self {
            Self::Person(caller) => caller.email_verified,
            Self::Platform => true,
        }
    }
}

impl From<Caller> for Requester {
    fn from(caller: Caller) -> Self {
        Self::Person(caller)
    }
}

impl From<&Caller> for Requester {
    fn from(caller: &Caller) -> Self {
        Self::Person(*caller)
    }
}

impl From<&Self> for Requester {
    fn from(requester: &Self) -> Self {
        *requester
    }
}

/// The account on which something shall be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its id.
    pub account_id: AccountId,
    /// Whether it may host.
    pub kind: AccountKind,
    /// Whether it is disabled: what it hosts is then frozen.
    pub frozen: bool,
}

/// How a caller stands to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is their own.
    Owner,
    /// They are an active member of it.
    ActiveMember(MemberId),
    /// Neither; who is pending, suspended or gone is a stranger too.
    Stranger,
}

impl Standing {
    /// The standing that follows from the caller's record with the host, if there is one. The platform
    /// stands where the owner does.
    pub fn of(
        caller: impl Into<Requester>,
        host: &Host,
        membership: Option<(MemberId, MemberStatus)>,
    ) -> Self {
        match caller.into() {
            Requester::Platform => return Self::Owner,
            Requester::Person(caller) if caller.account_id == host.account_id => {
                return Self::Owner;
            }
            Requester::Person(_) => {}
        }
        match membership {
            Some((id, status)) if status.gives_access() && !host.frozen => Self::ActiveMember(id),
            _ => Self::Stranger,
        }
    }
}

/// Why something is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// To this caller, it does not exist.
    #[error("There is no such thing here.")]
    Hidden,
    /// It is seen, but not the caller's to do.
    #[error("You may not do this here ({permission}).")]
    Forbidden {
        /// The name of the permission that is missing.
        permission: &'static str,
    },
    /// It needs an address that is proven.
    #[error("Verify your e-mail address first.")]
    EmailUnverified,
    /// The account was made by an invitation and may not host.
    #[error("This account may not share anything of its own until it is upgraded.")]
    CannotHost,
    /// The account on which it shall be done is disabled. Its owner cannot sign in; the platform is told so.
    #[error("The account is disabled, and what it hosts is frozen until it is enabled.")]
    Frozen,
    /// It is a person's alone, and the platform is none.
    #[error("This needs a person: a token of the platform acts for none.")]
    NeedsPerson,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Account,
    Environment(EnvironmentId),
    NewEnvironment(Vec<GroupId>),
    Member(MemberId),
    /// The direct share that one member has of one environment.
    DirectShare(EnvironmentId, MemberId),
    /// The record of a member who is invited to one environment alone, and that one share of theirs.
    Invitation(EnvironmentId, MemberId),
}

/// The proof that `P` is allowed on one account. It cannot be made outside of this module.
#[derive(Debug)]
pub struct Grant<P: Permission> {
    account_id: AccountId,
    caller: Option<AccountId>,
    scope: Scope,
    permission: PhantomData<P>,
}

impl<P: Permission> Grant<P> {
    fn new(host: &Host, caller: Option<&Requester>, scope: Scope) -> Self {
        Self {
            account_id: host.account_id,
            caller: caller.and_then(Requester::account_id),
            scope,
            permission: PhantomData,
        }
    }

    /// The account on which it is allowed: the host.
    pub const fn account_id(&self) -> AccountId {
        self.account_id
    }

    /// Who is allowed it; none where a link was enough, or where the platform acts.
    pub const fn caller(&self) -> Option<AccountId> {
        self.caller
    }

    /// Whether it reaches this environment of the account.
    pub fn covers_environment(&self, id: EnvironmentId) -> bool {
        match self.scope {
            Scope::Account => true,
            Scope::Environment(own) => own == id,
            Scope::NewEnvironment(_)
            | Scope::Member(_)
            | Scope::DirectShare(..)
            | Scope::Invitation(..) => false,
        }
    }

    /// Whether it reaches a new environment in these groups.
    pub fn covers_new_environment(&self, groups: &[GroupId]) -> bool {
        match &self.scope {
            Scope::Account => true,
            // Nothing named is the root, which is another right than any group.
            Scope::NewEnvironment(own) => {
                groups.is_empty() == own.is_empty() && groups.iter().all(|id| own.contains(id))
            }
            Scope::Environment(_)
            | Scope::Member(_)
            | Scope::DirectShare(..)
            | Scope::Invitation(..) => false,
        }
    }

    /// Whether it reaches this member's record.
    pub fn covers_member(&self, id: MemberId) -> bool {
        match self.scope {
            Scope::Account => true,
            Scope::Member(own) | Scope::Invitation(_, own) => own == id,
            Scope::Environment(_) | Scope::NewEnvironment(_) | Scope::DirectShare(..) => false,
        }
    }

    /// Whether a record may be made for a new member with this id.
    pub fn covers_new_member(&self, id: MemberId) -> bool {
        match self.scope {
            Scope::Account => true,
            Scope::Invitation(_, own) => own == id,
            Scope::Environment(_)
            | Scope::NewEnvironment(_)
            | Scope::Member(_)
            | Scope::DirectShare(..) => false,
        }
    }

    /// Whether it reaches all shares of this member.
    pub fn covers_shares_of(&self, id: MemberId) -> bool {
        match self.scope {
            Scope::Account => true,
            Scope::Member(own) => own == id,
            Scope::Environment(_)
            | Scope::NewEnvironment(_)
            | Scope::DirectShare(..)
            | Scope::Invitation(..) => false,
        }
    }

    /// Whether it reaches the share that this member has of an item.
    pub fn covers_share(&self, member: MemberId, item: Item) -> bool {
        match self.scope {
            Scope::Account => true,
            Scope::Member(own) => own == member,
            Scope::Environment(own) => item == Item::Environment(own),
            Scope::DirectShare(environment, own) | Scope::Invitation(environment, own) => {
                own == member && item == Item::Environment(environment)
            }
            Scope::NewEnvironment(_) => false,
        }
    }
}

const fn forbidden<P: Permission>() -> Denied {
    Denied::Forbidden {
        permission: P::NAME,
    }
}

fn owner_may_change(host: &Host) -> Result<(), Denied> {
    if host.frozen {
        Err(Denied::Frozen)
    } else if host.kind.may_host() {
        Ok(())
    } else {
        Err(Denied::CannotHost)
    }
}

/// What only the owner may do.
pub fn authorize<P: OwnerPermission>(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
) -> Result<Grant<P>, Denied> {
    let caller = caller.into();
    match standing {
        Standing::Stranger => Err(Denied::Hidden),
        Standing::ActiveMember(_) => Err(forbidden::<P>()),
        Standing::Owner => {
            if P::PERSONS_ALONE && caller == Requester::Platform {
                return Err(Denied::NeedsPerson);
            }
            if P::CHANGES {
                owner_may_change(host)?;
            }
            if P::NEEDS_VERIFIED_EMAIL && !caller.may_cause_mail() {
                return Err(Denied::EmailUnverified);
            }
            Ok(Grant::new(host, Some(&caller), Scope::Account))
        }
    }
}

/// What a member may do on one environment. `access` is theirs on it; an owner needs none.
///
/// An environment that is not seen is hidden; one that is seen without the action is forbidden.
pub fn authorize_on_environment<P: EnvironmentPermission>(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
    access: Option<(&Access, &Relations)>,
) -> Result<Grant<P>, Denied> {
    let caller = caller.into();
    match (standing, access) {
        (Standing::Owner, _) => {
            if P::CHANGES {
                owner_may_change(host)?;
            }
            Ok(Grant::new(host, Some(&caller), Scope::Account))
        }
        (Standing::Stranger, _) | (Standing::ActiveMember(_), None) => Err(Denied::Hidden),
        (Standing::ActiveMember(_), Some((access, relations))) => match access.level {
            AccessLevel::None | AccessLevel::Owner => Err(Denied::Hidden),
            AccessLevel::Direct | AccessLevel::Group | AccessLevel::Base => match P::ACTION {
                Some(action) if !access.allows(relations, action) => Err(forbidden::<P>()),
                _ => Ok(Grant::new(
                    host,
                    Some(&caller),
                    Scope::Environment(access.environment_id),
                )),
            },
        },
    }
}

/// Making an environment in these groups (at the root without any). `member` is what the caller has
/// been given on the account; an owner needs none.
pub fn authorize_create(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
    member: Option<(&MemberAccess, &Relations)>,
    groups: &[GroupId],
    now: DateTime<Utc>,
) -> Result<Grant<CreateEnvironment>, Denied> {
    let caller = caller.into();
    match (standing, member) {
        (Standing::Owner, _) => {
            owner_may_change(host)?;
            Ok(Grant::new(host, Some(&caller), Scope::Account))
        }
        (Standing::Stranger, _) => Err(Denied::Hidden),
        (Standing::ActiveMember(_), Some((member, relations)))
            if may_create(relations, member, groups, now) =>
        {
            Ok(Grant::new(
                host,
                Some(&caller),
                Scope::NewEnvironment(groups.to_vec()),
            ))
        }
        (Standing::ActiveMember(_), _) => Err(forbidden::<CreateEnvironment>()),
    }
}

/// Seeing the account at all: its owner and its active members do.
pub fn authorize_see_account(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
) -> Result<Grant<SeeAccount>, Denied> {
    let caller = caller.into();
    match standing {
        Standing::Owner => Ok(Grant::new(host, Some(&caller), Scope::Account)),
        Standing::ActiveMember(id) => Ok(Grant::new(host, Some(&caller), Scope::Member(id))),
        Standing::Stranger => Err(Denied::Hidden),
    }
}

/// The link of an invitation that the caller came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldLink {
    /// None: they came by way of Shared with Me.
    None,
    /// One that the owner copied and passed on; it proves no address.
    Copied,
    /// One that came by mail, and so proves the address.
    Mailed,
    /// Either kind, and the caller's account is being made by accepting it.
    MadeAccount,
}

/// How a member's record fits the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMatch {
    /// The record.
    pub member_id: MemberId,
    /// The account to which the record is tied since it was accepted.
    pub person_account_id: Option<AccountId>,
    /// Whether the record's address is the caller's, by their keys.
    pub email_matches: bool,
    /// The link that the caller holds.
    pub link: HeldLink,
}

/// What belongs to the person whom the record is about: a record that is tied to an account is that
/// account's; one that is not belongs to whoever is proven to have its address.
pub fn authorize_person<P: PersonPermission>(
    caller: &Caller,
    host: &Host,
    record: PersonMatch,
) -> Result<Grant<P>, Denied> {
    if host.frozen {
        return Err(Denied::Hidden);
    }
    authorize_with_own_account(caller, host, record)
}

/// What becomes of a person's record because of what they do with their own account: a frozen host
/// does not hold it up.
pub fn authorize_with_own_account<P: PersonPermission>(
    caller: &Caller,
    host: &Host,
    record: PersonMatch,
) -> Result<Grant<P>, Denied> {
    if caller.account_id == host.account_id {
        return Err(forbidden::<P>());
    }
    let theirs = match record.person_account_id {
        Some(account_id) => account_id == caller.account_id,
        None => record.email_matches,
    };
    if !theirs {
        // Who holds a link knows of the invitation; to anybody else it does not exist.
        return Err(match record.link {
            HeldLink::None => Denied::Hidden,
            HeldLink::Copied | HeldLink::Mailed | HeldLink::MadeAccount => forbidden::<P>(),
        });
    }
    let proven = record.person_account_id.is_some()
        || caller.email_verified
        || match record.link {
            HeldLink::Mailed | HeldLink::MadeAccount => true,
            HeldLink::None | HeldLink::Copied => false,
        };
    if !proven {
        return Err(Denied::EmailUnverified);
    }
    Ok(Grant::new(
        host,
        Some(&caller.into()),
        Scope::Member(record.member_id),
    ))
}

/// Rejecting by the link alone, without an account.
pub fn authorize_link_holder(
    host: &Host,
    member_id: MemberId,
) -> Result<Grant<DecideInvitation>, Denied> {
    if host.frozen {
        return Err(Denied::Hidden);
    }
    Ok(Grant::new(host, None, Scope::Member(member_id)))
}

/// The example roles of an account that is being made.
pub fn authorize_new_account(account_id: AccountId) -> Grant<ManageRoles> {
    Grant {
        account_id,
        caller: Some(account_id),
        scope: Scope::Account,
        permission: PhantomData,
    }
}
