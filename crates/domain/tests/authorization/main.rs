//! Who may do what: every permission against every standing, kind of account and proof of address.

mod delegates;
mod environments;
mod hosting;
mod persons;

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{MemberAccess, Relations, RoleFacts, resolve};
use accord_domain::account::AccountKind;
use accord_domain::authorize::*;
use accord_domain::catalogue::{ActionId, reserved};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, Utc};
use uuid::Uuid;

const HOST: AccountId = AccountId(Uuid::from_u128(1));
const GUEST: AccountId = AccountId(Uuid::from_u128(2));
const OTHER: AccountId = AccountId(Uuid::from_u128(3));

const MEMBER: MemberId = MemberId(Uuid::from_u128(10));
const OTHER_MEMBER: MemberId = MemberId(Uuid::from_u128(11));
const SHOP: EnvironmentId = EnvironmentId(Uuid::from_u128(20));
const BLOG: EnvironmentId = EnvironmentId(Uuid::from_u128(21));
const WEB: GroupId = GroupId(Uuid::from_u128(30));
const DATA: GroupId = GroupId(Uuid::from_u128(31));

const READER: RoleId = RoleId(Uuid::from_u128(40));
const EDITOR: RoleId = RoleId(Uuid::from_u128(41));
const DELETER: RoleId = RoleId(Uuid::from_u128(42));
const CREATOR: RoleId = RoleId(Uuid::from_u128(43));
const MANAGER: RoleId = RoleId(Uuid::from_u128(44));

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

fn host(kind: AccountKind) -> Host {
    Host {
        account_id: HOST,
        kind,
        frozen: false,
    }
}

fn caller(account_id: AccountId, kind: AccountKind, email_verified: bool) -> Caller {
    Caller {
        account_id,
        kind,
        email_verified,
    }
}

fn guest() -> Caller {
    caller(GUEST, AccountKind::Member, true)
}

/// One word for an answer, so that tables stay readable.
fn word<P: Permission>(answer: &Result<Grant<P>, Denied>) -> &'static str {
    match answer {
        Ok(grant) => {
            assert_eq!(grant.account_id(), HOST, "a grant names the host");
            "yes"
        }
        Err(Denied::Hidden) => "hidden",
        Err(Denied::Forbidden { permission }) => {
            assert_eq!(*permission, P::NAME);
            "forbidden"
        }
        Err(Denied::EmailUnverified) => "unverified",
        Err(Denied::CannotHost) => "cannot host",
        Err(Denied::Frozen) => "frozen",
        Err(Denied::NeedsPerson) => "needs person",
    }
}

/// Asks once per standing, kind and proof; the owner's four answers come first.
fn answers<P: Permission>(
    ask: impl Fn(&Caller, &Host, Standing) -> Result<Grant<P>, Denied>,
) -> Vec<&'static str> {
    let mut answers = Vec::new();
    for standing in [
        Standing::Owner,
        Standing::ActiveMember(MEMBER),
        Standing::Stranger,
    ] {
        for kind in [AccountKind::Billing, AccountKind::Member] {
            for verified in [true, false] {
                // An owner's kind is the host's; a guest's kind is nothing to the host.
                let (id, host_kind) = match standing {
                    Standing::Owner => (HOST, kind),
                    Standing::ActiveMember(_) | Standing::Stranger => (GUEST, AccountKind::Billing),
                };
                answers.push(word(&ask(
                    &caller(id, kind, verified),
                    &host(host_kind),
                    standing,
                )));
            }
        }
    }
    answers
}

fn row(owner: [&'static str; 4], member: &'static str) -> Vec<&'static str> {
    owner
        .into_iter()
        .chain([member; 4])
        .chain(["hidden"; 4])
        .collect()
}

/// The owner: of kind billing (verified, not verified), then of kind member.
const READ: [&str; 4] = ["yes", "yes", "yes", "yes"];
const WRITE: [&str; 4] = ["yes", "yes", "cannot host", "cannot host"];
const INVITE: [&str; 4] = ["yes", "unverified", "cannot host", "cannot host"];

/// An account with one role per reserved action, and one that only reads.
fn relations() -> Relations {
    let mut relations = Relations {
        groups: HashMap::from([(WEB, None), (DATA, None)]),
        environments: HashMap::from([(SHOP, vec![WEB]), (BLOG, vec![])]),
        ..Relations::default()
    };
    for (role, action) in [
        (READER, "environment.view"),
        (EDITOR, reserved::ENVIRONMENT_EDIT),
    ]
    .into_iter()
    .chain([
        (DELETER, reserved::ENVIRONMENT_DELETE),
        (CREATOR, reserved::ENVIRONMENT_CREATE),
        (MANAGER, reserved::COLLABORATION_MANAGE),
    ]) {
        let policy = PolicyId(role.0);
        relations.policies.insert(
            policy,
            BTreeSet::from([ActionId::parse(action).expect("an action")]),
        );
        relations.roles.insert(
            role,
            RoleFacts {
                policy_ids: vec![policy],
                receive_load_alerts: false,
            },
        );
    }
    relations
}

fn given(item: Item, role: RoleId) -> MemberAccess {
    let share = Share {
        id: ShareId(Uuid::from_u128(50)),
        item,
        role_ids: BTreeSet::from([role]),
        expires_at: None,
    };
    MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: vec![share],
    }
}

fn on_shop<P: EnvironmentPermission>(role: Option<RoleId>) -> Vec<&'static str> {
    let relations = relations();
    let access = role.map(|role| {
        resolve(
            &relations,
            &given(Item::Environment(SHOP), role),
            SHOP,
            now(),
        )
    });
    answers(|caller, host, standing| {
        let grant = authorize_on_environment::<P>(
            caller,
            host,
            standing,
            access.as_ref().map(|a| (a, &relations)),
        )?;
        assert!(grant.covers_environment(SHOP));
        assert_eq!(
            grant.covers_environment(BLOG),
            standing == Standing::Owner,
            "only what was asked about"
        );
        assert_eq!(grant.caller(), Some(caller.account_id));
        Ok(grant)
    })
}
