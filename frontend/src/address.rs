//! What narrows or sorts a list stands in the address: it survives a reload, a link carries it, and
//! the back button finds it again.

use accord_api_types::Uuid;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;

/// A text that the address carries under `key`. An empty one is not in the address at all.
pub(crate) fn kept_in_address(key: &'static str) -> RwSignal<String> {
    let options = NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    };
    let (stands, write) = query_signal_with_options::<String>(key, options);
    let text = RwSignal::new(stands.get_untracked().unwrap_or_default());
    // A link or the back button on the same page.
    Effect::new(move |before: Option<String>| {
        let now = stands.get().unwrap_or_default();
        let moved = before.is_some_and(|before| before != now);
        if moved && text.with_untracked(|text| *text != now) {
            text.set(now.clone());
        }
        now
    });
    Effect::new(move |before: Option<String>| {
        let now = text.get();
        let changed = before.is_some_and(|before| before != now);
        if changed && stands.get_untracked().unwrap_or_default() != now {
            write.set((!now.is_empty()).then(|| now.clone()));
        }
        now
    });
    text
}

/// The place of the record, narrowed down to what is about this member of the person's own account.
pub(crate) fn record_of_member(member_id: Uuid) -> String {
    format!("/tasks?member={member_id}")
}

/// The place of the owner's record, narrowed down to what is about this environment.
pub(crate) fn record_of_environment(owner_id: Uuid, environment_id: Uuid, me: Uuid) -> String {
    if owner_id == me {
        format!("/tasks?environment={environment_id}")
    } else {
        format!("/tasks?owner={owner_id}&environment={environment_id}")
    }
}
