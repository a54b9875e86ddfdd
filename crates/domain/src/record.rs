//! What a member sees of the record of tasks: operations on environments they see, and on their own
//! record. Never network addresses, and never others' access. The owner sees all of it.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::{EnvironmentId, GroupId, MemberId, PolicyId, RoleId};

/// What decides whether an entry of the record is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryFacts {
    /// The member whose record or access it is about.
    pub member_id: Option<MemberId>,
    /// The environment it is about.
    pub environment_id: Option<EnvironmentId>,
}

/// Which entries of an account's record one member sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersRecord {
    member_id: MemberId,
    environment_ids: HashSet<EnvironmentId>,
}

/// Things that stand by their ids in what was changed, so that the record can keep what they were called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// In shares.
    pub role_ids: BTreeSet<RoleId>,
    /// In roles.
    pub policy_ids: BTreeSet<PolicyId>,
    /// In shares, of environments, and above groups.
    pub group_ids: BTreeSet<GroupId>,
    /// In shares and in groups.
    pub environment_ids: BTreeSet<EnvironmentId>,
}

impl Mentioned {
    /// Those in which the facts before and after a change differ: what stays needs no name.
    pub fn in_change(before: Option<&Value>, after: Option<&Value>) -> Self {
        let differing = |fact: &str| {
            let of = |facts: Option<&Value>| -> Vec<Value> {
                match facts.and_then(|facts| facts.get(fact)) {
                    Some(Value::Array(items)) => items.clone(),
                    Some(one) => vec![one.clone()],
                    None => Vec::new(),
                }
            };
            only_on_one_side(of(before), of(after))
        };
        let ids = |fact: &str| -> Vec<Uuid> { differing(fact).iter().filter_map(as_id).collect() };
        let mut mentioned = Self {
            policy_ids: ids("policy_ids").into_iter().map(PolicyId).collect(),
            group_ids: ids("group_ids")
                .into_iter()
                .chain(ids("parent_id"))
                .map(GroupId)
                .collect(),
            environment_ids: ids("environment_ids")
                .into_iter()
                .map(EnvironmentId)
                .collect(),
            role_ids: BTreeSet::new(),
        };
        for share in differing("shares") {
            let roles = share["role_ids"].as_array().into_iter().flatten();
            mentioned
                .role_ids
                .extend(roles.filter_map(as_id).map(RoleId));
            if let Some(id) = as_id(&share["item"]["id"]) {
                match share["item"]["kind"].as_str() {
                    Some("group") => {
                        mentioned.group_ids.insert(GroupId(id));
                    }
                    Some("environment") => {
                        mentioned.environment_ids.insert(EnvironmentId(id));
                    }
                    _ => {}
                }
            }
        }
        mentioned
    }
}

fn as_id(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|id| id.parse().ok())
}

fn only_on_one_side(before: Vec<Value>, after: Vec<Value>) -> Vec<Value> {
    let keys = |items: &[Value]| items.iter().map(Value::to_string).collect::<HashSet<_>>();
    let (held, holds) = (keys(&before), keys(&after));
    let gone = before
        .into_iter()
        .filter(|item| !holds.contains(&item.to_string()));
    let new = after
        .into_iter()
        .filter(|item| !held.contains(&item.to_string()));
    gone.chain(new).collect()
}

/// Those of the names, by id, whose ids stand in facts that are shown.
pub fn names_shown(names: &Value, shown: &[&Value]) -> Option<Value> {
    let mut ids = HashSet::new();
    for facts in shown {
        gather_texts(facts, &mut ids);
    }
    let known = names.as_object()?;
    let kept: Map<String, Value> = known
        .iter()
        .filter(|(id, _)| ids.contains(id.as_str()))
        .map(|(id, name)| (id.clone(), name.clone()))
        .collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn gather_texts<'a>(value: &'a Value, texts: &mut HashSet<&'a str>) {
    match value {
        Value::String(text) => {
            texts.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| gather_texts(item, texts)),
        Value::Object(facts) => facts.values().for_each(|fact| gather_texts(fact, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Which of the facts before and after a change are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What the environment is called and does; the groups that hold it are the owner's.
    Environment,
    /// Where the member stands and what they were given; how the owner calls them is the owner's.
    OwnRecord,
}

impl MembersRecord {
    /// The record as this member sees it, who sees these environments.
    pub fn new(
        member_id: MemberId,
        environment_ids: impl IntoIterator<Item = EnvironmentId>,
    ) -> Self {
        Self {
            member_id,
            environment_ids: environment_ids.into_iter().collect(),
        }
    }

    /// The member's own record.
    pub fn member_id(&self) -> MemberId {
        self.member_id
    }

    /// The environments they see.
    pub fn environment_ids(&self) -> impl Iterator<Item = EnvironmentId> {
        self.environment_ids.iter().copied()
    }

    /// Whether the member is shown the address of whoever did something: people are called by their names
    /// alone, but for the owner, whose address stands in each invitation, and for the member themselves.
    pub fn shows_address_of(&self, doer: Doer) -> bool {
        match doer {
            Doer::Owner => true,
            Doer::Member(member) => member == self.member_id,
        }
    }

    /// What the member is shown of an entry; nothing of one that is not theirs to see. An entry about
    /// anybody else's access is hidden, also where it is access to an environment that they see.
    pub fn shows(&self, entry: EntryFacts) -> Option<Shown> {
        match (entry.member_id, entry.environment_id) {
            (Some(member), _) => (member == self.member_id).then_some(Shown::OwnRecord),
            (None, Some(environment)) => self
                .environment_ids
                .contains(&environment)
                .then_some(Shown::Environment),
            (None, None) => None,
        }
    }
}

/// Somebody who did something, as the record's account knows them now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// Who owns the account.
    Owner,
    /// Whom the account has this record of.
    Member(MemberId),
}

impl Shown {
    /// The facts that are shown, by name. Whatever is not listed is not shown: a fact that somebody
    /// adds to the record is the owner's until it is listed here.
    pub const fn facts(self) -> &'static [&'static str] {
        match self {
            Self::Environment => &["name", "display_name", "status"],
            Self::OwnRecord => &["status", "shares"],
        }
    }

    /// The facts without those that are not shown; nothing if none is left.
    pub fn of(self, facts: &Value) -> Option<Value> {
        let shown: Map<String, Value> = self
            .facts()
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), facts.get(name)?.clone())))
            .collect();
        (!shown.is_empty()).then_some(Value::Object(shown))
    }
}
