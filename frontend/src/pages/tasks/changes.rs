//! What an entry changed, fact by fact, in words.

use accord_api_types::{Action, DateTime, Item, ItemKind, NewShare, Task, Utc, Uuid};
use serde_json::Value;

use crate::pages::catalogue;

/// A fact that changed: its name, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) name: String,
    pub(super) how: How,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// One thing became another.
    Became {
        before: Option<String>,
        after: Option<String>,
    },
    /// There are others among several, in words.
    Holds {
        added: Option<String>,
        removed: Option<String>,
    },
}

/// Facts that are one thing.
const ONE: &[(&str, &str)] = &[
    ("name", "Name"),
    ("display_name", "Display name"),
    ("email", "E-mail address"),
    ("status", "Status"),
    ("kind", "Kind"),
    ("description", "Description"),
    ("color", "Colour"),
    ("parent_id", "Within the group"),
    ("receive_load_alerts", "Load alerts"),
    ("url", "Address"),
    ("enabled", "Switched"),
];

/// Facts that are several things: what they are called, and what one and several of them are.
const SEVERAL: &[(&str, &str, (&str, &str))] = &[
    ("policy_ids", "Policies", ("policy", "policies")),
    (ACTIONS, "Actions", ("action", "actions")),
    (
        "environment_ids",
        "Environments",
        ("environment", "environments"),
    ),
    ("group_ids", "Groups", ("group", "groups")),
    ("event_types", "Events", ("event", "events")),
];
const ACTIONS: &str = "action_ids";

/// Things that are named before the rest is counted.
const NAMED: usize = 6;

/// Whether the actions of the catalogue are needed to say what the entry changed.
pub(super) fn needs_catalogue(task: &Task) -> bool {
    let mut sides = task.before.iter().chain(&task.after);
    sides.any(|facts| facts.get(ACTIONS).is_some())
}

/// What changed. Where something was made or deleted, what it holds.
pub(super) fn changes(task: &Task, actions: &[Action]) -> Vec<Change> {
    let fact = |facts: &Option<Value>, key: &str| facts.as_ref()?.get(key).cloned();
    let mut changes = Vec::new();
    if let (Some(before), Some(after)) = (&task.before, &task.after) {
        changes.extend(ONE.iter().filter_map(|(key, name)| {
            let words = |facts: &Value| facts.get(key).and_then(|fact| in_words(task, fact));
            let (before, after) = (words(before), words(after));
            (before != after).then(|| Change {
                name: (*name).to_owned(),
                how: How::Became { before, after },
            })
        }));
    }
    for (key, name, of_them) in SEVERAL {
        let texts = |facts| -> Vec<String> {
            let items = fact(facts, key);
            let items = items.iter().filter_map(Value::as_array).flatten();
            items
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        };
        let (before, after) = (texts(&task.before), texts(&task.after));
        let said = |id: &String| match *key {
            ACTIONS => Some(catalogue::title(actions, id)),
            "event_types" => Some(id.clone()),
            _ => id.parse().ok().and_then(|id| named(task, id)),
        };
        changes.extend(held(name, &before, &after, said, *of_them));
    }
    let shares = |facts| -> Vec<NewShare> {
        fact(facts, "shares")
            .and_then(|shares| serde_json::from_value(shares).ok())
            .unwrap_or_default()
    };
    changes.extend(of_shares(task, &shares(&task.before), &shares(&task.after)));
    changes
}

/// What of the shares is another, item by item.
fn of_shares(task: &Task, before: &[NewShare], after: &[NewShare]) -> Vec<Change> {
    let share_of = |shares: &[NewShare], item: Item| {
        let found = shares.iter().find(|share| share.item == item);
        found
            .map(|share| (share.role_ids.clone(), share.expires_at))
            .unwrap_or_default()
    };
    let mut items: Vec<Item> = Vec::new();
    for share in before.iter().chain(after) {
        if !items.contains(&share.item) {
            items.push(share.item);
        }
    }
    let mut changes = Vec::new();
    for item in items {
        let on = match (item.kind, item.id) {
            (ItemKind::Environments, _) => "Environments".to_owned(),
            (ItemKind::Groups, _) => "Environment groups".to_owned(),
            (ItemKind::Group | ItemKind::Environment, id) => id
                .and_then(|id| named(task, id))
                .unwrap_or_else(|| "something".to_owned()),
        };
        let (roles_before, end_before) = share_of(before, item);
        let (roles_after, end_after) = share_of(after, item);
        let name = |id: &Uuid| named(task, *id);
        let of_them = ("role", "roles");
        changes.extend(held(
            &format!("Roles on {on}"),
            &roles_before,
            &roles_after,
            name,
            of_them,
        ));
        let stays = !roles_before.is_empty() && !roles_after.is_empty();
        if end_before != end_after && (stays || end_after.is_some()) {
            changes.push(Change {
                name: format!("End on {on}"),
                how: How::Became {
                    before: end_before.map(moment),
                    after: end_after.map(moment),
                },
            });
        }
    }
    changes
}

/// What was added to several things and what was taken away, if anything was.
fn held<T: PartialEq>(
    name: &str,
    before: &[T],
    after: &[T],
    said: impl Fn(&T) -> Option<String>,
    of_them: (&str, &str),
) -> Option<Change> {
    let only = |of: &[T], not: &[T]| {
        let found = of.iter().filter(|item| !not.contains(item));
        list(found.map(&said).collect(), of_them)
    };
    let (added, removed) = (only(after, before), only(before, after));
    (added.is_some() || removed.is_some()).then(|| Change {
        name: name.to_owned(),
        how: How::Holds { added, removed },
    })
}

