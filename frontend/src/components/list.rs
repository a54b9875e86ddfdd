//! Lists that keep a line as it was drawn as long as its key stays. One piece of compiled code serves them
//! all, whatever they list: every kind of its own would cost every visitor its share of the download.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use leptos::prelude::*;

struct Line {
    key: u64,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Draws a line for each of `items`; one with the key of an earlier line stays as it is. So the key holds
/// all that the line shows or hands on, unless the line follows a signal of its own.
pub(crate) fn each<T, K, I>(
    items: I,
    key: impl Fn(&T) -> K + Send + Sync + 'static,
    line: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Send + 'static,
    K: Hash,
    I: Fn() -> Vec<T> + Send + 'static,
{
    let line = Arc::new(line);
    lines(Box::new(move || {
        items()
            .into_iter()
            .map(|item| {
                let mut hasher = DefaultHasher::new();
                key(&item).hash(&mut hasher);
                let line = Arc::clone(&line);
                Line {
                    key: hasher.finish(),
                    draw: Box::new(move || line(item)),
                }
            })
            .collect()
    }))
}

fn lines(lines: Box<dyn Fn() -> Vec<Line> + Send>) -> AnyView {
    view! { <For each=lines key=|line| line.key children=|line: Line| (line.draw)()/> }.into_any()
}
