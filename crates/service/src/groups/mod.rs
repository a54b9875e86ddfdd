//! Environment groups: the owner's tree of named, coloured tags.

mod forest;

use std::collections::{BTreeSet, HashMap, HashSet};

use accord_domain::authorize::{ManageGroups, authorize_see_account};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId};
use accord_domain::sharing::{Item, Share};
use accord_domain::text::{Color, GroupName};
use accord_store::environments::Environment;
use accord_store::groups::{self, Group, GroupContent};
use accord_store::{Conn, Order, Page, Rows, environments, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Service;
use crate::call::{Call, Purpose, Stage};
use crate::error::{Result, ServiceError, done, inserted, refuse_unknown};
use crate::paging::{moment_key, page_of, page_of_walk};
use crate::shares::tree_of;
use crate::tasks::{Happening, Recorded};

use forest::{Forest, Known};

/// The colours that groups get in turn unless one is chosen.
const PALETTE: [&str; 8] = [
    "#3b82f6", "#10b981", "#f59e0b", "#ef4444", "#8b5cf6", "#ec4899", "#14b8a6", "#64748b",
];

/// A group with its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub group: Group,
    /// The names from the root down, `parent/child`.
    pub path: String,
    /// The parent, if the caller may know of it.
    pub parent_id: Option<GroupId>,
    /// Environments directly in it.
    pub environment_count: u64,
    /// Whether the caller may change it.
    pub editable: bool,
}

/// What a list of groups is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupSort {
    /// The order of the tree: parents before children, siblings by name.
    #[default]
    Path,
    Name,
    CreatedAt,
}

/// Where a new group goes.
#[derive(Clone, Debug)]
pub enum NewGroupPlace {
    Named {
        name: GroupName,
        parent_id: Option<GroupId>,
    },
    /// From the root down; what is missing is made on the way.
    Path(Vec<GroupName>),
}

/// A group to be made.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    pub place: NewGroupPlace,
    /// Chosen in turn when `None`.
    pub color: Option<Color>,
}

/// What changes about a group; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateGroup {
    pub name: Option<GroupName>,
    pub color: Option<Color>,
    /// `Some(None)` moves it to the root.
    pub parent_id: Option<Option<GroupId>>,
}

impl Service {
    /// A page of the account's groups. A member sees those that are shared with them, and everything
    /// below.
    ///
    /// # Errors
    /// Hidden from strangers.
    pub fn list_groups(
        &self,
        call: &Call,
        host: AccountId,
        q: Option<&str>,
        sort: GroupSort,
        page: &Page,
    ) -> Result<Rows<GroupView>> {
        let wanted = q.map(accord_domain::text::key_of);
        self.look_at_groups(call, host, |forest, known| {
            let mut matching: Vec<&Group> = forest
                .in_tree_order()
                .filter(|group| known.sees(group.id))
                .filter(|group| {
                    wanted
                        .as_ref()
                        .is_none_or(|wanted| group.name_key.contains(wanted))
                })
                .collect();
            let by = |key: fn(&Group) -> String| {
                move |group: &&Group| (key(group), uuid::Uuid::from(group.id))
            };
            let rows = match sort {
                GroupSort::Path => {
                    if page.order == Order::Descending {
                        matching.reverse();
                    }
                    page_of_walk(matching.iter().map(|group| group.id).collect(), page)
                }
                GroupSort::Name => {
                    let rows = page_of(matching, page, by(|group| group.name_key.clone()));
                    rows.map(|group| group.id)
                }
                GroupSort::CreatedAt => {
                    let rows = page_of(matching, page, by(|group| moment_key(group.created_at)));
                    rows.map(|group| group.id)
                }
            };
            Ok(Rows {
                items: rows
                    .items
                    .into_iter()
                    .filter_map(|id| known.view(forest, id))
                    .collect(),
                next: rows.next,
            })
        })
    }

    /// One group.
    ///
    /// # Errors
    /// Hidden unless the caller sees it.
    pub fn get_group(&self, call: &Call, host: AccountId, id: GroupId) -> Result<GroupView> {
        self.look_at_groups(call, host, |forest, known| {
            known.view(forest, id).ok_or(ServiceError::HIDDEN)
        })
    }

