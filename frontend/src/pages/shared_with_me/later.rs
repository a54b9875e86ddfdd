//! Which invitations the person has seen in this tab and put off: they are asked about once.

use accord_api_types::{Collaboration, MemberStatus, Uuid};
use leptos::prelude::window;

const KEY: &str = "accord-later";

/// Whether an invitation waits that was not put off in this tab.
pub(super) fn is_new(collaboration: &Collaboration) -> bool {
    let acceptable = collaboration
        .allowed_actions
        .iter()
        .any(|action| action == "accept");
    acceptable
        && collaboration.status == MemberStatus::Pending
        && !ids(&kept()).contains(&collaboration.id)
}

/// The person has seen these.
pub(super) fn put_off(seen: &[Collaboration]) {
    let kept = with(&kept(), seen.iter().map(|one| one.id));
    if let Some(storage) = storage() {
        // A browser that keeps nothing asks again.
        let _ = storage.set_item(KEY, &kept);
    }
}

fn kept() -> String {
    storage()
        .and_then(|storage| storage.get_item(KEY).ok().flatten())
        .unwrap_or_default()
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn ids(kept: &str) -> Vec<Uuid> {
    kept.split(' ').filter_map(|id| id.parse().ok()).collect()
}

fn with(kept: &str, more: impl Iterator<Item = Uuid>) -> String {
    let mut all = ids(kept);
    for id in more {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all.iter()
        .map(Uuid::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_off_is_remembered_once() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let kept = with("", [one].into_iter());
        let kept = with(&kept, [one, two].into_iter());
        assert_eq!(ids(&kept), [one, two]);
    }

    #[test]
    fn what_a_browser_kept_of_nonsense_is_nothing() {
        assert!(ids("x y").is_empty());
    }
}
