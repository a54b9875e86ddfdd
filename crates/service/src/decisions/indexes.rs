//! The compiled access indexes in memory: made when somebody first asks, kept up to date by what is heard of
//! commits, and given up when others are used more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use accord_domain::ids::AccountId;
use accord_domain::index::{Index, Update};
use accord_store::{Conn, Db, News, access_changes, access_index, accounts};

use crate::error::{Result, ServiceError};

/// How many changes are applied before its size is looked at again.
const MEASURED_EVERY: usize = 1_024;

/// The indexes of the accounts that are asked about.
#[derive(Debug)]
pub(super) struct Indexes {
    kept: RwLock<HashMap<AccountId, Arc<Kept>>>,
    /// Counts how often something may have gone by unheard.
    missed: AtomicU64,
    /// Counts uses, to tell which was used last.
    uses: AtomicU64,
    most_bytes: usize,
    counted: Counted,
}

/// What became of uses, since the start.
#[derive(Debug, Default)]
struct Counted {
    at_hand: AtomicU64,
    unchanged: AtomicU64,
    changed: AtomicU64,
    made: AtomicU64,
    given_up: AtomicU64,
}

/// The access indexes in memory, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexFigures {
    /// Accounts whose index is held.
    pub accounts: usize,
    /// Bytes that these take, about.
    pub bytes: usize,
    /// How often one was used without a look at the database, since the start.
    pub at_hand: u64,
    /// How often the database was looked at, and it had not changed.
    pub unchanged: u64,
    /// How often one was brought up to date in place.
    pub changed: u64,
    /// How often one was made, from everything that the account shares.
    pub made: u64,
    /// How often one was given up to make room.
    pub given_up: u64,
}

/// The index of one account, or its place while it is made.
#[derive(Debug)]
pub(super) struct Kept {
    account: AccountId,
    /// The greatest revision that was heard of.
    heard: AtomicI64,
    state: RwLock<State>,
    /// Held by whoever brings it up to date, so that it is done once.
    turn: Mutex<()>,
    /// How many looks at the database were begun, and which was the last that came to its end.
    looks_begun: AtomicU64,
    look_ended: AtomicU64,
    used: AtomicU64,
    bytes: AtomicUsize,
    /// Changes applied since it was measured.
    applied: AtomicUsize,
    /// Whether the next look at the database makes a fresh one.
    worn: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// None before it is made, and of an account that is gone.
    index: Option<Arc<Index>>,
    revision: i64,
    /// What `missed` was before the database was looked at.
    missed: u64,
}

/// What the database says of an account whose index is at some revision.
enum Found {
    Gone,
    Same,
    Changed(i64, bool, Update),
    Everything(i64, bool, Update),
}

impl Kept {
    fn new(account: AccountId) -> Self {
        Self {
            account,
            heard: AtomicI64::new(0),
            state: RwLock::default(),
            turn: Mutex::default(),
            looks_begun: AtomicU64::new(0),
            look_ended: AtomicU64::new(0),
            used: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
            applied: AtomicUsize::new(0),
            worn: AtomicBool::new(false),
        }
    }

    /// Looks at the index and its revision as they are; `None` where there is no such account.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Index, i64) -> T) -> Option<T> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state
            .index
            .as_deref()
            .map(|index| look(index, state.revision))
    }

    /// The index itself and its revision, to be looked at for longer: whoever changes it meanwhile changes
    /// another.
    pub(super) fn at(&self, revision: i64) -> Option<Arc<Index>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let index = state.index.as_ref().filter(|_| state.revision == revision);
        index.map(Arc::clone)
    }

    /// Puts another in its place, and hands out the one before.
    fn replace(&self, new: State) -> State {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *state, new)
    }

    /// Changes it in place; where somebody looks at it, a copy of it that is made aside, so that checks do
    /// not wait for the copying. Hands out what was replaced.
    fn change(&self, revision: i64, missed: u64, change: impl FnOnce(&mut Index)) -> State {
        let looked_at = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            let index = state.index.as_ref();
            index.filter(|index| Arc::strong_count(index) > 1).cloned()
        };
        if let Some(looked_at) = looked_at {
            let mut index = Index::clone(&looked_at);
            change(&mut index);
            return self.replace(State {
                index: Some(Arc::new(index)),
                revision,
                missed,
            });
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = &mut state.index {
            change(Arc::make_mut(index));
        }
        state.revision = revision;
        state.missed = missed;
        State::default()
    }

    fn is_current(&self, state: &State, missed: u64) -> bool {
        state.index.is_some()
            && state.missed == missed
            && state.revision >= self.heard.load(Ordering::Acquire)
    }
}

