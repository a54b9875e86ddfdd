//! What a lease says, and when one is free. Times are milliseconds since 1970.

/// A lease as it is written down.
pub(super) fn written(until: f64, holder: &str) -> String {
    format!("{until} {holder}")
}

/// Whether a lease may be taken, or renewed, by this holder, where none lasts longer than `longest`.
pub(super) fn is_free(known: Option<&str>, holder: &str, now: f64, longest: f64) -> bool {
    let known = known.and_then(|known| {
        let (until, holder) = known.split_once(' ')?;
        Some((until.parse::<f64>().ok()?, holder))
    });
    // An end beyond every lease was written by a clock that has been set back since.
    known.is_none_or(|(until, of)| of == holder || until <= now || until > now + longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: f64 = 60_000.0;

    fn is_free(known: Option<&str>, holder: &str, now: f64) -> bool {
        super::is_free(known, holder, now, LONGEST)
    }

    #[test]
    fn a_lease_is_its_holders_until_it_ends() {
        let now = 1_800_000_000_000.0;
        let of_one = written(now + 5_000.0, "one");
        assert!(is_free(Some(&of_one), "one", now), "it may be renewed");
        assert!(!is_free(Some(&of_one), "two", now));
        assert!(!is_free(Some(&of_one), "two", now + 4_999.0));
        assert!(is_free(Some(&of_one), "two", now + 5_000.0));
        assert!(is_free(None, "two", now));
    }

    #[test]
    fn nobody_waits_for_what_can_never_end() {
        let now = 1_800_000_000_000.0;
        let of_a_clock_set_back = written(now + LONGEST + 1.0, "one");
        assert!(is_free(Some(&of_a_clock_set_back), "two", now));
        for broken in ["", "one", "soon one"] {
            assert!(is_free(Some(broken), "two", now), "{broken:?}");
        }
    }
}
