//! What the form of a group holds, and what it changes.

use accord_api_types::{Group, UpdateGroup, Uuid};

use super::model::PALETTE;
use crate::editing::{Change, Content, Three};

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) color: String,
    /// The id of the group that it lies inside of; empty at the root.
    pub(super) parent: String,
}

impl Draft {
    pub(super) fn of(group: &Group) -> Self {
        Self {
            name: group.name.clone(),
            color: group.color.clone(),
            parent: group.parent_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    pub(super) fn parent_id(&self) -> Option<Uuid> {
        self.parent.parse().ok()
    }
}

impl Content for Draft {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            name: three.of(|draft| &draft.name).one(),
            color: three.of(|draft| &draft.color).one(),
            parent: three.of(|draft| &draft.parent).one(),
        }
    }
}

/// What somebody else changed, in words.
pub(super) fn told(three: Three<'_, Draft>, groups: &[Group]) -> Vec<Change> {
    let color = three.of(|draft| &draft.color).told(|color| {
        let named = PALETTE.iter().find(|(choice, _)| choice == color);
        let name = named.map_or(color.as_str(), |(_, name)| name);
        format!("The colour is {name} now.")
    });
    let place = three.of(|draft| &draft.parent).told(|parent| {
        let found = groups.iter().find(|group| group.id.to_string() == *parent);
        match found {
            Some(group) => format!("It lies inside {} now.", group.path),
            None if parent.is_empty() => "It lies at the root now.".to_owned(),
            None => "It lies inside another group now.".to_owned(),
        }
    });
    [
        three.of(|draft| &draft.name).told_text("name"),
        color,
        place,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Only what changes: a group that stays where it is is not moved.
pub(super) fn between(before: &Draft, after: &Draft) -> UpdateGroup {
    UpdateGroup {
        name: (after.name != before.name).then(|| after.name.clone()),
        color: (after.color != before.color).then(|| after.color.clone()),
        parent_id: (after.parent != before.parent).then(|| after.parent_id()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, color: &str, parent: Option<Uuid>) -> Draft {
        Draft {
            name: name.into(),
            color: color.into(),
            parent: parent.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    #[test]
    fn only_what_changed_is_sent() {
        let web = Some(Uuid::from_u128(1));
        let before = draft("live", "#3b82f6", web);
        assert_eq!(between(&before, &before), UpdateGroup::default());
        let to_root = UpdateGroup {
            parent_id: Some(None),
            ..UpdateGroup::default()
        };
        assert_eq!(between(&before, &draft("live", "#3b82f6", None)), to_root);
    }

    #[test]
    fn what_others_changed_is_said_as_the_form_shows_it() {
        let before = draft("live", "#3b82f6", Some(Uuid::from_u128(1)));
        let after = draft("live", "#14b8a6", None);
        let told = told(
            Three {
                before: &before,
                after: &after,
                mine: &before,
            },
            &[],
        );
        let words: Vec<&str> = told.iter().map(|change| change.words.as_str()).collect();
        assert_eq!(
            words,
            ["The colour is Teal now.", "It lies at the root now."]
        );
    }
}
