//! What may happen next, so that it can be left out again: places in lists are counted when it happens.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{HOURS_AHEAD, MANAGERS, PEOPLE};

/// Roles, until a whole hour from now if they end.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) roles: Vec<Index>,
    pub(super) ends_in: Option<i32>,
}

/// On what something is given.
#[derive(Clone, Debug)]
pub(super) enum On {
    Environments,
    Groups,
    Group(Index),
    Environment(Index),
}

/// One step of a sequence.
#[derive(Clone, Debug)]
pub(super) enum Step {
    HourPasses,
    /// The owner does something with a member.
    Suspends(Index),
    Activates(Index),
    InvitesAgain(Index),
    Shares(Index, Vec<(On, Given)>),
    /// The owner adds an environment.
    Adds(Groups),
    /// A member tries something, whether they may or not.
    Tries {
        caller: usize,
        what: Try,
    },
}

/// Each of the groups, or not.
pub(super) type Groups = [bool; 2];

#[derive(Clone, Debug)]
pub(super) enum Try {
    Gives {
        environment: Index,
        to: Index,
        given: Given,
    },
    Removes {
        environment: Index,
        from: Index,
    },
    Invites {
        environment: Index,
        /// One of the people, or somebody new.
        whom: Option<Index>,
        given: Given,
    },
    Creates(Groups),
    Edits {
        environment: Index,
        /// Its groups too, which are the owner's.
        groups: Option<Groups>,
    },
    Deletes(Index),
    /// Something on members or roles, all of which is the owner's alone.
    ChangesTheirRecord,
    SetsTheirShares,
    ChangesARole,
}

fn given() -> impl Strategy<Value = Given> {
    let roles = prop_oneof![
        3 => prop::collection::vec(any::<Index>(), 1),
        1 => prop::collection::vec(any::<Index>(), 2),
    ];
    let ends_in = prop_oneof![
        2 => Just(None),
        1 => (1..=HOURS_AHEAD).prop_map(Some),
    ];
    (roles, ends_in).prop_map(|(roles, ends_in)| Given { roles, ends_in })
}

fn on() -> impl Strategy<Value = On> {
    prop_oneof![
        1 => Just(On::Environments),
        1 => Just(On::Groups),
        2 => any::<Index>().prop_map(On::Group),
        3 => any::<Index>().prop_map(On::Environment),
    ]
}

fn attempt() -> impl Strategy<Value = Try> {
    let index = any::<Index>;
    prop_oneof![
        6 => (index(), index(), given())
            .prop_map(|(environment, to, given)| Try::Gives { environment, to, given }),
        3 => (index(), index()).prop_map(|(environment, from)| Try::Removes { environment, from }),
        2 => (index(), prop::option::of(index()), given())
            .prop_map(|(environment, whom, given)| Try::Invites { environment, whom, given }),
        3 => any::<Groups>().prop_map(Try::Creates),
        2 => (index(), prop::option::weighted(0.3, any::<Groups>()))
            .prop_map(|(environment, groups)| Try::Edits { environment, groups }),
        2 => index().prop_map(Try::Deletes),
        1 => prop_oneof![
            Just(Try::ChangesTheirRecord),
            Just(Try::SetsTheirShares),
            Just(Try::ChangesARole),
        ],
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let member = any::<Index>;
    let shares = prop::collection::vec((on(), given()), 1..=3);
    let caller = prop_oneof![3 => 0..MANAGERS, 1 => 0..PEOPLE];
    prop_oneof![
        10 => Just(Step::HourPasses),
        2 => member().prop_map(Step::Suspends),
        4 => member().prop_map(Step::Activates),
        2 => member().prop_map(Step::InvitesAgain),
        10 => (member(), shares).prop_map(|(member, shares)| Step::Shares(member, shares)),
        2 => any::<Groups>().prop_map(Step::Adds),
        70 => (caller, attempt()).prop_map(|(caller, what)| Step::Tries { caller, what }),
    ]
}
