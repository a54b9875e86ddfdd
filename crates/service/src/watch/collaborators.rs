//! Whom a delegate sees beside themselves: those who have something on the environments that they manage.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashSet};
use std::hash::Hash as _;

use accord_domain::access::{Access, Relations};
use accord_domain::catalogue::reserved;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, RoleId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use accord_store::{Conn, roles};
use chrono::{DateTime, Utc};

use super::hash_share;
use crate::Service;
use crate::call::status_of;
use crate::environments::MemberSight;
use crate::error::Result;

/// Adds what the lists of who has access show, where the member may see them; nothing of anybody else, so that a
/// fingerprint tells no more than those lists. Answers when something of it changes by itself.
pub(super) fn hash(
    service: &Service,
    tx: &mut Conn<'_>,
    sight: &MemberSight,
    seen: &[Access],
    (host, revision): (AccountId, i64),
    now: DateTime<Utc>,
    hasher: &mut DefaultHasher,
) -> Result<Option<DateTime<Utc>>> {
    let manages =
        |access: &&Access| access.allows(&sight.relations, reserved::COLLABORATION_MANAGE);
    let managed = seen.iter().filter(manages);
    let managed: Vec<EnvironmentId> = managed.map(|access| access.environment_id).collect();
    if managed.is_empty() {
        return Ok(None);
    }
    let reach = Reach::of(&sight.relations, &managed);
    let people = service.host_snapshots.people_at(tx, host, revision, now)?;
    let mut role_ids: BTreeSet<RoleId> = BTreeSet::new();
    let mut changes_at: BTreeSet<DateTime<Utc>> = BTreeSet::new();
    for (member, account_disabled, shares) in people.iter() {
        let status = status_of(member, now);
        let reachable = match status {
            MemberStatus::Pending
            | MemberStatus::Active
            | MemberStatus::Suspended
            | MemberStatus::Expired => true,
            MemberStatus::Rejected | MemberStatus::Left | MemberStatus::Removed => false,
        };
        let here: Vec<&Share> = shares
            .iter()
            .filter(|share| reach.has(share, now))
            .collect();
        if !reachable || here.is_empty() {
            continue;
        }
        let names = (&member.email, &member.display_name);
        (member.id, names, status, account_disabled).hash(hasher);
        changes_at.extend(member.invitation_expires_at);
        for share in here {
            hash_share(share, now, hasher);
            role_ids.extend(&share.role_ids);
            changes_at.extend(share.expires_at);
        }
    }
    let role_ids: Vec<RoleId> = role_ids.into_iter().collect();
    let names = roles::names(tx, &role_ids)?;
    for id in &role_ids {
        id.hash(hasher);
        names.get(id).hash(hasher);
        sight.relations.actions_of([id]).hash(hasher);
    }
    Ok(changes_at.into_iter().find(|moment| *moment > now))
}

/// What a share may be on to count on some of these environments.
struct Reach {
    environments: HashSet<EnvironmentId>,
    groups: HashSet<GroupId>,
}

impl Reach {
    fn of(relations: &Relations, environments: &[EnvironmentId]) -> Self {
        let mut groups = HashSet::new();
        let within = environments
            .iter()
            .filter_map(|id| relations.environments.get(id));
        let mut next: Vec<GroupId> = within.flatten().copied().collect();
        while let Some(group) = next.pop() {
            if groups.insert(group) {
                next.extend(relations.groups.get(&group).copied().flatten());
            }
        }
        Self {
            environments: environments.iter().copied().collect(),
            groups,
        }
    }

    /// A direct share is listed after its end, too.
    fn has(&self, share: &Share, now: DateTime<Utc>) -> bool {
        match share.item {
            Item::Environment(id) => self.environments.contains(&id),
            Item::Group(id) => self.groups.contains(&id) && !share.ended(now),
            Item::Groups => !self.groups.is_empty() && !share.ended(now),
            Item::Environments => !share.ended(now),
        }
    }
}
