//! Policies and actions, as lists show them.

use accord_api_types::{Action, Policy};

/// The policies that match what is looked for, by name, description or action.
pub(super) fn matching(policies: &[Policy], looked_for: &str) -> Vec<Policy> {
    let looked_for = looked_for.trim().to_lowercase();
    policies
        .iter()
        .filter(|policy| {
            policy.name.to_lowercase().contains(&looked_for)
                || policy.description.to_lowercase().contains(&looked_for)
                || policy
                    .action_ids
                    .iter()
                    .any(|action| action.contains(&looked_for))
        })
        .cloned()
        .collect()
}

/// Ids of actions with their titles; an action without an entry in the catalogue is called by its id.
pub(super) fn titles(actions: &[Action], ids: &[String]) -> Vec<(String, String)> {
    ids.iter()
        .map(|id| {
            let title = actions
                .iter()
                .find(|action| action.id == *id)
                .map_or_else(|| id.clone(), |action| action.title.clone());
            (id.clone(), title)
        })
        .collect()
}

/// The catalogue by category, narrowed to what is looked for; categories in the catalogue's order.
pub(super) fn by_category(actions: &[Action], looked_for: &str) -> Vec<(String, Vec<Action>)> {
    let looked_for = looked_for.trim().to_lowercase();
    let mut groups: Vec<(String, Vec<Action>)> = Vec::new();
    let found = actions.iter().filter(|action| {
        action.id.contains(&looked_for)
            || action.title.to_lowercase().contains(&looked_for)
            || action.category.to_lowercase().contains(&looked_for)
    });
    for action in found {
        match groups
            .iter_mut()
            .find(|(category, _)| *category == action.category)
        {
            Some((_, actions)) => actions.push(action.clone()),
            None => groups.push((action.category.clone(), vec![action.clone()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(id: &str, category: &str) -> Action {
        Action {
            id: id.into(),
            category: category.into(),
            title: format!("Do {id}"),
            description: String::new(),
        }
    }

    #[test]
    fn actions_are_called_by_their_title_or_their_id() {
        let titles = titles(
            &[action("files.read", "Files")],
            &["files.read".into(), "gone".into()],
        );
        assert_eq!(titles[0].1, "Do files.read");
        assert_eq!(titles[1].1, "gone");
    }

    #[test]
    fn the_catalogue_is_grouped_and_searched() {
        let all = [
            action("files.read", "Files"),
            action("logs.view", "Logs"),
            action("files.write", "Files"),
        ];
        let groups = by_category(&all, "");
        assert_eq!(
            groups
                .iter()
                .map(|(category, actions)| (category.as_str(), actions.len()))
                .collect::<Vec<_>>(),
            [("Files", 2), ("Logs", 1)]
        );
        assert_eq!(by_category(&all, "LOGS").len(), 1);
        assert!(by_category(&all, "nothing").is_empty());
    }
}
