//! Chooses the roles of one item: click replaces, Ctrl adds or takes away, Alt replaces for all that is
//! selected; the same by keyboard; a box to tick for fingers.

use accord_api_types::{RoleSummary, Uuid};
use leptos::html;
use leptos::prelude::*;

use super::dom;
use super::{Glyph, Icon, next_id};

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

/// What a role is about: its description and the policies in it.
#[component]
fn RoleHint(role: RoleSummary) -> impl IntoView {
    view! {
        <div class="role-hint">
            <p class="role-hint-name">{role.name}</p>
            {(!role.description.is_empty()).then_some(view! { <p class="muted">{role.description}</p> })}
            <ul class="role-hint-policies">
                {role.policies.into_iter().map(|policy| view! { <li>{policy}</li> }).collect_view()}
            </ul>
        </div>
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
    let pointed = RwSignal::new(None::<Uuid>);

    let close = move || {
        if let Some(panel) = panel.get_untracked() {
            // It may be closed already.
            let _ = panel.hide_popover();
        }
    };
    let pick = move |pick: Pick| {
        on_pick.run(pick);
        if pick.closes() {
            close();
        }
    };
    let on_toggle = move |_| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let shown = panel.matches(":popover-open").unwrap_or(false);
        open.set(shown);
        if shown {
            request_animation_frame(move || {
                let options = dom::all_below(&panel, OPTIONS);
                let chosen = options.iter().find(|option| {
                    option.get_attribute("aria-selected").as_deref() == Some("true")
                });
                if let Some(first) = chosen.or(options.first()) {
                    dom::focus(first);
                }
            });
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let options = dom::all_below(&panel, OPTIONS);
        let at = document()
            .active_element()
            .and_then(|now| options.iter().position(|option| *option == now));
        let to = match event.key().as_str() {
            "ArrowDown" => at.map_or(Some(0), |at| {
                Some((at + 1).min(options.len().saturating_sub(1)))
            }),
            "ArrowUp" => at.map_or(Some(0), |at| Some(at.saturating_sub(1))),
            "Home" => Some(0),
            "End" => options.len().checked_sub(1),
            _ => None,
        };
        if let Some(option) = to.and_then(|to| options.get(to)) {
            event.prevent_default();
            dom::focus(option);
        }
    };

    let summary = move || {
        let chosen = chosen.get();
        let names = roles.with(|roles| {
            roles
                .iter()
                .filter(|role| chosen.contains(&role.id))
                .map(|role| role.name.clone())
                .collect::<Vec<_>>()
        });
        if names.is_empty() {
            view! { <span class="picker-none">"No role"</span> }.into_any()
        } else {
            view! { <span class="picker-names">{names.join(", ")}</span> }.into_any()
        }
    };
    let spoken = {
        let label = label.clone();
        move || {
            let chosen = chosen.get();
            let names = roles.with(|roles| {
                roles
                    .iter()
                    .filter(|role| chosen.contains(&role.id))
                    .map(|role| role.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            });
            if names.is_empty() {
                format!("{label}: No role")
            } else {
                format!("{label}: {names}")
            }
        }
    };
    let option = move |role: RoleSummary| {
        let role_id = role.id;
        let selected = move || chosen.with(|chosen| chosen.contains(&role_id));
        view! {
            <div
                class="role-option"
                role="option"
                tabindex="-1"
                aria-selected=move || if selected() { "true" } else { "false" }
                on:mouseenter=move |_| pointed.set(Some(role_id))
                on:focus=move |_| pointed.set(Some(role_id))
                on:click=move |event| pick(Pick::with_keys(role_id, event.ctrl_key() || event.meta_key(), event.alt_key()))
                on:keydown=move |event| {
                    if matches!(event.key().as_str(), "Enter" | " ") {
                        event.prevent_default();
                        pick(Pick::with_keys(role_id, event.ctrl_key() || event.meta_key(), event.alt_key()));
                    }
                }
            >
                <span
                    class="tick"
                    aria-hidden="true"
                    on:click=move |event| {
                        event.stop_propagation();
                        pick(Pick::Toggle(role_id));
                    }
                >
                    <Glyph icon=Icon::Check size=12/>
                </span>
                <span class="role-option-name">{role.name}</span>
            </div>
        }
    };

    view! {
        <button
            class="picker"
            type="button"
            popovertarget=id.clone()
            aria-haspopup="listbox"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=spoken
            aria-invalid=move || invalid.get().then_some("true")
        >
            {summary}
            <Glyph icon=Icon::ChevronDown size=14/>
        </button>
        <div class="picker-panel" id=id popover="auto" node_ref=panel on:toggle=on_toggle on:keydown=on_key>
            {move || open.get().then(|| view! {
                <div class="picker-options" role="listbox" aria-multiselectable="true" aria-label=label.clone()>
                    {move || roles.get().into_iter().map(option).collect_view()}
                </div>
                <div class="picker-foot">
                    {move || (!chosen.with(Vec::is_empty)).then(|| view! {
                        <button class="link-button" type="button" on:click=move |_| pick(Pick::Clear)>"Clear roles"</button>
                    })}
                    {on_create.map(|on_create| view! {
                        <button class="link-button" type="button" on:click=move |_| { close(); on_create.run(()); }>
                            <Glyph icon=Icon::Plus size=14/>
                            "Create new role"
                        </button>
                    })}
                </div>
                <div class="picker-hint" role="group" aria-label="About the role" tabindex="0">
                    {move || {
                        let at = pointed.get()?;
                        let role = roles.with(|roles| roles.iter().find(|role| role.id == at).cloned())?;
                        Some(view! { <RoleHint role=role/> })
                    }}
                    <p class="picker-keys">"Click replaces · Ctrl adds · Alt replaces on all selected"</p>
                </div>
            })}
        </div>
    }
}

const OPTIONS: &str = "[role=\"option\"]";

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
