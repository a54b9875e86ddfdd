//! Whether an account's first steps were put away in this browser.

use accord_api_types::Uuid;
use leptos::prelude::window;

pub(super) fn is(account: Uuid) -> bool {
    storage()
        .and_then(|storage| storage.get_item(&key(account)).ok().flatten())
        .is_some()
}

pub(super) fn put(account: Uuid) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing shows them again.
        let _ = storage.set_item(&key(account), "away");
    }
}

fn key(account: Uuid) -> String {
    format!("accord-first-steps-{account}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
