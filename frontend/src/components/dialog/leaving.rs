//! What was typed into a dialog outlives the browser's back button and the closing of the tab, until the
//! person says otherwise.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// The mark of the history's entry that stands for the open dialog.
const MARK: &str = "accord-dialog";

thread_local! {
    /// The dialogs with something typed in them, the topmost last: the back button is about that one.
    static OPEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// While `dirty`, the back button asks instead of leaving, and the browser does before it closes the tab.
pub(super) fn ask_before_leaving(dirty: Signal<bool>, ask: Callback<()>) {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let holds = move || dirty.try_get_untracked().unwrap_or(false);
    Effect::new(move |_| {
        if dirty.get() && !is_known(id) {
            OPEN.with_borrow_mut(|open| open.push(id));
            mark_history(id);
        }
    });
    let on_back = window_event_listener(ev::popstate, move |_| {
        let is_top = OPEN.with_borrow(|open| open.last() == Some(&id));
        if is_top && holds() && !is_marked(id) {
            mark_history(id);
            ask.run(());
        }
    });
    let on_unload = window_event_listener(ev::beforeunload, move |event| {
        if holds() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        on_back.remove();
        on_unload.remove();
        OPEN.with_borrow_mut(|open| open.retain(|known| *known != id));
        // The entry that stood for the dialog goes with it, unless the person went elsewhere.
        if is_marked(id)
            && let Ok(history) = window().history()
        {
            let _ = history.back();
        }
    });
}

fn is_known(id: u32) -> bool {
    OPEN.with_borrow(|open| open.contains(&id))
}

fn mark(id: u32) -> String {
    format!("{MARK}-{id}")
}

fn mark_history(id: u32) {
    if let Ok(history) = window().history() {
        // A browser that refuses has shown so many of them that nobody goes back through all.
        let _ = history.push_state(&JsValue::from_str(&mark(id)), "");
    }
}

/// The person follows a link from a dialog: what stood for it becomes an entry like any other.
pub(super) fn leave_history_alone() {
    let id = OPEN.with_borrow(|open| open.last().copied());
    if id.is_some_and(is_marked)
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state(&JsValue::NULL, "");
    }
}

fn is_marked(id: u32) -> bool {
    let state = window()
        .history()
        .ok()
        .and_then(|history| history.state().ok());
    state.and_then(|state| state.as_string()) == Some(mark(id))
}

/// The place of the dashboard that a click leads to in this tab, if it does.
pub(super) fn link_followed(event: &web_sys::MouseEvent) -> Option<web_sys::HtmlAnchorElement> {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let link = event
        .target()?
        .dyn_into::<web_sys::Element>()
        .ok()?
        .closest("a[href]")
        .ok()??
        .dyn_into::<web_sys::HtmlAnchorElement>()
        .ok()?;
    link.target().is_empty().then_some(link)
}
