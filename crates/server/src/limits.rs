//! Limits on what can be tried again and again: guessing passwords and links, and making the
//! service write to people.
//!
//! Each instance counts for itself. A bucket holds some tries and gains one every so often. What is left to the
//! caller is said in the headers of each answer (draft-ietf-httpapi-ratelimit-headers): of everything together,
//! and of what is counted besides. The platform's own tokens are not counted in the first, for whoever runs
//! the service gave them out. How often strangers tried an address, or wrote to it, is not said.
//!
//! Passwords of one address are guessed from one network, or from many. One network has few tries for
//! an address, and uses up nobody else's. All networks together have more, so that whoever commands
//! many does not get as many times the tries; but that bucket alone would let them lock the person
//! out. So it does not count where the person has been before: networks where they signed in or
//! renewed a session, and any from where they set a new password by the mailed link, which is the way
//! in from a new place while somebody is guessing.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use indexmap::IndexMap;

use crate::counted;
use crate::problem::ApiError;

/// Buckets held at most of each kind, so that whoever makes many of one kind pushes out none of another.
const MOST_BUCKETS: usize = 20_000;

/// Places held at most.
const MOST_PLACES: usize = 50_000;

/// How many entries of a table that ran full are looked at, to let the least important of them go.
const LOOKED_AT: usize = 16;

/// For how long a network counts as one where somebody has been.
const PLACE_KNOWN_FOR: Duration = Duration::days(30);

/// What is left of what somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    kind: Kind,
    left: u32,
    /// Until there is as much as there ever is.
    full_in: Duration,
}

impl Allowance {
    /// Of how much, as `RateLimit-Policy` says it: so many within so many seconds.
    pub(crate) fn policy(&self) -> String {
        let (tries, each) = self.kind.rule();
        let window = seconds(each * i32::try_from(tries).unwrap_or(i32::MAX));
        format!("\"{}\";q={tries};w={window}", self.kind.name())
    }

    pub(crate) fn is_of_the_kind_of(&self, other: &Self) -> bool {
        self.kind == other.kind
    }

    /// How much is left, as `RateLimit` says it, and in how many seconds it is all again.
    pub(crate) fn state(&self) -> String {
        let (name, left) = (self.kind.name(), self.left);
        format!("\"{name}\";r={left};t={}", seconds(self.full_in))
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.num_milliseconds().unsigned_abs().div_ceil(1_000)
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Calls of any kind, by session or API token.
    Api,
    /// Calls by who shows neither, by network.
    Anonymous,
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
    /// Calling with a token that there is not, by network.
    UnknownToken,
    /// Following links, by network.
    Link,
    /// Invitations, by the account that invites.
    Invite,
    /// Invitations that went out, by the address that they went to.
    InviteTo,
    /// Guesses at one's own password, by account.
    OwnPassword,
    /// Taking everything along, or a record, by account.
    Export,
    /// Load alerts, by environment.
    LoadAlert,
    /// Giving a suspended member their access back, by member.
    Activate,
    /// Tests and what is sent again, by webhook.
    WebhookTry,
}

impl Kind {
    /// How many at once, and how long it is until there is another.
    const fn rule(self) -> (u32, Duration) {
        let (tries, seconds) = match self {
            Self::Api => return (1_200, Duration::milliseconds(50)),
            Self::Anonymous => return (600, Duration::milliseconds(100)),
            Self::SignIn => (30, 4),
            Self::SignInAs => (20, 15),
            Self::SignInFromNewPlaces => (100, 10),
            Self::SignUp => (20, 60),
            Self::MailAsked => (20, 30),
            Self::MailTo => (5, 300),
            Self::UnknownToken => (60, 2),
            Self::Link => (60, 2),
            Self::Invite => (200, 10),
            Self::InviteTo => (5, 300),
            Self::OwnPassword => (10, 30),
            Self::Export => (5, 60),
            Self::LoadAlert => (120, 5),
            Self::Activate => (5, 300),
            Self::WebhookTry => (30, 10),
        };
        (tries, Duration::seconds(seconds))
    }

    /// Whether what is left may be told: not where it would tell how often strangers try an address, or write
    /// to it.
    const fn is_told(self) -> bool {
        !matches!(
            self,
            Self::SignInAs | Self::SignInFromNewPlaces | Self::MailTo | Self::InviteTo
        )
    }

