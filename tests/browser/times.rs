//! How long until what one does shows before another: told, and not judged, as a machine may be busy.

use std::future::Future;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// From what somebody did to what the other one saw.
#[derive(Default)]
pub(super) struct Times(Vec<(&'static str, Duration)>);

impl Times {
    /// It was done just now: a button was pressed, or a call answered.
    pub(super) async fn until(&mut self, what: &'static str, seen: impl Future<Output = ()>) {
        let done = Instant::now();
        seen.await;
        self.0.push((what, done.elapsed()));
    }

    /// Prints them as rows of a table.
    pub(super) fn tell(&self) {
        let lines = self.0.iter().map(|(what, time)| {
            let time = time.as_millis();
            format!("| {what} | {time} |\n")
        });
        let table: String =
            std::iter::once("| what | seen by the other after, ms |\n| --- | ---: |\n".to_owned())
                .chain(lines)
                .collect();
        std::io::stderr()
            .write_all(table.as_bytes())
            .expect("standard error can be written");
    }
}
