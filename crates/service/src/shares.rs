//! Shares as they come in and as they are shown: references checked, names looked up.

use std::collections::{BTreeSet, HashMap, HashSet};

use accord_domain::group_tree::{GroupNode, GroupTree};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, RoleId};
use accord_domain::sharing::{CheckedShare, Item, Share, ShareDraft, ShareError, check_drafts};
use accord_mail::SharedItemLine;
use accord_store::groups::Group;
use accord_store::{Conn, groups, roles};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::error::{Invalid, Result, ServiceError};
use crate::groups::environments_among;

/// A role by its name, for who has it and may not look it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSummary {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    /// Names of its policies.
    pub policies: Vec<String>,
}

/// A share with the names of what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedShare {
    pub share: Share,
    /// A group's path, an environment's name, or the category's title.
    pub item_name: String,
    pub roles: Vec<RoleSummary>,
}

/// The drafts, if the rules allow them and everything they name is the host's. `pointer` is where the
/// list stands in the request.
pub(crate) fn checked_shares(
    tx: &mut Conn<'_>,
    host: AccountId,
    drafts: &[ShareDraft],
    stored: &[Share],
    pointer: &str,
    now: DateTime<Utc>,
) -> Result<Vec<CheckedShare>> {
    let checked = check_drafts(drafts, stored, now).map_err(|error| {
        let place = match error {
            ShareError::NoRoles { index } => format!("{pointer}/{index}/role_ids"),
            ShareError::ItemTwice { index } => format!("{pointer}/{index}/item"),
            ShareError::EndInPast { index } => format!("{pointer}/{index}/expires_at"),
            ShareError::TooMany { .. } => pointer.to_owned(),
        };
        ServiceError::invalid(place, error.to_string())
    })?;
    let known = Known::load(tx, host, drafts)?;
    let unknown: Vec<Invalid> = drafts
        .iter()
        .enumerate()
        .flat_map(|(index, draft)| known.missing_from(draft, &format!("{pointer}/{index}")))
        .collect();
    if unknown.is_empty() {
        Ok(checked)
    } else {
        Err(ServiceError::Invalid(unknown))
    }
}

/// What of the drafts' references the host has.
struct Known {
    roles: HashSet<RoleId>,
    groups: HashSet<GroupId>,
    environments: HashSet<EnvironmentId>,
}

impl Known {
    fn load(tx: &mut Conn<'_>, host: AccountId, drafts: &[ShareDraft]) -> Result<Self> {
        let role_ids: BTreeSet<RoleId> = drafts
            .iter()
            .flat_map(|draft| draft.role_ids.iter().copied())
            .collect();
        let role_ids: Vec<RoleId> = role_ids.into_iter().collect();
        let environment_ids: Vec<EnvironmentId> = drafts
            .iter()
            .filter_map(|draft| match draft.item {
                Item::Environment(id) => Some(id),
                Item::Environments | Item::Groups | Item::Group(_) => None,
            })
            .collect();
        let names_groups = drafts
            .iter()
            .any(|draft| matches!(draft.item, Item::Group(_)));
        Ok(Self {
            roles: roles::names_among(tx, host, &role_ids)?
                .into_keys()
                .collect(),
            environments: environments_among(tx, host, &environment_ids)?
                .into_iter()
                .map(|found| found.id)
                .collect(),
            groups: if names_groups {
                groups::all(tx, host)?
                    .into_iter()
                    .map(|group| group.id)
                    .collect()
            } else {
                HashSet::new()
            },
        })
    }

    fn missing_from(&self, draft: &ShareDraft, pointer: &str) -> Vec<Invalid> {
        let item_known = match draft.item {
            Item::Environments | Item::Groups => true,
            Item::Group(id) => self.groups.contains(&id),
            Item::Environment(id) => self.environments.contains(&id),
        };
        let item = (!item_known).then(|| Invalid {
            pointer: format!("{pointer}/item/id"),
            detail: format!("There is no such {} here.", draft.item.kind()),
        });
        let roles = draft
            .role_ids
            .iter()
            .enumerate()
            .filter(|(_, id)| !self.roles.contains(id))
            .map(|(index, _)| Invalid {
                pointer: format!("{pointer}/role_ids/{index}"),
                detail: "There is no such role here.".to_owned(),
            });
        item.into_iter().chain(roles).collect()
    }
}

