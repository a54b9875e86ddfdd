//! An account of a given size, written beside the running server, which hears of it.

use std::collections::BTreeSet;

use accord_client::types::Uuid;
use accord_domain::account::AccountKind;
use accord_domain::authorize::{
    Caller, Grant, Host, ManageEnvironments, ManageGroups, ManageMembers, ManageRoles,
    OwnerPermission, Standing, authorize,
};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId, ShareId};
use accord_domain::member::StoredStatus;
use accord_domain::sharing::{Item, Share};
use accord_store::accounts::NewAccount;
use accord_store::environments::{EnvironmentContent, NewEnvironment};
use accord_store::groups::GroupContent;
use accord_store::members::{MemberLife, NewMember};
use accord_store::roles::RoleContent;
use accord_store::{
    Conn, Db, Insert, StoreError, accounts, environments, groups, members, roles, shares,
};
use chrono::{DateTime, Utc};

/// Shares of one member at most, and of all members together where there are fewer members than that.
const SHARED: usize = 1_000;
/// Rows in one transaction.
const AT_ONCE: usize = 10_000;

/// How much of what there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub environments: usize,
    pub members: usize,
    pub groups: usize,
    pub roles: usize,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Filled {
    pub environments: Vec<EnvironmentId>,
    /// With the account of each.
    pub members: Vec<(MemberId, AccountId)>,
    pub roles: Vec<RoleId>,
    /// What somebody has a share on, by itself or by its group: their account, and it.
    pub shared: Vec<(AccountId, EnvironmentId)>,
}

/// Fills the owner's account: each environment is in one group, if there are any; each member has a role on some
/// environments or, where there are groups, on some groups; roles are given in turn.
pub fn fill(url: &str, owner: AccountId, policy: PolicyId, size: Size) -> Filled {
    let db = Db::connect(url, 1).expect("it answers");
    let filling = Filling {
        db: &db,
        owner,
        now: Utc::now(),
    };
    let roles = filling.roles(size.roles, policy);
    let groups = filling.groups(size.groups);
    let environments = filling.environments(size.environments, &groups);
    let items: Vec<Item> = if groups.is_empty() {
        environments
            .iter()
            .copied()
            .map(Item::Environment)
            .collect()
    } else {
        groups.iter().copied().map(Item::Group).collect()
    };
    let members = filling.members(size.members, &items, &roles);
    // The first environments stand for the items, in the same order: the first of each group has its number.
    let each_has = shares_of_each(members.len(), items.len());
    let mut shared = Vec::new();
    for (number, (_, person)) in members.iter().enumerate() {
        let items = (0..each_has).map(|turn| item_of(number, turn, each_has, items.len()));
        let environments = items.filter_map(|item| environments.get(item));
        shared.extend(environments.map(|environment| (*person, *environment)));
    }
    Filled {
        environments,
        members,
        roles,
        shared,
    }
}

fn shares_of_each(members: usize, items: usize) -> usize {
    (SHARED / members).clamp(1, items)
}

/// The number of the item of a member's share: spread over all that there are.
const fn item_of(member: usize, turn: usize, each_has: usize, items: usize) -> usize {
    (member + turn * (items / each_has)) % items
}

struct Filling<'a> {
    db: &'a Db,
    owner: AccountId,
    now: DateTime<Utc>,
}

fn done<T>(inserted: Insert<T>) -> Result<T, StoreError> {
    match inserted {
        Insert::Done(made) => Ok(made),
        Insert::Taken(_) => Err(StoreError::BadPosition),
    }
}

