//! What every test needs: a time, ids, grants, and rows to begin with.

use accord_domain::account::AccountKind;
use accord_domain::authorize::{Caller, Grant, Host, OwnerPermission, Standing, authorize};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, RoleId, ShareId};
use accord_domain::sharing::{Item, Share};
use accord_domain::text::key_of;
use accord_store::accounts::{self, Account, NewAccount};
use accord_store::environments::{self, Environment, EnvironmentContent, NewEnvironment};
use accord_store::groups::{self, Group, GroupContent};
use accord_store::members::{self, InsertMember, Member, NewMember};
use accord_store::roles::{self, Role, RoleContent};
use accord_store::{Conn, Db, Insert, StoreError};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Runs each of the named functions as a test on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                super::$test(&accord_testkit::databases::TestDatabase::sqlite().connect());
            })+
        }
        mod postgres {
            $(#[test]
            fn $test() {
                let database = accord_testkit::databases::TestDatabase::postgres();
                super::$test(&database.connect());
            })+
        }
    };
}
pub(crate) use on_both;

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0)
        .single()
        .expect("a time")
        + TimeDelta::microseconds(123_456)
}

pub(crate) fn after(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

pub(crate) fn new_id<Id: From<Uuid>>() -> Id {
    Uuid::now_v7().into()
}

pub(crate) fn write<T>(db: &Db, work: impl FnMut(&mut Conn<'_>) -> Result<T, StoreError>) -> T {
    db.write(work).expect("the write succeeds")
}

pub(crate) fn read<T>(db: &Db, work: impl FnMut(&mut Conn<'_>) -> Result<T, StoreError>) -> T {
    db.read(work).expect("the read succeeds")
}

/// What the account's owner is granted.
pub(crate) fn grant<P: OwnerPermission>(account: AccountId) -> Grant<P> {
    authorize(caller(account), &host(account), Standing::Owner).expect("the owner may")
}

pub(crate) fn caller(account_id: AccountId) -> Caller {
    Caller {
        account_id,
        kind: AccountKind::Billing,
        email_verified: true,
    }
}

pub(crate) fn host(account_id: AccountId) -> Host {
    Host {
        account_id,
        kind: AccountKind::Billing,
        frozen: false,
    }
}

pub(crate) fn done<T: std::fmt::Debug>(insert: Insert<T>) -> T {
    match insert {
        Insert::Done(value) => value,
        Insert::Taken(rule) => panic!("taken: {rule:?}"),
    }
}

pub(crate) fn new_account(email: &str) -> NewAccount {
    NewAccount {
        id: new_id(),
        kind: AccountKind::Billing,
        name: "Ann".to_owned(),
        email: email.to_owned(),
        email_key: key_of(email),
        email_verified_at: None,
        password_hash: "hash".to_owned(),
    }
}

pub(crate) fn account(db: &Db, email: &str) -> Account {
    let new = new_account(email);
    done(write(db, |tx| accounts::insert(tx, &new, now())))
}

pub(crate) fn group(db: &Db, account: AccountId, name: &str, parent_id: Option<GroupId>) -> Group {
    let content = group_content(name, parent_id);
    let id = new_id();
    done(write(db, |tx| {
        groups::insert(tx, &grant(account), id, &content, now())
    }))
}

pub(crate) fn group_content(name: &str, parent_id: Option<GroupId>) -> GroupContent {
    GroupContent {
        parent_id,
        name: name.to_owned(),
        name_key: key_of(name),
        color: "#336699".to_owned(),
    }
}

pub(crate) fn environment_content(name: &str) -> EnvironmentContent {
    EnvironmentContent {
        name: name.to_owned(),
        name_key: key_of(name),
        display_name: None,
        status: EnvironmentStatus::Running,
    }
}

pub(crate) fn environment(
    db: &Db,
    account: AccountId,
    name: &str,
    group_ids: &[GroupId],
) -> Environment {
    let new = NewEnvironment {
        id: new_id(),
        content: environment_content(name),
        created_by: Some(account),
        group_ids: group_ids.iter().copied().collect(),
    };
    done(write(db, |tx| {
        environments::insert(tx, &manage_environments(account), &new, now())
    }))
}

pub(crate) fn manage_environments(
    account: AccountId,
) -> Grant<accord_domain::authorize::ManageEnvironments> {
    grant(account)
}

pub(crate) fn manage_members(account: AccountId) -> Grant<accord_domain::authorize::ManageMembers> {
    grant(account)
}

pub(crate) fn role_content(name: &str) -> RoleContent {
    RoleContent {
        name: name.to_owned(),
        name_key: key_of(name),
        description: String::new(),
        receive_load_alerts: false,
        policy_ids: BTreeSet::new(),
    }
}

pub(crate) fn role(db: &Db, account: AccountId, name: &str) -> Role {
    let content = role_content(name);
    let id = new_id();
    done(write(db, |tx| {
        roles::insert(tx, &grant(account), id, &content, now())
    }))
}

pub(crate) fn new_member(email: &str) -> NewMember {
    NewMember {
        id: new_id(),
        email: email.to_owned(),
        email_key: key_of(email),
        display_name: None,
        invitation_expires_at: after(3600),
    }
}

pub(crate) fn member(db: &Db, account: AccountId, email: &str) -> Member {
    let new = new_member(email);
    match write(db, |tx| {
        members::insert(tx, &manage_members(account), &new, now())
    }) {
        InsertMember::Done(member) => member,
        InsertMember::Exists(member) => panic!("there is one: {member:?}"),
    }
}

pub(crate) fn member_now(db: &Db, account: AccountId, id: MemberId) -> Member {
    read(db, |tx| members::by_id(tx, account, id)).expect("the member is there")
}

pub(crate) fn share(item: Item, role_ids: &[RoleId]) -> Share {
    Share {
        id: new_id::<ShareId>(),
        item,
        role_ids: role_ids.iter().copied().collect(),
        expires_at: None,
    }
}

pub(crate) fn environment_now(db: &Db, account: AccountId, id: EnvironmentId) -> Environment {
    read(db, |tx| environments::by_id(tx, account, id)).expect("the environment is there")
}
