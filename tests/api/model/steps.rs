//! What may be tried, in words that mean something whatever there is: things are chosen by numbers, so that
//! a sequence stays one when steps are taken out of it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Chooses among what there is; the last few numbers choose among what is gone.
pub(super) type Choice = u8;

/// A share to be given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) item: ItemChoice,
    pub(super) roles: Vec<Choice>,
    pub(super) hours: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ItemChoice {
    Environments,
    Groups,
    Group(Choice),
    Environment(Choice),
}

/// What happens to a record by a call that names it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Accept,
    Reject,
    Leave,
    Suspend,
    Activate,
    Resend,
    Reinvite,
    Remove,
    Forget,
}

impl Event {
    /// What is chosen among where the state says what may happen: what leads on more often than what ends.
    pub(super) const LIFE: [Self; 17] = [
        Self::Accept,
        Self::Accept,
        Self::Accept,
        Self::Accept,
        Self::Reject,
        Self::Resend,
        Self::Leave,
        Self::Suspend,
        Self::Suspend,
        Self::Activate,
        Self::Activate,
        Self::Activate,
        Self::Reinvite,
        Self::Reinvite,
        Self::Reinvite,
        Self::Remove,
        Self::Forget,
    ];
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Invite {
        who: Choice,
        shares: Vec<Given>,
    },
    InviteOneself,
    /// Gives another address the same shares.
    Copy {
        who: Choice,
        to: Choice,
    },
    Happens {
        who: Choice,
        event: Event,
    },
    /// Something happens to a record that its state allows.
    LivesOn {
        who: Choice,
        choice: Choice,
    },
    SetShares {
        who: Choice,
        shares: Vec<Given>,
    },
    GiveDirectly {
        who: Choice,
        environment: Choice,
        roles: Vec<Choice>,
        hours: Option<u8>,
    },
    TakeDirectly {
        who: Choice,
        environment: Choice,
    },
    MakePolicy {
        name: Choice,
        actions: Vec<Choice>,
    },
    EditPolicy {
        policy: Choice,
        name: Option<Choice>,
        actions: Option<Vec<Choice>>,
    },
    DeletePolicy {
        policy: Choice,
        detach: bool,
    },
    MakeRole {
        name: Choice,
        policies: Vec<Choice>,
    },
    EditRole {
        role: Choice,
        name: Option<Choice>,
        policies: Option<Vec<Choice>>,
    },
    DeleteRole {
        role: Choice,
        detach: bool,
    },
    MakeGroup {
        name: Choice,
        parent: Option<Choice>,
    },
    MoveGroup {
        group: Choice,
        parent: Option<Choice>,
    },
    FillGroup {
        group: Choice,
        environments: Vec<Choice>,
    },
    DeleteGroup {
        group: Choice,
    },
    /// By the owner, or by one of the people.
    MakeEnvironment {
        by: Option<Choice>,
        name: Choice,
        groups: Vec<Choice>,
    },
    EditEnvironment {
        environment: Choice,
        name: Option<Choice>,
        groups: Option<Vec<Choice>>,
    },
    DeleteEnvironment {
        environment: Choice,
    },
    /// One of the people asks who has access to an environment.
    LooksAtAccess {
        who: Choice,
        environment: Choice,
    },
    /// One of the people asks for the owner's members, which are the owner's alone.
    LooksAtMembers {
        who: Choice,
    },
    HoursPass(u8),
    /// Longer than an invitation is open.
    EightDaysPass,
}

fn given() -> impl Strategy<Value = Given> {
    let item = prop_oneof![
        2 => Just(ItemChoice::Environments),
        2 => Just(ItemChoice::Groups),
        3 => any::<Choice>().prop_map(ItemChoice::Group),
        4 => any::<Choice>().prop_map(ItemChoice::Environment),
    ];
    (item, roles(), option::weighted(0.4, 1..=3_u8)).prop_map(|(item, roles, hours)| Given {
        item,
        roles,
        hours,
    })
}

