//! What a change would do to people's access: two indexes of one account compared, before and after it.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use crate::access::AccessLevel;
use crate::catalogue::ActionId;
use crate::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use crate::index::{ActionBit, Decision, Index, Update};
use crate::sharing::Item;

/// What one member would gain and lose on one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The member.
    pub member_id: MemberId,
    /// The environment.
    pub environment_id: EnvironmentId,
    /// Where their access comes from now.
    pub level_before: AccessLevel,
    /// Where it would come from.
    pub level_after: AccessLevel,
    /// Actions that they have not, and would have.
    pub gained: BTreeSet<ActionId>,
    /// Actions that they have, and would have no more.
    pub lost: BTreeSet<ActionId>,
}

/// What a change would do, all of it counted and some of it listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The first ones, by member and environment.
    pub items: Vec<Difference>,
    /// How many members would gain or lose something.
    pub members: usize,
    /// On how many environments somebody would.
    pub environments: usize,
    /// How many pairs of the two there are.
    pub pairs: usize,
    /// Whether everything was compared; where not, the numbers are at least as great.
    pub complete: bool,
}

/// How far a comparison goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Differences that are listed.
    pub most_items: usize,
    /// Pairs of a member and an environment that are looked at.
    pub most_pairs: usize,
}

/// Compares what members may do before and after an update. Only those whom it can concern are looked at.
pub fn differences(
    before: &Index,
    after: &Index,
    update: &Update,
    now: DateTime<Utc>,
    bounds: Bounds,
) -> Differences {
    let concerned = Concerned::by(before, after, update);
    let both = [before, after];
    let mut members: Vec<(MemberId, AccountId)> = both
        .iter()
        .flat_map(|index| index.members())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    members.sort_unstable();
    let mut everywhere: Option<Vec<EnvironmentId>> = None;
    let mut found = Differences {
        complete: true,
        ..Differences::default()
    };
    let mut environments_seen: HashSet<EnvironmentId> = HashSet::new();
    let mut looked_at = 0;
    for (member, person) in members {
        let wholly = concerned.members.contains(&member)
            || both.iter().any(|index| {
                index
                    .roles_of(person)
                    .any(|role| concerned.roles.contains(&role))
            });
        let own: Vec<EnvironmentId>;
        let environments: &[EnvironmentId] = if !wholly {
            &concerned.environments
        } else if both
            .iter()
            .all(|index| index.has_direct_shares_alone(person))
        {
            let direct: BTreeSet<EnvironmentId> = both
                .iter()
                .flat_map(|index| index.items_of(person))
                .filter_map(|item| match item {
                    Item::Environment(id) => Some(id),
                    Item::Environments | Item::Groups | Item::Group(_) => None,
                })
                .collect();
            own = direct.into_iter().collect();
            &own
        } else {
            everywhere.get_or_insert_with(|| all_environments(before, after))
        };
        let pairs_before = found.pairs;
        for environment in environments {
            if looked_at >= bounds.most_pairs {
                found.complete = false;
                break;
            }
            looked_at += 1;
            let had = before.decide(person, *environment, now);
            let has = after.decide(person, *environment, now);
            if had == has || same_for_the_member(before, &had, after, &has) {
                continue;
            }
            found.pairs += 1;
            environments_seen.insert(*environment);
            if found.items.len() < bounds.most_items {
                found.items.push(Difference {
                    member_id: member,
                    environment_id: *environment,
                    level_before: had.level(),
                    level_after: has.level(),
                    gained: beyond(after, &has, before, &had),
                    lost: beyond(before, &had, after, &has),
                });
            }
        }
        found.members += usize::from(found.pairs > pairs_before);
    }
    found.environments = environments_seen.len();
    found
}

/// Whether neither the actions nor that the environment is seen differ.
fn same_for_the_member(before: &Index, had: &Decision, after: &Index, has: &Decision) -> bool {
    had.level().sees() == has.level().sees()
        && beyond(after, has, before, had).is_empty()
        && beyond(before, had, after, has).is_empty()
}

/// The actions that one decision allows and the other does not.
fn beyond(one: &Index, allowed: &Decision, other: &Index, before: &Decision) -> BTreeSet<ActionId> {
    one.actions()
        .filter(|(id, bit): &(&ActionId, ActionBit)| {
            allowed.allows(Some(*bit)) && !before.allows(other.action(id.as_str()))
        })
        .map(|(id, _)| id.clone())
        .collect()
}

fn all_environments(before: &Index, after: &Index) -> Vec<EnvironmentId> {
    let mut all: Vec<EnvironmentId> = before.environments().chain(after.environments()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whom an update can concern.
struct Concerned {
    /// Members whose own record or shares changed.
    members: HashSet<MemberId>,
    /// Roles that changed, by themselves or through a policy.
    roles: HashSet<RoleId>,
    /// Environments that are in other groups, or in groups that are.
    environments: Vec<EnvironmentId>,
}

impl Concerned {
    fn by(before: &Index, after: &Index, update: &Update) -> Self {
        let policies: HashSet<PolicyId> = update.policies.iter().map(|(id, _)| *id).collect();
        let mut roles: HashSet<RoleId> = update.roles.iter().map(|(id, _)| *id).collect();
        let groups: HashSet<GroupId> = update.groups.iter().map(|(id, _)| *id).collect();
        let mut environments: BTreeSet<EnvironmentId> =
            update.environments.iter().map(|(id, _)| *id).collect();
        for index in [before, after] {
            if !policies.is_empty() {
                roles.extend(index.roles_with(&policies));
            }
            if !groups.is_empty() {
                environments.extend(index.environments_below(&groups));
            }
        }
        Self {
            members: {
                let records = update.members.iter().map(|(id, _)| *id);
                records
                    .chain(update.shares.iter().map(|(id, ..)| *id))
                    .collect()
            },
            roles,
            environments: environments.into_iter().collect(),
        }
    }
}
