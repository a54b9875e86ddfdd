//! Lists too long to draw whole: only the rows near what is seen are in the document. All rows are of
//! one height, which the stylesheet decides and this measures.

use std::ops::Range;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Rows drawn beyond either edge of what is seen, so that a key or a wheel meets rows that are there.
const SPARE: usize = 8;
/// Before anything was measured.
const GUESS: f64 = 44.0;

/// What a row is marked with, so that it can be measured.
pub(crate) const ROW: &str = "[data-row]";
/// What is marked where the first row begins, if that is not the top of the box.
const START: &str = "[data-start]";
/// What a box is marked with that the rows scroll in; without one it is the page.
const SCROLLER: &str = "[data-scroller]";

/// Which rows of a list to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LongList {
    count: Signal<usize>,
    seen: RwSignal<(usize, usize)>,
    row_height: RwSignal<f64>,
}

impl LongList {
    /// `frame` is the box that the rows stand in.
    pub(crate) fn new(
        frame: impl Fn() -> Option<web_sys::Element> + Copy + 'static,
        count: Signal<usize>,
    ) -> Self {
        let list = Self {
            count,
            seen: RwSignal::new((0, 2 * SPARE)),
            row_height: RwSignal::new(GUESS),
        };
        let waiting = StoredValue::new(false);
        let look_soon = move || {
            if waiting.try_get_value() == Some(false) {
                waiting.set_value(true);
                request_animation_frame(move || {
                    if waiting.try_set_value(false).is_none()
                        && let Some(frame) = frame()
                    {
                        list.look(&frame);
                    }
                });
            }
        };
        listen_everywhere(look_soon);
        Effect::new(move |_| {
            count.track();
            look_soon();
        });
        list
    }

    fn look(self, frame: &web_sys::Element) {
        if let Ok(Some(row)) = frame.query_selector(ROW) {
            let height = row.get_bounding_client_rect().height();
            let before = self.row_height.try_get_untracked().unwrap_or(height);
            if height > 0.0 && (height - before).abs() > 0.1 {
                self.row_height.try_set(height);
            }
        }
        let Some(height) = self.row_height.try_get_untracked() else {
            return;
        };
        let start = frame.query_selector(START).ok().flatten();
        let rows = start.as_ref().unwrap_or(frame).get_bounding_client_rect();
        let screen = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or_default();
        let (top, bottom) = match frame.closest(SCROLLER) {
            Ok(Some(scroller)) => {
                let scroller = scroller.get_bounding_client_rect();
                (scroller.top().max(0.0), scroller.bottom().min(screen))
            }
            _ => (0.0, screen),
        };
        let seen = rows_between(top - rows.top(), bottom - rows.top(), height);
        if self
            .seen
            .try_get_untracked()
            .is_some_and(|before| before != seen)
        {
            self.seen.try_set(seen);
        }
    }

    /// The rows to draw now.
    pub(crate) fn range(self) -> Range<usize> {
        let (first, last) = self.seen.get();
        clamped(first, last, self.count.get())
    }

    /// The height of a row in pixels, as measured last.
    pub(crate) fn row_height(self) -> f64 {
        self.row_height.get()
    }
}

/// The rows between two edges, in pixels from the top of the first, with some to spare.
fn rows_between(top: f64, bottom: f64, row_height: f64) -> (usize, usize) {
    // Not negative, and far below what a usize holds: a list of that length would not fit the memory.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let row_at = |edge: f64| (edge.max(0.0) / row_height) as usize;
    // By whole steps, so that a little scrolling draws nothing anew.
    let first = row_at(top).saturating_sub(SPARE);
    (first - first % (SPARE / 2), row_at(bottom) + 1 + SPARE)
}

fn clamped(first: usize, last: usize, count: usize) -> Range<usize> {
    let last = last.min(count);
    // A list that became shorter shows its end until the browser has scrolled there.
    let first = first.min(last.saturating_sub(2 * SPARE));
    first..last
}

/// Hears of scrolling anywhere in the page, and of another size of the window.
fn listen_everywhere(heard: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(heard);
    let function: &js_sys::Function = listener.as_ref().unchecked_ref();
    // Scrolling does not bubble; it can be caught on its way down.
    let _ = window().add_event_listener_with_callback_and_bool("scroll", function, true);
    let _ = window().add_event_listener_with_callback("resize", function);
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        listener.try_with_value(|listener| {
            let function: &js_sys::Function = listener.as_ref().unchecked_ref();
            let _ = window().remove_event_listener_with_callback_and_bool("scroll", function, true);
            let _ = window().remove_event_listener_with_callback("resize", function);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_drawn_with_some_to_spare() {
        let (first, last) = rows_between(1_000.0, 1_500.0, 50.0);
        assert!((20 - 2 * SPARE..=20 - SPARE).contains(&first), "{first}");
        assert_eq!(last, 31 + SPARE);
        assert_eq!(rows_between(-300.0, -10.0, 50.0), (0, 1 + SPARE));
    }

    #[test]
    fn a_list_is_never_drawn_beyond_its_end() {
        assert_eq!(clamped(0, 25, 3), 0..3);
        assert_eq!(clamped(0, 25, 0), 0..0);
        assert_eq!(clamped(100, 130, 120), 100..120);
        assert_eq!(clamped(500, 530, 40), 24..40, "it became shorter");
    }
}
