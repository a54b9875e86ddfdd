//! The same account in each engine.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

use accord_domain::ids::AccountId;
use accord_domain::index::Index;
use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::world::{Kind, Question, World, id};

/// For how long an engine is asked.
const LONG_ENOUGH: Duration = Duration::from_millis(400);

pub trait Engine {
    /// The question in the engine's own words: making them is not what is measured.
    type Asked;

    fn ask(&self, question: Question, world: &World) -> Self::Asked;
    fn may(&self, asked: &Self::Asked) -> bool;

    /// The answers to all of them.
    fn answers(&self, questions: &[Question], world: &World) -> Vec<bool> {
        let asked = questions.iter().map(|question| self.ask(*question, world));
        asked.map(|asked| self.may(&asked)).collect()
    }

    /// Nanoseconds a decision. Which question comes next hangs on the answer before, so that no two of them
    /// are decided at once.
    fn time(&self, questions: &[Question], world: &World) -> f64 {
        let asked: Vec<Self::Asked> = questions
            .iter()
            .map(|question| self.ask(*question, world))
            .collect();
        let mut decided = 0_usize;
        let mut next = 0_usize;
        let (begun, busy) = (Instant::now(), busy());
        while begun.elapsed() < LONG_ENOUGH {
            for _ in 0..64 {
                next += 1 + usize::from(self.may(black_box(&asked[next % asked.len()])));
                decided += 1;
                // A slow engine is not asked 64 times between two looks at the clock.
                if decided < 64 && begun.elapsed() >= LONG_ENOUGH {
                    break;
                }
            }
        }
        (crate::engines::busy() - busy) as f64 / decided as f64
    }
}

/// Nanoseconds for which this thread has had a processor, as Linux tells it: what others do meanwhile does
/// not count, as far as they leave the caches alone.
pub fn busy() -> u64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").expect("it runs on Linux");
    let spent = spent.split(' ').next().and_then(|spent| spent.parse().ok());
    spent.expect("a number")
}

/// Ours.
pub struct Ours {
    pub index: Index,
    now: DateTime<Utc>,
}

impl Ours {
    pub fn new(world: &World) -> Self {
        Self {
            index: Index::new(AccountId(Uuid::nil()), false, world.everything()),
            now: DateTime::from_timestamp(1_780_000_000, 0).expect("a time"),
        }
    }
}

impl Engine for Ours {
    type Asked = (
        AccountId,
        accord_domain::ids::EnvironmentId,
        Option<accord_domain::index::ActionBit>,
    );

    fn ask(&self, question: Question, world: &World) -> Self::Asked {
        (
            id(Kind::Person, question.member),
            id(Kind::Environment, question.environment),
            self.index.action(world.actions[question.action].as_str()),
        )
    }

    fn may(&self, (person, environment, action): &Self::Asked) -> bool {
        let decision = self.index.decide(*person, *environment, self.now);
        decision.allows(*action)
    }
}

/// Casbin: a line of policy for each share, and three relations by which roles, environments and groups are
/// found. It looks at each line.
pub struct Casbin(Enforcer);

const MODEL: &str = "
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, role
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && g2(r.obj, p.obj) && g(r.act, p.role)
";

fn words<const N: usize>(words: [String; N]) -> Vec<String> {
    words.into()
}

impl Casbin {
    pub fn new(world: &World) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let model = DefaultModel::from_str(MODEL).await.expect("a model");
            let mut enforcer = Enforcer::new(model, MemoryAdapter::default())
                .await
                .expect("an enforcer");
            let mut lines = Vec::new();
            for (n, member) in world.members.iter().enumerate() {
                let groups = member.on_groups.iter().map(|group| format!("g{group}"));
                let environments = member.on_environments.iter().map(|n| format!("e{n}"));
                for item in groups.chain(environments) {
                    lines.push(words([format!("m{n}"), item, format!("r{}", member.role)]));
                }
            }
            enforcer.add_policies(lines).await.expect("policies");
            let mut contains = Vec::new();
            for (n, group) in world.environments.iter().enumerate() {
                contains.push(words([format!("e{n}"), format!("g{group}")]));
            }
            for (n, parent) in world.groups.iter().enumerate() {
                if let Some(parent) = parent {
                    contains.push(words([format!("g{n}"), format!("g{parent}")]));
                }
            }
            enforcer
                .add_named_grouping_policies("g2", contains)
                .await
                .expect("groups");
            let mut grants = Vec::new();
            for role in 0..world.roles.len() {
                for action in world.actions_of(role) {
                    let action = world.actions[action].as_str().to_owned();
                    grants.push(words([action, format!("r{role}")]));
                }
            }
            enforcer
                .add_named_grouping_policies("g", grants)
                .await
                .expect("roles");
            Self(enforcer)
        })
    }
}

