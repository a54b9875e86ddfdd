//! Roles and their policies, as lists show them.

use accord_api_types::{FieldError, Policy, Role, RoleSummary, Uuid};

use crate::failure::invalid;

/// Roles with the names of their policies.
pub(crate) fn summaries(roles: &[Role], policies: &[Policy]) -> Vec<RoleSummary> {
    roles
        .iter()
        .map(|role| RoleSummary {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            policies: names(&role.policy_ids, policies),
        })
        .collect()
}

/// The names of some policies, in the order of all.
pub(super) fn names(ids: &[Uuid], policies: &[Policy]) -> Vec<String> {
    policies
        .iter()
        .filter(|policy| ids.contains(&policy.id))
        .map(|policy| policy.name.clone())
        .collect()
}

/// The policies to show: those that match what is looked for, and only the chosen ones where asked.
pub(super) fn shown(policies: &[Policy], looked_for: &str, only: Option<&[Uuid]>) -> Vec<Policy> {
    let looked_for = looked_for.trim().to_lowercase();
    policies
        .iter()
        .filter(|policy| only.is_none_or(|chosen| chosen.contains(&policy.id)))
        .filter(|policy| {
            looked_for.is_empty()
                || policy.name.to_lowercase().contains(&looked_for)
                || policy.description.to_lowercase().contains(&looked_for)
                || policy
                    .action_ids
                    .iter()
                    .any(|action| action.contains(&looked_for))
        })
        .cloned()
        .collect()
}

/// A role takes at least one policy to be of use.
pub(super) fn check_policies(policy_ids: &[Uuid]) -> Option<FieldError> {
    policy_ids.is_empty().then(|| {
        invalid(
            "/policy_ids",
            "Choose at least one policy: a role without one allows nothing",
        )
    })
}

#[cfg(test)]
mod tests {
    use accord_api_types::{DateTime, PolicyKind};

    use super::*;

    fn policy(number: u128, name: &str, action: &str) -> Policy {
        Policy {
            id: Uuid::from_u128(number),
            name: name.into(),
            description: format!("About {name}"),
            kind: PolicyKind::System,
            action_ids: vec![action.into()],
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        }
    }

    fn some() -> Vec<Policy> {
        vec![
            policy(1, "View environments", "environment.view"),
            policy(2, "Files", "files.read"),
        ]
    }

    fn found(looked_for: &str, only: Option<&[Uuid]>) -> Vec<String> {
        shown(&some(), looked_for, only)
            .into_iter()
            .map(|policy| policy.name)
            .collect()
    }

    #[test]
    fn policies_are_found_by_name_description_and_action() {
        assert_eq!(found("", None).len(), 2);
        assert_eq!(found("FILES", None), ["Files"]);
        assert_eq!(found("environment.v", None), ["View environments"]);
        assert!(found("nothing", None).is_empty());
    }

    #[test]
    fn only_the_chosen_ones_can_be_reviewed() {
        assert_eq!(found("", Some(&[Uuid::from_u128(2)])), ["Files"]);
        assert!(found("", Some(&[])).is_empty());
    }

    #[test]
    fn a_summary_names_the_policies() {
        let role = Role {
            id: Uuid::nil(),
            name: "Viewer".into(),
            description: String::new(),
            policy_ids: vec![Uuid::from_u128(2), Uuid::from_u128(9)],
            receive_load_alerts: false,
            share_count: 0,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        };
        assert_eq!(summaries(&[role], &some())[0].policies, ["Files"]);
    }

    #[test]
    fn a_role_needs_a_policy() {
        assert!(check_policies(&[]).is_some());
        assert!(check_policies(&[Uuid::nil()]).is_none());
    }
}
