//! Environments: the owner's, and those that are shared with the caller.

mod change;
mod collaborators;
mod explain;
mod list;
mod listed;
mod sharing;

use std::collections::BTreeSet;
use std::sync::Arc;

use accord_domain::access::{Access, AccessLevel, Relations, Resolver, Why};
use accord_domain::catalogue::{ActionId, reserved};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId};
use accord_domain::record::MembersRecord;
use accord_store::accounts::Account;
use accord_store::environments::Environment;
use accord_store::relations;
use accord_store::{Conn, StoreError};

use crate::access::given_to;
use crate::call::Stage;
use crate::error::Result;

pub use accord_store::environments::EnvironmentSort;
pub use change::{CreateEnvironment, UpdateEnvironment};
pub(crate) use collaborators::all_members;
pub use collaborators::{EnvironmentAccessSort, EnvironmentAccessView, ShareableRoleView};
pub use explain::{ExplainAccess, ExplanationView, GrantingPolicy, StepView};
pub use list::{EnvironmentFilter, VisibleFilter};
pub(crate) use listed::Lists;
pub use sharing::{DirectShare, ShareWith};

/// An environment as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentView {
    pub environment: Environment,
    pub owner: OwnerView,
    pub access_level: AccessLevel,
    /// The groups that hold it, as far as the person may know of them.
    pub group_ids: Vec<GroupId>,
    /// The platform's actions that the person has on it.
    pub action_ids: BTreeSet<ActionId>,
    /// What the person may do with it here.
    pub allowed_actions: Vec<&'static str>,
}

/// Whose an environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerView {
    pub id: AccountId,
    pub name: String,
    pub email: String,
}

impl OwnerView {
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            id: account.id,
            name: account.name.clone(),
            email: account.email.clone(),
        }
    }
}

/// How a person before an account's things comes to see its environments.
pub(crate) enum Sight {
    /// All of them, and everything on them.
    Owner,
    /// Those that the member's shares reach.
    Member(Box<MemberSight>),
    /// None.
    Nothing,
}

pub(crate) struct MemberSight {
    pub relations: Arc<Relations>,
    pub member: accord_domain::access::MemberAccess,
}

impl Sight {
    /// Of everything that the account owns.
    pub(crate) fn load(tx: &mut Conn<'_>, stage: &Stage) -> Result<Self> {
        Self::of(tx, stage, relations::load)
    }

    /// Of one environment alone; nothing else is known then.
    pub(crate) fn load_around(tx: &mut Conn<'_>, stage: &Stage, id: EnvironmentId) -> Result<Self> {
        Self::of(tx, stage, |tx, host| relations::load_around(tx, host, id))
    }

    fn of(
        tx: &mut Conn<'_>,
        stage: &Stage,
        relations: impl FnOnce(&mut Conn<'_>, AccountId) -> std::result::Result<Relations, StoreError>,
    ) -> Result<Self> {
        use accord_domain::authorize::Standing;
        Ok(match (&stage.standing, &stage.membership) {
            (Standing::Owner, _) => Self::Owner,
            (Standing::ActiveMember(_), Some(member)) => Self::Member(Box::new(MemberSight {
                relations: Arc::new(relations(tx, stage.host.account_id)?),
                member: given_to(tx, member, stage.now)?,
            })),
            (Standing::ActiveMember(_), None) | (Standing::Stranger, _) => Self::Nothing,
        })
    }
}

/// What an owner sees of their own environment.
pub(crate) fn owners_view(
    environment: Environment,
    owner: &OwnerView,
    all_actions: &BTreeSet<ActionId>,
) -> EnvironmentView {
    EnvironmentView {
        owner: owner.clone(),
        access_level: AccessLevel::Owner,
        group_ids: environment.group_ids.clone(),
        environment,
        action_ids: all_actions.clone(),
        allowed_actions: vec!["edit", "delete", "set_groups", "share"],
    }
}

/// What a member sees of an environment that the access reaches.
pub(crate) fn members_view(
    environment: Environment,
    owner: &OwnerView,
    access: &Access,
    relations: &Relations,
) -> EnvironmentView {
    let actions = access.actions(relations);
    let has = |action: &str| actions.iter().any(|held| held.as_str() == action);
    let mut allowed_actions = Vec::new();
    if has(reserved::ENVIRONMENT_EDIT) {
        allowed_actions.push("edit");
    }
    if has(reserved::ENVIRONMENT_DELETE) {
        allowed_actions.push("delete");
    }
    if has(reserved::COLLABORATION_MANAGE) {
        allowed_actions.push("share");
    }
    EnvironmentView {
        environment,
        owner: owner.clone(),
        access_level: access.level,
        group_ids: known_groups_of(access),
        action_ids: actions,
        allowed_actions,
    }
}

/// The groups of the environment that some share of the member's reaches, and that they know of thereby.
pub(crate) fn known_groups_of(access: &Access) -> Vec<GroupId> {
    let known: BTreeSet<GroupId> = access
        .steps
        .iter()
        .filter(|step| step.share.is_some() && step.why != Why::ShareEnded)
        .filter_map(|step| step.via)
        .collect();
    known.into_iter().collect()
}

impl MemberSight {
    /// The environments that the member sees, with the access to each.
    pub(crate) fn environments(
        &self,
        now: chrono::DateTime<chrono::Utc>,
    ) -> impl Iterator<Item = Access> {
        let resolver = self.resolver(now);
        self.relations
            .environments
            .keys()
            .map(move |id| resolver.resolve(*id))
            .filter(|access| access.level.sees())
    }

    /// What of the host's record the member sees.
    pub(crate) fn record_of(
        &self,
        id: MemberId,
        now: chrono::DateTime<chrono::Utc>,
    ) -> MembersRecord {
        MembersRecord::new(
            id,
            self.environments(now).map(|access| access.environment_id),
        )
    }

    pub(crate) fn resolver(&self, now: chrono::DateTime<chrono::Utc>) -> Resolver<'_> {
        Resolver::new(&self.relations, &self.member, now)
    }
}