/// An account's groups as a tree.
pub(crate) fn tree_of(groups: &[Group]) -> GroupTree {
    GroupTree::new(groups.iter().map(|group| GroupNode {
        id: group.id,
        parent_id: group.parent_id,
        name: group.name.clone(),
    }))
}

/// The shares with the names of what they name, in the order of a tree: categories, groups by path,
/// environments by name.
pub(crate) fn describe(
    tx: &mut Conn<'_>,
    host: AccountId,
    shares: &[Share],
) -> Result<Vec<DescribedShare>> {
    let summaries = role_summaries(
        tx,
        host,
        shares
            .iter()
            .flat_map(|share| share.role_ids.iter().copied()),
    )?;
    let tree = if shares
        .iter()
        .any(|share| matches!(share.item, Item::Group(_)))
    {
        tree_of(&groups::all(tx, host)?)
    } else {
        GroupTree::new([])
    };
    let environment_ids: Vec<EnvironmentId> = shares
        .iter()
        .filter_map(|share| match share.item {
            Item::Environment(id) => Some(id),
            Item::Environments | Item::Groups | Item::Group(_) => None,
        })
        .collect();
    let environment_names: HashMap<EnvironmentId, String> =
        environments_among(tx, host, &environment_ids)?
            .into_iter()
            .map(|found| (found.id, found.name))
            .collect();
    let mut described: Vec<DescribedShare> = shares
        .iter()
        .map(|share| DescribedShare {
            item_name: match share.item {
                Item::Environments => "Environments".to_owned(),
                Item::Groups => "Environment groups".to_owned(),
                Item::Group(id) => tree.path(id).unwrap_or_default(),
                Item::Environment(id) => environment_names.get(&id).cloned().unwrap_or_default(),
            },
            roles: share
                .role_ids
                .iter()
                .filter_map(|id| summaries.get(id).cloned())
                .collect(),
            share: share.clone(),
        })
        .collect();
    described.sort_by(|a, b| {
        (a.share.item.kind(), &a.item_name).cmp(&(b.share.item.kind(), &b.item_name))
    });
    Ok(described)
}

/// Those roles of the host by name, with their policies' names.
pub(crate) fn role_summaries(
    tx: &mut Conn<'_>,
    host: AccountId,
    role_ids: impl IntoIterator<Item = RoleId>,
) -> Result<HashMap<RoleId, RoleSummary>> {
    let role_ids: BTreeSet<RoleId> = role_ids.into_iter().collect();
    let role_ids: Vec<RoleId> = role_ids.into_iter().collect();
    let mut policies = roles::policy_names(tx, &role_ids)?;
    Ok(roles::names_among(tx, host, &role_ids)?
        .into_iter()
        .map(|(id, (name, description))| {
            let summary = RoleSummary {
                id,
                name,
                description,
                policies: policies.remove(&id).unwrap_or_default(),
            };
            (id, summary)
        })
        .collect())
}

/// The shares as an invitation mail lists them.
pub(crate) fn mail_lines(described: &[DescribedShare]) -> Vec<SharedItemLine> {
    described
        .iter()
        .map(|line| SharedItemLine {
            item: line.item_name.clone(),
            roles: line.roles.iter().map(|role| role.name.clone()).collect(),
        })
        .collect()
}

/// Shares as the record keeps them.
pub(crate) fn share_facts(shares: &[Share]) -> serde_json::Value {
    shares
        .iter()
        .map(|share| {
            json!({
                "item": { "kind": share.item.kind().as_str(), "id": share.item.id() },
                "role_ids": share.role_ids,
                "expires_at": share.expires_at,
            })
        })
        .collect()
}
