//! What the form of a policy holds, and what it changes.

use std::collections::HashSet;

use accord_api_types::{Action, Policy, UpdatePolicy};

use crate::editing::{Change, Content, Three};

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) action_ids: HashSet<String>,
}

impl Draft {
    pub(super) fn of(policy: &Policy) -> Self {
        Self {
            name: policy.name.clone(),
            description: policy.description.clone(),
            action_ids: policy.action_ids.iter().cloned().collect(),
        }
    }

    /// The chosen actions, in an order that does not depend on how they were chosen.
    pub(super) fn actions(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.action_ids.iter().cloned().collect();
        ids.sort();
        ids
    }
}

impl Content for Draft {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            name: three.of(|draft| &draft.name).one(),
            description: three.of(|draft| &draft.description).one(),
            action_ids: three.of(|draft| &draft.action_ids).each(),
        }
    }
}

/// What somebody else changed, in words.
pub(super) fn told(three: Three<'_, Draft>, actions: &[Action]) -> Vec<Change> {
    let titles = |ids: HashSet<String>| {
        let chosen = actions.iter().filter(|action| ids.contains(&action.id));
        chosen.map(|action| action.title.clone()).collect()
    };
    let texts = [
        three.of(|draft| &draft.name).told_text("name"),
        three
            .of(|draft| &draft.description)
            .told_text("description"),
    ];
    texts
        .into_iter()
        .flatten()
        .chain(three.of(|draft| &draft.action_ids).told_each(
            "Actions were added:",
            "Actions were taken out:",
            titles,
        ))
        .collect()
}

/// Only what changes.
pub(super) fn between(before: &Draft, after: &Draft) -> UpdatePolicy {
    UpdatePolicy {
        name: (after.name != before.name).then(|| after.name.clone()),
        description: (after.description != before.description).then(|| after.description.clone()),
        action_ids: (after.action_ids != before.action_ids).then(|| after.actions()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_sent() {
        let before = Draft {
            name: "Watch".into(),
            action_ids: HashSet::from(["logs.read".to_owned()]),
            ..Draft::default()
        };
        assert_eq!(between(&before, &before), UpdatePolicy::default());
        let after = Draft {
            action_ids: ["logs.read", "files.read"].map(str::to_owned).into(),
            ..before.clone()
        };
        let sent = UpdatePolicy {
            action_ids: Some(vec!["files.read".into(), "logs.read".into()]),
            ..UpdatePolicy::default()
        };
        assert_eq!(between(&before, &after), sent);
    }
}
