//! Actions as people read them: by the titles that the platform's catalogue gives them.

use accord_api_types::Action;

/// The title of an action; its id where the catalogue has no such action, or has not arrived.
pub(crate) fn title(actions: &[Action], id: &str) -> String {
    actions
        .iter()
        .find(|action| action.id == id)
        .map_or_else(|| id.to_owned(), |action| action.title.clone())
}

/// The titles of several, in the order of the catalogue, then what it does not have.
pub(crate) fn titles(actions: &[Action], ids: &[String]) -> Vec<String> {
    by_category(actions, ids)
        .into_iter()
        .flat_map(|(_, actions)| actions)
        .map(|action| action.title)
        .collect()
}

/// Some actions by category, in the catalogue's order; one without an entry in the catalogue is called
/// by its id.
pub(crate) fn by_category(actions: &[Action], ids: &[String]) -> Vec<(String, Vec<Action>)> {
    let mut groups: Vec<(String, Vec<Action>)> = Vec::new();
    let known = actions
        .iter()
        .filter(|action| ids.contains(&action.id))
        .cloned();
    let unknown = ids
        .iter()
        .filter(|id| !actions.iter().any(|action| action.id == **id))
        .map(|id| Action {
            id: id.clone(),
            category: "Not in the catalogue".into(),
            title: id.clone(),
            description: String::new(),
        });
    for action in known.chain(unknown) {
        match groups
            .iter_mut()
            .find(|(category, _)| *category == action.category)
        {
            Some((_, actions)) => actions.push(action),
            None => groups.push((action.category.clone(), vec![action])),
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

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn actions_are_grouped() {
        let all = [
            action("files.read", "Files"),
            action("logs.view", "Logs"),
            action("files.write", "Files"),
        ];
        let groups = by_category(&all, &ids(&["files.write", "logs.view", "files.read"]));
        assert_eq!(
            groups
                .iter()
                .map(|(category, actions)| (category.as_str(), actions.len()))
                .collect::<Vec<_>>(),
            [("Files", 2), ("Logs", 1)]
        );
    }

    #[test]
    fn an_action_that_the_catalogue_lost_is_still_shown() {
        let groups = by_category(&[], &ids(&["gone"]));
        assert_eq!(groups[0].1[0].title, "gone");
    }

    #[test]
    fn actions_are_called_by_their_titles() {
        let all = [action("files.read", "Files"), action("logs.view", "Logs")];
        assert_eq!(title(&all, "logs.view"), "Do logs.view");
        assert_eq!(title(&[], "logs.view"), "logs.view");
        assert_eq!(
            titles(&all, &ids(&["gone", "logs.view", "files.read"])),
            ["Do files.read", "Do logs.view", "gone"]
        );
    }
}
