//! Groups: what a typed name or path means, where a group may move, and its colours.

use accord_api_types::{CreateGroup, Group, Uuid};

/// Colours to choose from, with their names; any other can be mixed.
pub(super) const PALETTE: [(&str, &str); 10] = [
    ("#3b82f6", "Blue"),
    ("#0ea5e9", "Sky"),
    ("#14b8a6", "Teal"),
    ("#22c55e", "Green"),
    ("#eab308", "Yellow"),
    ("#f97316", "Orange"),
    ("#ef4444", "Red"),
    ("#ec4899", "Pink"),
    ("#8b5cf6", "Violet"),
    ("#64748b", "Slate"),
];

/// A colour for the next group: the one used least so far.
pub(super) fn next_color(groups: &[Group]) -> String {
    let used = |color: &str| groups.iter().filter(|group| group.color == color).count();
    PALETTE
        .iter()
        .map(|(color, _)| *color)
        .min_by_key(|color| used(color))
        .unwrap_or("#3b82f6")
        .to_owned()
}

/// What to send for a typed name, or for a path such as `web/live`, below `parent`.
pub(super) fn creation(typed: &str, color: String, parent: Option<&Group>) -> CreateGroup {
    let typed: Vec<&str> = typed
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    match (typed.as_slice(), parent) {
        ([name], parent) => CreateGroup {
            name: Some((*name).to_owned()),
            parent_id: parent.map(|parent| parent.id),
            path: None,
            color: Some(color),
        },
        (parts, parent) => {
            let below = parent
                .map(|parent| format!("{}/", parent.path))
                .unwrap_or_default();
            CreateGroup {
                name: None,
                parent_id: None,
                path: Some(below + &parts.join("/")),
                color: Some(color),
            }
        }
    }
}

/// Where a group may move, as choices: (id or nothing for the root, path).
pub(super) fn parents(groups: &[Group], moving: &Group) -> Vec<(String, String)> {
    let below = format!("{}/", moving.path);
    let others = groups
        .iter()
        .filter(|group| group.id != moving.id && !group.path.starts_with(&below))
        .map(|group| (group.id.to_string(), group.path.clone()));
    std::iter::once((String::new(), "No group: at the root".to_owned()))
        .chain(others)
        .collect()
}

/// The groups below this one, at any depth.
pub(super) fn subgroups(groups: &[Group], group: &Group) -> usize {
    let below = format!("{}/", group.path);
    groups
        .iter()
        .filter(|other| other.path.starts_with(&below))
        .count()
}

/// How deep a group hangs.
pub(super) fn depth(group: &Group) -> usize {
    group.path.matches('/').count()
}

/// The paths of some groups.
pub(crate) fn tags(groups: &[Group], ids: &[Uuid]) -> Vec<(String, String)> {
    groups
        .iter()
        .filter(|group| ids.contains(&group.id))
        .map(|group| (group.path.clone(), group.color.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use accord_api_types::DateTime;

    use super::*;

    fn group(number: u128, path: &str) -> Group {
        Group {
            id: Uuid::from_u128(number),
            name: path.rsplit('/').next().unwrap_or_default().into(),
            color: "#3b82f6".into(),
            parent_id: None,
            path: path.into(),
            environment_count: 0,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        }
    }

    #[test]
    fn a_name_is_sent_with_its_parent() {
        let parent = group(1, "web");
        let sent = creation(" live ", "#112233".into(), Some(&parent));
        assert_eq!(
            (sent.name.as_deref(), sent.parent_id, sent.path),
            (Some("live"), Some(parent.id), None)
        );
    }

    #[test]
    fn a_path_is_sent_whole() {
        let sent = creation("live / eu/", "#112233".into(), Some(&group(1, "web")));
        assert_eq!(
            (sent.name, sent.parent_id, sent.path.as_deref()),
            (None, None, Some("web/live/eu"))
        );
        assert_eq!(
            creation("a/b", String::new(), None).path.as_deref(),
            Some("a/b")
        );
    }

    #[test]
    fn a_group_never_moves_into_itself() {
        let groups = [group(1, "web"), group(2, "web/live"), group(3, "webshop")];
        let choices = parents(&groups, &groups[0]);
        assert_eq!(
            choices
                .iter()
                .map(|(_, path)| path.as_str())
                .collect::<Vec<_>>(),
            ["No group: at the root", "webshop"]
        );
        assert_eq!(subgroups(&groups, &groups[0]), 1);
    }

    #[test]
    fn colours_are_spread() {
        assert_eq!(next_color(&[]), "#3b82f6");
        assert_ne!(next_color(&[group(1, "web")]), "#3b82f6");
    }

    #[test]
    fn tags_are_paths_with_colours() {
        let groups = [group(1, "web"), group(2, "web/live")];
        assert_eq!(
            tags(&groups, &[groups[1].id]),
            [("web/live".to_owned(), "#3b82f6".to_owned())]
        );
        assert_eq!(depth(&groups[1]), 1);
    }
}
