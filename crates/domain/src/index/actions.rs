//! Actions as bits, and sets of them.

use smallvec::SmallVec;

use super::Slot;

/// An action, by its place in the sets of one index. The first place is not an action's: it says of a role
/// that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionBit(pub(super) u32);

impl ActionBit {
    const ROLE_IS_THERE: Self = Self(0);

    const fn word(self) -> usize {
        (self.0 / 64) as usize
    }

    const fn mask(self) -> u64 {
        1 << (self.0 % 64)
    }
}

/// A set of actions. Up to 255 of them need no memory of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ActionSet(SmallVec<[u64; 4]>);

impl ActionSet {
    pub(super) fn insert(&mut self, bit: ActionBit) {
        if self.0.len() <= bit.word() {
            self.0.resize(bit.word() + 1, 0);
        }
        self.0[bit.word()] |= bit.mask();
    }

    pub(super) fn contains(&self, bit: ActionBit) -> bool {
        let word = self.0.get(bit.word());
        word.is_some_and(|word| word & bit.mask() != 0)
    }

    pub(super) fn add(&mut self, words: &[u64]) {
        if self.0.len() < words.len() {
            self.0.resize(words.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(words) {
            *word |= more;
        }
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.0
    }
}

/// The actions of every role, one after the other in rows of the same length: who knows the role's number
/// knows where they lie.
#[derive(Clone, Debug)]
pub(super) struct RoleActions {
    /// Words in a row.
    width: usize,
    rows: Vec<u64>,
}

impl RoleActions {
    pub(super) fn with_capacity(roles: usize) -> Self {
        Self {
            width: 1,
            rows: Vec::with_capacity(roles),
        }
    }

    /// Makes room for one more role, which is not there yet.
    pub(super) fn push(&mut self) {
        self.rows.resize(self.rows.len() + self.width, 0);
    }

    /// Sets what the role is made of; `None` where there is no such role (any more).
    pub(super) fn set(&mut self, role: Slot, actions: Option<ActionSet>) {
        let mut set = ActionSet::default();
        if let Some(actions) = actions {
            set = actions;
            set.insert(ActionBit::ROLE_IS_THERE);
        }
        self.widen(set.words().len());
        let row = self.range(role);
        let row = &mut self.rows[row];
        row.fill(0);
        row[..set.words().len()].copy_from_slice(set.words());
    }

    /// The actions of a role, if there is such a role.
    pub(super) fn get(&self, role: Slot) -> Option<&[u64]> {
        let row = &self.rows[self.range(role)];
        (row[ActionBit::ROLE_IS_THERE.word()] & ActionBit::ROLE_IS_THERE.mask() != 0).then_some(row)
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<u64>()
    }

    const fn range(&self, role: Slot) -> std::ops::Range<usize> {
        let from = role as usize * self.width;
        from..from + self.width
    }

    /// Rarely: when there are 64 more actions.
    fn widen(&mut self, width: usize) {
        if width <= self.width {
            return;
        }
        let mut rows = vec![0; self.rows.len() / self.width * width];
        let pairs = rows
            .chunks_exact_mut(width)
            .zip(self.rows.chunks_exact(self.width));
        for (wide, row) in pairs {
            wide[..self.width].copy_from_slice(row);
        }
        self.rows = rows;
        self.width = width;
    }
}