impl Indexes {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self {
            kept: RwLock::default(),
            missed: AtomicU64::new(0),
            uses: AtomicU64::new(0),
            most_bytes,
            counted: Counted::default(),
        }
    }

    pub(super) fn figures(&self) -> IndexFigures {
        let (accounts, bytes) = {
            let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            let bytes = all.values().map(|kept| kept.bytes.load(Ordering::Acquire));
            let made = bytes.filter(|bytes| *bytes > 0);
            made.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes))
        };
        let count = |counted: &AtomicU64| counted.load(Ordering::Relaxed);
        IndexFigures {
            accounts,
            bytes,
            at_hand: count(&self.counted.at_hand),
            unchanged: count(&self.counted.unchanged),
            changed: count(&self.counted.changed),
            made: count(&self.counted.made),
            given_up: count(&self.counted.given_up),
        }
    }

    pub(super) fn heard(&self, news: &News) {
        match news {
            News::Missed => {
                self.missed.fetch_add(1, Ordering::AcqRel);
            }
            News::Changed(changes) => {
                let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
                for change in changes.iter() {
                    if let (Some(revision), Some(kept)) =
                        (change.revision, kept.get(&change.account_id))
                    {
                        kept.heard.fetch_max(revision, Ordering::AcqRel);
                    }
                }
            }
        }
    }

    /// The account's index, if it is at hand and nothing is known of that it does not hold.
    pub(super) fn at_hand(&self, account: AccountId) -> Option<Arc<Kept>> {
        let kept = {
            let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.get(&account)?)
        };
        let missed = self.missed.load(Ordering::Acquire);
        let current = {
            let state = kept.state.read().unwrap_or_else(PoisonError::into_inner);
            kept.is_current(&state, missed)
        };
        self.use_of(&kept);
        if !current {
            return None;
        }
        self.counted.at_hand.fetch_add(1, Ordering::Relaxed);
        Some(kept)
    }

    /// The account's index as new as the database is now, or newer.
    pub(super) fn up_to_date(&self, db: &Db, account: AccountId) -> Result<Arc<Kept>> {
        let kept = self.place_of(account);
        self.use_of(&kept);
        let begun_before = kept.looks_begun.load(Ordering::Acquire);
        let turn = kept.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Who had the turn may have begun to look after this was asked for: that is new enough.
        if kept.look_ended.load(Ordering::Acquire) > begun_before {
            return Ok(Arc::clone(&kept));
        }
        let look = kept.looks_begun.fetch_add(1, Ordering::AcqRel) + 1;
        let missed = self.missed.load(Ordering::Acquire);
        let at = {
            let state = kept.state.read().unwrap_or_else(PoisonError::into_inner);
            let usable = state.index.is_some() && !kept.worn.load(Ordering::Acquire);
            usable.then_some(state.revision)
        };
        let found = db.read(|tx| find(tx, account, at))?;
        let everything = matches!(found, Found::Everything(..));
        // What it takes the place of is freed after others are let in again.
        let former = match found {
            Found::Gone => {
                let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                all.remove(&account);
                kept.bytes.store(0, Ordering::Release);
                kept.replace(State::default())
            }
            Found::Same => {
                self.counted.unchanged.fetch_add(1, Ordering::Relaxed);
                let mut state = kept.state.write().unwrap_or_else(PoisonError::into_inner);
                state.missed = missed;
                State::default()
            }
            Found::Changed(revision, frozen, update) => {
                self.counted.changed.fetch_add(1, Ordering::Relaxed);
                kept.change(revision, missed, |index| {
                    index.apply(update);
                    index.set_frozen(frozen);
                })
            }
            Found::Everything(revision, frozen, update) => {
                self.counted.made.fetch_add(1, Ordering::Relaxed);
                // Made aside: meanwhile others are answered from the one before, where it may be.
                let index = Index::new(account, frozen, update);
                kept.replace(State {
                    index: Some(Arc::new(index)),
                    revision,
                    missed,
                })
            }
        };
        drop(former);
        kept.look_ended.store(look, Ordering::Release);
        let due = kept.applied.fetch_add(1, Ordering::AcqRel) >= MEASURED_EVERY;
        if everything || due {
            kept.applied.store(0, Ordering::Release);
            let (bytes, worn) = kept
                .look(|index, _| (index.bytes(), index.is_worn()))
                .unwrap_or_default();
            kept.bytes.store(bytes, Ordering::Release);
            kept.worn.store(worn, Ordering::Release);
            self.make_room(account);
        }
        drop(turn);
        Ok(kept)
    }

    /// A place from before the database is looked at, so that what is committed meanwhile is heard.
    fn place_of(&self, account: AccountId) -> Arc<Kept> {
        let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let place = all
            .entry(account)
            .or_insert_with(|| Arc::new(Kept::new(account)));
        Arc::clone(place)
    }

    fn use_of(&self, kept: &Kept) {
        let use_number = self.uses.fetch_add(1, Ordering::Relaxed);
        kept.used.store(use_number, Ordering::Relaxed);
    }

    /// Gives up the indexes that were not used for the longest time, but for the one in use.
    fn make_room(&self, in_use: AccountId) {
        let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let mut bytes: usize = all
            .values()
            .map(|kept| kept.bytes.load(Ordering::Acquire))
            .sum();
        while bytes > self.most_bytes {
            let least_used = all
                .values()
                .filter(|kept| kept.account != in_use)
                .min_by_key(|kept| kept.used.load(Ordering::Relaxed));
            let Some(account) = least_used.map(|kept| kept.account) else {
                return;
            };
            if let Some(gone) = all.remove(&account) {
                self.counted.given_up.fetch_add(1, Ordering::Relaxed);
                bytes -= gone.bytes.load(Ordering::Acquire);
            }
        }
    }
}

