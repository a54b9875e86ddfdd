//! What the form of a role holds, and what it changes.

use std::collections::HashSet;

use accord_api_types::{Policy, Role, UpdateRole, Uuid};

use super::model::names;
use crate::components::chosen_ids;
use crate::editing::{Change, Content, Three};

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) description: String,
    /// As the list of choices has them.
    pub(super) policy_ids: HashSet<String>,
    pub(super) receive_load_alerts: bool,
}

impl Draft {
    pub(super) fn of(role: &Role) -> Self {
        Self {
            name: role.name.clone(),
            description: role.description.clone(),
            policy_ids: role.policy_ids.iter().map(Uuid::to_string).collect(),
            receive_load_alerts: role.receive_load_alerts,
        }
    }
}

impl Content for Draft {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            name: three.of(|draft| &draft.name).one(),
            description: three.of(|draft| &draft.description).one(),
            policy_ids: three.of(|draft| &draft.policy_ids).each(),
            receive_load_alerts: three.of(|draft| &draft.receive_load_alerts).one(),
        }
    }
}

/// What somebody else changed, in words.
pub(super) fn told(three: Three<'_, Draft>, policies: &[Policy]) -> Vec<Change> {
    let names = |chosen: HashSet<String>| names(&chosen_ids(&chosen), policies);
    let alerts = three.of(|draft| &draft.receive_load_alerts).told(|on| {
        let words = if *on {
            "It receives load alerts now."
        } else {
            "It does not receive load alerts any more."
        };
        words.to_owned()
    });
    [
        three.of(|draft| &draft.name).told_text("name"),
        three
            .of(|draft| &draft.description)
            .told_text("description"),
        alerts,
    ]
    .into_iter()
    .flatten()
    .chain(three.of(|draft| &draft.policy_ids).told_each(
        "Policies were added:",
        "Policies were taken out:",
        names,
    ))
    .collect()
}

/// Only what changes.
pub(super) fn between(before: &Draft, after: &Draft) -> UpdateRole {
    UpdateRole {
        name: (after.name != before.name).then(|| after.name.clone()),
        description: (after.description != before.description).then(|| after.description.clone()),
        policy_ids: (after.policy_ids != before.policy_ids).then(|| chosen_ids(&after.policy_ids)),
        receive_load_alerts: (after.receive_load_alerts != before.receive_load_alerts)
            .then_some(after.receive_load_alerts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_sent() {
        let before = Draft {
            name: "Watch".into(),
            policy_ids: HashSet::from([Uuid::from_u128(1).to_string()]),
            ..Draft::default()
        };
        assert_eq!(between(&before, &before), UpdateRole::default());
        let after = Draft {
            policy_ids: [2, 1].map(|id| Uuid::from_u128(id).to_string()).into(),
            ..before.clone()
        };
        let both = [1, 2].map(Uuid::from_u128).to_vec();
        let sent = UpdateRole {
            policy_ids: Some(both),
            ..UpdateRole::default()
        };
        assert_eq!(between(&before, &after), sent);
    }
}
