//! What is shared with the person, as it is looked through.

use accord_api_types::Collaboration;

use crate::components::Column;

/// What the collaborations can be sorted by.
pub(super) const COLUMNS: [Column; 3] = [
    Column {
        name: "invited_at",
        up: "Oldest first",
        down: "Newest first",
        down_first: true,
    },
    Column {
        name: "owner_name",
        up: "By owner",
        down: "By owner, from the end",
        down_first: false,
    },
    Column {
        name: "status",
        up: "By status",
        down: "By status, from the end",
        down_first: false,
    },
];

/// Those that match what is looked for: by their owner, the person's own name for them, or what is shared.
pub(super) fn found(all: &[Collaboration], looked_for: &str) -> Vec<Collaboration> {
    let looked_for = looked_for.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&looked_for);
    let matches = |one: &&Collaboration| {
        fits(&one.owner.name)
            || fits(&one.owner.email)
            || one.label.as_deref().is_some_and(fits)
            || one.shares.iter().any(|share| fits(&share.item_name))
    };
    all.iter().filter(matches).cloned().collect()
}

#[cfg(test)]
mod tests {
    use accord_api_types::Uuid;
    use serde_json::json;

    use super::*;

    fn collaboration(owner: &str, label: Option<&str>, item: &str) -> Collaboration {
        serde_json::from_value(json!({
            "id": Uuid::nil(),
            "owner": { "id": Uuid::nil(), "name": owner, "email": format!("{owner}@example.com") },
            "label": label,
            "status": "active",
            "shares": [{ "item": { "kind": "environment", "id": Uuid::nil() }, "item_name": item, "roles": [], "expires_at": null, "ended": false }],
            "invited_at": "2026-01-01T00:00:00Z",
            "invitation_expires_at": null,
            "accepted_at": "2026-01-01T00:00:00Z",
            "suspended_at": null,
            "may_create": { "root": false, "group_ids": [] },
            "allowed_actions": [],
        }))
        .expect("a collaboration")
    }

    #[test]
    fn a_collaboration_is_found_by_its_owner_its_label_and_what_is_shared() {
        let all = [
            collaboration("Mia", Some("Day job"), "shop"),
            collaboration("Noor", None, "blog"),
        ];
        let owners = |text: &str| -> Vec<String> {
            let found = found(&all, text);
            found.into_iter().map(|one| one.owner.name).collect()
        };
        assert_eq!(owners(" "), ["Mia", "Noor"]);
        assert_eq!(owners("mia@"), ["Mia"]);
        assert_eq!(owners("JOB"), ["Mia"]);
        assert_eq!(owners("blog"), ["Noor"]);
        assert_eq!(owners("nothing"), [""; 0]);
    }
}
