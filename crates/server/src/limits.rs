//! Limits on what can be tried again and again: guessing passwords and links, and making the
//! service write to people.
//!
//! Each instance counts for itself. A bucket holds some tries and gains one every so often.
//!
//! Passwords of one address are guessed from one network, or from many. One network has few tries for
//! an address, and uses up nobody else's. All networks together have more, so that whoever commands
//! many does not get as many times the tries; but that bucket alone would let them lock the person
//! out. So it does not count where the person has been before: networks where they signed in or
//! renewed a session, and any from where they set a new password by the mailed link, which is the way
//! in from a new place while somebody is guessing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::problem::ApiError;

/// Buckets held at most; full ones are dropped first, for they say nothing.
const MOST_BUCKETS: usize = 50_000;

/// For how long a network counts as one where somebody has been.
const PLACE_KNOWN_FOR: Duration = Duration::days(30);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Signing in, by network.
    SignIn,
    /// Signing in to one address, by network.
    SignInAs,
    /// Signing in to one address, from all networks where its person has not been.
    SignInFromNewPlaces,
    /// Signing up, by network.
    SignUp,
    /// Asking for a mail, by network.
    MailAsked,
    /// Mails that anybody can ask for, by recipient.
    MailTo,
    /// Following links, by network.
    Link,
    /// Invitations, by the account that invites.
    Invite,
    /// Invitations that went out, by the address that they went to.
    InviteTo,
    /// Guesses at one's own password, by account.
    OwnPassword,
    /// Taking everything along, by account.
    Export,
    /// Load alerts, by environment.
    LoadAlert,
}

