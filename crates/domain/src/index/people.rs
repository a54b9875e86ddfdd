//! What people have been given, by small numbers.

use chrono::{DateTime, Utc};

use super::Slot;
use super::places::Place;

/// From so many shares on, one is not looked for by looking at each.
const MANY: usize = 24;

/// Roles on one place: eight bytes, as most shares are of one role and without an end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    place: Place,
    /// A role; from [`Held::FIRST_SPECIAL`] on, where what is not that simple stands.
    what: u32,
}

impl Held {
    const FIRST_SPECIAL: u32 = 1 << 31;

    pub(super) const fn place(&self) -> Place {
        self.place
    }
}

/// Any other number of roles, or an end.
#[derive(Clone, Debug)]
struct Special {
    roles: Box<[Slot]>,
    ends: Option<DateTime<Utc>>,
}

/// What one person has been given.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// Which places can be among those of the shares: most of those where nothing is are told from these
    /// bits alone.
    may_have: u64,
    /// In the order of their places.
    shares: Box<[Held]>,
    special: Box<[Special]>,
}

impl Person {
    const OF_GROUPS: u64 = 1 << 63;

    pub(super) fn new(
        given: impl Iterator<Item = (Place, Box<[Slot]>, Option<DateTime<Utc>>)>,
    ) -> Self {
        let mut special = Vec::new();
        let mut shares: Vec<Held> = given
            .map(|(place, roles, ends)| {
                let what = match (&*roles, ends) {
                    ([role], None) => *role,
                    _ => {
                        special.push(Special { roles, ends });
                        Held::FIRST_SPECIAL + super::number(special.len() - 1)
                    }
                };
                Held { place, what }
            })
            .collect();
        shares.sort_by_key(|held| held.place);
        let may_have = shares.iter().fold(0, |bits, held| {
            let of_groups = held.place.is_of_groups();
            let of_groups = if of_groups { Self::OF_GROUPS } else { 0 };
            bits | of_groups | 1 << held.place.short()
        });
        Self {
            may_have,
            shares: shares.into(),
            special: special.into(),
        }
    }

    /// Whether any share counts at the group level.
    pub(super) const fn has_some_of_groups(&self) -> bool {
        self.may_have & Self::OF_GROUPS != 0
    }

    /// In the order of their places.
    pub(super) fn shares(&self) -> &[Held] {
        &self.shares
    }

    /// The roles of a share.
    pub(super) fn roles<'a>(&'a self, held: &'a Held) -> &'a [Slot] {
        self.special(held).map_or_else(
            || std::slice::from_ref(&held.what),
            |special| &special.roles,
        )
    }

    /// The roles that the person has on a place at `now`.
    pub(super) fn roles_on(&self, place: Place, now: DateTime<Utc>) -> impl Iterator<Item = Slot> {
        self.on(place)
            .iter()
            .take_while(move |held| held.place == place)
            .filter(move |held| {
                let ends = self.special(held).and_then(|special| special.ends);
                ends.is_none_or(|end| now < end)
            })
            .flat_map(|held| self.roles(held))
            .copied()
    }

    /// Memory of its own.
    pub(super) fn heap_bytes(&self) -> usize {
        let roles = self.special.iter().map(|special| &*special.roles);
        size_of_val(&*self.shares)
            + size_of_val(&*self.special)
            + roles.map(size_of_val).sum::<usize>()
    }

    /// The shares from the first on that place on, if there is any.
    fn on(&self, place: Place) -> &[Held] {
        if self.may_have & 1 << place.short() == 0 {
            return &[];
        }
        let first = if self.shares.len() < MANY {
            self.shares.iter().position(|held| held.place == place)
        } else {
            Some(self.shares.partition_point(|held| held.place < place))
        };
        first.map_or(&[], |first| &self.shares[first..])
    }

    fn special(&self, held: &Held) -> Option<&Special> {
        let at = held.what.checked_sub(Held::FIRST_SPECIAL)?;
        self.special.get(at as usize)
    }
}
