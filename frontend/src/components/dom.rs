//! The few things that need the browser's document directly.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A document-wide unique id, for labels and descriptions.
pub(crate) fn next_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Moves focus to the first field with an error, once the errors are drawn.
pub(crate) fn focus_first_invalid() {
    request_animation_frame(|| {
        let found = [
            "dialog[open] [aria-invalid=\"true\"]",
            "main [aria-invalid=\"true\"]",
        ]
        .iter()
        .find_map(|selector| document().query_selector(selector).ok().flatten());
        if let Some(field) = found {
            focus(&field);
        }
    });
}

/// Moves focus to what says that somebody else was faster, once it is drawn.
pub(crate) fn focus_conflict() {
    request_animation_frame(|| {
        let found = document().query_selector("dialog[open] .conflict");
        if let Ok(Some(notice)) = found {
            focus(&notice);
        }
    });
}

/// Moves focus to the first field of the open form.
pub(super) fn focus_form() {
    const FIELDS: &str = "dialog[open] form :is(input, textarea, select):not(:disabled)";
    request_animation_frame(|| {
        if let Ok(Some(field)) = document().query_selector(FIELDS) {
            focus(&field);
        }
    });
}

static HEADING_AWAITED: AtomicBool = AtomicBool::new(false);

/// Moves focus to the page's heading, so that a screen reader hears where navigation led. A page that is
/// still on its way gets it by [`focus_awaited_heading`].
pub(crate) fn focus_heading() {
    request_animation_frame(|| {
        let heading = document()
            .query_selector("main h1[tabindex]")
            .ok()
            .flatten();
        HEADING_AWAITED.store(heading.is_none(), Ordering::Relaxed);
        if let Some(heading) = heading {
            focus(&heading);
        }
    });
}

/// Moves focus to the heading if it should have gone there before there was one.
pub(crate) fn focus_awaited_heading() {
    if HEADING_AWAITED.swap(false, Ordering::Relaxed) {
        focus_heading();
    }
}

/// Lets the browser save a file, as if it had been downloaded from a link of this name.
pub(crate) fn download(name: &str, media_type: &str, file: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(file));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let address = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    let Ok(address) = address else {
        return;
    };
    if let Some(link) = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok())
    {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser has taken what it saves; an address that is not given back holds the file in memory.
    let _ = web_sys::Url::revoke_object_url(&address);
}

/// Focuses an element, if it can have the focus at all.
pub(super) fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // An element that vanished meanwhile cannot be focused, and need not be.
        let _ = element.focus();
    }
}

/// Focuses the first link of a list's line, counted from nothing.
pub(crate) fn focus_row(list: &web_sys::Element, at: usize) {
    if let Some(link) = all_below(list, "li")
        .get(at)
        .and_then(|line| line.query_selector("a").ok().flatten())
    {
        focus(&link);
    }
}

/// The element that has the focus now.
pub(super) fn focused() -> Option<web_sys::HtmlElement> {
    document()
        .active_element()
        .and_then(|element| element.dyn_into().ok())
}

/// Gives the focus back to what had it before a dialog, once the dialog is out of the document: until then
/// nothing around it can have the focus.
pub(super) fn focus_again(element: web_sys::HtmlElement) {
    request_animation_frame(move || {
        let nobody_has_it = focused().is_none_or(|now| now.tag_name() == "BODY");
        if nobody_has_it {
            // What had the focus may be gone by now.
            let _ = element.focus();
        }
    });
}

/// The elements below `root` that match, in document order.
pub(super) fn all_below(root: &web_sys::Element, selector: &str) -> Vec<web_sys::Element> {
    let Ok(found) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.item(at)?.dyn_into().ok())
        .collect()
}

/// The nearest element around an event's target that matches, unless something else that matches
/// `unless` lies between.
pub(super) fn closest_unless(
    target: &web_sys::EventTarget,
    selector: &str,
    unless: &str,
) -> Option<web_sys::Element> {
    let element = target.dyn_ref::<web_sys::Element>()?;
    let found = element.closest(selector).ok().flatten()?;
    let between = element.closest(unless).ok().flatten();
    let hidden = between.is_some_and(|between| found.contains(Some(&between)));
    (!hidden).then_some(found)
}

/// Whether an event's target is this element.
pub(super) fn is_same(target: &web_sys::EventTarget, element: &web_sys::Element) -> bool {
    target.dyn_ref::<web_sys::Element>() == Some(element)
}

/// An attribute of an event's target.
pub(super) fn attribute_of(target: &web_sys::EventTarget, name: &str) -> Option<String> {
    target.dyn_ref::<web_sys::Element>()?.get_attribute(name)
}

/// Whether an event's target is typed into.
pub(super) fn is_input(target: &web_sys::EventTarget) -> bool {
    target.dyn_ref::<web_sys::HtmlInputElement>().is_some()
}

/// Where a key moves the focus in a list of `count` things; it stops at either end.
pub(crate) fn step(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (key, at?) {
        ("ArrowDown", at) => Some((at + 1).min(last)),
        ("ArrowUp", at) => Some(at.saturating_sub(1)),
        ("Home", _) => Some(0),
        ("End", _) => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn arrows_stop_at_the_ends() {
        assert_eq!(step("ArrowDown", Some(0), 2), Some(1));
        assert_eq!(step("ArrowDown", Some(1), 2), Some(1));
        assert_eq!(step("ArrowUp", Some(0), 2), Some(0));
        assert_eq!(step("End", Some(0), 3), Some(2));
        assert_eq!(step("Home", Some(2), 3), Some(0));
    }

    #[test]
    fn nothing_moves_without_a_place_or_for_other_keys() {
        assert_eq!(step("ArrowDown", None, 2), None);
        assert_eq!(step("a", Some(0), 2), None);
        assert_eq!(step("End", Some(0), 0), None);
    }
}