impl Kind {
    /// How many at once, and the seconds until there is another.
    const fn rule(self) -> (u32, i64) {
        match self {
            Self::SignIn => (30, 4),
            Self::SignInAs => (20, 15),
            Self::SignInFromNewPlaces => (100, 10),
            Self::SignUp => (20, 60),
            Self::MailAsked => (20, 30),
            Self::MailTo => (5, 300),
            Self::Link => (60, 2),
            Self::Invite => (200, 10),
            Self::InviteTo => (5, 300),
            Self::OwnPassword => (10, 30),
            Self::Export => (5, 60),
            Self::LoadAlert => (120, 5),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it will be full again; further away the emptier it is.
    full_at: DateTime<Utc>,
}

/// Counts, unless switched off.
#[derive(Debug)]
pub(crate) struct Limits {
    on: bool,
    buckets: Mutex<HashMap<(Kind, String), Bucket>>,
    /// Address and network, with when its person was last there.
    places: Mutex<HashMap<(String, String), DateTime<Utc>>>,
}

impl Limits {
    pub(crate) fn new(on: bool) -> Self {
        Self {
            on,
            buckets: Mutex::default(),
            places: Mutex::default(),
        }
    }

    /// Whether there is a try left, without taking it.
    pub(crate) fn check(
        &self,
        kind: Kind,
        whose: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = buckets.get(&(kind, whose.to_owned()));
        let full_at = known.map_or(now, |bucket| bucket.full_at);
        if self.on {
            one_more(kind, full_at, now).map(drop)
        } else {
            Ok(())
        }
    }

    /// Takes one try, or says how long to wait for the next.
    pub(crate) fn take(&self, kind: Kind, whose: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        if !self.on {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS {
            buckets.retain(|_, bucket| bucket.full_at > now);
        }
        let known = buckets.get(&(kind, whose.to_owned()));
        let full_at = one_more(kind, known.map_or(now, |bucket| bucket.full_at), now)?;
        // When even the unfinished ones fill the table, newcomers go uncounted rather than unserved.
        if known.is_some() || buckets.len() < MOST_BUCKETS {
            buckets.insert((kind, whose.to_owned()), Bucket { full_at });
        }
        Ok(())
    }

    /// Takes a try to sign in to that address from that network.
    pub(crate) fn take_sign_in(
        &self,
        address: &str,
        network: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        self.take(Kind::SignInAs, &format!("{network} {address}"), now)?;
        if self.was_here(address, network, now) {
            return Ok(());
        }
        self.take(Kind::SignInFromNewPlaces, address, now)
    }

    /// Notes that the person with that address is in that network.
    pub(crate) fn is_here(&self, address: &str, network: &str, now: DateTime<Utc>) {
        if !self.on {
            return;
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST_BUCKETS {
            let longest_ago = places.iter().min_by_key(|(_, at)| **at);
            if let Some(longest_ago) = longest_ago.map(|(place, _)| place.clone()) {
                places.remove(&longest_ago);
            }
        }
        places.insert((address.to_owned(), network.to_owned()), now);
    }

    fn was_here(&self, address: &str, network: &str, now: DateTime<Utc>) -> bool {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places
            .get(&(address.to_owned(), network.to_owned()))
            .is_some_and(|at| now < *at + PLACE_KNOWN_FOR)
    }
}

/// When a bucket that is full at that time will be full again after one more try, if it has one.
fn one_more(
    kind: Kind,
    full_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, ApiError> {
    let (tries, seconds) = kind.rule();
    let each = Duration::seconds(seconds);
    let longest = each * i32::try_from(tries).unwrap_or(i32::MAX);
    let full_at = full_at.max(now) + each;
    let over = full_at - now - longest;
    if over > Duration::zero() {
        let wait = over.num_milliseconds().unsigned_abs().div_ceil(1_000);
        return Err(ApiError::rate_limited(wait.max(1)));
    }
    Ok(full_at)
}

/// The network of an address: an IPv6 caller has a whole /64 to itself.
pub(crate) fn network_of(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from(network))
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0)
            .single()
            .expect("a time")
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limits = Limits::new(true);
        let (tries, seconds) = Kind::MailTo.rule();
        for _ in 0..tries {
            limits
                .take(Kind::MailTo, "a", noon())
                .expect("there are tries left");
        }
        assert!(limits.take(Kind::MailTo, "a", noon()).is_err());
        limits
            .take(Kind::MailTo, "b", noon())
            .expect("others have their own");
        limits
            .take(Kind::SignUp, "a", noon())
            .expect("other things are counted apart");
        let later = noon() + Duration::seconds(seconds);
        limits
            .take(Kind::MailTo, "a", later)
            .expect("one came back");
        assert!(limits.take(Kind::MailTo, "a", later).is_err());
    }

    /// How many tries go through at one moment, from this network or from one after another.
    fn tries(limits: &Limits, network: impl Fn(usize) -> String) -> usize {
        (0..1_000)
            .take_while(|turn| limits.take_sign_in("ada", &network(*turn), noon()).is_ok())
            .count()
    }

    #[test]
    fn guessing_in_one_network_uses_up_nobody_elses_tries() {
        let limits = Limits::new(true);
        let guessed = tries(&limits, |_| "evil".to_owned());
        assert_eq!(guessed, Kind::SignInAs.rule().0 as usize);
        limits
            .take_sign_in("ada", "home", noon())
            .expect("elsewhere");
        limits
            .take_sign_in("bob", "evil", noon())
            .expect("another address");
    }

    #[test]
    fn guessing_from_many_networks_ends_but_locks_nobody_out() {
        let limits = Limits::new(true);
        limits.is_here("ada", "home", noon());
        let guessed = tries(&limits, |turn| format!("evil {turn}"));
        assert_eq!(guessed, Kind::SignInFromNewPlaces.rule().0 as usize);
        limits
            .take_sign_in("ada", "home", noon())
            .expect("she was here");
        assert!(limits.take_sign_in("ada", "hotel", noon()).is_err());
        limits.is_here("ada", "hotel", noon());
        limits
            .take_sign_in("ada", "hotel", noon())
            .expect("she followed the link here");
        let later = noon() + PLACE_KNOWN_FOR;
        limits
            .take_sign_in("ada", "hotel", later)
            .expect("the bucket filled");
        assert!(!limits.was_here("ada", "hotel", later));
    }

    #[test]
    fn nothing_is_counted_when_off() {
        let limits = Limits::new(false);
        for _ in 0..1_000 {
            limits.take(Kind::MailTo, "a", noon()).expect("off");
        }
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_caller() {
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_eq!(network_of("192.0.2.1"), "192.0.2.1");
    }
}
