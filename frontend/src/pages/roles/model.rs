//! Roles and their policies, as lists show them.

use accord_api_types::{
    Action, FieldError, Group, ItemKind, Member, Policy, PolicyKind, Role, RoleSummary, Uuid,
};

use crate::components::Choice;
use crate::failure::invalid;
use crate::listing::in_words;

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

/// What groups a policy of the account's own.
const OWN: &str = "Your own";

/// The area of the platform that a policy is about: that of most of its actions.
fn area(policy: &Policy, actions: &[Action]) -> String {
    if policy.kind == PolicyKind::Custom {
        return OWN.to_owned();
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for action in actions {
        if policy.action_ids.contains(&action.id) {
            match counts.iter_mut().find(|(area, _)| *area == action.category) {
                Some((_, count)) => *count += 1,
                None => counts.push((&action.category, 1)),
            }
        }
    }
    // Of two with as many, the first in the catalogue.
    let most = counts.iter().map(|(_, count)| *count).max();
    counts
        .into_iter()
        .find(|(_, count)| Some(*count) == most)
        .map(|(area, _)| area.to_owned())
        .unwrap_or_default()
}

/// The areas in the order of the catalogue, the account's own first.
fn rank(area: &str, actions: &[Action]) -> usize {
    if area == OWN {
        return 0;
    }
    actions
        .iter()
        .position(|action| action.category == area)
        .map_or(usize::MAX, |at| at + 1)
}

/// Policies under the areas that they are about.
pub(crate) fn by_area(policies: Vec<Policy>, actions: &[Action]) -> Vec<(String, Vec<Policy>)> {
    let mut areas: Vec<(String, Vec<Policy>)> = Vec::new();
    for policy in policies {
        let area = area(&policy, actions);
        match areas.iter_mut().find(|(known, _)| *known == area) {
            Some((_, under)) => under.push(policy),
            None => areas.push((area, vec![policy])),
        }
    }
    areas.sort_by_key(|(area, _)| rank(area, actions));
    areas
}

/// Policies to choose from, by area, each with the actions it holds.
pub(super) fn choices(policies: &[Policy], actions: &[Action]) -> Vec<Choice> {
    let choice = |area: &str, policy: &Policy| Choice {
        id: policy.id.to_string(),
        label: policy.name.clone(),
        note: policy.description.clone(),
        category: area.to_owned(),
        color: None,
        parts: titles(actions, &policy.action_ids),
    };
    by_area(policies.to_vec(), actions)
        .iter()
        .flat_map(|(area, policies)| policies.iter().map(move |policy| choice(area, policy)))
        .collect()
}

/// Ids of actions as (title, id); an action without an entry in the catalogue is called by its id.
fn titles(actions: &[Action], ids: &[String]) -> Vec<(String, String)> {
    ids.iter()
        .map(|id| {
            let title = actions
                .iter()
                .find(|action| action.id == *id)
                .map_or_else(|| id.clone(), |action| action.title.clone());
            (title, id.clone())
        })
        .collect()
}

/// The roles that match what is looked for, by name, description or a policy in them.
pub(super) fn found(roles: &[Role], policies: &[Policy], looked_for: &str) -> Vec<Role> {
    let looked_for = looked_for.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&looked_for);
    roles
        .iter()
        .filter(|role| {
            fits(&role.name)
                || fits(&role.description)
                || names(&role.policy_ids, policies)
                    .iter()
                    .any(|name| fits(name))
        })
        .cloned()
        .collect()
}

/// The orders of a list of things with names, as the address calls them: the usual one is that of the API.
pub(crate) fn name_orders() -> Vec<(String, String)> {
    [("", "By name"), (LAST_NAME_FIRST, "By name, from the end")]
        .map(|(order, words)| (order.to_owned(), words.to_owned()))
        .into()
}

const LAST_NAME_FIRST: &str = "-name";

/// Things that come by name, in the order that was asked for.
pub(crate) fn in_order<T>(mut by_name: Vec<T>, order: &str) -> Vec<T> {
    if order == LAST_NAME_FIRST {
        by_name.reverse();
    }
    by_name
}

