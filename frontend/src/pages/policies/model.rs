//! Policies and actions, as lists show them.

use accord_api_types::{Action, Policy, Role, Uuid};

use crate::components::Choice;
use crate::pages::roles::model::by_area;

/// The policies of one kind (or of every) that match what is looked for, by name, description or action,
/// under the area of the platform that they are about.
pub(super) fn sections(
    policies: &[Policy],
    actions: &[Action],
    looked_for: &str,
    kind: &str,
) -> Vec<(String, Vec<Policy>)> {
    let looked_for = looked_for.trim().to_lowercase();
    let found: Vec<Policy> = policies
        .iter()
        .filter(|policy| kind.is_empty() || policy.kind.as_str() == kind)
        .filter(|policy| {
            policy.name.to_lowercase().contains(&looked_for)
                || policy.description.to_lowercase().contains(&looked_for)
                || actions
                    .iter()
                    .filter(|action| policy.action_ids.contains(&action.id))
                    .any(|action| {
                        action.id.contains(&looked_for)
                            || action.title.to_lowercase().contains(&looked_for)
                    })
        })
        .cloned()
        .collect();
    by_area(found, actions)
}

/// The catalogue to choose from.
pub(super) fn choices(actions: &[Action]) -> Vec<Choice> {
    actions
        .iter()
        .map(|action| Choice {
            id: action.id.clone(),
            label: action.title.clone(),
            note: if action.description.is_empty() {
                action.id.clone()
            } else {
                format!("{} · {}", action.description, action.id)
            },
            category: action.category.clone(),
            ..Choice::default()
        })
        .collect()
}

/// The roles that hold a policy.
pub(super) fn holders(roles: &[Role], policy: Uuid) -> Vec<Role> {
    roles
        .iter()
        .filter(|role| role.policy_ids.contains(&policy))
        .cloned()
        .collect()
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
    fn actions_are_offered_with_what_they_are_about() {
        let mut one = action("files.read", "Files");
        assert_eq!(choices(&[one.clone()])[0].note, "files.read");
        one.description = "Download files.".into();
        assert_eq!(choices(&[one])[0].note, "Download files. · files.read");
    }
}
