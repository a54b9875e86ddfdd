//! A menu on the popover attribute: the browser opens, closes and places it.

use leptos::html;
use leptos::prelude::*;

use super::dom;
use super::{Glyph, Icon, next_id};

/// A button that opens a menu. `trigger` is what the button shows; `label` is what it is called.
#[component]
pub(crate) fn Menu(
    #[prop(into)] label: String,
    #[prop(into)] trigger: ViewFn,
    #[prop(optional)] class: &'static str,
    /// In a list that the tab key goes through by one line alone: whether this is not that line.
    #[prop(optional, into)]
    passed_over: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let id = next_id("menu");
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
            request_animation_frame(move || {
                if let Some(first) = dom::all_below(&panel, ITEMS).first() {
                    dom::focus(first);
                }
            });
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else {
            return;
        };
        let items = dom::all_below(&panel, ITEMS);
        let at = document()
            .active_element()
            .and_then(|now| items.iter().position(|item| *item == now));
        if let Some(to) = next_item(&event.key(), at, items.len()) {
            event.prevent_default();
            dom::focus(&items[to]);
        }
    };
    let on_press = move |_| {
        if let Some(panel) = panel.get_untracked() {
            // It may be closed already.
            let _ = panel.hide_popover();
        }
    };

    view! {
        <button
            class=format!("menu-trigger {class}")
            type="button"
            popovertarget=id.clone()
            data-thing="menu"
            tabindex=move || passed_over.get().then_some("-1")
            aria-haspopup="menu"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=label.clone()
            title=label.clone()
        >
            {move || trigger.run()}
        </button>
        <div
            class="menu"
            id=id
            popover="auto"
            role="menu"
            aria-label=label
            node_ref=panel
            on:beforetoggle=move |_: web_sys::Event| open.set(true)
            on:toggle=on_toggle
            on:keydown=on_key
            on:click=on_press
        >
            {move || open.get().then(|| children.with_value(|children| children()))}
        </div>
    }
}

const ITEMS: &str = "[role=\"menuitem\"]:not([disabled])";

/// Where a key moves the focus among `count` items.
fn next_item(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some(at.map_or(0, |at| if at == last { 0 } else { at + 1 })),
        "ArrowUp" => Some(at.map_or(last, |at| at.checked_sub(1).unwrap_or(last))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// Something to do, in a menu.
#[component]
pub(crate) fn MenuItem(
    icon: Icon,
    #[prop(optional)] danger: bool,
    #[prop(into)] on_press: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <button class="menu-item" class:danger=danger type="button" role="menuitem" tabindex="-1" on:click=move |_| on_press.run(())>
            <Glyph icon=icon/>
            {children()}
        </button>
    }
}

/// Somewhere to go, in a menu.
#[component]
pub(crate) fn MenuLink(
    icon: Icon,
    #[prop(into)] href: String,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="menu-item" href=href role="menuitem" tabindex="-1">
            <Glyph icon=icon/>
            {children()}
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::next_item;

    #[test]
    fn arrows_go_round() {
        assert_eq!(next_item("ArrowDown", None, 3), Some(0));
        assert_eq!(next_item("ArrowDown", Some(2), 3), Some(0));
        assert_eq!(next_item("ArrowUp", Some(0), 3), Some(2));
        assert_eq!(next_item("ArrowUp", None, 3), Some(2));
        assert_eq!(next_item("End", Some(0), 3), Some(2));
        assert_eq!(next_item("Home", Some(2), 3), Some(0));
    }

    #[test]
    fn other_keys_and_empty_menus_move_nothing() {
        assert_eq!(next_item("a", Some(1), 3), None);
        assert_eq!(next_item("ArrowDown", None, 0), None);
    }
}
