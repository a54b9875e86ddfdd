//! Who has access to one environment, as its list shows them.

use accord_api_types::{EnvironmentAccess, Role, Uuid};

/// The names of some roles, in the order of all; a role that is not the caller's to know of has none.
pub(super) fn role_names(roles: &[Role], ids: &[Uuid]) -> Vec<String> {
    roles
        .iter()
        .filter(|role| ids.contains(&role.id))
        .map(|role| role.name.clone())
        .collect()
}

/// Whether the caller may do this with somebody's direct share.
pub(super) fn may(access: &EnvironmentAccess, action: &str) -> bool {
    access
        .allowed_actions
        .iter()
        .any(|allowed| allowed == action)
}

/// The name to speak of somebody by.
pub(super) fn name(access: &EnvironmentAccess) -> String {
    access
        .display_name
        .clone()
        .unwrap_or_else(|| access.email.clone())
}

#[cfg(test)]
mod tests {
    use accord_api_types::{AccessLevel, DateTime, MemberStatus};

    use super::*;

    #[test]
    fn roles_that_are_not_known_have_no_name() {
        let role = Role {
            id: Uuid::from_u128(1),
            name: "Viewer".into(),
            description: String::new(),
            policy_ids: Vec::new(),
            receive_load_alerts: false,
            share_count: 0,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        };
        assert_eq!(
            role_names(&[role], &[Uuid::from_u128(1), Uuid::from_u128(2)]),
            ["Viewer"]
        );
    }

    #[test]
    fn only_what_the_server_allows_is_offered() {
        let access = EnvironmentAccess {
            member_id: Uuid::nil(),
            email: "ada@example.org".into(),
            display_name: None,
            status: MemberStatus::Active,
            access_level: AccessLevel::Direct,
            role_ids: Vec::new(),
            policy_ids: Vec::new(),
            action_ids: Vec::new(),
            direct_share: None,
            allowed_actions: vec!["edit".into()],
        };
        assert!(may(&access, "edit") && !may(&access, "remove"));
        assert_eq!(name(&access), "ada@example.org");
    }
}