    /// How it is called in the headers of answers.
    const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Anonymous => "anonymous",
            Self::SignIn => "sign-in",
            Self::SignInAs | Self::SignInFromNewPlaces => "sign-in-address",
            Self::SignUp => "sign-up",
            Self::MailAsked => "mail-asked",
            Self::MailTo => "mail-to",
            Self::UnknownToken => "unknown-token",
            Self::Link => "link",
            Self::Invite => "invite",
            Self::InviteTo => "invite-to",
            Self::OwnPassword => "own-password",
            Self::Export => "export",
            Self::LoadAlert => "load-alert",
            Self::Activate => "activate",
            Self::WebhookTry => "webhook-try",
        }
    }
}

/// Moments by key, in bounded memory: when it is full, an early moment makes room for a new key.
#[derive(Debug)]
struct Table<K> {
    most: usize,
    moments: IndexMap<K, DateTime<Utc>>,
    /// Where to look next for what may go.
    hand: usize,
}

impl<K: Eq + Hash> Table<K> {
    fn new(most: usize) -> Self {
        Self {
            most,
            moments: IndexMap::new(),
            hand: 0,
        }
    }

    fn get(&self, key: &K) -> Option<DateTime<Utc>> {
        self.moments.get(key).copied()
    }

    /// A full table costs a look at a few entries, however many it has.
    fn insert(&mut self, key: K, moment: DateTime<Utc>) {
        if let Some(known) = self.moments.get_mut(&key) {
            *known = moment;
            return;
        }
        if self.moments.len() >= self.most {
            self.let_one_go();
        }
        self.moments.insert(key, moment);
    }

    fn let_one_go(&mut self) {
        let count = self.moments.len();
        let earliest = (0..LOOKED_AT.min(count))
            .map(|step| (self.hand + step) % count)
            .min_by_key(|index| self.moments.get_index(*index).map(|(_, moment)| *moment));
        if let Some(earliest) = earliest {
            self.moments.swap_remove_index(earliest);
            self.hand = (self.hand + LOOKED_AT) % count;
        }
    }
}

/// Counts, unless switched off.
#[derive(Debug)]
pub(crate) struct Limits {
    on: bool,
    /// When each bucket will be full again: further away the emptier it is, and earliest where it says
    /// the least.
    buckets: Mutex<HashMap<Kind, Table<String>>>,
    /// Address and network, with when its person was last there.
    places: Mutex<Table<(String, String)>>,
}

impl Limits {
    pub(crate) fn new(on: bool) -> Self {
        Self {
            on,
            buckets: Mutex::default(),
            places: Mutex::new(Table::new(MOST_PLACES)),
        }
    }

    /// Whether there is a try left, without taking it.
    pub(crate) fn check(
        &self,
        kind: Kind,
        whose: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        if !self.on {
            return Ok(());
        }
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = buckets
            .get(&kind)
            .and_then(|table| table.get(&whose.to_owned()));
        one_more(kind, known.unwrap_or(now), now).map(drop)
    }

