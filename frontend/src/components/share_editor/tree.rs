//! The tree of things that can be shared: two categories, the groups as they nest, and environments
//! under every group that holds them.

use std::collections::{HashMap, HashSet};

use accord_api_types::{Environment, Group, Item, Uuid};

/// A line of the tree: an item, and under which group it stands. The same environment may stand under
/// several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LineKey {
    pub(crate) item: Item,
    pub(crate) under: Option<Uuid>,
}

impl LineKey {
    /// As an element's id.
    pub(super) fn element_id(self) -> String {
        let part = |id: Option<Uuid>| id.map(|id| id.simple().to_string()).unwrap_or_default();
        format!(
            "share-{}-{}-{}",
            self.item.kind.as_str(),
            part(self.item.id),
            part(self.under)
        )
    }
}

/// A line of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) key: LineKey,
    pub(crate) depth: usize,
    /// What the line shows.
    pub(crate) name: String,
    /// What it is called among all lines: a group's whole path.
    pub(crate) full_name: String,
    /// A second, quieter name.
    pub(crate) note: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) has_children: bool,
    /// The place of the line that it hangs under.
    parent: Option<usize>,
    /// What a search looks at, in lower case.
    found_by: String,
}

/// The whole tree, unfolded, each line after the one that it hangs under.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tree {
    pub(crate) lines: Vec<Line>,
}

impl Tree {
    /// Environments without a group hang under their category, all others under each of their groups,
    /// which are listed parents first.
    pub(crate) fn new(groups: &[Group], environments: &[Environment]) -> Self {
        let mut children: HashMap<Option<Uuid>, Vec<&Group>> = HashMap::new();
        for group in groups {
            children.entry(group.parent_id).or_default().push(group);
        }
        let known: HashSet<Uuid> = groups.iter().map(|group| group.id).collect();
        let mut held: HashMap<Uuid, Vec<&Environment>> = HashMap::new();
        let mut free = Vec::new();
        for environment in environments {
            let mut groups = environment
                .group_ids
                .iter()
                .filter(|id| known.contains(id))
                .peekable();
            if groups.peek().is_none() {
                free.push(environment);
            }
            for group in groups {
                held.entry(*group).or_default().push(environment);
            }
        }
        let mut tree = Self::default();
        let all = "all of them, also those made later";
        let at = tree.category(Item::ENVIRONMENTS, "Environments", all, !free.is_empty());
        for environment in free {
            tree.environment(environment, None, at, 1);
        }
        let default = "the default for every group";
        let at = tree.category(
            Item::GROUPS,
            "Environment groups",
            default,
            !groups.is_empty(),
        );
        tree.groups_in(None, at, 1, &children, &held);
        tree
    }

    fn category(&mut self, item: Item, name: &str, note: &str, has_children: bool) -> usize {
        self.add(Line {
            key: LineKey { item, under: None },
            depth: 0,
            name: name.into(),
            full_name: name.into(),
            note: Some(note.into()),
            color: None,
            has_children,
            parent: None,
            // Everybody knows where the categories are.
            found_by: String::new(),
        })
    }

    fn groups_in(
        &mut self,
        parent: Option<Uuid>,
        at: usize,
        depth: usize,
        children: &HashMap<Option<Uuid>, Vec<&Group>>,
        held: &HashMap<Uuid, Vec<&Environment>>,
    ) {
        for group in children.get(&parent).into_iter().flatten() {
            let environments = held.get(&group.id).map(Vec::as_slice).unwrap_or_default();
            let place = self.add(Line {
                key: LineKey {
                    item: Item::group(group.id),
                    under: group.parent_id,
                },
                depth,
                name: group.name.clone(),
                full_name: group.path.clone(),
                note: match group.environment_count {
                    0 if children.contains_key(&Some(group.id)) => None,
                    0 => Some("empty".into()),
                    1 => Some("1 environment".into()),
                    count => Some(format!("{count} environments")),
                },
                color: Some(group.color.clone()),
                has_children: children.contains_key(&Some(group.id)) || !environments.is_empty(),
                parent: Some(at),
                found_by: group.path.to_lowercase(),
            });
            self.groups_in(Some(group.id), place, depth + 1, children, held);
            for environment in environments {
                self.environment(environment, Some(group.id), place, depth + 1);
            }
        }
    }

    fn environment(&mut self, one: &Environment, under: Option<Uuid>, at: usize, depth: usize) {
        let note = one.display_name.clone();
        let found_by = format!(
            "{}\n{}",
            one.name.to_lowercase(),
            note.as_deref().unwrap_or_default().to_lowercase()
        );
        self.add(Line {
            key: LineKey {
                item: Item::environment(one.id),
                under,
            },
            depth,
            name: one.name.clone(),
            full_name: one.name.clone(),
            note,
            color: None,
            has_children: false,
            parent: Some(at),
            found_by,
        });
    }

    fn add(&mut self, line: Line) -> usize {
        self.lines.push(line);
        self.lines.len() - 1
    }

    /// Everything that can be shared.
    pub(crate) fn items(&self) -> HashSet<Item> {
        self.lines.iter().map(|line| line.key.item).collect()
    }

    /// The lines that others hang under, but for the categories: what to fold where there are many.
    pub(crate) fn foldable(&self) -> HashSet<Item> {
        self.lines
            .iter()
            .filter(|line| line.has_children)
            .map(|line| line.key.item)
            .collect()
    }

    /// The key of the line that this one hangs under.
    pub(super) fn parent_of(&self, line: &Line) -> Option<LineKey> {
        line.parent.map(|at| self.lines[at].key)
    }

    /// The lines to show: those that match what is looked for, with the lines they hang under; without
    /// a search, all but those under a folded line.
    pub(crate) fn shown(&self, looked_for: &str, folded: &HashSet<Item>) -> Vec<Shown> {
        let looked_for = looked_for.trim().to_lowercase();
        let mut visible = vec![looked_for.is_empty(); self.lines.len()];
        if looked_for.is_empty() {
            for at in 0..self.lines.len() {
                if let Some(parent) = self.lines[at].parent {
                    visible[at] = visible[parent] && !folded.contains(&self.lines[parent].key.item);
                }
            }
        } else {
            for (at, line) in self.lines.iter().enumerate() {
                if line.found_by.contains(&looked_for) {
                    let mut above = Some(at);
                    while let Some(at) = above.filter(|at| !visible[*at]) {
                        visible[at] = true;
                        above = self.lines[at].parent;
                    }
                }
            }
        }
        self.counted(&visible)
    }

    /// The visible lines with their place among their visible siblings.
    fn counted(&self, visible: &[bool]) -> Vec<Shown> {
        let mut siblings = vec![0; self.lines.len() + 1];
        let slot = |parent: Option<usize>| parent.map_or(0, |at| at + 1);
        let mut shown = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            if visible[at] {
                let count = &mut siblings[slot(line.parent)];
                *count += 1;
                shown.push(Shown {
                    line: at,
                    place: *count,
                    siblings: 0,
                });
            }
        }
        for one in &mut shown {
            one.siblings = siblings[slot(self.lines[one.line].parent)];
        }
        shown
    }
}

/// A line that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its place in the whole tree.
    pub(crate) line: usize,
    /// Which of its siblings it is, from 1.
    pub(crate) place: usize,
    pub(crate) siblings: usize,
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
