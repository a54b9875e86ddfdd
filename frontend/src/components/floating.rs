//! A button and the small window that it opens, on the popover attribute: the browser opens, closes and
//! places the window, and gives the focus back to its button.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{dom, next_id};

/// What tells one kind of such windows from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// What it is to those who hear the page.
    pub(super) role: &'static str,
    pub(super) class: &'static str,
    /// What arrow keys move the focus among, as a selector.
    pub(super) stops: &'static str,
    /// Whether arrows go on at the other end.
    pub(super) round: bool,
    /// Whether the first stop has the focus at first; else the window itself.
    pub(super) first_focused: bool,
    /// A press on such a thing has the window closed, as a selector.
    pub(super) closed_by: &'static str,
}

/// What is in it is drawn while it is open.
#[component]
pub(super) fn Floating(
    manner: Manner,
    /// What the button is called now.
    label: Signal<String>,
    /// What the window is called.
    title: Signal<String>,
    trigger: ViewFn,
    trigger_class: String,
    /// In a list that the tab key goes through by one line alone: whether this is not that line.
    #[prop(optional, into)]
    passed_over: Signal<bool>,
    /// Called when it opens.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    let id = next_id(manner.role);
    let panel = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let children = StoredValue::new(children);

    let on_toggle = move |_| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let shown = panel.matches(":popover-open").unwrap_or(false);
        open.set(shown);
        if !shown {
            return;
        }
        if let Some(on_open) = on_open {
            on_open.run(());
        }
        request_animation_frame(move || {
            if !manner.first_focused {
                dom::focus(&panel);
            } else if let Some(first) = dom::all_below(&panel, manner.stops).first() {
                dom::focus(first);
            }
        });
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let stops = dom::all_below(&panel, manner.stops);
        let at = document()
            .active_element()
            .and_then(|now| stops.iter().position(|stop| *stop == now));
        if let Some(to) = next_stop(&event.key(), at, stops.len(), manner.round) {
            event.prevent_default();
            dom::focus(&stops[to]);
        }
    };
    let on_click = move |event: web_sys::MouseEvent| {
        let closes = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|target| matches!(target.closest(manner.closed_by), Ok(Some(_))));
        if let Some(panel) = panel.get_untracked().filter(|_| closes) {
            // It may be closed already.
            let _ = panel.hide_popover();
        }
    };

    view! {
        <button
            class=format!("menu-trigger {trigger_class}")
            type="button"
            popovertarget=id.clone()
            data-thing="menu"
            tabindex=move || passed_over.get().then_some("-1")
            aria-haspopup=manner.role
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=move || label.get()
            title=move || label.get()
        >
            {move || trigger.run()}
        </button>
        <div
            class=manner.class
            id=id
            popover="auto"
            role=manner.role
            aria-label=move || title.get()
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

/// Where a key moves the focus among `count` stops.
fn next_stop(key: &str, at: Option<usize>, count: usize, round: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let (before_first, after_last) = if round { (last, 0) } else { (0, last) };
    match key {
        "ArrowDown" => Some(at.map_or(0, |at| if at >= last { after_last } else { at + 1 })),
        "ArrowUp" => Some(at.map_or(last, |at| at.checked_sub(1).unwrap_or(before_first))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::next_stop;

    #[test]
    fn arrows_go_round() {
        assert_eq!(next_stop("ArrowDown", None, 3, true), Some(0));
        assert_eq!(next_stop("ArrowDown", Some(2), 3, true), Some(0));
        assert_eq!(next_stop("ArrowUp", Some(0), 3, true), Some(2));
        assert_eq!(next_stop("ArrowUp", None, 3, true), Some(2));
    }

    #[test]
    fn or_stop_at_the_ends() {
        assert_eq!(next_stop("ArrowDown", None, 3, false), Some(0));
        assert_eq!(next_stop("ArrowDown", Some(2), 3, false), Some(2));
        assert_eq!(next_stop("ArrowUp", Some(0), 3, false), Some(0));
        assert_eq!(next_stop("ArrowUp", None, 3, false), Some(2));
    }

    #[test]
    fn the_ends_have_keys_and_others_move_nothing() {
        for round in [true, false] {
            assert_eq!(next_stop("End", Some(0), 3, round), Some(2));
            assert_eq!(next_stop("Home", Some(2), 3, round), Some(0));
            assert_eq!(next_stop("x", Some(1), 3, round), None);
            assert_eq!(next_stop("ArrowDown", None, 0, round), None);
        }
    }
}
