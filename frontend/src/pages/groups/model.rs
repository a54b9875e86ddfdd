//! Groups: what a typed name or path means, where a group may move, and its colours.

use std::collections::HashSet;

use accord_api_types::{CreateGroup, Group, ItemKind, Member, Uuid};

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

/// Somewhere that a group may be inside of, or not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parent {
    /// A group's id, or nothing for the root.
    pub(super) id: String,
    pub(super) words: String,
    /// It lies inside the group that moves.
    pub(super) is_inside: bool,
}

/// Where a group may move; what lies inside it is shown, and refused.
pub(super) fn parents(groups: &[Group], moving: &Group) -> Vec<Parent> {
    let below = format!("{}/", moving.path);
    let others = groups.iter().map(|group| {
        let (itself, inside) = (group.id == moving.id, group.path.starts_with(&below));
        let note = match (itself, inside) {
            (true, _) => " (itself)",
            (_, true) => " (inside it)",
            _ => "",
        };
        Parent {
            id: group.id.to_string(),
            words: format!("{}{note}", group.path),
            is_inside: itself || inside,
        }
    });
    std::iter::once(Parent {
        id: String::new(),
        words: "No group: at the root".to_owned(),
        is_inside: false,
    })
    .chain(others)
    .collect()
}

/// The groups below this one, at any depth.
pub(super) fn subgroups(groups: &[Group], group: &Group) -> Vec<Group> {
    let below = format!("{}/", group.path);
    groups
        .iter()
        .filter(|other| other.path.starts_with(&below))
        .cloned()
        .collect()
}

/// How deep a group hangs.
fn depth(group: &Group) -> usize {
    group.path.matches('/').count()
}

/// A line of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) group: Group,
    /// How far it is pushed in: as deep as it hangs, but for a search, whose finds stand alone.
    pub(super) depth: usize,
    pub(super) has_children: bool,
    pub(super) is_folded: bool,
    /// The path down to it, where the lines above do not show it.
    pub(super) above: Option<String>,
}

/// Deeper than this the pushing in says little: the path says it in words.
const READABLE_DEPTH: usize = 5;

/// The lines to show: the tree without what is folded away, or what a search finds.
pub(super) fn lines(groups: &[Group], folded: &HashSet<Uuid>, looked_for: &str) -> Vec<Line> {
    let looked_for = looked_for.trim().to_lowercase();
    let above = |group: &Group| {
        let (above, _) = group.path.rsplit_once('/')?;
        Some(format!("{above}/"))
    };
    if !looked_for.is_empty() {
        return groups
            .iter()
            .filter(|group| group.path.to_lowercase().contains(&looked_for))
            .map(|group| Line {
                group: group.clone(),
                depth: 0,
                has_children: false,
                is_folded: false,
                above: above(group),
            })
            .collect();
    }
    let mut shown: Vec<Line> = Vec::new();
    // The path of the folded group that hides what comes next.
    let mut hidden_below: Option<String> = None;
    for (at, group) in groups.iter().enumerate() {
        let is_hidden = |below: &String| group.path.starts_with(below);
        if hidden_below.as_ref().is_some_and(is_hidden) {
            continue;
        }
        let below = format!("{}/", group.path);
        let has_children = groups
            .get(at + 1)
            .is_some_and(|next| next.path.starts_with(&below));
        let is_folded = has_children && folded.contains(&group.id);
        hidden_below = is_folded.then_some(below);
        let depth = depth(group);
        shown.push(Line {
            group: group.clone(),
            depth,
            has_children,
            is_folded,
            above: (depth >= READABLE_DEPTH).then(|| above(group)).flatten(),
        });
    }
    shown
}

/// What is folded when the page opens: nothing in a tree that can be overlooked, and everything below
/// the roots in one that cannot.
pub(super) fn folded_at_first(groups: &[Group]) -> HashSet<Uuid> {
    const OVERLOOKED: usize = 60;
    if groups.len() <= OVERLOOKED {
        HashSet::new()
    } else {
        groups.iter().map(|group| group.id).collect()
    }
}

