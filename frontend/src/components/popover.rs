//! A small window on the popover attribute: the browser opens, closes and places it, and gives the focus
//! back to its button.

use leptos::html;
use leptos::prelude::*;

use super::{dom, next_id};

/// A button that opens a small window. What is in it is drawn while it is open.
#[component]
pub(crate) fn Popover(
    /// What the button is called now.
    #[prop(into)]
    label: Signal<String>,
    /// What the window is called.
    title: &'static str,
    #[prop(into)] trigger: ViewFn,
    /// Called when it opens.
    on_open: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let id = next_id("popover");
    let panel = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let children = StoredValue::new(children);

    let on_toggle = move |_| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let shown = panel.matches(":popover-open").unwrap_or(false);
        open.set(shown);
        if shown {
            on_open.run(());
            // A press on a link in it is no reason to look for it again.
            request_animation_frame(move || dom::focus(&panel));
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let stops = dom::all_below(&panel, STOPS);
        let at = document()
            .active_element()
            .and_then(|now| stops.iter().position(|stop| *stop == now));
        if let Some(to) = next_stop(&event.key(), at, stops.len()) {
            event.prevent_default();
            dom::focus(&stops[to]);
        }
    };
    // Whoever goes somewhere by a link in it is done with it.
    let on_click = move |event: web_sys::MouseEvent| {
        let to_a_link = event
            .target()
            .and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok())
            .is_some_and(|target| matches!(target.closest("a[href]"), Ok(Some(_))));
        if let Some(panel) = panel.get_untracked().filter(|_| to_a_link) {
            // It may be closed already.
            let _ = panel.hide_popover();
        }
    };

    view! {
        <button
            class="menu-trigger"
            type="button"
            popovertarget=id.clone()
            aria-haspopup="dialog"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=move || label.get()
            title=move || label.get()
        >
            {move || trigger.run()}
        </button>
        <div
            class="menu popover"
            id=id
            popover="auto"
            role="dialog"
            aria-label=title
            tabindex="-1"
            node_ref=panel
            on:beforetoggle=move |_: web_sys::Event| open.set(true)
            on:toggle=on_toggle
            on:keydown=on_key
            on:click=on_click
        >
            {move || open.get().then(|| children.with_value(|children| children()))}
        </div>
    }
}

const STOPS: &str = "a[href], button:not([disabled])";

/// Where an arrow moves the focus among `count` places.
fn next_stop(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some(at.map_or(0, |at| (at + 1).min(last))),
        "ArrowUp" => Some(at.map_or(last, |at| at.saturating_sub(1))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::next_stop;

    #[test]
    fn arrows_stop_at_the_ends() {
        assert_eq!(next_stop("ArrowDown", None, 3), Some(0));
        assert_eq!(next_stop("ArrowDown", Some(2), 3), Some(2));
        assert_eq!(next_stop("ArrowUp", Some(0), 3), Some(0));
        assert_eq!(next_stop("ArrowUp", None, 3), Some(2));
        assert_eq!(next_stop("End", Some(0), 3), Some(2));
        assert_eq!(next_stop("Home", Some(2), 3), Some(0));
        assert_eq!(next_stop("x", Some(1), 3), None);
        assert_eq!(next_stop("ArrowDown", None, 0), None);
    }
}
