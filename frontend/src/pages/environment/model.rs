//! Who has access to one environment, as its list shows them.

use accord_api_types::{
    AccessRefusal, Action, DateTime, EnvironmentAccess, RefusalReason, RoleSummary, ShareableRole,
    Utc, Uuid,
};

use crate::components::Column;
use crate::pages::catalogue::titles;

/// Roles that a row names before the rest is counted.
pub(super) const FEW_ROLES: usize = 2;

/// What the list can be sorted by.
pub(super) const COLUMNS: [Column; 4] = [
    Column {
        name: "email",
        up: "By address",
        down: "By address, from the end",
        down_first: false,
    },
    Column {
        name: "display_name",
        up: "By name",
        down: "By name, from the end",
        down_first: false,
    },
    Column {
        name: "status",
        up: "By status",
        down: "By status, from the end",
        down_first: false,
    },
    Column {
        name: "access_level",
        up: "The nearest access first",
        down: "The farthest access first",
        down_first: false,
    },
];

/// The names of the roles that apply.
pub(super) fn role_names(access: &EnvironmentAccess) -> Vec<String> {
    access
        .roles
        .iter()
        .filter(|role| access.role_ids.contains(&role.id))
        .map(|role| role.name.clone())
        .collect()
}

/// The names of the roles that are given on the environment itself.
pub(super) fn direct_role_names(access: &EnvironmentAccess) -> Vec<String> {
    let direct = access.direct_share.as_ref();
    let is_direct = |id| direct.is_some_and(|share| share.role_ids.contains(id));
    let roles = access.roles.iter().filter(|role| is_direct(&role.id));
    roles.map(|role| role.name.clone()).collect()
}

/// The roles that may be given, as a picker shows them.
pub(super) fn summaries(roles: &[ShareableRole]) -> Vec<RoleSummary> {
    roles
        .iter()
        .map(|role| RoleSummary {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            policies: role.policies.clone(),
        })
        .collect()
}

/// The latest end that a share with these roles may have, if it needs one.
pub(super) fn latest_end(roles: &[ShareableRole], chosen: &[Uuid]) -> Option<DateTime<Utc>> {
    roles
        .iter()
        .filter(|role| chosen.contains(&role.id))
        .filter_map(|role| role.until)
        .min()
}

/// Why somebody's direct roles cannot be touched, in words: one sentence for each reason, and none
/// where nothing stands in the way.
pub(super) fn why_not(access: &EnvironmentAccess, actions: &[Action]) -> Option<String> {
    let mut sentences: Vec<String> = Vec::new();
    for refusal in &access.refusals {
        let sentence = sentence(refusal, actions);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn sentence(refusal: &AccessRefusal, actions: &[Action]) -> String {
    let actions = titles(actions, &refusal.missing_action_ids).join(", ");
    let when = refusal
        .from
        .map(|from| format!(" from {} on", from.format("%-d %B %Y, %H:%M UTC")))
        .unwrap_or_default();
    match (refusal.reason, refusal.action.as_str()) {
        (RefusalReason::Own, _) => "Your own access is the owner's to change.".to_owned(),
        (RefusalReason::Holds | RefusalReason::Asks, _) => format!(
            "Only the owner can change these direct roles: they hold what you do not have here ({actions})."
        ),
        (RefusalReason::Gains, "remove") => format!(
            "Only the owner can remove the direct roles: what lies under them would give what you do not have here{when} ({actions})."
        ),
        (RefusalReason::Gains, _) => format!(
            "Only the owner can send the invitation again: it would give what you do not have here{when} ({actions})."
        ),
    }
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
    use accord_api_types::{AccessLevel, MemberStatus, NamedRole};

    use super::*;

    fn access() -> EnvironmentAccess {
        EnvironmentAccess {
            member_id: Uuid::nil(),
            email: "ada@example.org".into(),
            display_name: None,
            status: MemberStatus::Active,
            account_disabled: false,
            access_level: AccessLevel::Direct,
            role_ids: vec![Uuid::from_u128(1)],
            policy_ids: Vec::new(),
            action_ids: Vec::new(),
            direct_share: None,
            roles: [(1, "Viewer"), (2, "Ended")]
                .map(|(id, name)| NamedRole {
                    id: Uuid::from_u128(id),
                    name: name.into(),
                })
                .into(),
            allowed_actions: vec!["edit".into()],
            refusals: Vec::new(),
        }
    }

    fn catalogue() -> [Action; 1] {
        [Action {
            id: "files.write".into(),
            category: "Files".into(),
            title: "Change files".into(),
            description: String::new(),
        }]
    }

    fn refusal(action: &str, reason: RefusalReason, missing: &[&str]) -> AccessRefusal {
        AccessRefusal {
            action: action.into(),
            reason,
            missing_action_ids: missing.iter().map(|id| (*id).into()).collect(),
            from: None,
        }
    }

    #[test]
    fn the_roles_that_apply_are_named() {
        assert_eq!(role_names(&access()), ["Viewer"]);
    }

    #[test]
    fn what_stands_in_the_way_is_said_once() {
        let mut access = access();
        assert_eq!(why_not(&access, &catalogue()), None);
        let holds = |action| refusal(action, RefusalReason::Holds, &["files.write"]);
        access.refusals = vec![holds("edit"), holds("remove")];
        assert_eq!(
            why_not(&access, &catalogue()).as_deref(),
            Some(
                "Only the owner can change these direct roles: they hold what you do not have here (Change files)."
            )
        );
        access.refusals = vec![AccessRefusal {
            from: Some(DateTime::UNIX_EPOCH),
            ..refusal(
                "remove",
                RefusalReason::Gains,
                &["files.read", "files.write"],
            )
        }];
        assert_eq!(
            why_not(&access, &catalogue()).as_deref(),
            Some(
                "Only the owner can remove the direct roles: what lies under them would give what you do not have here from 1 January 1970, 00:00 UTC on (Change files, files.read)."
            )
        );
    }

    #[test]
    fn the_earliest_end_of_the_chosen_roles_counts() {
        let role = |id, until: Option<i64>| ShareableRole {
            id: Uuid::from_u128(id),
            name: String::new(),
            description: String::new(),
            policies: Vec::new(),
            until: until.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        };
        let roles = [role(1, None), role(2, Some(9)), role(3, Some(5))];
        let latest = |ids: &[u128]| {
            let chosen: Vec<Uuid> = ids.iter().map(|id| Uuid::from_u128(*id)).collect();
            latest_end(&roles, &chosen).map(|end| end.timestamp())
        };
        assert_eq!(latest(&[1]), None);
        assert_eq!(latest(&[1, 2, 3]), Some(5));
    }

    #[test]
    fn only_what_the_server_allows_is_offered() {
        let access = access();
        assert!(may(&access, "edit") && !may(&access, "remove"));
        assert_eq!(name(&access), "ada@example.org");
    }
}
