//! Environments and groups, by small numbers.

use std::num::NonZeroU32;

use super::table::Table;
use super::{Map, Slot, number, table_bytes};
use crate::ids::{EnvironmentId, GroupId};
use crate::sharing::Item;

/// Something that can be shared, in four bytes and in the order in which a person's shares lie: the
/// categories, the groups, the environments. There is room for 2^31 of each, more than memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const ENVIRONMENTS: Self = Self(0);
    pub(super) const GROUPS: Self = Self(1);
    const FIRST_GROUP: u32 = 2;
    const FIRST_ENVIRONMENT: u32 = 1 << 31;

    pub(super) const fn group(slot: Slot) -> Self {
        Self(Self::FIRST_GROUP + slot)
    }

    pub(super) const fn environment(number: u32) -> Self {
        Self(Self::FIRST_ENVIRONMENT | number)
    }

    /// Whether it counts at the group level.
    pub(super) const fn is_of_groups(self) -> bool {
        self.0 != Self::ENVIRONMENTS.0 && self.0 < Self::FIRST_ENVIRONMENT
    }

    /// A number below 63 that many others share.
    pub(super) const fn short(self) -> u32 {
        (self.0.wrapping_mul(0x9e37_79b9) >> 16) % 63
    }
}

/// In which groups an environment is, in four bytes: mostly it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Within(u32);

impl Within {
    const GONE: Self = Self(u32::MAX);
    const NOTHING: Self = Self(u32::MAX - 1);
    /// From here on, where several are listed.
    const FIRST_LIST: u32 = 1 << 31;

    const fn list(self) -> Option<usize> {
        if self.0 >= Self::FIRST_LIST && self.0 < Self::NOTHING.0 {
            Some((self.0 - Self::FIRST_LIST) as usize)
        } else {
            None
        }
    }
}

/// An environment, as the table holds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Environment {
    /// One more than its number: so the table needs no room to say that a place is free.
    after_number: NonZeroU32,
    within: Within,
}

impl Environment {
    const fn number(self) -> u32 {
        self.after_number.get() - 1
    }

    /// Where shares on it are.
    pub(super) const fn place(self) -> Place {
        Place::environment(self.number())
    }

    /// Whether it is there, and not only known from a share.
    pub(super) fn is_there(self) -> bool {
        self.within != Within::GONE
    }
}

/// The environments of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Environments {
    known: Table<EnvironmentId, Environment>,
    ids: Vec<EnvironmentId>,
    /// The groups of those that are in several.
    lists: Vec<Box<[Slot]>>,
    free_lists: Vec<u32>,
}

impl Environments {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            known: Table::with_capacity(count),
            ids: Vec::with_capacity(count),
            lists: Vec::new(),
            free_lists: Vec::new(),
        }
    }

    /// The environment, there or not.
    pub(super) fn get(&self, id: EnvironmentId) -> Option<Environment> {
        self.known.get(id).copied()
    }

    /// How many there are or were.
    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn groups_of<'a>(&'a self, environment: &'a Environment) -> &'a [Slot] {
        let within = &environment.within;
        match within.list() {
            Some(list) => &self.lists[list],
            None if within.0 >= Within::FIRST_LIST => &[],
            None => std::slice::from_ref(&within.0),
        }
    }

    /// The number of an environment; one that is not known yet is not there.
    pub(super) fn number_of(&mut self, id: EnvironmentId) -> u32 {
        let next = number(self.ids.len());
        let fresh = Environment {
            after_number: NonZeroU32::MIN.saturating_add(next),
            within: Within::GONE,
        };
        let known = self.known.or_insert(id, fresh).number();
        if known == next {
            self.ids.push(id);
        }
        known
    }

    pub(super) fn put(&mut self, id: EnvironmentId, groups: &[Slot]) {
        self.clear(id);
        let within = match groups {
            [] => Within::NOTHING,
            [only] => Within(*only),
            several => self.list(several),
        };
        self.number_of(id);
        if let Some(known) = self.known.get_mut(id) {
            known.within = within;
        }
    }

    /// Says whether it was there.
    pub(super) fn remove(&mut self, id: EnvironmentId) -> bool {
        let was_there = self.get(id).is_some_and(Environment::is_there);
        self.clear(id);
        was_there
    }

    pub(super) fn item(&self, place: Place, groups: &Groups) -> Option<Item> {
        match place {
            Place::ENVIRONMENTS => Some(Item::Environments),
            Place::GROUPS => Some(Item::Groups),
            Place(group) if place.is_of_groups() => {
                let slot = group - Place::FIRST_GROUP;
                groups.ids.get(slot as usize).copied().map(Item::Group)
            }
            Place(environment) => {
                let number = environment & !Place::FIRST_ENVIRONMENT;
                let id = self.ids.get(number as usize);
                id.copied().map(Item::Environment)
            }
        }
    }

    /// Those that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EnvironmentId, &Environment)> {
        let known = self.known.iter();
        known.filter(|(_, environment)| environment.is_there())
    }

    pub(super) fn bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(|list| size_of_val(&**list)).sum();
        self.known.bytes()
            + self.ids.capacity() * size_of::<EnvironmentId>()
            + self.lists.capacity() * size_of::<Box<[Slot]>>()
            + lists
            + self.free_lists.capacity() * size_of::<u32>()
    }

    fn clear(&mut self, id: EnvironmentId) {
        let Some(known) = self.known.get_mut(id) else {
            return;
        };
        let list = known.within.list();
        known.within = Within::GONE;
        if let Some(list) = list {
            self.lists[list] = Box::default();
            self.free_lists.push(number(list));
        }
    }

    fn list(&mut self, slots: &[Slot]) -> Within {
        let at = self.free_lists.pop().unwrap_or_else(|| {
            self.lists.push(Box::default());
            number(self.lists.len() - 1)
        });
        self.lists[at as usize] = slots.into();
        Within(Within::FIRST_LIST + at)
    }
}

