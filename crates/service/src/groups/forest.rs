//! All groups of an account, and what somebody may know of them.

use std::collections::{HashMap, HashSet};

use accord_domain::group_tree::GroupTree;
use accord_domain::ids::{AccountId, GroupId};
use accord_domain::sharing::{Item, Share};
use accord_store::Conn;
use accord_store::groups::{self, Group};
use chrono::{DateTime, Utc};

use super::GroupView;
use crate::error::Result;
use crate::shares::tree_of;

/// All groups of an account.
pub(super) struct Forest {
    pub(super) groups: Vec<Group>,
    pub(super) tree: GroupTree,
    by_id: HashMap<GroupId, usize>,
    counts: HashMap<GroupId, i64>,
}

/// Which groups somebody may know of.
pub(super) enum Known {
    /// The owner: every one.
    All,
    /// A member: those that are shared with them.
    Shared(HashSet<GroupId>),
}

impl Known {
    pub(super) fn sees(&self, id: GroupId) -> bool {
        match self {
            Self::All => true,
            Self::Shared(shared) => shared.contains(&id),
        }
    }

    /// The group as they see it.
    pub(super) fn view(&self, forest: &Forest, id: GroupId) -> Option<GroupView> {
        let view = forest.view(id).filter(|_| self.sees(id))?;
        Some(match self {
            Self::All => view,
            Self::Shared(_) => GroupView {
                parent_id: view.parent_id.filter(|parent| self.sees(*parent)),
                editable: false,
                ..view
            },
        })
    }
}

impl Forest {
    pub(super) fn load(tx: &mut Conn<'_>, host: AccountId) -> Result<Self> {
        let groups = groups::all(tx, host)?;
        let tree = tree_of(&groups);
        let by_id = groups
            .iter()
            .enumerate()
            .map(|(index, group)| (group.id, index))
            .collect();
        Ok(Self {
            groups,
            by_id,
            tree,
            counts: groups::environment_counts(tx, host)?,
        })
    }

    pub(super) fn group(&self, id: GroupId) -> Option<&Group> {
        self.by_id.get(&id).map(|index| &self.groups[*index])
    }

    /// The group as its owner sees it.
    pub(super) fn view(&self, id: GroupId) -> Option<GroupView> {
        let group = self.group(id)?.clone();
        Some(GroupView {
            path: self.tree.path(id).unwrap_or_else(|| group.name.clone()),
            parent_id: group.parent_id,
            environment_count: self
                .counts
                .get(&id)
                .copied()
                .unwrap_or_default()
                .unsigned_abs(),
            editable: true,
            group,
        })
    }

    /// Parents before children, siblings by name. One walk, however deep they nest.
    pub(super) fn in_tree_order(&self) -> impl Iterator<Item = &Group> {
        let mut children: HashMap<Option<GroupId>, Vec<&Group>> = HashMap::new();
        for group in &self.groups {
            children.entry(group.parent_id).or_default().push(group);
        }
        for siblings in children.values_mut() {
            siblings.sort_unstable_by(|a, b| (&b.name_key, b.id).cmp(&(&a.name_key, a.id)));
        }
        let mut waiting = children.remove(&None).unwrap_or_default();
        std::iter::from_fn(move || {
            let group = waiting.pop()?;
            waiting.extend(children.remove(&Some(group.id)).unwrap_or_default());
            Some(group)
        })
    }

    /// The groups that these shares let somebody know of: the shared ones and those below.
    pub(super) fn shared_with(&self, shares: &[Share], now: DateTime<Utc>) -> HashSet<GroupId> {
        let mut visible = HashSet::new();
        for share in shares.iter().filter(|share| !share.ended(now)) {
            match share.item {
                Item::Groups => visible.extend(self.groups.iter().map(|group| group.id)),
                Item::Group(id) => visible.extend(self.tree.subtree(id)),
                Item::Environments | Item::Environment(_) => {}
            }
        }
        visible
    }
}