impl Engine for Casbin {
    type Asked = (String, String, String);

    fn ask(&self, question: Question, world: &World) -> Self::Asked {
        (
            format!("m{}", question.member),
            format!("e{}", question.environment),
            world.actions[question.action].as_str().to_owned(),
        )
    }

    fn may(&self, (member, environment, action): &Self::Asked) -> bool {
        self.0
            .enforce((member.as_str(), environment.as_str(), action.as_str()))
            .expect("an answer")
    }
}

/// Cedar: everything is an entity, with one policy for all. A policy for each share would be slower: it looks
/// at each policy.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    types: HashMap<&'static str, EntityTypeName>,
}

const POLICY: &str = "permit (principal, action, resource) when {
    resource in principal.items && principal.role.actions.contains(action)
};";

impl Cedar {
    pub fn new(world: &World) -> Self {
        let types: HashMap<&'static str, EntityTypeName> =
            ["Member", "Environment", "Group", "Role", "Action"]
                .into_iter()
                .map(|name| (name, name.parse().expect("a name")))
                .collect();
        let uid = |kind: &str, n: usize| uid(&types, kind, n);
        let entity = |kind, n: usize, attributes: Vec<(&str, RestrictedExpression)>, parent| {
            let attributes = attributes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let parents: HashSet<EntityUid> = Option::into_iter(parent).collect();
            Entity::new(uid(kind, n), attributes, parents).expect("an entity")
        };
        let set = |all: Vec<EntityUid>| {
            let all = all.into_iter().map(RestrictedExpression::new_entity_uid);
            RestrictedExpression::new_set(all)
        };
        let mut entities = Vec::new();
        for (n, parent) in world.groups.iter().enumerate() {
            let parent = parent.map(|parent| uid("Group", parent));
            entities.push(entity("Group", n, vec![], parent));
        }
        for (n, group) in world.environments.iter().enumerate() {
            entities.push(entity("Environment", n, vec![], Some(uid("Group", *group))));
        }
        for n in 0..world.roles.len() {
            let actions = world.actions_of(n).into_iter();
            let actions = set(actions.map(|action| uid("Action", action)).collect());
            entities.push(entity("Role", n, vec![("actions", actions)], None));
        }
        for (n, member) in world.members.iter().enumerate() {
            let groups = member.on_groups.iter().map(|group| uid("Group", *group));
            let environments = member.on_environments.iter();
            let environments = environments.map(|n| uid("Environment", *n));
            let items = set(groups.chain(environments).collect());
            let role = RestrictedExpression::new_entity_uid(uid("Role", member.role));
            let attributes = vec![("items", items), ("role", role)];
            entities.push(entity("Member", n, attributes, None));
        }
        Self {
            authorizer: Authorizer::new(),
            policies: POLICY.parse().expect("a policy"),
            entities: Entities::from_entities(entities, None).expect("entities"),
            types,
        }
    }
}

fn uid(types: &HashMap<&'static str, EntityTypeName>, kind: &str, n: usize) -> EntityUid {
    EntityUid::from_type_name_and_id(types[kind].clone(), EntityId::new(n.to_string()))
}

impl Engine for Cedar {
    type Asked = Request;

    fn ask(&self, question: Question, _: &World) -> Self::Asked {
        Request::new(
            uid(&self.types, "Member", question.member),
            uid(&self.types, "Action", question.action),
            uid(&self.types, "Environment", question.environment),
            Context::empty(),
            None,
        )
        .expect("a request")
    }

    fn may(&self, request: &Request) -> bool {
        let response = self
            .authorizer
            .is_authorized(request, &self.policies, &self.entities);
        response.decision() == Decision::Allow
    }
}
