//! Why a member may do something on an environment, or may not: the steps of the access-level rule, with
//! names as far as whoever asks may know them.

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{Access, AccessLevel, MemberAccess, Step, resolve};
use accord_domain::catalogue::ActionId;
use accord_domain::explain::Missing;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::sharing::{Item, Share};
use accord_store::{Conn, environments, members, policies, roles};
use chrono::{DateTime, Utc};

use super::collaborators::Scene;
use crate::Service;
use crate::access::given_to;
use crate::call::{Call, Purpose, Stage};
use crate::error::{Result, ServiceError};
use crate::groups::{group_paths, paths_of_known_groups};

/// A question about one member, one environment and one action.
#[derive(Clone, Debug)]
pub struct ExplainAccess {
    pub member_id: MemberId,
    pub action_id: String,
}

/// The answer of the rule with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplanationView {
    pub allowed: bool,
    pub access_level: AccessLevel,
    /// What the rule looked at, in order, as far as the caller may know of it.
    pub steps: Vec<StepView>,
    pub granted_by: Vec<GrantingPolicy>,
    /// None where it is allowed.
    pub missing: Option<Missing>,
    /// The moment this was true.
    pub now: DateTime<Utc>,
}

/// One thing that the rule looked at, with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub step: Step,
    /// None for a group that the caller may not know of.
    pub item: Option<Item>,
    pub item_name: Option<String>,
    /// The group from which the walk began, by its path, where the caller may know of it.
    pub via: Option<(GroupId, String)>,
    pub share: Option<Share>,
    /// The names of the share's roles.
    pub roles: Vec<(RoleId, String)>,
}

/// A policy of a role that grants the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantingPolicy {
    pub role_id: RoleId,
    pub role_name: String,
    pub policy_id: PolicyId,
    pub policy_name: String,
}

/// Who asks about whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Owner,
    /// About their own access.
    Themselves,
    /// A member with `collaboration.manage`, about somebody whom the environment's list shows.
    Delegate,
}

impl Service {
    /// Why a member may do something on the environment or may not. The owner asks about every member, a
    /// member about themselves, and one with `collaboration.manage` there about those whom the list of
    /// who has access shows.
    ///
    /// # Errors
    /// Hidden unless the caller sees the environment; forbidden to a member who asks about others without
    /// being a delegate; an unknown member or action.
    pub fn explain_access(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        question: &ExplainAccess,
    ) -> Result<ExplanationView> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            let scene = Scene::load(tx, &stage, id)?;
            let delegation = scene.delegation();
            let asker = match (&scene.own, &delegation) {
                (Some((own, _)), Some(delegation)) if *own == question.member_id => {
                    if !delegation.access().level.sees() {
                        return Err(ServiceError::HIDDEN);
                    }
                    Asker::Themselves
                }
                (Some(_), _) => {
                    scene.may_see(&stage, delegation.as_ref())?;
                    Asker::Delegate
                }
                (None, _) => Asker::Owner,
            };
            let action = ActionId::parse(&question.action_id)
                .ok()
                .filter(|action| self.catalogue.contains(action))
                .ok_or_else(|| {
                    ServiceError::invalid("?action_id", "The catalogue has no such action.")
                })?;
            let member = members::by_id(tx, host, question.member_id)?;
            let held = match &member {
                Some(member) => Some(given_to(tx, member, stage.now)?),
                None => None,
            };
            let (Some(member), Some(held)) = (member, held) else {
                return Err(no_such_member());
            };
            if asker == Asker::Delegate && !scene.lists(&member, &held.shares) {
                return Err(no_such_member());
            }
            let access = resolve(&scene.relations, &held, id, stage.now);
            let groups = match &scene.own {
                None => group_paths(tx, host)?,
                Some((_, own)) => paths_of_known_groups(tx, host, &own.shares, stage.now)?,
            };
            let names = Names::load(tx, &scene, &access, groups)?;
            let granting = access.granted_by(&scene.relations, action.as_str());
            let policy_ids: BTreeSet<PolicyId> =
                granting.iter().map(|(_, policy)| *policy).collect();
            let policy_ids: Vec<PolicyId> = policy_ids.into_iter().collect();
            let policy_names = policies::names(tx, &policy_ids)?;
            Ok(ExplanationView {
                allowed: access.allows(&scene.relations, action.as_str()),
                access_level: access.level,
                missing: access.missing(&scene.relations, action.as_str()),
                granted_by: granting
                    .into_iter()
                    .map(|(role_id, policy_id)| GrantingPolicy {
                        role_id,
                        role_name: names.role(role_id),
                        policy_id,
                        policy_name: policy_names.get(&policy_id).cloned().unwrap_or_default(),
                    })
                    .collect(),
                steps: shown(asker, &access)
                    .filter_map(|step| names.step(asker, step, &held))
                    .collect(),
                now: stage.now,
            })
        })
    }
}