/// Members who lose a share when a group goes, each once, with the groups through which they have it.
pub(super) fn losers(members: &[Member], going: &[Group]) -> Vec<(String, Vec<String>)> {
    members
        .iter()
        .filter_map(|member| {
            let paths: Vec<String> = going
                .iter()
                .filter(|group| {
                    member.shares.iter().any(|share| {
                        share.item.kind == ItemKind::Group && share.item.id == Some(group.id)
                    })
                })
                .map(|group| group.path.clone())
                .collect();
            let name = member.display_name.as_ref().unwrap_or(&member.email);
            (!paths.is_empty()).then(|| (name.clone(), paths))
        })
        .collect()
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
    use accord_api_types::{DateTime, Item, Share};

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
        let refused: Vec<&str> = choices
            .iter()
            .filter(|parent| parent.is_inside)
            .map(|parent| parent.words.as_str())
            .collect();
        assert_eq!(refused, ["web (itself)", "web/live (inside it)"]);
        assert_eq!(choices[0].words, "No group: at the root");
        assert_eq!(choices.len(), 4);
        assert_eq!(subgroups(&groups, &groups[0]).len(), 1);
    }

    fn shown(lines: &[Line]) -> Vec<(&str, usize)> {
        lines
            .iter()
            .map(|line| (line.group.path.as_str(), line.depth))
            .collect()
    }

    #[test]
    fn what_is_folded_hides_all_that_is_below() {
        let groups = [
            group(1, "web"),
            group(2, "web/live"),
            group(3, "web/live/eu"),
            group(4, "webshop"),
        ];
        let none = HashSet::new();
        assert_eq!(
            shown(&lines(&groups, &none, "")),
            [
                ("web", 0),
                ("web/live", 1),
                ("web/live/eu", 2),
                ("webshop", 0)
            ]
        );
        let folded = HashSet::from([groups[0].id, groups[3].id]);
        let lines = lines(&groups, &folded, "");
        assert_eq!(shown(&lines), [("web", 0), ("webshop", 0)]);
        assert!(lines[0].is_folded && !lines[1].is_folded, "nothing to fold");
    }

    #[test]
    fn a_search_finds_what_is_folded_and_says_where_it_hangs() {
        let groups = [group(1, "web"), group(2, "web/live")];
        let folded = HashSet::from([groups[0].id]);
        let found = lines(&groups, &folded, " LIVE ");
        assert_eq!(shown(&found), [("web/live", 0)]);
        assert_eq!(found[0].above.as_deref(), Some("web/"));
    }

    #[test]
    fn a_deep_group_says_its_path() {
        let groups = [group(1, "a/b/c/d/e/f")];
        let lines = lines(&groups, &HashSet::new(), "");
        assert_eq!(lines[0].above.as_deref(), Some("a/b/c/d/e/"));
    }

    #[test]
    fn a_large_tree_opens_folded() {
        let many: Vec<Group> = (0..61).map(|number| group(number, "x")).collect();
        assert!(folded_at_first(&many[..60]).is_empty());
        assert_eq!(folded_at_first(&many).len(), 61);
    }

    #[test]
    fn whoever_has_a_share_on_what_goes_loses_it() {
        let groups = [group(1, "web"), group(2, "web/live")];
        let member = |name: &str, item: Item| Member {
            id: Uuid::nil(),
            email: format!("{name}@example.com"),
            display_name: Some(name.into()),
            status: accord_api_types::MemberStatus::Active,
            account_id: None,
            invited_at: DateTime::UNIX_EPOCH,
            invitation_expires_at: None,
            accepted_at: None,
            suspended_at: None,
            ended_at: None,
            shares: vec![Share {
                item,
                role_ids: Vec::new(),
                expires_at: None,
                ended: false,
            }],
            allowed_actions: Vec::new(),
            invitation_mail: None,
        };
        let members = [
            member("Bob", Item::group(groups[1].id)),
            member("Carol", Item::ENVIRONMENTS),
        ];
        assert_eq!(
            losers(&members, &groups),
            [("Bob".to_owned(), vec!["web/live".to_owned()])]
        );
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