/// Names, and how many there are beyond them; nothing where there is nothing.
fn list(names: Vec<Option<String>>, (one, several): (&str, &str)) -> Option<String> {
    let all = names.len();
    let mut known: Vec<String> = names.into_iter().flatten().collect();
    known.sort_by_key(|name| name.to_lowercase());
    known.truncate(NAMED);
    let beyond = all - known.len();
    match (known.is_empty(), beyond) {
        (true, 0) => None,
        (true, 1) => Some(format!("1 {one}")),
        (true, _) => Some(format!("{beyond} {several}")),
        (false, 0) => Some(known.join(", ")),
        (false, _) => Some(format!("{} and {beyond} more", known.join(", "))),
    }
}

/// What something was called then.
fn named(task: &Task, id: Uuid) -> Option<String> {
    task.names.get(&id).cloned()
}

/// A fact in a few words; nothing for one that is empty.
fn in_words(task: &Task, fact: &Value) -> Option<String> {
    match fact {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(
            text.parse()
                .ok()
                .and_then(|id| named(task, id))
                .unwrap_or_else(|| text.clone()),
        ),
        Value::Bool(true) => Some("on".to_owned()),
        Value::Bool(false) => Some("off".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::model::tests::task;
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn said(task: &Task) -> Vec<String> {
        let text = |words: Option<String>| words.unwrap_or_else(|| "nothing".into());
        changes(task, &[])
            .into_iter()
            .map(|change| match change.how {
                How::Became { before, after } => {
                    format!("{}: {} to {}", change.name, text(before), text(after))
                }
                How::Holds { added, removed } => {
                    format!("{}: +{} -{}", change.name, text(added), text(removed))
                }
            })
            .collect()
    }

    fn share(kind: &str, item: Option<Uuid>, roles: &[u128], end: Option<&str>) -> Value {
        let roles: Vec<Uuid> = roles.iter().copied().map(id).collect();
        json!({ "item": { "kind": kind, "id": item }, "role_ids": roles, "expires_at": end })
    }

    #[test]
    fn what_one_fact_was_and_became_is_said() {
        let mut changed = task("environment.update");
        changed.before = Some(json!({
            "name": "shop", "status": "running", "display_name": null, "receive_load_alerts": false, "parent_id": null
        }));
        changed.after = Some(json!({
            "name": "shop", "status": "stopped", "display_name": "Shop", "receive_load_alerts": true, "parent_id": id(1)
        }));
        changed.names = [(id(1), "web".to_owned())].into();
        assert_eq!(
            said(&changed),
            [
                "Display name: nothing to Shop",
                "Status: running to stopped",
                "Within the group: nothing to web",
                "Load alerts: off to on",
            ]
        );
        changed.before = None;
        assert_eq!(said(&changed), [""; 0], "what was made says so itself");
    }

    #[test]
    fn what_was_added_and_taken_away_is_named() {
        let mut changed = task("role.update");
        changed.before = Some(json!({ "policy_ids": [id(1), id(2)], "action_ids": ["a.b"] }));
        changed.after = Some(json!({ "policy_ids": [id(2), id(3)], "action_ids": ["a.b"] }));
        changed.names = [(id(1), "Read".to_owned()), (id(3), "Write".to_owned())].into();
        assert_eq!(said(&changed), ["Policies: +Write -Read"]);
        // Entries from before names were kept, and things that were gone already.
        changed.names.remove(&id(1));
        assert_eq!(said(&changed), ["Policies: +Write -1 policy"]);
        changed.after = Some(json!({ "policy_ids": [] }));
        assert_eq!(
            said(&changed),
            ["Policies: +nothing -2 policies", "Actions: +nothing -a.b"]
        );
        changed.before = None;
        let many: Vec<String> = (0..9).map(|number| format!("files.{number}")).collect();
        changed.after = Some(json!({ "action_ids": many }));
        assert_eq!(
            said(&changed),
            ["Actions: +files.0, files.1, files.2, files.3, files.4, files.5 and 3 more -nothing"]
        );
        assert!(needs_catalogue(&changed));
        changed.after = None;
        assert!(!needs_catalogue(&changed));
    }

    #[test]
    fn shares_are_told_item_by_item() {
        let mut changed = task("member.update");
        let end = "2026-02-01T10:00:00Z";
        changed.before = Some(json!({ "shares": [
            share("environment", Some(id(10)), &[20], None),
            share("environments", None, &[20], None),
            share("group", Some(id(11)), &[20], Some(end)),
        ]}));
        changed.after = Some(json!({ "shares": [
            share("environment", Some(id(10)), &[21], None),
            share("environments", None, &[20], Some(end)),
        ]}));
        changed.names = [
            (id(10), "shop".to_owned()),
            (id(11), "web/live".to_owned()),
            (id(20), "Viewer".to_owned()),
            (id(21), "Developer".to_owned()),
        ]
        .into();
        assert_eq!(
            said(&changed),
            [
                "Roles on shop: +Developer -Viewer",
                "End on Environments: nothing to 1 February 2026, 10:00 UTC",
                "Roles on web/live: +nothing -Viewer",
            ]
        );
        changed.before = None;
        assert_eq!(
            said(&changed),
            [
                "Roles on shop: +Developer -nothing",
                "Roles on Environments: +Viewer -nothing",
                "End on Environments: nothing to 1 February 2026, 10:00 UTC",
            ],
            "an invitation"
        );
    }
}