    /// Takes one try, and notes what is left, or says how long to wait for the next. Nothing is counted when
    /// switched off.
    pub(crate) fn take(&self, kind: Kind, whose: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
        if !self.on {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let table = buckets
            .entry(kind)
            .or_insert_with(|| Table::new(MOST_BUCKETS));
        let whose = whose.to_owned();
        let full_at = one_more(kind, table.get(&whose).unwrap_or(now), now)?;
        table.insert(whose, full_at);
        if kind.is_told() {
            counted::note(allowance(kind, full_at, now));
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
        places.insert((address.to_owned(), network.to_owned()), now);
    }

    fn was_here(&self, address: &str, network: &str, now: DateTime<Utc>) -> bool {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places
            .get(&(address.to_owned(), network.to_owned()))
            .is_some_and(|at| now < at + PLACE_KNOWN_FOR)
    }
}

/// When a bucket that is full at that time will be full again after one more try, if it has one.
fn one_more(
    kind: Kind,
    full_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, ApiError> {
    let (tries, each) = kind.rule();
    let longest = each * i32::try_from(tries).unwrap_or(i32::MAX);
    let full_at = full_at.max(now) + each;
    let over = full_at - now - longest;
    if over > Duration::zero() {
        let used_up = Allowance {
            kind,
            left: 0,
            full_in: full_at - each - now,
        };
        let wait = seconds(over).max(1);
        return Err(if kind.is_told() {
            ApiError::over_limit(wait, used_up)
        } else {
            ApiError::rate_limited(wait)
        });
    }
    Ok(full_at)
}

/// What is left in a bucket that will be full at that time.
fn allowance(kind: Kind, full_at: DateTime<Utc>, now: DateTime<Utc>) -> Allowance {
    let (tries, each) = kind.rule();
    let full_in = (full_at - now).max(Duration::zero());
    let missing = full_in
        .num_milliseconds()
        .unsigned_abs()
        .div_ceil(each.num_milliseconds().unsigned_abs().max(1));
    Allowance {
        kind,
        left: tries.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX)),
        full_in,
    }
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
    use crate::counted::Counted;
    use chrono::TimeZone as _;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0)
            .single()
            .expect("a time")
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limits = Limits::new(true);
        let (tries, each) = Kind::MailTo.rule();
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
        let later = noon() + each;
        limits
            .take(Kind::MailTo, "a", later)
            .expect("one came back");
        assert!(limits.take(Kind::MailTo, "a", later).is_err());
    }

    #[test]
    fn everybody_is_counted_in_a_full_table_and_who_used_up_the_most_is_remembered() {
        let limits = Limits::new(true);
        let (tries, _) = Kind::MailTo.rule();
        let spend_all = |kind: Kind, whose: &str| {
            for _ in 0..kind.rule().0 {
                limits.take(kind, whose, noon()).expect("tries are left");
            }
        };
        spend_all(Kind::MailTo, "before");
        spend_all(Kind::OwnPassword, "other kind");
        for turn in 0..MOST_BUCKETS + 5_000 {
            limits
                .take(Kind::MailTo, &format!("crowd {turn}"), noon())
                .expect("the first try of each");
        }
        let held = |kind: Kind| {
            let buckets = limits.buckets.lock().expect("the table");
            buckets.get(&kind).map(|table| table.moments.len())
        };
        assert_eq!(held(Kind::MailTo), Some(MOST_BUCKETS));
        assert_eq!(held(Kind::OwnPassword), Some(1));
        assert!(limits.take(Kind::MailTo, "before", noon()).is_err());
        assert!(
            limits
                .take(Kind::OwnPassword, "other kind", noon())
                .is_err()
        );
        let late = (0..100)
            .take_while(|_| limits.take(Kind::MailTo, "late", noon()).is_ok())
            .count();
        assert_eq!(late, tries as usize, "a newcomer is counted too");
    }

    #[test]
    fn the_places_longest_ago_make_room() {
        let mut places = Table::new(LOOKED_AT);
        for turn in 0..LOOKED_AT * 3 {
            let minutes = i64::try_from(turn).expect("minutes");
            places.insert(turn, noon() + Duration::minutes(minutes));
        }
        assert_eq!(places.moments.len(), LOOKED_AT);
        let latest = LOOKED_AT * 2..LOOKED_AT * 3;
        for turn in latest {
            assert!(places.get(&turn).is_some(), "{turn}");
        }
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

    #[tokio::test]
    async fn what_is_left_is_said_as_the_headers_say_it() {
        let limits = Limits::new(true);
        let counted = Counted::default();
        let take = async |kind, now| {
            let take = async { limits.take(kind, "a", now) };
            counted.clone().during(take).await
        };
        let said = |part: fn(&Allowance) -> String| -> Vec<String> {
            counted.all().iter().map(part).collect()
        };
        take(Kind::Api, noon()).await.expect("left");
        assert_eq!(said(Allowance::policy), [r#""api";q=1200;w=60"#]);
        assert_eq!(said(Allowance::state), [r#""api";r=1199;t=1"#]);
        for _ in 1..1_200 {
            take(Kind::Api, noon()).await.expect("left");
        }
        let refused = take(Kind::Api, noon()).await.expect_err("used up");
        let used_up = refused.allowance().expect("it says what is left");
        assert_eq!(used_up.state(), r#""api";r=0;t=60"#);
        let later = noon() + Duration::seconds(30);
        take(Kind::Api, later).await.expect("left");
        assert_eq!(said(Allowance::state), [r#""api";r=599;t=31"#]);
        take(Kind::Invite, later).await.expect("left");
        take(Kind::InviteTo, later).await.expect("left");
        assert_eq!(
            said(Allowance::state),
            [r#""api";r=599;t=31"#, r#""invite";r=199;t=10"#],
            "nobody is told how often others write there"
        );
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
