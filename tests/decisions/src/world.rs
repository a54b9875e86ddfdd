//! The accounts that are asked about, and the questions.

use std::collections::BTreeSet;

use accord_domain::access::{MemberAccess, Relations, RoleFacts};
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId, ShareId};
use accord_domain::index::Update;
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use uuid::Uuid;

/// Actions of the catalogue.
const ACTIONS: usize = 100;
const POLICIES: usize = 20;
const ACTIONS_A_POLICY: usize = 10;
const POLICIES_A_ROLE: usize = 3;
/// How deep groups nest.
const DEPTH: usize = 4;

/// How much there is of what.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub environments: usize,
    pub groups: usize,
    pub members: usize,
    pub roles: usize,
    /// Shares of each member.
    pub shares: usize,
}

/// One account. Everything is a number here; [`id`] makes an id of it.
pub struct World {
    pub size: Size,
    pub actions: Vec<ActionId>,
    pub policies: Vec<BTreeSet<usize>>,
    /// The policies of each role.
    pub roles: Vec<BTreeSet<usize>>,
    /// The group that holds each.
    pub groups: Vec<Option<usize>>,
    /// The group that holds each.
    pub environments: Vec<usize>,
    pub members: Vec<Member>,
}

/// A member has one role wherever they have something: then it does not matter which level counts, which is
/// the part of the rule that other engines have no words for.
#[derive(Clone)]
pub struct Member {
    pub role: usize,
    pub on_groups: BTreeSet<usize>,
    pub on_environments: BTreeSet<usize>,
}

/// May a member do an action on an environment?
#[derive(Clone, Copy)]
pub struct Question {
    pub member: usize,
    pub environment: usize,
    pub action: usize,
}

#[derive(Clone, Copy)]
pub enum Kind {
    Person = 1,
    Environment,
    Group,
    Role,
    Policy,
    Member,
}

/// An id like those of the server (UUID version 7): a time, and then as good as random.
pub fn id<T: From<Uuid>>(kind: Kind, n: usize) -> T {
    let n = n as u64;
    let mut mixed = (n << 3 | kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let milliseconds = 1_780_000_000_000 + n * 3;
    let time = milliseconds << 16 | 0x7000 | mixed >> 52;
    let rest = 0x8000_0000_0000_0000 | mixed & 0x3fff_ffff_ffff_ffff;
    Uuid::from_u64_pair(time, rest).into()
}

impl World {
    pub fn new(size: Size) -> Self {
        let some_of = |count: usize, most: usize| -> BTreeSet<usize> {
            (0..count).map(|_| fastrand::usize(..most)).collect()
        };
        let actions = (0..ACTIONS).map(|n| format!("thing.do{n}"));
        Self {
            size,
            actions: actions
                .map(|text| ActionId::parse(&text).expect("an action"))
                .collect(),
            policies: (0..POLICIES)
                .map(|_| some_of(ACTIONS_A_POLICY, ACTIONS))
                .collect(),
            roles: (0..size.roles)
                .map(|_| some_of(POLICIES_A_ROLE, POLICIES))
                .collect(),
            groups: (0..size.groups)
                .map(|n| (n % DEPTH != 0).then(|| n - 1))
                .collect(),
            environments: (0..size.environments)
                .map(|_| fastrand::usize(..size.groups))
                .collect(),
            members: (0..size.members).map(|_| member(size)).collect(),
        }
    }

    /// Questions about anybody on anything, half of them where the member has something: without that, nearly
    /// all answers in a large account would be no.
    pub fn questions(&self, count: usize) -> Vec<Question> {
        let direct = |member: &Member| {
            let all = &member.on_environments;
            all.iter().nth(fastrand::usize(..all.len().max(1))).copied()
        };
        (0..count)
            .map(|n| {
                let member = fastrand::usize(..self.members.len());
                let theirs = direct(&self.members[member]).filter(|_| n % 2 == 0);
                Question {
                    member,
                    environment: theirs
                        .unwrap_or_else(|| fastrand::usize(..self.environments.len())),
                    action: fastrand::usize(..ACTIONS),
                }
            })
            .collect()
    }

    pub fn actions_of(&self, role: usize) -> BTreeSet<usize> {
        let policies = self.roles[role].iter();
        policies
            .flat_map(|policy| &self.policies[*policy])
            .copied()
            .collect()
    }

    pub fn shares(&self) -> usize {
        let counts = self.members.iter();
        counts
            .map(|member| member.on_groups.len() + member.on_environments.len())
            .sum()
    }

    /// All of it, as the index is told.
    pub fn everything(&self) -> Update {
        let relations = Relations {
            groups: (0..)
                .zip(&self.groups)
                .map(|(n, parent)| {
                    (
                        id(Kind::Group, n),
                        parent.map(|parent| id(Kind::Group, parent)),
                    )
                })
                .collect(),
            environments: (0..)
                .zip(&self.environments)
                .map(|(n, group)| (id(Kind::Environment, n), vec![id(Kind::Group, *group)]))
                .collect(),
            roles: (0..)
                .zip(&self.roles)
                .map(|(n, policies)| {
                    let policy_ids = policies.iter().map(|n| id::<PolicyId>(Kind::Policy, *n));
                    let facts = RoleFacts {
                        policy_ids: policy_ids.collect(),
                        receive_load_alerts: false,
                    };
                    (id::<RoleId>(Kind::Role, n), facts)
                })
                .collect(),
            policies: (0..)
                .zip(&self.policies)
                .map(|(n, actions)| {
                    let actions = actions.iter().map(|n| self.actions[*n].clone());
                    (id(Kind::Policy, n), actions.collect())
                })
                .collect(),
        };
        let members = (0..)
            .zip(&self.members)
            .map(|(n, member)| (id(Kind::Member, n), id(Kind::Person, n), access(n, member)));
        Update::of_everything(relations, members)
    }

    /// Somebody was given other things.
    pub fn change(&self) -> Update {
        let n = fastrand::usize(..self.members.len());
        let member = member(self.size);
        let what: (AccountId, MemberAccess) = (id(Kind::Person, n), access(n, &member));
        Update {
            members: vec![(id::<MemberId>(Kind::Member, n), Some(what))],
            ..Update::default()
        }
    }
}

/// Two thirds of the shares are on groups.
fn member(size: Size) -> Member {
    let mut member = Member {
        role: fastrand::usize(..size.roles),
        on_groups: BTreeSet::new(),
        on_environments: BTreeSet::new(),
    };
    for n in 0..size.shares {
        if n % 3 == 0 {
            member
                .on_environments
                .insert(fastrand::usize(..size.environments));
        } else {
            member.on_groups.insert(fastrand::usize(..size.groups));
        }
    }
    member
}

fn access(n: usize, member: &Member) -> MemberAccess {
    let groups = member.on_groups.iter();
    let groups = groups.map(|group| Item::Group(id::<GroupId>(Kind::Group, *group)));
    let environments = member.on_environments.iter();
    let environments =
        environments.map(|n| Item::Environment(id::<EnvironmentId>(Kind::Environment, *n)));
    MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: (0..)
            .zip(groups.chain(environments))
            .map(|(share, item)| Share {
                id: ShareId(Uuid::from_u64_pair(n as u64, share)),
                item,
                role_ids: [id(Kind::Role, member.role)].into(),
                expires_at: None,
            })
            .collect(),
    }
}