/// A group and those above it, the nearest first, as far as they fit: whoever walks up waits for memory once.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct WayUp([Slot; 8]);

/// The groups of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    slots: Map<GroupId, Slot>,
    ids: Vec<GroupId>,
    parents: Vec<Slot>,
    /// What follows from the parents.
    ways_up: Vec<WayUp>,
}

impl Groups {
    const NO_PARENT: Slot = Slot::MAX;

    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            slots: Map::with_capacity_and_hasher(count, Default::default()),
            ids: Vec::with_capacity(count),
            parents: Vec::with_capacity(count),
            ways_up: Vec::with_capacity(count),
        }
    }

    /// How many there are or were.
    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, slot: Slot) -> GroupId {
        self.ids[slot as usize]
    }

    pub(super) fn parent(&self, slot: Slot) -> Option<Slot> {
        let parent = self.parents[slot as usize];
        (parent != Self::NO_PARENT).then_some(parent)
    }

    /// The number of a group, which is at the root as long as nothing else is said.
    pub(super) fn slot(&mut self, id: GroupId) -> Slot {
        let next = number(self.ids.len());
        let slot = *self.slots.entry(id).or_insert(next);
        if slot == next {
            self.ids.push(id);
            self.parents.push(Self::NO_PARENT);
            self.ways_up.push(self.way_up_of(slot));
        }
        slot
    }

    /// The group and the nearest ones above it; and from where it goes on, if it does.
    pub(super) fn way_up(&self, slot: Slot) -> (impl Iterator<Item = Slot>, Option<Slot>) {
        let WayUp(way) = &self.ways_up[slot as usize];
        let [.., last] = *way;
        let on = (last != Self::NO_PARENT).then_some(last);
        let way = way.iter().copied();
        (
            way.take_while(|slot| *slot != Self::NO_PARENT),
            on.and_then(|last| self.parent(last)),
        )
    }

    /// Puts groups where they are now, with nothing above those that are gone.
    pub(super) fn put(&mut self, moved: impl IntoIterator<Item = (GroupId, Option<GroupId>)>) {
        let mut changed: Vec<Slot> = Vec::new();
        for (id, parent) in moved {
            let slot = self.slot(id);
            let parent = parent.map_or(Self::NO_PARENT, |parent| self.slot(parent));
            if std::mem::replace(&mut self.parents[slot as usize], parent) != parent {
                changed.push(slot);
            }
        }
        if changed.is_empty() {
            return;
        }
        changed.sort_unstable();
        for slot in 0..self.ways_up.len() {
            let WayUp(way) = &self.ways_up[slot];
            if way.iter().any(|above| changed.binary_search(above).is_ok()) {
                self.ways_up[slot] = self.way_up_of(number(slot));
            }
        }
    }

    fn way_up_of(&self, slot: Slot) -> WayUp {
        let mut way = [Self::NO_PARENT; 8];
        let mut at = Some(slot);
        for step in &mut way {
            let Some(slot) = at else {
                break;
            };
            *step = slot;
            at = self.parent(slot);
        }
        WayUp(way)
    }

    pub(super) fn bytes(&self) -> usize {
        table_bytes(&self.slots)
            + self.ids.capacity() * size_of::<GroupId>()
            + self.parents.capacity() * size_of::<Slot>()
            + self.ways_up.capacity() * size_of::<WayUp>()
    }
}
