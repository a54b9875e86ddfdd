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

/// So many rows are drawn before the browser may answer again: a row costs a millisecond or two, and a jump
/// on a tall screen brings dozens.
const AT_ONCE: usize = 9;
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
        // Rows that are still to be read are not wanted: they would all be drawn as they arrive.
        let wanted = clamped(with_spare(seen), count);
        let there = (seen.0.min(count), seen.1.min(count));
        let drawn = Drawn {
            rows: towards(wanted, there, before.of(edition)),
            seen,
            edition,
        };
        if drawn != before {
            self.drawn.try_set(drawn);
        }
        drawn.rows != wanted
    }

    /// The rows to draw now.
    pub(crate) fn range(self) -> Range<usize> {
        let rows = self.drawn.get().of(self.edition.get());
        let (first, last) = clamped(rows, self.count.get());
        first..last
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

/// The next step towards all that is wanted: a few rows more, first of what is seen, then beyond its edges.
fn towards(wanted: Rows, seen: Rows, drawn: Rows) -> Rows {
    let kept = (drawn.0.max(wanted.0), drawn.1.min(wanted.1));
    let (first, last) = if kept.0 > seen.1 || kept.1 < seen.0 {
        (seen.0, seen.0)
    } else {
        kept
    };
    let goal = if first <= seen.0 && last >= seen.1 {
        wanted
    } else {
        (first.min(seen.0), last.max(seen.1))
    };
    let below = (goal.1 - last).min(AT_ONCE);
    let above = (first - goal.0).min(AT_ONCE - below);
    (first - above, last + below)
}

/// As far as there are so many rows. Who is beyond the end of a list, as it became shorter or is followed by
/// something else, still has its last rows beside them.
fn clamped((first, last): Rows, count: usize) -> Rows {
    if last <= count {
        return (first, last);
    }
    (first.min(count.saturating_sub(2 * SPARE)), count)
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
            let (seen, wanted) = ((100, 118), with_spare((100, 118)));
            let mut now = drawn;
            for _ in 0..10 {
                let next = towards(wanted, seen, now);
                let new = (next.0..next.1).filter(|row| !(now.0..now.1).contains(row));
                let new: Vec<_> = new.collect();
                assert!(new.len() <= AT_ONCE, "{why}: {now:?} to {next:?}");
                let not_seen = new.iter().any(|row| !(seen.0..seen.1).contains(row));
                let all_seen = now.0 <= seen.0 && now.1 >= seen.1;
                assert!(all_seen || !not_seen, "{why}: {now:?} to {next:?}");
                now = next;
            }
            assert_eq!(now, wanted, "{why}");
        }
    }

    /// Rows after all steps, with the seen ones and how many there are.
    fn settled(seen: Rows, count: usize, drawn: Rows) -> Rows {
        let wanted = clamped(with_spare(seen), count);
        let there = (seen.0.min(count), seen.1.min(count));
        (0..20).fold(drawn, |now, _| towards(wanted, there, now))
    }

    #[test]
    fn what_arrives_at_the_end_is_not_drawn_as_it_arrives() {
        let drawn = settled((190, 208), 200, (150, 180));
        assert_eq!(drawn, (180, 200));
        assert_eq!(clamped(drawn, 400), drawn);
        assert_eq!(settled((190, 208), 400, drawn), (180, 216));
    }

    #[test]
    fn beyond_the_end_the_last_rows_are_there() {
        for seen in [(38, 60), (45, 60), (500, 530)] {
            for drawn in [(0, 12), (90, 130), seen] {
                let now = settled(seen, 40, drawn);
                assert!(now.0 <= 24 + SPARE && now.1 == 40, "{seen:?}: {now:?}");
                assert_eq!(settled(seen, 40, now), now, "{seen:?}");
            }
        }
        assert_eq!(settled((0, 18), 3, (0, 12)), (0, 3));
        assert_eq!(settled((0, 18), 0, (0, 12)), (0, 0));
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
        assert_eq!(clamped((0, 25), 3), (0, 3));
        assert_eq!(clamped((0, 25), 0), (0, 0));
        assert_eq!(clamped((100, 130), 120), (100, 120));
        assert_eq!(clamped((500, 530), 40), (24, 40), "it became shorter");
    }
}