impl Filling<'_> {
    fn grant<P: OwnerPermission>(&self) -> Grant<P> {
        let caller = Caller {
            account_id: self.owner,
            kind: AccountKind::Billing,
            email_verified: true,
        };
        let host = Host {
            account_id: self.owner,
            kind: AccountKind::Billing,
            frozen: false,
        };
        authorize(caller, &host, Standing::Owner).expect("an owner may")
    }

    fn each<T>(
        &self,
        count: usize,
        insert: impl Fn(&mut Conn<'_>, usize) -> Result<T, StoreError>,
    ) -> Vec<T> {
        let numbers: Vec<usize> = (0..count).collect();
        let written = numbers.chunks(AT_ONCE).flat_map(|numbers| {
            let write = |tx: &mut Conn<'_>| {
                let all = numbers.iter().map(|number| insert(tx, *number));
                all.collect::<Result<Vec<T>, StoreError>>()
            };
            self.db.write(write).expect("it is written")
        });
        written.collect()
    }

    fn roles(&self, count: usize, policy: PolicyId) -> Vec<RoleId> {
        let grant = self.grant::<ManageRoles>();
        self.each(count, |tx, number| {
            let name = format!("role-{number}");
            let content = RoleContent {
                name_key: name.clone(),
                name,
                description: String::new(),
                receive_load_alerts: false,
                policy_ids: [policy].into(),
            };
            let id = RoleId(Uuid::now_v7());
            done(roles::insert(tx, &grant, id, &content, self.now)?).map(|role| role.id)
        })
    }

    fn groups(&self, count: usize) -> Vec<GroupId> {
        let grant = self.grant::<ManageGroups>();
        self.each(count, |tx, number| {
            let name = format!("group-{number}");
            let content = GroupContent {
                parent_id: None,
                name_key: name.clone(),
                name,
                color: "#2563eb".into(),
            };
            let id = GroupId(Uuid::now_v7());
            done(groups::insert(tx, &grant, id, &content, self.now)?).map(|group| group.id)
        })
    }

    fn environments(&self, count: usize, groups: &[GroupId]) -> Vec<EnvironmentId> {
        let grant = self.grant::<ManageEnvironments>();
        self.each(count, |tx, number| {
            let name = format!("environment-{number}");
            let group = (!groups.is_empty()).then(|| groups[number % groups.len()]);
            let new = NewEnvironment {
                id: EnvironmentId(Uuid::now_v7()),
                content: EnvironmentContent {
                    name_key: name.clone(),
                    name,
                    display_name: None,
                    status: EnvironmentStatus::Running,
                },
                created_by: Some(self.owner),
                group_ids: group.into_iter().collect::<BTreeSet<_>>(),
            };
            let made = environments::insert(tx, &grant, &new, self.now)?;
            done(made).map(|environment| environment.id)
        })
    }

    fn members(
        &self,
        count: usize,
        items: &[Item],
        roles: &[RoleId],
    ) -> Vec<(MemberId, AccountId)> {
        let grant = self.grant::<ManageMembers>();
        let each_has = shares_of_each(count, items.len());
        self.each(count, |tx, number| {
            let (member, person) = (MemberId(Uuid::now_v7()), AccountId(Uuid::now_v7()));
            self.member(tx, &grant, member, person, number)?;
            let given: Vec<Share> = (0..each_has)
                .map(|turn| Share {
                    id: ShareId(Uuid::now_v7()),
                    item: items[item_of(number, turn, each_has, items.len())],
                    role_ids: [roles[(number * each_has + turn) % roles.len()]].into(),
                    expires_at: None,
                })
                .collect();
            shares::replace_all(tx, &grant, member, &given, self.now)?;
            Ok((member, person))
        })
    }

    fn member(
        &self,
        tx: &mut Conn<'_>,
        grant: &Grant<ManageMembers>,
        member: MemberId,
        person: AccountId,
        number: usize,
    ) -> Result<(), StoreError> {
        let email = format!("member-{number}@example.com");
        let account = NewAccount {
            id: person,
            kind: AccountKind::Billing,
            name: "Member".into(),
            email: email.clone(),
            email_key: email.clone(),
            email_verified_at: Some(self.now),
            // Nobody signs in with it.
            password_hash: String::new(),
        };
        done(accounts::insert(tx, &account, self.now)?)?;
        let new = NewMember {
            id: member,
            email: email.clone(),
            email_key: email,
            display_name: None,
            invitation_expires_at: self.now,
        };
        let _ = members::insert(tx, grant, &new, self.now)?;
        let life = MemberLife {
            status: StoredStatus::Active,
            person_id: Some(person),
            invited_at: self.now,
            invitation_expires_at: None,
            accepted_at: Some(self.now),
            suspended_at: None,
            ended_at: None,
        };
        let _ = members::update_life(tx, grant, member, &life, None, self.now)?;
        Ok(())
    }
}
