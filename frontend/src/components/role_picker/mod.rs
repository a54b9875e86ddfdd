//! Chooses the roles of one item: click replaces, Ctrl adds or takes away, Alt replaces for all that is
//! selected; the same by keyboard; a box to tick for fingers.

mod panel;

use accord_api_types::{RoleSummary, Uuid};
use leptos::html;
use leptos::prelude::*;

use super::{Glyph, Icon, next_id};
pub(super) use panel::RolePanel;

/// What the person wants done with a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// This role alone.
    Replace(Uuid),
    /// This role too or, if it is chosen, no longer.
    Toggle(Uuid),
    /// This role alone, on everything that is selected.
    ReplaceOnSelected(Uuid),
    /// No role.
    Clear,
}

impl Pick {
    /// What choosing a role means with these keys held down.
    pub(crate) const fn with_keys(role: Uuid, adding: bool, for_all: bool) -> Self {
        match (adding, for_all) {
            (_, true) => Self::ReplaceOnSelected(role),
            (true, false) => Self::Toggle(role),
            (false, false) => Self::Replace(role),
        }
    }

    /// Whether the list has done its work, or more picks may follow.
    const fn closes(self) -> bool {
        !matches!(self, Self::Toggle(_))
    }
}

/// The names of the chosen roles, in the order of all.
pub(super) fn names_of(chosen: &[Uuid], roles: &[RoleSummary]) -> String {
    let names: Vec<&str> = roles
        .iter()
        .filter(|role| chosen.contains(&role.id))
        .map(|role| role.name.as_str())
        .collect();
    names.join(", ")
}

/// What a picker shows of the chosen roles.
pub(super) fn summary(names: String) -> AnyView {
    if names.is_empty() {
        view! { <span class="picker-none">"No role"</span> }.into_any()
    } else {
        view! { <span class="picker-names">{names}</span> }.into_any()
    }
}

/// What a picker is called: what it is for, and what is chosen.
pub(super) fn spoken(label: &str, names: &str) -> String {
    if names.is_empty() {
        format!("{label}: No role")
    } else {
        format!("{label}: {names}")
    }
}

/// A button that shows the chosen roles and opens the list of all of them.
#[component]
pub(crate) fn RolePicker(
    /// What the roles are for: `Roles on web/live`.
    #[prop(into)]
    label: String,
    roles: Signal<Vec<RoleSummary>>,
    chosen: Signal<Vec<Uuid>>,
    on_pick: Callback<Pick>,
    /// Makes a new role without leaving.
    #[prop(optional, into)]
    on_create: Option<Callback<()>>,
    #[prop(optional, into)] invalid: Signal<bool>,
) -> impl IntoView {
    let id = next_id("roles");
    let panel = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let names =
        Memo::new(move |_| roles.with(|roles| chosen.with(|chosen| names_of(chosen, roles))));
    let called = {
        let label = label.clone();
        move || names.with(|names| spoken(&label, names))
    };
    view! {
        <button
            class="picker"
            type="button"
            popovertarget=id.clone()
            aria-haspopup="listbox"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=called
            aria-invalid=move || invalid.get().then_some("true")
        >
            {move || summary(names.get())}
            <Glyph icon=Icon::ChevronDown size=14/>
        </button>
        <RolePanel id=id panel=panel open=open label=Signal::stored(label) roles=roles chosen=chosen on_pick=on_pick on_create=on_create/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_a_pick_means() {
        let role = Uuid::nil();
        assert_eq!(Pick::with_keys(role, false, false), Pick::Replace(role));
        assert_eq!(Pick::with_keys(role, true, false), Pick::Toggle(role));
        assert_eq!(
            Pick::with_keys(role, false, true),
            Pick::ReplaceOnSelected(role)
        );
        assert_eq!(
            Pick::with_keys(role, true, true),
            Pick::ReplaceOnSelected(role)
        );
    }

    #[test]
    fn only_adding_keeps_the_list_open() {
        let role = Uuid::nil();
        assert!(Pick::Replace(role).closes());
        assert!(Pick::ReplaceOnSelected(role).closes());
        assert!(Pick::Clear.closes());
        assert!(!Pick::Toggle(role).closes());
    }
}