fn find(tx: &mut Conn<'_>, account: AccountId, at: Option<i64>) -> Result<Found, ServiceError> {
    let Some((revision, frozen)) = accounts::revision(tx, account)? else {
        return Ok(Found::Gone);
    };
    if at == Some(revision) {
        return Ok(Found::Same);
    }
    let changed = match at {
        Some(at) if at < revision => access_changes::after(tx, account, at, revision)?,
        Some(_) | None => None,
    };
    Ok(match changed {
        Some(things) => Found::Changed(
            revision,
            frozen,
            access_index::things(tx, account, &things)?,
        ),
        None => Found::Everything(revision, frozen, access_index::everything(tx, account)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_store::Change;

    fn account(n: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(n))
    }

    fn put(indexes: &Indexes, n: u128, bytes: usize) {
        let kept = indexes.place_of(account(n));
        let index = Index::new(account(n), false, Update::default());
        *kept.state.write().expect("not poisoned") = State {
            index: Some(Arc::new(index)),
            revision: 1,
            missed: 0,
        };
        kept.bytes.store(bytes, Ordering::Release);
        indexes.use_of(&kept);
        indexes.make_room(account(n));
    }

    fn held(indexes: &Indexes) -> Vec<u128> {
        (1..10)
            .filter(|n| {
                indexes
                    .kept
                    .read()
                    .expect("not poisoned")
                    .contains_key(&account(*n))
            })
            .collect()
    }

    #[test]
    fn the_least_used_leave_first() {
        let indexes = Indexes::new(100);
        for n in 1..=3 {
            put(&indexes, n, 33);
        }
        assert_eq!(held(&indexes), [1, 2, 3]);
        assert!(indexes.at_hand(account(1)).is_some());
        put(&indexes, 4, 33);
        assert_eq!(held(&indexes), [1, 3, 4], "the second was used least");
        put(&indexes, 5, 1_000);
        assert_eq!(
            held(&indexes),
            [5],
            "one that is in use stays, however large"
        );
        put(&indexes, 6, 1);
        assert_eq!(held(&indexes), [6]);
    }

    #[test]
    fn what_is_heard_of_is_not_at_hand_before_it_is_looked_at() {
        let indexes = Indexes::new(100);
        put(&indexes, 1, 1);
        put(&indexes, 2, 1);
        let touched = |revision| {
            News::Changed(Arc::new([Change {
                account_id: account(1),
                revision,
            }]))
        };
        indexes.heard(&touched(None));
        indexes.heard(&touched(Some(1)));
        assert!(
            indexes.at_hand(account(1)).is_some(),
            "it is as new as that"
        );
        indexes.heard(&touched(Some(2)));
        assert!(indexes.at_hand(account(1)).is_none());
        assert!(indexes.at_hand(account(2)).is_some());
        indexes.heard(&News::Missed);
        assert!(indexes.at_hand(account(2)).is_none());
    }
}
