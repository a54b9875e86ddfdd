//! What shares that are not saved would give: the access-level rule on a draft.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use accord_domain::access::{AccessLevel, MemberAccess, Relations, Resolver};
use accord_domain::authorize::ReadHosting;
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, RoleId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::ShareDraft;
use accord_store::{members, relations, roles, shares};

use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError};
use crate::members::shares_with_ids;
use crate::shares::checked_shares;

/// Shares that somebody thinks of giving.
#[derive(Clone, Debug)]
pub struct DraftShares {
    pub shares: Vec<ShareDraft>,
    /// Whose shares they would replace.
    pub member_id: Option<MemberId>,
}

/// What would be the same on these environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftAccessView {
    pub access_level: AccessLevel,
    pub role_ids: BTreeSet<RoleId>,
    /// Names of those roles, in their order.
    pub role_names: Vec<String>,
    pub action_ids: BTreeSet<ActionId>,
    pub environment_ids: Vec<EnvironmentId>,
}

impl Service {
    /// What a member with these shares would have on each of the account's environments once active,
    /// by distinct results: there are few of them, however many environments there are.
    ///
    /// # Errors
    /// Unless the caller owns the account; shares that could not be saved either.
    pub fn draft_access(
        &self,
        call: &Call,
        host: AccountId,
        draft: &DraftShares,
    ) -> Result<Vec<DraftAccessView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let stored = match draft.member_id {
                Some(id) => {
                    let member = members::by_id(tx, host, id)?.ok_or_else(|| {
                        ServiceError::invalid("/member_id", "There is no such member here.")
                    })?;
                    shares::of_member(tx, host, member.id)?
                }
                None => Vec::new(),
            };
            let checked = checked_shares(tx, host, &draft.shares, &stored, "/shares", stage.now)?;
            let held = MemberAccess {
                status: MemberStatus::Active,
                account_disabled: false,
                shares: shares_with_ids(self, checked, &stored, stage.now),
            };
            let relations = relations::load(tx, host)?;
            let resolver = Resolver::new(&relations, &held, stage.now);
            let role_ids: Vec<RoleId> = relations.roles.keys().copied().collect();
            let names = roles::names(tx, &role_ids)?;
            Ok(distinct(&relations, &resolver, &names))
        })
    }
}

/// The results of the rule, each with the environments that it holds for.
fn distinct(
    relations: &Relations,
    resolver: &Resolver<'_>,
    names: &HashMap<RoleId, (String, String)>,
) -> Vec<DraftAccessView> {
    let mut environments: Vec<EnvironmentId> = relations.environments.keys().copied().collect();
    environments.sort();
    let mut results: BTreeMap<(AccessLevel, BTreeSet<RoleId>), Vec<EnvironmentId>> =
        BTreeMap::new();
    for id in environments {
        let access = resolver.resolve(id);
        results
            .entry((access.level, access.role_ids))
            .or_default()
            .push(id);
    }
    results
        .into_iter()
        .map(
            |((access_level, role_ids), environment_ids)| DraftAccessView {
                access_level,
                role_names: role_ids
                    .iter()
                    .filter_map(|id| Some(names.get(id)?.0.clone()))
                    .collect(),
                action_ids: relations.actions_of(&role_ids),
                role_ids,
                environment_ids,
            },
        )
        .collect()
}
