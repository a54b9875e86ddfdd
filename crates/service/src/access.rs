//! Effective access, environment by environment, seen by the owner or by the member.

use std::collections::{BTreeSet, HashMap, HashSet};

use accord_domain::access::{AccessLevel, MemberAccess, Resolver};
use accord_domain::authorize::ReadHosting;
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, RoleId};
use accord_domain::sharing::Share;
use accord_store::environments::{self, EnvironmentFilter, EnvironmentSort, Visible};
use accord_store::members::Member;
use accord_store::{Conn, Page, Rows, accounts, members, relations, roles, shares};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::call::{Call, status_of};
use crate::error::{Result, ServiceError};
use crate::paging::{every, page_of};

/// A member's effective access to one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveAccessView {
    pub environment_id: EnvironmentId,
    pub environment_name: String,
    pub access_level: AccessLevel,
    pub role_ids: BTreeSet<RoleId>,
    /// Names of those roles, in their order.
    pub role_names: Vec<String>,
    pub action_ids: BTreeSet<ActionId>,
}

/// What a list of effective access is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessSort {
    #[default]
    EnvironmentName,
    /// From direct to none.
    AccessLevel,
}

/// Which environments a list of effective access tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessScope {
    /// All of the host's, those without access too.
    Everything,
    /// Those that the member sees.
    Seen,
}

impl Service {
    /// A member's effective access to each of the account's environments, or to those with `q` in their
    /// name.
    ///
    /// # Errors
    /// Unless the caller owns the account and the member is there.
    pub fn member_access(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        q: Option<&str>,
        sort: AccessSort,
        page: &Page,
    ) -> Result<Rows<EffectiveAccessView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let member = members::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            let scope = AccessScope::Everything;
            effective_access(tx, &member, scope, (q, sort), page, stage.now)
        })
    }
}

/// What the member has been given, and whether it counts for them now.
pub(crate) fn given_to(
    tx: &mut Conn<'_>,
    member: &Member,
    now: DateTime<Utc>,
) -> Result<MemberAccess> {
    let shares = shares::of_member(tx, member.account_id, member.id)?;
    counting_for(tx, member, shares, now)
}

/// The same of these of their shares.
pub(crate) fn counting_for(
    tx: &mut Conn<'_>,
    member: &Member,
    shares: Vec<Share>,
    now: DateTime<Utc>,
) -> Result<MemberAccess> {
    let person = match member.person_id {
        Some(person) => accounts::by_id(tx, person)?,
        None => None,
    };
    Ok(MemberAccess {
        status: status_of(member, now),
        account_disabled: person.is_some_and(|person| person.disabled_at.is_some()),
        shares,
    })
}

pub(crate) fn effective_access(
    tx: &mut Conn<'_>,
    member: &Member,
    scope: AccessScope,
    (q, sort): (Option<&str>, AccessSort),
    page: &Page,
    now: DateTime<Utc>,
) -> Result<Rows<EffectiveAccessView>> {
    let host = member.account_id;
    let relations = relations::load(tx, host)?;
    let held = given_to(tx, member, now)?;
    let resolver = Resolver::new(&relations, &held, now);
    let levels = || {
        relations
            .environments
            .keys()
            .map(|id| (*id, resolver.resolve(*id).level))
            .filter(|(_, level)| scope == AccessScope::Everything || level.sees())
    };
    let ids: Vec<EnvironmentId> = match scope {
        AccessScope::Everything => Vec::new(),
        AccessScope::Seen => levels().map(|(id, _)| id).collect(),
    };
    let visible = Visible {
        owned_by: (scope == AccessScope::Everything).then_some(host),
        ids: &ids,
    };
    let filter = EnvironmentFilter {
        account_id: Some(host),
        q,
        ..EnvironmentFilter::default()
    };
    let by_name = EnvironmentSort::Name;
    let rows = match sort {
        AccessSort::EnvironmentName => environments::page(tx, visible, &filter, by_name, page)?,
        AccessSort::AccessLevel => {
            let found: Option<HashSet<EnvironmentId>> = match q {
                Some(_) => {
                    let found =
                        every(|page| Ok(environments::page(tx, visible, &filter, by_name, page)?))?;
                    Some(
                        found
                            .into_iter()
                            .map(|environment| environment.id)
                            .collect(),
                    )
                }
                None => None,
            };
            let found = levels().filter(|(id, _)| {
                let found = found.as_ref();
                found.is_none_or(|found| found.contains(id))
            });
            let rows = page_of(found.collect(), page, |(id, level)| {
                (level.rank().to_string(), (*id).into())
            });
            let ids: Vec<EnvironmentId> = rows.items.iter().map(|(id, _)| *id).collect();
            let mut items = environments::by_ids(tx, &ids)?;
            items.sort_by_key(|environment| ids.iter().position(|id| *id == environment.id));
            Rows {
                items,
                next: rows.next,
            }
        }
    };
    let role_ids: Vec<RoleId> = relations.roles.keys().copied().collect();
    let names: HashMap<RoleId, (String, String)> = roles::names(tx, &role_ids)?;
    Ok(rows.map(|environment| {
        let access = resolver.resolve(environment.id);
        EffectiveAccessView {
            environment_id: environment.id,
            environment_name: environment.name,
            access_level: access.level,
            role_names: access
                .role_ids
                .iter()
                .filter_map(|id| Some(names.get(id)?.0.clone()))
                .collect(),
            action_ids: access.actions(&relations),
            role_ids: access.role_ids,
        }
    }))
}