    /// Adds a group, with the groups above it when a path is given.
    ///
    /// # Errors
    /// A taken name, an unknown parent. A path that exists whole is answered as it is.
    pub fn create_group(
        &self,
        call: &Call,
        host: AccountId,
        command: &CreateGroup,
    ) -> Result<GroupView> {
        self.change_hosting::<ManageGroups, _>(call, host, |tx, stage, grant| {
            let forest = Forest::load(tx, host)?;
            let (mut parent_id, names) = match &command.place {
                NewGroupPlace::Named { name, parent_id } => {
                    if parent_id.is_some_and(|parent| !forest.tree.contains(parent)) {
                        return Err(ServiceError::invalid(
                            "/parent_id",
                            "There is no such group here.",
                        ));
                    }
                    (*parent_id, std::slice::from_ref(name))
                }
                NewGroupPlace::Path(path) => {
                    let found = forest.tree.find(path);
                    if let (Some(leaf), []) = (found.found, found.missing.as_slice()) {
                        return forest.view(leaf).ok_or(ServiceError::HIDDEN);
                    }
                    (found.found, &path[path.len() - found.missing.len()..])
                }
            };
            let mut made = None;
            for (index, name) in names.iter().enumerate() {
                let color = command.color.clone().map_or_else(
                    || PALETTE[(forest.groups.len() + index) % PALETTE.len()].to_owned(),
                    |color| color.as_str().to_owned(),
                );
                let content = GroupContent {
                    parent_id,
                    name: name.as_str().to_owned(),
                    name_key: name.key(),
                    color,
                };
                let group = inserted(groups::insert(
                    tx,
                    grant,
                    self.randomness.id(stage.now),
                    &content,
                    stage.now,
                )?)?;
                self.thing_changed(tx, stage, call, "group.create", None, Some(&group))?;
                parent_id = Some(group.id);
                made = Some(group);
            }
            let made = made.ok_or_else(|| ServiceError::internal("a path without names"))?;
            Forest::load(tx, host)?
                .view(made.id)
                .ok_or(ServiceError::HIDDEN)
        })
    }

    /// Renames, recolours or moves a group.
    ///
    /// # Errors
    /// [`ServiceError::GroupCycle`], [`ServiceError::Stale`], a taken name, an unknown parent.
    pub fn update_group(
        &self,
        call: &Call,
        host: AccountId,
        id: GroupId,
        command: &UpdateGroup,
        expected_version: Option<i64>,
    ) -> Result<GroupView> {
        self.change_hosting::<ManageGroups, _>(call, host, |tx, stage, grant| {
            let forest = Forest::load(tx, host)?;
            let before = forest.group(id).ok_or(ServiceError::HIDDEN)?.clone();
            if let Some(new_parent) = command.parent_id {
                if new_parent.is_some_and(|parent| !forest.tree.contains(parent)) {
                    return Err(ServiceError::invalid(
                        "/parent_id",
                        "There is no such group here.",
                    ));
                }
                forest
                    .tree
                    .check_move(id, new_parent)
                    .map_err(|_| ServiceError::GroupCycle)?;
            }
            let content = GroupContent {
                parent_id: command.parent_id.unwrap_or(before.parent_id),
                name: command
                    .name
                    .as_ref()
                    .map_or(before.name.as_str(), GroupName::as_str)
                    .to_owned(),
                name_key: command
                    .name
                    .as_ref()
                    .map_or_else(|| before.name_key.clone(), GroupName::key),
                color: command
                    .color
                    .as_ref()
                    .map_or(before.color.as_str(), Color::as_str)
                    .to_owned(),
            };
            let group = done(groups::update(
                tx,
                grant,
                id,
                &content,
                expected_version,
                stage.now,
            )?)?;
            self.thing_changed(tx, stage, call, "group.update", Some(&before), Some(&group))?;
            Forest::load(tx, host)?.view(id).ok_or(ServiceError::HIDDEN)
        })
    }

    /// Deletes a group with its subgroups and all shares of them; environments stay.
    ///
    /// # Errors
    /// [`ServiceError::Stale`]; hidden when it is not there.
    pub fn delete_group(
        &self,
        call: &Call,
        host: AccountId,
        id: GroupId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ManageGroups, _>(call, host, |tx, stage, grant| {
            let before = groups::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            let gone: HashSet<Item> = tree_of(&groups::all(tx, host)?)
                .subtree(id)
                .into_iter()
                .map(Item::Group)
                .collect();
            self.telling_of_lost_shares(
                tx,
                stage,
                |share| gone.contains(&share.item),
                |tx| groups::delete(tx, grant, id, stage.now)?.ok_or(ServiceError::HIDDEN),
            )?;
            self.thing_changed(tx, stage, call, "group.delete", Some(&before), None)
        })
    }

