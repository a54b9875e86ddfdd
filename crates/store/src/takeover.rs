//! When what somebody claimed may be taken over, because they seem to be gone.
//!
//! A claim lapses by the clock, but whoever made it may have done long ago what it was for, and wait to note it
//! while the database is away. So nothing is taken over until the database has answered for a while without a
//! gap: who is there notes what they did within that time.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest pause between two attempts to note what became of something that was claimed.
pub const NOTE_PAUSE: Duration = Duration::from_secs(1);
/// For so long the database must have answered: longer than the longest pause, and the time in which a
/// connection to it is made again.
const STEADY_FOR: TimeDelta = TimeDelta::seconds(15);
/// An answer that took longer came after a gap.
const PROMPT: TimeDelta = TimeDelta::seconds(4);
/// Who asked nothing for longer does not know whether there was a gap. A claim must last longer than this and
/// what it is for.
const LONGEST_SILENCE: TimeDelta = TimeDelta::seconds(90);

/// What one worker knows of how steadily the database answers. Clones share it. It begins with not knowing: the
/// database may have come back a moment ago.
#[derive(Clone, Debug, Default)]
pub struct Takeover(Arc<Mutex<Steadiness>>);

#[derive(Clone, Copy, Debug, Default)]
struct Steadiness {
    since: Option<DateTime<Utc>>,
    heard_at: Option<DateTime<Utc>>,
}

impl Takeover {
    /// Notes that the database was asked something, and whether it has answered now.
    pub fn asked(&self, then: DateTime<Utc>, now: DateTime<Utc>, answered: bool) {
        let mut steady = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !answered || !is_prompt(then, now) {
            steady.since = None;
            return;
        }
        let without_gap = steady
            .heard_at
            .is_some_and(|heard_at| heard_at <= now && then - heard_at <= LONGEST_SILENCE);
        if !without_gap {
            steady.since = None;
        }
        steady.since.get_or_insert(now);
        steady.heard_at = Some(now);
    }

    /// Claims that lapsed until the answer are nobody's any more. To be asked where they are taken, in the
    /// transaction, with the moment at which the database was asked for it.
    #[must_use]
    pub fn lapsed_by(&self, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let steady = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let long_enough = steady.since.is_some_and(|since| now - since >= STEADY_FOR);
        let lately = steady
            .heard_at
            .is_some_and(|heard_at| asked_at - heard_at <= LONGEST_SILENCE);
        if long_enough && lately && is_prompt(asked_at, now) {
            now
        } else {
            DateTime::UNIX_EPOCH
        }
    }
}

/// A clock that was set back proves nothing.
fn is_prompt(then: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now >= then && now - then <= PROMPT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn takes_over(takeover: &Takeover, asked: i64, now: i64) -> bool {
        let lapsed_by = takeover.lapsed_by(at(asked), at(now));
        assert!(lapsed_by == at(now) || lapsed_by == DateTime::UNIX_EPOCH);
        lapsed_by == at(now)
    }

    /// One that heard the database every five seconds from the moment 0.
    fn steady_until(end: i64) -> Takeover {
        let takeover = Takeover::default();
        for second in (0..=end).step_by(5) {
            takeover.asked(at(second), at(second), true);
        }
        takeover
    }

    #[test]
    fn who_just_began_takes_nothing_over() {
        let takeover = Takeover::default();
        assert!(!takes_over(&takeover, 0, 0));
        takeover.asked(at(0), at(0), true);
        assert!(!takes_over(&takeover, 14, 14));
        assert!(takes_over(&takeover, 15, 15));
    }

    #[test]
    fn a_failure_begins_the_time_anew() {
        let takeover = steady_until(60);
        assert!(takes_over(&takeover, 60, 60));
        takeover.asked(at(61), at(61), false);
        assert!(!takes_over(&takeover, 61, 61));
        takeover.asked(at(100), at(100), true);
        assert!(!takes_over(&takeover, 114, 114));
        assert!(takes_over(&takeover, 115, 115));
    }

    #[test]
    fn an_answer_that_hung_came_after_a_gap() {
        let takeover = steady_until(60);
        assert!(takes_over(&takeover, 61, 65));
        assert!(!takes_over(&takeover, 61, 66), "it hung all the while");
        takeover.asked(at(61), at(66), true);
        assert!(!takes_over(&takeover, 67, 67));
    }

    #[test]
    fn who_was_away_knows_nothing() {
        let takeover = steady_until(60);
        assert!(takes_over(&takeover, 150, 150));
        assert!(!takes_over(&takeover, 151, 151));
        takeover.asked(at(151), at(151), true);
        assert!(!takes_over(&takeover, 152, 152));
        assert!(takes_over(&takeover, 166, 166));
    }

    #[test]
    fn a_clock_that_is_set_back_is_not_believed() {
        let takeover = steady_until(60);
        assert!(!takes_over(&takeover, 60, 50));
        takeover.asked(at(10), at(10), true);
        assert!(!takes_over(&takeover, 24, 24));
        assert!(takes_over(&takeover, 25, 25));
    }
}
