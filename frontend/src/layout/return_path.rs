//! Where the person wanted to go before they had to sign in. Kept in this tab's own storage, not in the
//! address: some places have secrets in their path.

use leptos::prelude::window;

const KEY: &str = "accord-return";
const START: &str = "/environments";

/// Remembers a place of the dashboard.
pub(crate) fn remember(path: &str) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing leads to the start page.
        let _ = storage.set_item(KEY, path);
    }
}

/// The place to go to, once.
pub(crate) fn take() -> String {
    let kept = storage().and_then(|storage| {
        let kept = storage.get_item(KEY).ok().flatten();
        let _ = storage.remove_item(KEY);
        kept
    });
    kept.filter(|path| is_place_here(path))
        .unwrap_or_else(|| START.into())
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Whether a path leads to this dashboard and nowhere else.
fn is_place_here(path: &str) -> bool {
    let mut letters = path.chars();
    letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !path.chars().any(char::is_control)
        && path != "/"
        && !path.starts_with("/sign-")
}

#[cfg(test)]
mod tests {
    use super::is_place_here;

    #[test]
    fn only_places_of_this_dashboard_are_returned_to() {
        assert!(is_place_here("/settings/members?q=a"));
        assert!(is_place_here("/invitations/abc"));
        assert!(!is_place_here("//evil.example"));
        assert!(!is_place_here("/\\evil.example"));
        assert!(!is_place_here("https://evil.example"));
        assert!(!is_place_here("javascript:alert(1)"));
        assert!(!is_place_here("/a\nb"));
    }

    #[test]
    fn signing_in_never_leads_back_to_signing_in() {
        assert!(!is_place_here("/sign-in"));
        assert!(!is_place_here("/sign-up"));
        assert!(!is_place_here("/"));
    }
}
