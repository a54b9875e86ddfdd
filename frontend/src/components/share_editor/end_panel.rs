use accord_api_types::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;

use super::Editor;
use super::model::{set_end, share_on};
use crate::components::field::show_in;
use crate::components::time::{from_local_text, local_text, now};
use crate::components::{dom, next_id};

/// Ends that are often meant: words, and seconds from now.
const SOON: [(&str, i64); 3] = [
    ("In a day", 86_400),
    ("In a week", 7 * 86_400),
    ("In 30 days", 30 * 86_400),
];

/// Until when the share holds whose button opened it.
#[component]
pub(super) fn EndPanel(editor: Editor) -> impl IntoView {
    let Editor {
        draft, ends: panel, ..
    } = editor;
    let id = next_id("end");
    let on_toggle = move |_| {
        let Some(element) = panel.element.get_untracked() else {
            return;
        };
        let shown = element.matches(":popover-open").unwrap_or(false);
        panel.open.set(shown);
        if shown {
            request_animation_frame(move || {
                if let Some(first) = dom::all_below(&element, "input").first() {
                    dom::focus(first);
                }
            });
        }
    };
    let set = move |end: Option<DateTime<Utc>>| {
        if let Some(key) = panel.target.get_untracked() {
            draft.update(|draft| set_end(draft, key.item, end));
        }
    };
    // The form around would be sent.
    let on_key = move |event: web_sys::KeyboardEvent| {
        let on_input = event.target().is_some_and(|target| dom::is_input(&target));
        if event.key() == "Enter" && on_input {
            event.prevent_default();
            panel.hide();
        }
    };
    let end = Memo::new(move |_| {
        let key = panel.target.get()?;
        draft.with(|draft| share_on(draft, key.item).map(|share| (share.expires_at, share.ended)))
    });
    let content = move || {
        let input = NodeRef::<html::Input>::new();
        show_in(input, move || {
            end.get()
                .and_then(|(at, _)| at)
                .map(local_text)
                .unwrap_or_default()
        });
        let name = panel.target.get_untracked().map(|key| editor.name_of(key));
        view! {
            <label class="field-label" for=id.clone()>{format!("Until when {} is shared", name.unwrap_or_default())}</label>
            {move || end.get().is_some_and(|(_, ended)| ended).then(|| view! {
                <p class="field-error">"This share has ended and gives nothing. A later end extends it."</p>
            })}
            <input
                id=id.clone()
                node_ref=input
                class="input"
                type="datetime-local"
                on:change=move |event| set(from_local_text(&event_target_value(&event)))
            />
            <div class="end-soon">
                {SOON.into_iter().map(|(words, seconds)| view! {
                    <button class="link-button" type="button" on:click=move |_| set(DateTime::from_timestamp(now() + seconds, 0))>{words}</button>
                }).collect_view()}
                <button class="link-button" type="button" on:click=move |_| { set(None); panel.hide(); }>"Without an end"</button>
            </div>
        }
    };
    view! {
        <div
            class="picker-panel end-panel"
            popover="auto"
            role="group"
            aria-label="End of the share"
            node_ref=panel.element
            on:toggle=on_toggle
            on:keydown=on_key
        >
            {move || panel.open.get().then(&content)}
        </div>
    }
}
