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

    /// Where among the special ones it says what is given, if it is one.
    const fn special(&self) -> Option<usize> {
        match self.what.checked_sub(Self::FIRST_SPECIAL) {
            Some(at) => Some(at as usize),
            None => None,
        }
    }
}

/// Roles, and until when.
pub(super) type Given = (Box<[Slot]>, Option<DateTime<Utc>>);

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
            .map(|(place, roles, ends)| held(place, roles, ends, &mut special))
            .collect();
        shares.sort_by_key(|held| held.place);
        Self {
            may_have: bits_of(&shares),
            shares: shares.into(),
            special: special.into(),
        }
    }

    /// Puts one share in place of what is on that place, or takes that away.
    pub(super) fn put(&mut self, place: Place, given: Option<Given>) {
        let mut shares = std::mem::take(&mut self.shares).into_vec();
        let mut special = std::mem::take(&mut self.special).into_vec();
        let at = shares.partition_point(|held| held.place < place);
        if shares.get(at).is_some_and(|held| held.place == place) {
            let gone = shares.remove(at);
            if let Some(hole) = gone.special() {
                special.swap_remove(hole);
                // The last one fills the hole.
                let moved = Held::FIRST_SPECIAL + super::number(special.len());
                if let Some(held) = shares.iter_mut().find(|held| held.what == moved) {
                    held.what = gone.what;
                }
            }
        }
        if let Some((roles, ends)) = given {
            shares.insert(at, held(place, roles, ends, &mut special));
        }
        self.may_have = bits_of(&shares);
        self.shares = shares.into();
        self.special = special.into();
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
        self.special.get(held.special()?)
    }
}

fn held(
    place: Place,
    roles: Box<[Slot]>,
    ends: Option<DateTime<Utc>>,
    special: &mut Vec<Special>,
) -> Held {
    let what = match (&*roles, ends) {
        ([role], None) => *role,
        _ => {
            special.push(Special { roles, ends });
            Held::FIRST_SPECIAL + super::number(special.len() - 1)
        }
    };
    Held { place, what }
}

fn bits_of(shares: &[Held]) -> u64 {
    shares.iter().fold(0, |bits, held| {
        let of_groups = held.place.is_of_groups();
        let of_groups = if of_groups { Person::OF_GROUPS } else { 0 };
        bits | of_groups | 1 << held.place.short()
    })
}
