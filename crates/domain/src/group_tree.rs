//! The tree of environment groups. Nothing here recurses, so that nesting has no limit.

use std::collections::{HashMap, HashSet};

use crate::ids::GroupId;
use crate::text::{GroupName, key_of};

/// One environment group as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNode {
    /// Its id.
    pub id: GroupId,
    /// The group that holds it; none at the root.
    pub parent_id: Option<GroupId>,
    /// Its name, unique among its siblings.
    pub name: String,
}

/// Why a change to the tree was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// There is no such group.
    #[error("There is no such group.")]
    Unknown(GroupId),
    /// The group would end up inside itself.
    #[error("A group cannot be moved into itself or into one of its own subgroups.")]
    Cycle,
}

/// How much of a path exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMatch {
    /// The last group on the path that exists; none where not even the first does.
    pub found: Option<GroupId>,
    /// The names below it that do not exist yet, in order.
    pub missing: Vec<GroupName>,
}

/// All groups of one account.
#[derive(Clone, Debug, Default)]
pub struct GroupTree {
    nodes: HashMap<GroupId, GroupNode>,
    children: HashMap<Option<GroupId>, Vec<GroupId>>,
}

impl GroupTree {
    /// Builds the tree. A group whose parent is unknown counts as one at the root.
    pub fn new(nodes: impl IntoIterator<Item = GroupNode>) -> Self {
        let nodes: HashMap<_, _> = nodes.into_iter().map(|node| (node.id, node)).collect();
        let mut children: HashMap<Option<GroupId>, Vec<GroupId>> = HashMap::new();
        for node in nodes.values() {
            let parent = node.parent_id.filter(|parent| nodes.contains_key(parent));
            children.entry(parent).or_default().push(node.id);
        }
        Self { nodes, children }
    }

    /// Whether there is such a group.
    pub fn contains(&self, id: GroupId) -> bool {
        self.nodes.contains_key(&id)
    }

    /// The group itself.
    pub fn get(&self, id: GroupId) -> Option<&GroupNode> {
        self.nodes.get(&id)
    }

    /// The groups above, the nearest first.
    pub fn ancestors(&self, id: GroupId) -> Vec<GroupId> {
        let mut seen = HashSet::from([id]);
        let mut above = Vec::new();
        let mut at = self.parent(id);
        // Stored data has no cycle; if it ever had one, this would still end.
        while let Some(parent) = at.filter(|parent| seen.insert(*parent)) {
            above.push(parent);
            at = self.parent(parent);
        }
        above
    }

    /// The group and everything below it, each group before those that it holds.
    pub fn subtree(&self, id: GroupId) -> Vec<GroupId> {
        if !self.contains(id) {
            return Vec::new();
        }
        let mut seen = HashSet::from([id]);
        let mut found = vec![id];
        let mut next = 0;
        while let Some(&group) = found.get(next) {
            next += 1;
            for &child in self.children.get(&Some(group)).into_iter().flatten() {
                if seen.insert(child) {
                    found.push(child);
                }
            }
        }
        found
    }

    /// The path as people write it: `parent/child`. None for an unknown group.
    pub fn path(&self, id: GroupId) -> Option<String> {
        let own = self.nodes.get(&id)?;
        let mut names: Vec<&str> = vec![&own.name];
        names.extend(
            self.ancestors(id)
                .iter()
                .filter_map(|above| self.nodes.get(above))
                .map(|node| node.name.as_str()),
        );
        names.reverse();
        Some(names.join("/"))
    }

    /// The child of `parent` (of the root without one) with this name, letter case aside.
    pub fn child_named(&self, parent: Option<GroupId>, name: &GroupName) -> Option<GroupId> {
        let key = name.key();
        self.children.get(&parent)?.iter().copied().find(|id| {
            self.nodes
                .get(id)
                .is_some_and(|node| key_of(&node.name) == key)
        })
    }

    /// Follows a path as far as it exists.
    pub fn find(&self, path: &[GroupName]) -> PathMatch {
        let mut found = None;
        for (depth, name) in path.iter().enumerate() {
            match self.child_named(found, name) {
                Some(id) => found = Some(id),
                None => {
                    return PathMatch {
                        found,
                        missing: path[depth..].to_vec(),
                    };
                }
            }
        }
        PathMatch {
            found,
            missing: Vec::new(),
        }
    }

    /// Whether the group may be put under `new_parent` (to the root without one).
    pub fn check_move(&self, id: GroupId, new_parent: Option<GroupId>) -> Result<(), GroupError> {
        if !self.contains(id) {
            return Err(GroupError::Unknown(id));
        }
        let Some(parent) = new_parent else {
            return Ok(());
        };
        if !self.contains(parent) {
            return Err(GroupError::Unknown(parent));
        }
        if parent == id || self.ancestors(parent).contains(&id) {
            return Err(GroupError::Cycle);
        }
        Ok(())
    }

    fn parent(&self, id: GroupId) -> Option<GroupId> {
        self.nodes
            .get(&id)?
            .parent_id
            .filter(|parent| self.nodes.contains_key(parent))
    }
}
