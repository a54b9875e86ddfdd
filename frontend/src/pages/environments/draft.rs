//! What the form of an environment holds, and what it changes.

use std::collections::HashSet;

use accord_api_types::{CreateEnvironment, Environment, Group, UpdateEnvironment, Uuid};

use super::model::status_choices;
use crate::components::chosen_ids;
use crate::editing::{Change, Content, Three};
use crate::pages::groups::model::tags;

/// What was typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    /// Empty where there is none.
    pub(super) display_name: String,
    /// As the list of choices has it.
    pub(super) status: String,
    /// As the list of choices has them; none where they are not the person's to set.
    pub(super) group_ids: HashSet<String>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            display_name: String::new(),
            status: "running".to_owned(),
            group_ids: HashSet::new(),
        }
    }
}

impl Draft {
    pub(super) fn of(environment: &Environment, may_set_groups: bool) -> Self {
        let group_ids = environment.group_ids.iter().filter(|_| may_set_groups);
        Self {
            name: environment.name.clone(),
            display_name: environment.display_name.clone().unwrap_or_default(),
            status: environment.status.as_str().to_owned(),
            group_ids: group_ids.map(Uuid::to_string).collect(),
        }
    }

    pub(super) fn groups(&self) -> Vec<Uuid> {
        chosen_ids(&self.group_ids)
    }

    fn shown_name(&self) -> Option<String> {
        (!self.display_name.is_empty()).then(|| self.display_name.clone())
    }

    /// What to send for a new one.
    pub(super) fn creation(&self) -> CreateEnvironment {
        CreateEnvironment {
            name: self.name.clone(),
            display_name: self.shown_name(),
            status: self.status.parse().ok(),
            group_ids: self.groups(),
        }
    }
}

impl Content for Draft {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            name: three.of(|draft| &draft.name).one(),
            display_name: three.of(|draft| &draft.display_name).one(),
            status: three.of(|draft| &draft.status).one(),
            group_ids: three.of(|draft| &draft.group_ids).each(),
        }
    }
}

/// What somebody else changed, in words.
pub(super) fn told(three: Three<'_, Draft>, groups: &[Group]) -> Vec<Change> {
    let status = three.of(|draft| &draft.status).told(|status| {
        let named = status_choices();
        let words = named.iter().find(|(value, _)| value == status);
        let words = words.map_or(status.as_str(), |(_, words)| words);
        format!("The status is {words} now.")
    });
    let paths = |ids: HashSet<String>| {
        let tags = tags(groups, &chosen_ids(&ids));
        tags.into_iter().map(|(path, _)| path).collect()
    };
    [
        three.of(|draft| &draft.name).told_text("name"),
        three
            .of(|draft| &draft.display_name)
            .told_text("display name"),
        status,
    ]
    .into_iter()
    .flatten()
    .chain(three.of(|draft| &draft.group_ids).told_each(
        "It was put into these groups:",
        "It was taken out of these groups:",
        paths,
    ))
    .collect()
}

/// Only what changes.
pub(super) fn between(before: &Draft, after: &Draft) -> UpdateEnvironment {
    UpdateEnvironment {
        name: (after.name != before.name).then(|| after.name.clone()),
        display_name: (after.display_name != before.display_name).then(|| after.shown_name()),
        status: (after.status != before.status)
            .then(|| after.status.parse().ok())
            .flatten(),
        group_ids: (after.group_ids != before.group_ids).then(|| after.groups()),
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::EnvironmentStatus;

    use super::*;

    fn draft(name: &str, display_name: &str, groups: &[u128]) -> Draft {
        let group = |id: &u128| Uuid::from_u128(*id).to_string();
        Draft {
            name: name.into(),
            display_name: display_name.into(),
            group_ids: groups.iter().map(group).collect(),
            ..Draft::default()
        }
    }

    #[test]
    fn only_what_changed_is_sent() {
        let before = draft("shop", "Shop", &[1]);
        assert_eq!(between(&before, &before), UpdateEnvironment::default());
        let after = Draft {
            status: "stopped".into(),
            ..draft("shop", "", &[2, 1])
        };
        let sent = UpdateEnvironment {
            name: None,
            display_name: Some(None),
            status: Some(EnvironmentStatus::Stopped),
            group_ids: Some([1, 2].map(Uuid::from_u128).to_vec()),
        };
        assert_eq!(between(&before, &after), sent);
    }

    #[test]
    fn what_is_left_empty_is_not_sent_for_a_new_one() {
        let sent = draft("shop", "", &[1]).creation();
        let expected = CreateEnvironment {
            name: "shop".into(),
            display_name: None,
            status: Some(EnvironmentStatus::Running),
            group_ids: vec![Uuid::from_u128(1)],
        };
        assert_eq!(sent, expected);
    }
}
