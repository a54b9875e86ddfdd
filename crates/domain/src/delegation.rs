//! Delegation: what a member with `collaboration.manage` on an environment may do to the direct
//! shares of others there. There is one rule, [`Delegation::check`].
//!
//! A direct share may be touched only if it holds no action that the delegate lacks, before or after,
//! and if nobody thereby gains an action that the delegate lacks, now or when an end passes. The
//! delegate's own shares may end too: what they gain by an end to come is not theirs yet, and what
//! they lose by one is not theirs to give beyond it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::access::{Access, MemberAccess, Relations, resolve};
use crate::catalogue::{ActionId, reserved};
use crate::ids::{EnvironmentId, MemberId, RoleId, ShareId};
use crate::member::MemberStatus;
use crate::sharing::{CheckedShare, Item, Share};

/// Why a direct share is not a delegate's to touch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotDelegated {
    /// The delegate's own access.
    #[error("Your own access is not yours to change.")]
    Own,
    /// The share as it is holds actions that the delegate lacks.
    #[error(
        "The direct share holds actions that you do not have here: {}.",
        listed(action_ids)
    )]
    Holds {
        /// The actions that are lacking; never empty.
        action_ids: BTreeSet<ActionId>,
    },
    /// The share as it is asked for holds actions that the delegate lacks.
    #[error(
        "These roles hold actions that you do not have here: {}.",
        listed(action_ids)
    )]
    Asks {
        /// The actions that are lacking; never empty.
        action_ids: BTreeSet<ActionId>,
    },
    /// Somebody would gain actions that the delegate lacks, now or at that moment.
    #[error("{}", gains(action_ids, *from, *at_once))]
    Gains {
        /// The actions that are lacking; never empty.
        action_ids: BTreeSet<ActionId>,
        /// When they would be gained: the first such moment.
        from: DateTime<Utc>,
        /// Whether that is the moment of the check.
        at_once: bool,
    },
}

impl NotDelegated {
    /// The actions that the delegate lacks; none where the access is their own.
    pub fn action_ids(&self) -> BTreeSet<ActionId> {
        match self {
            Self::Own => BTreeSet::new(),
            Self::Holds { action_ids }
            | Self::Asks { action_ids }
            | Self::Gains { action_ids, .. } => action_ids.clone(),
        }
    }

    /// When the actions would be gained, where that is not at once.
    pub fn from(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Gains {
                from,
                at_once: false,
                ..
            } => Some(*from),
            Self::Own | Self::Holds { .. } | Self::Asks { .. } | Self::Gains { .. } => None,
        }
    }
}

fn listed(action_ids: &BTreeSet<ActionId>) -> String {
    let ids: Vec<&str> = action_ids.iter().map(ActionId::as_str).collect();
    ids.join(", ")
}

fn gains(action_ids: &BTreeSet<ActionId>, from: DateTime<Utc>, at_once: bool) -> String {
    let list = listed(action_ids);
    if at_once {
        format!("The member would gain actions that you do not have here: {list}.")
    } else {
        format!(
            "From {} on the member would have actions here that you do not have then: {list}.",
            from.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        )
    }
}

/// The roles of a direct share, as they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectRoles {
    /// The roles.
    pub role_ids: BTreeSet<RoleId>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<&CheckedShare> for DirectRoles {
    fn from(share: &CheckedShare) -> Self {
        Self {
            role_ids: share.role_ids.clone(),
            expires_at: share.expires_at,
        }
    }
}

impl From<&Share> for DirectRoles {
    fn from(share: &Share) -> Self {
        Self {
            role_ids: share.role_ids.clone(),
            expires_at: share.expires_at,
        }
    }
}

/// Until when a delegate may give a role to somebody who has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Without an end.
    Unlimited,
    /// Until this moment at the latest: from then on the delegate lacks some of its actions.
    Until(DateTime<Utc>),
}

/// One delegate's position on one environment at one moment.
#[derive(Debug)]
pub struct Delegation<'a> {
    relations: &'a Relations,
    member_id: MemberId,
    environment: EnvironmentId,
    now: DateTime<Utc>,
    access: Access,
    /// From each moment on, those of the actions held now that are still held; the first is now.
    held: Vec<(DateTime<Utc>, BTreeSet<ActionId>)>,
}

impl<'a> Delegation<'a> {
    /// Prepares the rule. `own` is what the delegate has been given on the account.
    pub fn new(
        relations: &'a Relations,
        member_id: MemberId,
        own: &MemberAccess,
        environment: EnvironmentId,
        now: DateTime<Utc>,
    ) -> Self {
        let at = |moment| resolve(relations, own, environment, moment).actions(relations);
        let access = resolve(relations, own, environment, now);
        let held_now = access.actions(relations);
        let later = ends_after(&own.shares, now);
        let held = std::iter::once((now, held_now.clone()))
            .chain(
                later
                    .into_iter()
                    .map(|moment| (moment, &at(moment) & &held_now)),
            )
            .collect();
        Self {
            relations,
            member_id,
            environment,
            now,
            access,
            held,
        }
    }

