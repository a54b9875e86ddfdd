//! What a member sees of the record of tasks: operations on environments they see, and on their own
//! record. Never network addresses, and never others' access. The owner sees all of it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::ids::{EnvironmentId, MemberId};

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
