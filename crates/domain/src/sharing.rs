//! Shares: which roles a member has on which item, and until when.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::ids::{EnvironmentId, GroupId, RoleId, ShareId};
use crate::stored::stored_enum;

/// How long before a share ends its people are reminded of it, unless the operator says otherwise. Where half
/// of its time is shorter than that, they are reminded then.
pub const REMINDED_BEFORE_END: Duration = Duration::days(3);

/// The most shares that one member may have.
pub const MAX_SHARES: usize = 2000;

stored_enum! {
    /// The four kinds of things that can be shared.
    "kind of item" ItemKind {
        /// The category of every environment, present and future.
        Environments = "environments",
        /// The category that is the default for every group.
        Groups = "groups",
        /// One environment group.
        Group = "group",
        /// One environment.
        Environment = "environment",
    }
}

/// A thing that is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The category of every environment, present and future.
    Environments,
    /// The category that is the default for every group.
    Groups,
    /// One environment group.
    Group(GroupId),
    /// One environment.
    Environment(EnvironmentId),
}

/// A kind that needs an id came without one, or a category came with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// A group or an environment without its id.
    #[error("a shared {0} needs its id")]
    MissingId(ItemKind),
    /// A category with an id.
    #[error("the category {0} has no id")]
    UnexpectedId(ItemKind),
}

impl Item {
    /// Which of the four kinds it is.
    pub const fn kind(self) -> ItemKind {
        match self {
            Self::Environments => ItemKind::Environments,
            Self::Groups => ItemKind::Groups,
            Self::Group(_) => ItemKind::Group,
            Self::Environment(_) => ItemKind::Environment,
        }
    }

    /// The id of a group or an environment; categories have none.
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Environments | Self::Groups => None,
            Self::Group(id) => Some(id.0),
            Self::Environment(id) => Some(id.0),
        }
    }

    /// The item from the parts in which it is stored and sent.
    pub fn from_parts(kind: ItemKind, id: Option<Uuid>) -> Result<Self, ItemError> {
        match (kind, id) {
            (ItemKind::Environments, None) => Ok(Self::Environments),
            (ItemKind::Groups, None) => Ok(Self::Groups),
            (ItemKind::Group, Some(id)) => Ok(Self::Group(GroupId(id))),
            (ItemKind::Environment, Some(id)) => Ok(Self::Environment(EnvironmentId(id))),
            (ItemKind::Environments | ItemKind::Groups, Some(_)) => {
                Err(ItemError::UnexpectedId(kind))
            }
            (ItemKind::Group | ItemKind::Environment, None) => Err(ItemError::MissingId(kind)),
        }
    }
}

/// Roles on one item for one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its id.
    pub id: ShareId,
    /// What is shared.
    pub item: Item,
    /// With which roles; never empty once stored.
    pub role_ids: BTreeSet<RoleId>,
    /// Until when; without one, until it is taken away.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Share {
    /// Whether it grants nothing any more: from its very end on.
    pub fn ended(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

/// The moment half way to an end, from when that end was set: nobody is reminded earlier of what they were just
/// told.
pub fn half_way_to_end(set_at: DateTime<Utc>, end: DateTime<Utc>) -> DateTime<Utc> {
    set_at + (end - set_at) / 2
}

/// A share as somebody asks for it, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareDraft {
    /// What shall be shared.
    pub item: Item,
    /// With which roles.
    pub role_ids: Vec<RoleId>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A share that passed the checks and may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedShare {
    /// What is shared.
    pub item: Item,
    /// With which roles, each once; never empty.
    pub role_ids: BTreeSet<RoleId>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a list of shares was refused. `index` is the place in the list, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// A share without any role.
    #[error("A share needs at least one role.")]
    NoRoles {
        /// Its place in the list.
        index: usize,
    },
    /// An item that stands in the list already.
    #[error("This item is in the list twice.")]
    ItemTwice {
        /// The place of the second one.
        index: usize,
    },
    /// A new or changed share that would end before it begins.
    #[error("The end of a share must lie in the future.")]
    EndInPast {
        /// Its place in the list.
        index: usize,
    },
    /// More shares than a member may have.
    #[error("A member has at most {MAX_SHARES} shares.")]
    TooMany {
        /// How many were asked for.
        count: usize,
    },
}

impl ShareError {
    /// The place in the list, where one share is to blame.
    pub const fn index(self) -> Option<usize> {
        match self {
            Self::NoRoles { index } | Self::ItemTwice { index } | Self::EndInPast { index } => {
                Some(index)
            }
            Self::TooMany { .. } => None,
        }
    }
}

/// Checks the whole list of shares that a member shall have, against those they have.
///
/// A role named twice in one share counts once. An end in the past is refused, but for a share
/// that is already stored just so: ended shares stay listed until somebody drops them.
pub fn check_drafts(
    drafts: &[ShareDraft],
    stored: &[Share],
    now: DateTime<Utc>,
) -> Result<Vec<CheckedShare>, ShareError> {
    if drafts.len() > MAX_SHARES {
        return Err(ShareError::TooMany {
            count: drafts.len(),
        });
    }
    let stored: HashMap<Item, &Share> = stored.iter().map(|share| (share.item, share)).collect();
    let mut seen = BTreeSet::new();
    let mut checked = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        if draft.role_ids.is_empty() {
            return Err(ShareError::NoRoles { index });
        }
        if !seen.insert(draft.item) {
            return Err(ShareError::ItemTwice { index });
        }
        let share = CheckedShare {
            item: draft.item,
            role_ids: draft.role_ids.iter().copied().collect(),
            expires_at: draft.expires_at,
        };
        let in_past = share.expires_at.is_some_and(|end| now >= end);
        if in_past
            && !stored
                .get(&share.item)
                .is_some_and(|stored| unchanged(stored, &share))
        {
            return Err(ShareError::EndInPast { index });
        }
        checked.push(share);
    }
    Ok(checked)
}

/// Times are compared as finely as they are stored.
fn unchanged(stored: &Share, asked: &CheckedShare) -> bool {
    let micros = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros());
    stored.role_ids == asked.role_ids && micros(stored.expires_at) == micros(asked.expires_at)
}

/// What a copy of a member starts with: the same shares, but for those that ended.
pub fn shares_to_copy(shares: &[Share], now: DateTime<Utc>) -> Vec<CheckedShare> {
    shares
        .iter()
        .filter(|share| !share.ended(now) && !share.role_ids.is_empty())
        .map(|share| CheckedShare {
            item: share.item,
            role_ids: share.role_ids.clone(),
            expires_at: share.expires_at,
        })
        .collect()
}
