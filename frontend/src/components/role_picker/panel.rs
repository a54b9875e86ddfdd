use accord_api_types::{RoleSummary, Uuid};
use leptos::html;
use leptos::prelude::*;

use super::Pick;
use crate::components::dom;
use crate::components::{Glyph, Icon};

const OPTIONS: &str = "[role=\"option\"]";

/// The list of all roles, which opens above everything else, with what the one under the pointer or
/// the focus is about.
#[component]
pub(crate) fn RolePanel(
    id: String,
    panel: NodeRef<html::Div>,
    /// Whether it is shown; it says so itself.
    open: RwSignal<bool>,
    #[prop(into)] label: Signal<String>,
    roles: Signal<Vec<RoleSummary>>,
    chosen: Signal<Vec<Uuid>>,
    on_pick: Callback<Pick>,
    on_create: Option<Callback<()>>,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
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
        let key = event.key();
        let to = match key.as_str() {
            "ArrowDown" => Some(at.map_or(0, |at| (at + 1).min(options.len().saturating_sub(1)))),
            "ArrowUp" => Some(at.map_or(0, |at| at.saturating_sub(1))),
            "Home" => Some(0),
            "End" => options.len().checked_sub(1),
            // A letter leads to the next role that begins with it.
            letter if letter.chars().count() == 1 && at.is_some() && !event.ctrl_key() => {
                let names: Vec<String> = options
                    .iter()
                    .map(|option| option.text_content().unwrap_or_default())
                    .collect();
                next_beginning_with(letter, &names, at.unwrap_or_default())
            }
            _ => None,
        };
        if let Some(option) = to.and_then(|to| options.get(to)) {
            event.prevent_default();
            dom::focus(option);
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
                on:click=move |event| pick(if by_finger(&event) {
                    Pick::Toggle(role_id)
                } else {
                    Pick::with_keys(role_id, event.ctrl_key() || event.meta_key(), event.alt_key())
                })
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
        <div class=format!("picker-panel {class}") id=id popover="auto" node_ref=panel on:toggle=on_toggle on:keydown=on_key>
            {move || open.get().then(|| view! {
                <div class="picker-options" role="listbox" aria-multiselectable="true" aria-label=move || label.get()>
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
                </div>
                <p class="picker-keys for-mouse">"Click or Enter replaces · with Ctrl it adds · with Alt it replaces on all selected"</p>
                <p class="picker-keys for-fingers">"Tap a role to add it or to take it away"</p>
            })}
        </div>
    }
}

/// What a role is about: its description and the policies in it.
#[component]
fn RoleHint(role: RoleSummary) -> impl IntoView {
    view! {
        <div class="role-hint">
            <p class="role-hint-name">{role.name}</p>
            {(!role.description.is_empty()).then_some(view! { <p class="muted">{role.description}</p> })}
            {if role.policies.is_empty() {
                view! { <p class="muted">"Without policies: it allows nothing."</p> }.into_any()
            } else {
                view! {
                    <ul class="role-hint-policies" aria-label="Its policies">
                        {role.policies.into_iter().map(|policy| view! { <li>{policy}</li> }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </div>
    }
}

/// There is no key to hold down beside a finger.
fn by_finger(event: &web_sys::MouseEvent) -> bool {
    use wasm_bindgen::JsCast;
    event
        .dyn_ref::<web_sys::PointerEvent>()
        .is_some_and(|event| event.pointer_type() == "touch")
}

/// The next name after `at` that begins so, round the end.
fn next_beginning_with(letter: &str, names: &[String], at: usize) -> Option<usize> {
    let letter = letter.to_lowercase();
    let begins = |name: &String| name.trim_start().to_lowercase().starts_with(&letter);
    (1..=names.len())
        .map(|step| (at + step) % names.len())
        .find(|index| begins(&names[*index]))
}

#[cfg(test)]
mod tests {
    use super::next_beginning_with;

    #[test]
    fn a_letter_leads_to_the_next_name_and_round() {
        let names = ["Admin", "Developer", "Deployer", "Viewer"].map(str::to_owned);
        assert_eq!(next_beginning_with("d", &names, 0), Some(1));
        assert_eq!(next_beginning_with("D", &names, 1), Some(2));
        assert_eq!(next_beginning_with("d", &names, 2), Some(1));
        assert_eq!(next_beginning_with("x", &names, 2), None);
        assert_eq!(next_beginning_with("a", &[], 0), None);
    }
}
