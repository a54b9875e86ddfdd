//! A clock that runs with the machine's and can be set forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use accord_client::types::{DateTime, Utc};
use chrono::Duration;

/// The time of one app. It goes on by itself, so that what happens later is later.
#[derive(Clone, Debug, Default)]
pub struct TestClock {
    ahead_in_microseconds: Arc<AtomicI64>,
}

impl TestClock {
    /// This moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(std::time::SystemTime::now())
            + Duration::microseconds(self.ahead_in_microseconds.load(Ordering::SeqCst))
    }

    /// Lets this much time pass.
    pub fn advance(&self, by: Duration) {
        self.ahead_in_microseconds.fetch_add(
            by.num_microseconds().expect("not centuries"),
            Ordering::SeqCst,
        );
    }
}
