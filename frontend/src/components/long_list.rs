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

/// So many rows are added to those that are seen before the browser may draw again: a row costs a
/// millisecond or two, and what is not seen yet has time.
const AT_ONCE: usize = 6;
/// Rows drawn before anything was measured.
const FIRST: usize = 12;

/// Which rows of a list to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LongList {
    count: Signal<usize>,
    edition: Signal<usize>,
    drawn: RwSignal<Drawn>,
    row_height: RwSignal<f64>,
}

/// Rows from the first up to before the second.
type Rows = (usize, usize);

/// What is in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    rows: Rows,
    /// Those of them that are seen.
    seen: Rows,
    /// Of which edition of the list.
    edition: usize,
}

impl Drawn {
    /// The rows to draw of an edition: where all are others, those that are seen come first.
    const fn of(self, edition: usize) -> Rows {
        if self.edition == edition {
            self.rows
        } else {
            self.seen
        }
    }
}

impl LongList {
    /// `frame` is the box that the rows stand in. `edition` becomes another when most rows do.
    pub(crate) fn new(
        frame: impl Fn() -> Option<web_sys::Element> + Copy + 'static,
        count: Signal<usize>,
        edition: Signal<usize>,
    ) -> Self {
        let list = Self {
            count,
            edition,
            drawn: RwSignal::new(Drawn {
                rows: (0, FIRST),
                seen: (0, FIRST),
                edition: edition.get_untracked(),
            }),
            row_height: RwSignal::new(GUESS),
        };
        let waiting = StoredValue::new(false);
        let look_soon = move || list.look_soon(waiting, frame);
        listen_everywhere(look_soon);
        Effect::new(move |_| {
            count.track();
            edition.track();
            look_soon();
        });
        list
    }

    /// Looks before the browser draws again, and again until all is drawn.
    fn look_soon(
        self,
        waiting: StoredValue<bool>,
        frame: impl Fn() -> Option<web_sys::Element> + Copy + 'static,
    ) {
        if waiting.try_get_value() == Some(false) {
            waiting.set_value(true);
            request_animation_frame(move || {
                if waiting.try_set_value(false).is_none()
                    && frame().is_some_and(|frame| self.look(&frame))
                {
                    self.look_soon(waiting, frame);
                }
            });
        }
    }

    /// Whether there is more to draw.
    fn look(self, frame: &web_sys::Element) -> bool {
        if let Ok(Some(row)) = frame.query_selector(ROW) {
            let height = row.get_bounding_client_rect().height();
            let before = self.row_height.try_get_untracked().unwrap_or(height);
            if height > 0.0 && (height - before).abs() > 0.1 {
                self.row_height.try_set(height);
            }
        }
        let Some(((height, before), (count, edition))) = self
            .row_height
            .try_get_untracked()
            .zip(self.drawn.try_get_untracked())
            .zip(
                self.count
                    .try_get_untracked()
                    .zip(self.edition.try_get_untracked()),
            )
        else {
            return false;
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
        let wanted = with_spare(seen);
        let drawn = Drawn {
            rows: towards(wanted, seen, before.of(edition)),
            seen,
            edition,
        };
        if drawn != before {
            self.drawn.try_set(drawn);
        }
        clamped(drawn.rows, count) != clamped(wanted, count)
    }

    /// The rows to draw now.
    pub(crate) fn range(self) -> Range<usize> {
        let rows = self.drawn.get().of(self.edition.get());
        clamped(rows, self.count.get())
    }

    /// The height of a row in pixels, as measured last.
    pub(crate) fn row_height(self) -> f64 {
        self.row_height.get()
    }
}

/// The rows between two edges, in pixels from the top of the first.
fn rows_between(top: f64, bottom: f64, row_height: f64) -> Rows {
    // Not negative, and far below what a usize holds: a list of that length would not fit the memory.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let row_at = |edge: f64| (edge.max(0.0) / row_height) as usize;
    (row_at(top), row_at(bottom) + 1)
}

/// With rows beyond either edge.
const fn with_spare((first, last): Rows) -> Rows {
    let first = first.saturating_sub(SPARE);
    // By whole steps, so that a little scrolling draws nothing anew.
    (first - first % (SPARE / 2), last + SPARE)
}

/// The next step towards all that is wanted: first what is seen, then a few more.
fn towards(wanted: Rows, seen: Rows, drawn: Rows) -> Rows {
    let kept = (drawn.0.max(wanted.0), drawn.1.min(wanted.1));
    if kept.0 > seen.1 || kept.1 < seen.0 {
        return seen;
    }
    let (first, last) = (kept.0.min(seen.0), kept.1.max(seen.1));
    if drawn.0 > seen.0 || drawn.1 < seen.1 {
        return (first, last);
    }
    let below = (wanted.1 - last).min(AT_ONCE);
    let above = (first - wanted.0).min(AT_ONCE - below);
    (first - above, last + below)
}

fn clamped((first, last): Rows, count: usize) -> Range<usize> {
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
        let seen = rows_between(1_000.0, 1_500.0, 50.0);
        assert_eq!(seen, (20, 31));
        let (first, last) = with_spare(seen);
        assert!((20 - 2 * SPARE..=20 - SPARE).contains(&first), "{first}");
        assert_eq!(last, 31 + SPARE);
        assert_eq!(
            with_spare(rows_between(-300.0, -10.0, 50.0)),
            (0, 1 + SPARE)
        );
    }

    #[test]
    fn rows_come_a_few_at_a_time_and_those_that_are_seen_first() {
        for (why, drawn) in [
            ("far away", (500, 520)),
            ("overlapping", (90, 105)),
            ("next to them", (110, 130)),
            ("nothing", (0, 0)),
            ("around them", (50, 200)),
        ] {
            let (seen, wanted) = ((100, 110), with_spare((100, 110)));
            let first = towards(wanted, seen, drawn);
            assert!(first.0 <= seen.0 && first.1 >= seen.1, "{why}: {first:?}");
            let mut now = first;
            for _ in 0..10 {
                let next = towards(wanted, seen, now);
                let more = (now.0 - next.0) + (next.1 - now.1);
                assert!(more <= AT_ONCE, "{why}: {now:?} to {next:?}");
                now = next;
            }
            assert_eq!(now, wanted, "{why}");
        }
    }

    #[test]
    fn of_another_edition_only_what_is_seen_is_drawn() {
        let drawn = Drawn {
            rows: (92, 118),
            seen: (100, 110),
            edition: 1,
        };
        assert_eq!(drawn.of(1), (92, 118));
        assert_eq!(drawn.of(2), (100, 110));
    }

    #[test]
    fn a_list_is_never_drawn_beyond_its_end() {
        assert_eq!(clamped((0, 25), 3), 0..3);
        assert_eq!(clamped((0, 25), 0), 0..0);
        assert_eq!(clamped((100, 130), 120), 100..120);
        assert_eq!(clamped((500, 530), 40), 24..40, "it became shorter");
    }
}