    /// The delegate's own access to the environment.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Whether they may manage who has direct access at all.
    pub fn manages(&self) -> bool {
        self.access
            .allows(self.relations, reserved::COLLABORATION_MANAGE)
    }

    /// The environment that it is about.
    pub fn environment_id(&self) -> EnvironmentId {
        self.environment
    }

    /// Whether the delegate may put `after` in place of the direct share that the member has here;
    /// without `after`, take it away. Who is not active counts as if they were: they may become it.
    ///
    /// # Errors
    /// What the delegate lacks.
    pub fn check(
        &self,
        member_id: MemberId,
        shares: &[Share],
        after: Option<&DirectRoles>,
    ) -> Result<(), NotDelegated> {
        self.check_touch(member_id, shares)?;
        let asked = after.map(|share| self.lacking(&share.role_ids));
        if let Some(action_ids) = asked.filter(|lacking| !lacking.is_empty()) {
            return Err(NotDelegated::Asks { action_ids });
        }
        let direct = Item::Environment(self.environment);
        let mut changed: Vec<Share> = shares
            .iter()
            .filter(|share| share.item != direct)
            .cloned()
            .collect();
        changed.extend(after.map(|share| Share {
            // The rule asks no share for its id.
            id: ShareId(uuid::Uuid::nil()),
            item: direct,
            role_ids: share.role_ids.clone(),
            expires_at: share.expires_at,
        }));
        self.check_gain(shares, changed)
    }

    /// Whether the delegate may touch the direct share at all: with some roles, if not with any.
    ///
    /// # Errors
    /// It is their own, or holds what they lack.
    pub fn check_touch(&self, member_id: MemberId, shares: &[Share]) -> Result<(), NotDelegated> {
        if member_id == self.member_id {
            return Err(NotDelegated::Own);
        }
        // An ended share too: it can be extended, and so is not the delegate's to handle.
        let held_by_it: BTreeSet<RoleId> = shares
            .iter()
            .filter(|share| share.item == Item::Environment(self.environment))
            .flat_map(|share| share.role_ids.iter().copied())
            .collect();
        let action_ids = self.lacking(&held_by_it);
        if action_ids.is_empty() {
            Ok(())
        } else {
            Err(NotDelegated::Holds { action_ids })
        }
    }

    /// Until when the delegate may give this role to somebody who has nothing here; `None` when they
    /// may not give it.
    pub fn term_of(&self, role: RoleId) -> Option<Term> {
        let actions = self.relations.actions_of([&role]);
        let lacks = |held: &BTreeSet<ActionId>| !actions.is_subset(held);
        match self.held.iter().find(|(_, held)| lacks(held)) {
            None => Some(Term::Unlimited),
            Some((moment, _)) if *moment <= self.now => None,
            Some((moment, _)) => Some(Term::Until(*moment)),
        }
    }

    /// The actions of these roles that the delegate does not hold now.
    fn lacking(&self, role_ids: &BTreeSet<RoleId>) -> BTreeSet<ActionId> {
        &self.relations.actions_of(role_ids) - self.held_at(self.now)
    }

    fn held_at(&self, moment: DateTime<Utc>) -> &BTreeSet<ActionId> {
        static NOTHING: BTreeSet<ActionId> = BTreeSet::new();
        self.held
            .iter()
            .rev()
            .find(|(from, _)| *from <= moment)
            .map_or(&NOTHING, |(_, held)| held)
    }

    /// Compares what the member has with what they would have, at every moment from which on any of
    /// it is different. Between two ends nothing changes.
    fn check_gain(&self, before: &[Share], after: Vec<Share>) -> Result<(), NotDelegated> {
        let mut moments = BTreeSet::from([self.now]);
        moments.extend(ends_after(before, self.now));
        moments.extend(ends_after(&after, self.now));
        moments.extend(self.held.iter().map(|(moment, _)| *moment));
        let as_if_active = |shares| MemberAccess {
            status: MemberStatus::Active,
            account_disabled: false,
            shares,
        };
        let (before, after) = (as_if_active(before.to_vec()), as_if_active(after));
        for moment in moments {
            let gained = &self.actions_of(&after, moment) - &self.actions_of(&before, moment);
            let action_ids = &gained - self.held_at(moment);
            if !action_ids.is_empty() {
                return Err(NotDelegated::Gains {
                    action_ids,
                    from: moment,
                    at_once: moment == self.now,
                });
            }
        }
        Ok(())
    }

    fn actions_of(&self, member: &MemberAccess, moment: DateTime<Utc>) -> BTreeSet<ActionId> {
        resolve(self.relations, member, self.environment, moment).actions(self.relations)
    }
}

/// Whether the record is an open invitation to this environment and to nothing else.
pub fn is_invitation_to(
    environment: EnvironmentId,
    status: MemberStatus,
    shares: &[Share],
) -> bool {
    let open = matches!(status, MemberStatus::Pending | MemberStatus::Expired);
    let direct = Item::Environment(environment);
    open && !shares.is_empty() && shares.iter().all(|share| share.item == direct)
}

fn ends_after(shares: &[Share], now: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
    shares
        .iter()
        .filter_map(|share| share.expires_at)
        .filter(|end| *end > now)
        .collect()
}