    /// Replaces the environments that a group holds.
    ///
    /// # Errors
    /// An environment that is not the account's; [`ServiceError::Stale`].
    pub fn set_group_environments(
        &self,
        call: &Call,
        host: AccountId,
        id: GroupId,
        environment_ids: &[EnvironmentId],
        expected_version: Option<i64>,
    ) -> Result<GroupView> {
        self.change_hosting::<ManageGroups, _>(call, host, |tx, stage, grant| {
            let before = groups::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            if expected_version.is_some_and(|expected| expected != before.version) {
                return Err(ServiceError::Stale);
            }
            known_environments(tx, host, environment_ids, "/environment_ids")?;
            let wanted: BTreeSet<EnvironmentId> = environment_ids.iter().copied().collect();
            let held = groups::environments_of(tx, host, id)?;
            groups::set_environments(tx, grant, id, &wanted, stage.now)?
                .ok_or(ServiceError::HIDDEN)?;
            let happening = Happening::new("group.set_environments")
                .item("group", id, &before.name)
                .before(json!({ "environment_ids": held }))
                .after(json!({ "environment_ids": environment_ids }));
            self.changed(tx, stage, call, happening)?;
            Forest::load(tx, host)?.view(id).ok_or(ServiceError::HIDDEN)
        })
    }

    /// The account's groups, and which of them the caller may know of.
    fn look_at_groups<T>(
        &self,
        call: &Call,
        host: AccountId,
        look: impl Fn(&Forest, &Known) -> Result<T>,
    ) -> Result<T> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            authorize_see_account(stage.caller(), &stage.host, stage.standing)?;
            let forest = Forest::load(tx, host)?;
            let known = match &stage.membership {
                None => Known::All,
                Some(member) => {
                    let shares = shares::of_member(tx, host, member.id)?;
                    Known::Shared(forest.shared_with(&shares, stage.now))
                }
            };
            look(&forest, &known)
        })
    }
}

impl Recorded for Group {
    const KIND: &'static str = "group";

    fn id(&self) -> uuid::Uuid {
        self.id.into()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn facts(&self) -> serde_json::Value {
        json!({ "name": self.name, "color": self.color, "parent_id": self.parent_id })
    }
}

/// The groups that somebody with these shares may know of, in the order of the tree.
pub(crate) fn groups_shared_with(
    tx: &mut Conn<'_>,
    host: AccountId,
    held: &[Share],
    now: DateTime<Utc>,
) -> Result<Vec<Group>> {
    let forest = Forest::load(tx, host)?;
    let shared = forest.shared_with(held, now);
    Ok(forest
        .in_tree_order()
        .filter(|group| shared.contains(&group.id))
        .cloned()
        .collect())
}

/// All groups of an account in the order of the tree, as their owner sees them.
pub(crate) fn every_group(tx: &mut Conn<'_>, host: AccountId) -> Result<Vec<GroupView>> {
    let forest = Forest::load(tx, host)?;
    Ok(forest
        .in_tree_order()
        .filter_map(|group| forest.view(group.id))
        .collect())
}

/// The path of every group of an account.
pub(crate) fn group_paths(tx: &mut Conn<'_>, host: AccountId) -> Result<HashMap<GroupId, String>> {
    let groups = groups::all(tx, host)?;
    let tree = tree_of(&groups);
    Ok(groups
        .iter()
        .filter_map(|group| Some((group.id, tree.path(group.id)?)))
        .collect())
}

/// The paths of the groups that somebody with these shares may know of: those that they see, and those
/// that a share of theirs names though it has ended.
pub(crate) fn paths_of_known_groups(
    tx: &mut Conn<'_>,
    host: AccountId,
    held: &[Share],
    now: DateTime<Utc>,
) -> Result<HashMap<GroupId, String>> {
    let forest = Forest::load(tx, host)?;
    let named = held.iter().filter_map(|share| match share.item {
        Item::Group(id) => Some(id),
        Item::Environments | Item::Groups | Item::Environment(_) => None,
    });
    Ok(forest
        .shared_with(held, now)
        .into_iter()
        .chain(named)
        .filter_map(|id| Some((id, forest.tree.path(id)?)))
        .collect())
}

/// Refuses ids of environments that are not the account's.
pub(crate) fn known_environments(
    tx: &mut Conn<'_>,
    host: AccountId,
    ids: &[EnvironmentId],
    pointer: &str,
) -> Result<()> {
    let known: HashSet<EnvironmentId> = environments_among(tx, host, ids)?
        .into_iter()
        .map(|environment| environment.id)
        .collect();
    refuse_unknown(ids, &known, pointer, "There is no such environment here.")
}

/// Those of the environments that are the account's.
pub(crate) fn environments_among(
    tx: &mut Conn<'_>,
    host: AccountId,
    ids: &[EnvironmentId],
) -> Result<Vec<Environment>> {
    let mut found = environments::by_ids(tx, ids)?;
    found.retain(|environment| environment.account_id == host);
    Ok(found)
}

/// Refuses ids of groups that are not the account's.
pub(crate) fn known_groups(
    tx: &mut Conn<'_>,
    host: AccountId,
    ids: &[GroupId],
    pointer: &str,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let known: HashSet<GroupId> = groups::all(tx, host)?
        .into_iter()
        .map(|group| group.id)
        .collect();
    refuse_unknown(ids, &known, pointer, "There is no such group here.")
}
