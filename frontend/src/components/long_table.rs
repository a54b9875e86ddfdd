//! A long table: the room above and below the rows that are drawn, and when to read on.

use std::ops::Range;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::LongList;

/// So many rows before the end of what was read, more is read.
const AHEAD: usize = 40;

/// A table of which only the rows near what is seen are drawn. It stands in `frame`.
#[derive(Clone, Copy)]
pub(crate) struct LongTable {
    pub(crate) frame: NodeRef<html::Div>,
    list: LongList,
    count: Signal<usize>,
    has_more: Signal<bool>,
    range: Memo<Range<usize>>,
}

impl LongTable {
    /// `read_on` is called when the end of what was read comes near, and there is more.
    pub(crate) fn new(
        count: Signal<usize>,
        has_more: Signal<bool>,
        read_on: impl Fn() + 'static,
    ) -> Self {
        let frame = NodeRef::<html::Div>::new();
        let list = LongList::new(
            move || frame.get_untracked().map(|frame| (*frame).clone().into()),
            count,
            // Pages that are read on leave the rows before them as they are.
            Signal::stored(0),
        );
        let range = Memo::new(move |_| list.range());
        Effect::new(move |_| {
            if range.get().end + AHEAD >= count.get() && has_more.get() {
                read_on();
            }
        });
        Self {
            frame,
            list,
            count,
            has_more,
            range,
        }
    }

    /// The rows to draw, each with its place in the list.
    pub(crate) fn rows<T>(self, items: &[Arc<T>]) -> Vec<(usize, Arc<T>)> {
        let range = self.range.get();
        let first = range.start;
        let items = items.get(range).unwrap_or_default().iter();
        items
            .enumerate()
            .map(|(at, item)| (first + at, Arc::clone(item)))
            .collect()
    }

    /// The height of what is not drawn above: it takes its room all the same.
    pub(crate) fn above(self) -> String {
        self.room(self.range.get().start)
    }

    /// The height of what is not drawn below.
    pub(crate) fn below(self) -> String {
        self.room(self.count.get().saturating_sub(self.range.get().end))
    }

    fn room(self, rows: usize) -> String {
        #[allow(clippy::cast_precision_loss)]
        let pixels = rows as f64 * self.list.row_height();
        format!("{pixels}px")
    }

    /// How many rows there are with the heading, for `aria-rowcount`.
    pub(crate) fn row_count(self) -> String {
        if self.has_more.get() {
            "-1".to_owned()
        } else {
            (self.count.get() + 1).to_string()
        }
    }
}