fn roles() -> impl Strategy<Value = Vec<Choice>> {
    vec(any::<Choice>(), 1..=2)
}

fn some() -> impl Strategy<Value = Vec<Choice>> {
    vec(any::<Choice>(), 1..=3)
}

fn few() -> impl Strategy<Value = Vec<Choice>> {
    vec(any::<Choice>(), 0..=2)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Accept),
        1 => Just(Event::Reject),
        2 => Just(Event::Leave),
        2 => Just(Event::Suspend),
        3 => Just(Event::Activate),
        1 => Just(Event::Resend),
        3 => Just(Event::Reinvite),
        2 => Just(Event::Remove),
        1 => Just(Event::Forget),
    ]
}

fn of_members() -> impl Strategy<Value = Step> {
    let any = any::<Choice>;
    prop_oneof![
        6 => (any(), vec(given(), 0..=3)).prop_map(|(who, shares)| Step::Invite { who, shares }),
        1 => Just(Step::InviteOneself),
        4 => (any(), any()).prop_map(|(who, to)| Step::Copy { who, to }),
        8 => (any(), event()).prop_map(|(who, event)| Step::Happens { who, event }),
        10 => (any(), any()).prop_map(|(who, choice)| Step::LivesOn { who, choice }),
        5 => (any(), vec(given(), 0..=4)).prop_map(|(who, shares)| Step::SetShares { who, shares }),
        4 => (any(), any(), roles(), option::weighted(0.3, 1..=3_u8)).prop_map(
            |(who, environment, roles, hours)| Step::GiveDirectly { who, environment, roles, hours }
        ),
        2 => (any(), any()).prop_map(|(who, environment)| Step::TakeDirectly { who, environment }),
        1 => (any(), any()).prop_map(|(who, environment)| Step::LooksAtAccess { who, environment }),
        1 => any().prop_map(|who| Step::LooksAtMembers { who }),
    ]
}

fn of_things() -> impl Strategy<Value = Step> {
    let any = any::<Choice>;
    prop_oneof![
        1 => (any(), some()).prop_map(|(name, actions)| Step::MakePolicy { name, actions }),
        1 => (any(), option::of(any()), option::of(some())).prop_map(|(policy, name, actions)| {
            Step::EditPolicy {
                policy,
                name,
                actions,
            }
        }),
        1 => (any(), proptest::bool::ANY)
            .prop_map(|(policy, detach)| Step::DeletePolicy { policy, detach }),
        1 => (any(), some()).prop_map(|(name, policies)| Step::MakeRole { name, policies }),
        1 => (any(), option::of(any()), option::of(some())).prop_map(|(role, name, policies)| {
            Step::EditRole {
                role,
                name,
                policies,
            }
        }),
        1 => (any(), proptest::bool::ANY).prop_map(|(role, detach)| Step::DeleteRole { role, detach }),
        1 => (any(), option::of(any())).prop_map(|(name, parent)| Step::MakeGroup { name, parent }),
        1 => (any(), option::of(any())).prop_map(|(group, parent)| Step::MoveGroup { group, parent }),
        1 => (any(), few()).prop_map(|(group, environments)| Step::FillGroup {
            group,
            environments
        }),
        1 => any().prop_map(|group| Step::DeleteGroup { group }),
        3 => (option::weighted(0.7, any()), any(), vec(any(), 0..=3)).prop_map(
            |(by, name, groups)| Step::MakeEnvironment { by, name, groups }
        ),
        1 => (any(), option::of(any()), option::of(few())).prop_map(|(environment, name, groups)| {
            Step::EditEnvironment {
                environment,
                name,
                groups,
            }
        }),
        1 => any().prop_map(|environment| Step::DeleteEnvironment { environment }),
    ]
}

/// One step. What changes members comes more often than what changes things.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => of_members(),
        9 => of_things(),
        4 => (1..=3_u8).prop_map(Step::HoursPass),
        2 => Just(Step::EightDaysPass),
    ]
}
