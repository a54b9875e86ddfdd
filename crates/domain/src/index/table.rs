//! A hash table in which what is looked for lies beside its key: whoever looks up waits for memory once, where
//! tables that keep what tells places apart from the places wait twice. In a large account that is most of what
//! a decision costs.
//!
//! Keys are ids that the server made, spread evenly by a fast hash without a seed: nobody can choose ids that
//! collide.

use std::hash::{BuildHasher as _, Hash};

/// Of four places three are taken at most, so that what is looked for is near where it should be.
const TAKEN: usize = 3;
const OF_PLACES: usize = 4;
const FEWEST_PLACES: usize = 4;

/// Values by ids.
#[derive(Clone, Debug)]
pub(super) struct Table<K, V> {
    places: Box<[Option<(K, V)>]>,
    taken: usize,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            places: Box::default(),
            taken: 0,
        }
    }
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    pub(super) fn with_capacity(count: usize) -> Self {
        let mut table = Self::default();
        if count > 0 {
            table.places = free(places_for(count));
        }
        table
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        let at = self.find(key)?;
        self.places[at].as_ref().map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.find(key)?;
        self.places[at].as_mut().map(|(_, value)| value)
    }

    /// The value of a key; one that has none gets this one.
    pub(super) fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = match self.find(key) {
            Some(at) => at,
            None => self.put_new(key, value),
        };
        let (_, value) = self.places[at].as_mut().expect("it was found or put there");
        value
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        match self.get_mut(key) {
            Some(known) => *known = value,
            None => drop(self.put_new(key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let mut hole = self.find(key)?;
        let removed = self.places[hole].take();
        self.taken -= 1;
        // What follows moves up where it may, so that nothing is looked for behind a hole.
        let mut at = hole;
        loop {
            at = self.next(at);
            let Some((key, _)) = &self.places[at] else {
                break;
            };
            let home = self.home(*key);
            let from_home = self.distance(home, at);
            if from_home >= self.distance(hole, at) {
                self.places[hole] = self.places[at].take();
                hole = at;
            }
        }
        removed.map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let taken = self.places.iter().flatten();
        taken.map(|(key, value)| (*key, value))
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.places)
    }

    fn find(&self, key: K) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let mut at = self.home(key);
        // There is always a free place.
        loop {
            match &self.places[at] {
                Some((known, _)) if *known == key => return Some(at),
                Some(_) => at = self.next(at),
                None => return None,
            }
        }
    }

    fn put_new(&mut self, key: K, value: V) -> usize {
        if (self.taken + 1) * OF_PLACES > self.places.len() * TAKEN {
            self.grow();
        }
        self.taken += 1;
        self.settle(key, value)
    }

    fn settle(&mut self, key: K, value: V) -> usize {
        let mut at = self.home(key);
        while self.places[at].is_some() {
            at = self.next(at);
        }
        self.places[at] = Some((key, value));
        at
    }

    fn grow(&mut self) {
        let wider = free(places_for((self.taken + 1) * 3 / 2));
        let former = std::mem::replace(&mut self.places, wider);
        for (key, value) in former.into_iter().flatten() {
            self.settle(key, value);
        }
    }

    /// Where a key is, if nothing is in its way.
    fn home(&self, key: K) -> usize {
        let hash = foldhash::fast::FixedState::default().hash_one(key);
        // The upper half of a product spreads over any number of places, without a division.
        let places = self.places.len() as u128;
        ((u128::from(hash) * places) >> 64) as usize
    }

    const fn next(&self, at: usize) -> usize {
        if at + 1 == self.places.len() {
            0
        } else {
            at + 1
        }
    }

    const fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from {
            to - from
        } else {
            to + self.places.len() - from
        }
    }
}

fn places_for(count: usize) -> usize {
    (count * OF_PLACES / TAKEN + 1).max(FEWEST_PLACES)
}

fn free<T>(count: usize) -> Box<[Option<T>]> {
    std::iter::repeat_with(|| None).take(count).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Insert(u8, u32),
        OrInsert(u8, u32),
        Remove(u8),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (any::<u8>(), any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
            (any::<u8>(), any::<u32>()).prop_map(|(key, value)| Step::OrInsert(key, value)),
            any::<u8>().prop_map(Step::Remove),
        ];
        proptest::collection::vec(step, 0..600)
    }

    proptest! {
        #[test]
        fn it_holds_what_the_library_s_table_holds(capacity in 0_usize..40, steps in steps()) {
            let mut ours = Table::with_capacity(capacity);
            let mut theirs: HashMap<u8, u32> = HashMap::new();
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        ours.insert(key, value);
                        theirs.insert(key, value);
                    }
                    Step::OrInsert(key, value) => {
                        let known = *theirs.entry(key).or_insert(value);
                        prop_assert_eq!(*ours.or_insert(key, value), known);
                    }
                    Step::Remove(key) => prop_assert_eq!(ours.remove(key), theirs.remove(&key)),
                }
            }
            for key in 0..=u8::MAX {
                prop_assert_eq!(ours.get(key), theirs.get(&key));
            }
            let all: HashMap<u8, u32> = ours.iter().map(|(key, value)| (key, *value)).collect();
            prop_assert_eq!(all, theirs);
        }
    }
}
