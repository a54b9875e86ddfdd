use std::collections::{BTreeSet, HashMap};

use accord_domain::access::Access;
use accord_domain::authorize::{SeeEnvironment, authorize_on_environment, authorize_see_account};
use accord_domain::catalogue::ActionId;
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId};
use accord_store::environments::{self, Environment, EnvironmentSort, Visible};
use accord_store::{Conn, Page, Rows, members};

use super::{
    EnvironmentView, MemberSight, OwnerView, Sight, known_groups_of, members_view, owners_view,
};
use crate::Service;
use crate::call::{Call, Person, Purpose, Stage, status_of};
use crate::error::{Result, ServiceError};

/// Which of one account's environments.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentFilter {
    pub q: Option<String>,
    pub group_id: Option<GroupId>,
    pub status: Option<EnvironmentStatus>,
    pub sort: EnvironmentSort,
}

/// Which of all the environments that the caller sees.
#[derive(Clone, Debug, Default)]
pub struct VisibleFilter {
    pub q: Option<String>,
    pub owner_id: Option<AccountId>,
    pub group_id: Option<GroupId>,
    pub status: Option<EnvironmentStatus>,
    pub sort: EnvironmentSort,
}

/// What is shared with somebody by one account, access by access.
struct Shared {
    owner: OwnerView,
    sight: MemberSight,
    access: HashMap<EnvironmentId, Access>,
}

impl Shared {
    fn resolve(owner: OwnerView, sight: MemberSight, now: chrono::DateTime<chrono::Utc>) -> Self {
        let access = sight
            .environments(now)
            .map(|access| (access.environment_id, access))
            .collect();
        Self {
            owner,
            sight,
            access,
        }
    }

    /// The environments, of one group alone if asked: one that the member knows to hold them.
    fn ids(&self, group: Option<GroupId>) -> impl Iterator<Item = EnvironmentId> {
        self.access
            .iter()
            .filter(move |(_, access)| {
                group.is_none_or(|group| known_groups_of(access).contains(&group))
            })
            .map(|(id, _)| *id)
    }

    fn view(&self, environment: Environment) -> Option<EnvironmentView> {
        let access = self.access.get(&environment.id)?;
        Some(members_view(
            environment,
            &self.owner,
            access,
            &self.sight.relations,
        ))
    }
}

impl Service {
    /// A page of one account's environments: all of the caller's own, or those shared with them.
    ///
    /// # Errors
    /// Hidden from strangers.
    pub fn list_environments(
        &self,
        call: &Call,
        host: AccountId,
        filter: &EnvironmentFilter,
        page: &Page,
    ) -> Result<Rows<EnvironmentView>> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            authorize_see_account(stage.caller(), &stage.host, stage.standing)?;
            let owner = OwnerView::of(&stage.host_account);
            let rows_filter = environments::EnvironmentFilter {
                status: filter.status,
                account_id: Some(host),
                group_id: filter.group_id,
                q: filter.q.as_deref(),
            };
            match Sight::load(tx, &stage)? {
                Sight::Nothing => Err(ServiceError::HIDDEN),
                Sight::Owner => {
                    let visible = Visible {
                        owned_by: Some(host),
                        ids: &[],
                    };
                    let rows = environments::page(tx, visible, &rows_filter, filter.sort, page)?;
                    let all_actions = self.all_actions();
                    Ok(rows.map(|environment| owners_view(environment, &owner, &all_actions)))
                }
                Sight::Member(sight) => {
                    let shared = Shared::resolve(owner, *sight, stage.now);
                    let ids: Vec<EnvironmentId> = shared.ids(filter.group_id).collect();
                    let visible = Visible {
                        owned_by: None,
                        ids: &ids,
                    };
                    let rows = environments::page(tx, visible, &rows_filter, filter.sort, page)?;
                    Ok(Rows {
                        items: rows
                            .items
                            .into_iter()
                            .filter_map(|environment| shared.view(environment))
                            .collect(),
                        next: rows.next,
                    })
                }
            }
        })
    }

    /// A page of everything that the caller can see, own and shared.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_visible_environments(
        &self,
        call: &Call,
        filter: &VisibleFilter,
        page: &Page,
    ) -> Result<Rows<EnvironmentView>> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            let own = person.account.id;
            let mut shared_by: HashMap<AccountId, Shared> = HashMap::new();
            for (member, _) in members::of_person(tx, own)? {
                let host = member.account_id;
                let asked_for = filter.owner_id.is_none_or(|owner| owner == host);
                if !asked_for || !status_of(&member, now).gives_access() {
                    continue;
                }
                let stage = Stage::set(tx, call, host, Purpose::Read, now)?;
                if let Sight::Member(sight) = Sight::load(tx, &stage)? {
                    shared_by.insert(
                        host,
                        Shared::resolve(OwnerView::of(&stage.host_account), *sight, now),
                    );
                }
            }
            let ids: Vec<EnvironmentId> = shared_by
                .values()
                .flat_map(|shared| shared.ids(filter.group_id))
                .collect();
            let rows_filter = environments::EnvironmentFilter {
                status: filter.status,
                account_id: filter.owner_id,
                group_id: filter.group_id,
                q: filter.q.as_deref(),
            };
            let visible = Visible {
                owned_by: Some(own),
                ids: &ids,
            };
            let rows = environments::page(tx, visible, &rows_filter, filter.sort, page)?;
            let owner = OwnerView::of(&person.account);
            let all_actions = self.all_actions();
            Ok(Rows {
                next: rows.next,
                items: rows
                    .items
                    .into_iter()
                    .filter_map(|environment| {
                        if environment.account_id == own {
                            return Some(owners_view(environment, &owner, &all_actions));
                        }
                        shared_by.get(&environment.account_id)?.view(environment)
                    })
                    .collect(),
            })
        })
    }

    /// One environment, if the caller sees it.
    ///
    /// # Errors
    /// Hidden otherwise.
    pub fn get_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
    ) -> Result<EnvironmentView> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            self.environment_view(tx, &stage, id)
        })
    }

    /// The environment as the caller sees it, or that it is hidden from them.
    pub(crate) fn environment_view(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        id: EnvironmentId,
    ) -> Result<EnvironmentView> {
        let environment =
            environments::by_id(tx, stage.host.account_id, id)?.ok_or(ServiceError::HIDDEN)?;
        let owner = OwnerView::of(&stage.host_account);
        match Sight::load_around(tx, stage, id)? {
            Sight::Nothing => Err(ServiceError::HIDDEN),
            Sight::Owner => Ok(owners_view(environment, &owner, &self.all_actions())),
            Sight::Member(sight) => {
                let access = sight.resolver(stage.now).resolve(id);
                authorize_on_environment::<SeeEnvironment>(
                    stage.caller(),
                    &stage.host,
                    stage.standing,
                    Some((&access, &sight.relations)),
                )?;
                Ok(members_view(environment, &owner, &access, &sight.relations))
            }
        }
    }

    pub(crate) fn all_actions(&self) -> BTreeSet<ActionId> {
        self.catalogue
            .actions
            .iter()
            .map(|action| action.id.clone())
            .collect()
    }
}