fn no_such_member() -> ServiceError {
    ServiceError::invalid("?member_id", "There is no such member here.")
}

/// A delegate learns of others what the list of who has access tells: the direct share, and what counts.
fn shown(asker: Asker, access: &Access) -> impl Iterator<Item = &Step> {
    access.steps.iter().filter(move |step| match asker {
        Asker::Owner | Asker::Themselves => true,
        Asker::Delegate => {
            step.level == AccessLevel::Direct || step.counted || step.why.withholds()
        }
    })
}

/// What things are called, as far as the caller may know.
struct Names {
    environment: String,
    /// The paths of the groups that the caller may know of.
    groups: HashMap<GroupId, String>,
    roles: HashMap<RoleId, (String, String)>,
}

impl Names {
    fn load(
        tx: &mut Conn<'_>,
        scene: &Scene,
        access: &Access,
        groups: HashMap<GroupId, String>,
    ) -> Result<Self> {
        let role_ids: BTreeSet<RoleId> = access
            .steps
            .iter()
            .flat_map(|step| step.role_ids.iter().copied())
            .collect();
        let role_ids: Vec<RoleId> = role_ids.into_iter().collect();
        Ok(Self {
            environment: environments::by_id(tx, scene.host, scene.id)?
                .ok_or(ServiceError::HIDDEN)?
                .name,
            groups,
            roles: roles::names(tx, &role_ids)?,
        })
    }

    fn role(&self, id: RoleId) -> String {
        self.roles
            .get(&id)
            .map(|(name, _)| name.clone())
            .unwrap_or_default()
    }

    /// None for a step that would tell of nothing but groups which are not the caller's to know of.
    fn step(&self, asker: Asker, step: &Step, held: &MemberAccess) -> Option<StepView> {
        let group = match step.item {
            Item::Group(id) => Some(id),
            Item::Environments | Item::Groups | Item::Environment(_) => None,
        };
        let is_unknown =
            |group: Option<GroupId>| group.is_some_and(|id| !self.groups.contains_key(&id));
        let unknown = is_unknown(group);
        // That a walk began at such a group, or came by one, tells of it.
        if (unknown || is_unknown(step.via)) && step.share.is_none() {
            return None;
        }
        // Of others' shares, a delegate knows the direct ones.
        let shows_share = asker != Asker::Delegate || step.level == AccessLevel::Direct;
        Some(StepView {
            item: (!unknown).then_some(step.item),
            item_name: match step.item {
                Item::Environments => Some("Environments".to_owned()),
                Item::Groups => Some("Environment groups".to_owned()),
                Item::Environment(_) => Some(self.environment.clone()),
                Item::Group(id) => self.groups.get(&id).cloned(),
            },
            via: step
                .via
                .and_then(|id| Some((id, self.groups.get(&id)?.clone()))),
            share: held
                .shares
                .iter()
                .find(|share| shows_share && Some(share.id) == step.share)
                .cloned(),
            roles: step
                .role_ids
                .iter()
                .filter_map(|id| Some((*id, self.roles.get(id)?.0.clone())))
                .collect(),
            step: step.clone(),
        })
    }
}