/// How much a role is in use.
pub(super) fn use_in_words(role: &Role) -> String {
    match role.share_count {
        0 => "Not in use".to_owned(),
        shares => format!(
            "{} · {}",
            in_words(role.member_count, "member"),
            in_words(shares, "share")
        ),
    }
}

/// Where a member has a role: the categories and groups by name, environments by number.
pub(super) fn places(member: &Member, role: Uuid, groups: &[Group]) -> Vec<String> {
    let mut named = Vec::new();
    let mut environments = 0_u64;
    for share in member
        .shares
        .iter()
        .filter(|share| share.role_ids.contains(&role))
    {
        match share.item.kind {
            ItemKind::Environments => named.push("All environments".to_owned()),
            ItemKind::Groups => named.push("All environment groups".to_owned()),
            ItemKind::Group => named.push(
                groups
                    .iter()
                    .find(|group| Some(group.id) == share.item.id)
                    .map_or_else(|| "A group".to_owned(), |group| group.path.clone()),
            ),
            ItemKind::Environment => environments += 1,
        }
    }
    if environments > 0 {
        named.push(in_words(environments, "environment"));
    }
    named
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

    fn action(id: &str, category: &str) -> Action {
        Action {
            id: id.into(),
            category: category.into(),
            title: format!("Do {id}"),
            description: String::new(),
        }
    }

    fn catalogue() -> Vec<Action> {
        vec![
            action("environment.view", "Environments"),
            action("files.read", "Files"),
            action("files.write", "Files"),
        ]
    }

    #[test]
    fn a_policy_belongs_where_most_of_its_actions_do() {
        let mut mixed = policy(3, "Mixed", "environment.view");
        mixed.action_ids = ["environment.view", "files.read", "files.write"]
            .map(Into::into)
            .to_vec();
        assert_eq!(area(&mixed, &catalogue()), "Files");
        mixed.action_ids = ["environment.view", "files.read"].map(Into::into).to_vec();
        assert_eq!(
            area(&mixed, &catalogue()),
            "Environments",
            "the first of two"
        );
        mixed.kind = PolicyKind::Custom;
        assert_eq!(area(&mixed, &catalogue()), OWN);
    }

    #[test]
    fn policies_are_offered_by_area_with_their_actions() {
        let mut own = policy(3, "Release day", "files.write");
        own.kind = PolicyKind::Custom;
        let all = [some(), vec![own]].concat();
        let choices = choices(&all, &catalogue());
        let areas: Vec<&str> = choices.iter().map(|one| one.category.as_str()).collect();
        assert_eq!(areas, [OWN, "Environments", "Files"]);
        assert_eq!(
            choices[2].parts,
            [("Do files.read".to_owned(), "files.read".to_owned())]
        );
    }

    #[test]
    fn an_action_without_an_entry_is_called_by_its_id() {
        assert_eq!(
            titles(&catalogue(), &["gone".into()]),
            [("gone".to_owned(), "gone".to_owned())]
        );
    }

    #[test]
    fn use_is_said_in_members_and_shares() {
        let mut role = Role {
            id: Uuid::nil(),
            name: "Viewer".into(),
            description: String::new(),
            policy_ids: Vec::new(),
            receive_load_alerts: false,
            share_count: 0,
            member_count: 0,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        };
        assert_eq!(use_in_words(&role), "Not in use");
        (role.share_count, role.member_count) = (3, 1);
        assert_eq!(use_in_words(&role), "1 member · 3 shares");
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
            member_count: 0,
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

    #[test]
    fn names_go_both_ways() {
        assert_eq!(in_order(vec!["a", "b"], ""), ["a", "b"]);
        assert_eq!(in_order(vec!["a", "b"], "-name"), ["b", "a"]);
        assert_eq!(in_order(vec!["a", "b"], "nonsense"), ["a", "b"]);
        let offered = name_orders();
        assert_eq!(in_order(vec!["a", "b"], &offered[1].0), ["b", "a"]);
    }
}
