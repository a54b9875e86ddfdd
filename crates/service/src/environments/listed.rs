//! A fingerprint of all the lists of who has access that a delegate may read.
//!
//! It is made of the lines of these lists as [`Scene::view`] has them, and so is another exactly when one of the
//! lists is: what lies under direct roles, or of members whom no list shows, leaves it as it is. An account may
//! have many environments and many members, so no line is made for each pair: where a member has nothing
//! directly, environments in the same groups show the same line, and members to whom none of these groups means
//! anything have one line for all of them.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use accord_domain::access::{MemberAccess, Relations};
use accord_domain::delegation::Delegation;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId};
use accord_domain::sharing::{Item, Share};
use accord_store::members::Member;
use chrono::{DateTime, Utc};

use super::MemberSight;
use super::collaborators::Scene;
use crate::call::status_of;
use crate::host_snapshots::People;

/// All that a delegate may read about who has access.
pub(crate) struct Lists {
    pub fingerprint: u64,
    /// When some of it may change by itself.
    pub next_end: Option<DateTime<Utc>>,
}

impl Lists {
    /// Those of the environments that the member manages; there must be one.
    pub(crate) fn of(
        sight: &MemberSight,
        (host, own): (AccountId, MemberId),
        managed: &[EnvironmentId],
        people: &People,
        now: DateTime<Utc>,
    ) -> Self {
        let places = Places::of(&sight.relations, managed);
        let others = others(people, &places, now);
        let ends = others.iter().flat_map(|(member, given)| {
            let ends = given.shares.iter().filter_map(|share| share.expires_at);
            ends.chain(member.invitation_expires_at)
        });
        let next_end = ends.filter(|end| *end > now).min();
        let scene = Scene {
            id: EnvironmentId(uuid::Uuid::nil()),
            host,
            relations: Arc::clone(&sight.relations),
            own: Some((own, sight.member.clone())),
            now,
        };
        let mut lines = Lines {
            scene,
            people,
            others,
        };
        let mut hasher = DefaultHasher::new();
        for (environment, list) in lines.lists(&places, managed) {
            (environment, list).hash(&mut hasher);
        }
        Self {
            fingerprint: hasher.finish(),
            next_end,
        }
    }
}

/// Members who have something that may count where the delegate manages.
fn others<'p>(
    people: &'p People,
    places: &Places,
    now: DateTime<Utc>,
) -> Vec<(&'p Member, MemberAccess)> {
    let bear = people
        .members
        .iter()
        .filter(|one| one.shares.iter().any(|share| places.bears_on(share.item)));
    bear.map(|one| {
        let given = MemberAccess {
            status: status_of(&one.member, now),
            account_disabled: one.account_disabled,
            shares: one.shares.clone(),
        };
        (&one.member, given)
    })
    .collect()
}

/// Environments that are in the same groups.
struct Place {
    /// One of them.
    example: EnvironmentId,
    /// Whether they are in groups at all.
    grouped: bool,
}

struct Places {
    all: Vec<Place>,
    /// Where each environment is.
    of: HashMap<EnvironmentId, usize>,
    /// The places to which each group means something.
    under: HashMap<GroupId, Vec<usize>>,
}

impl Places {
    fn of(relations: &Relations, environments: &[EnvironmentId]) -> Self {
        let mut known: HashMap<Vec<GroupId>, usize> = HashMap::new();
        let mut places = Self {
            all: Vec::new(),
            of: HashMap::new(),
            under: HashMap::new(),
        };
        for id in environments {
            let groups = relations.environments.get(id);
            let mut groups = groups.cloned().unwrap_or_default();
            groups.sort_unstable();
            let next = known.len();
            let at = *known.entry(groups).or_insert_with_key(|groups| {
                places.add(relations, *id, groups);
                next
            });
            places.of.insert(*id, at);
        }
        places
    }

    fn add(&mut self, relations: &Relations, example: EnvironmentId, groups: &[GroupId]) {
        let mut above = HashSet::new();
        for group in groups {
            let mut at = Some(*group);
            while let Some(group) = at.filter(|group| above.insert(*group)) {
                at = relations.groups.get(&group).copied().flatten();
            }
        }
        for group in above {
            self.under.entry(group).or_default().push(self.all.len());
        }
        self.all.push(Place {
            example,
            grouped: !groups.is_empty(),
        });
    }

    fn bears_on(&self, item: Item) -> bool {
        match item {
            Item::Environment(id) => self.of.contains_key(&id),
            Item::Group(id) => self.under.contains_key(&id),
            Item::Groups => self.all.iter().any(|place| place.grouped),
            Item::Environments => true,
        }
    }
}

/// Makes the lines. A list is the sum of its lines, so that a line can be taken out again.
struct Lines<'p> {
    scene: Scene,
    people: &'p People,
    others: Vec<(&'p Member, MemberAccess)>,
}

impl Lines<'_> {
    fn lists(&mut self, places: &Places, managed: &[EnvironmentId]) -> Vec<(EnvironmentId, u64)> {
        let root = self.usual(places, false);
        let grouped = self.usual(places, true);
        let usual = |place: usize| {
            if places.all[place].grouped {
                &grouped
            } else {
                &root
            }
        };
        let sum = |lines: &[u64]| lines.iter().copied().fold(0, u64::wrapping_add);
        let (all_root, all_grouped) = (sum(&root), sum(&grouped));
        let mut sums: Vec<u64> = places
            .all
            .iter()
            .map(|place| if place.grouped { all_grouped } else { all_root })
            .collect();

        let mut special = HashMap::new();
        for (place, who) in self.reached_by_groups(places) {
            self.scene.id = places.all[place].example;
            let delegation = self.scene.delegation();
            for one in who {
                let line = self.line(delegation.as_ref(), one, |item| !is_direct(item));
                special.insert((place, one), line);
                exchange(&mut sums[place], usual(place)[one], line);
            }
        }

        let mut direct = self.reached_directly(places);
        managed
            .iter()
            .map(|id| {
                let place = places.of[id];
                let mut list = sums[place];
                if let Some(who) = direct.remove(id) {
                    self.scene.id = *id;
                    let delegation = self.scene.delegation();
                    for one in who {
                        let lower = special.get(&(place, one));
                        let lower = lower.copied().unwrap_or_else(|| usual(place)[one]);
                        let line = self.line(delegation.as_ref(), one, |_| true);
                        exchange(&mut list, lower, line);
                    }
                }
                (*id, list)
            })
            .collect()
    }

    /// What everybody has where they have nothing directly and by no group of its own, in groups or in none.
    fn usual(&mut self, places: &Places, grouped: bool) -> Vec<u64> {
        let Some(place) = places.all.iter().find(|place| place.grouped == grouped) else {
            return vec![0; self.others.len()];
        };
        self.scene.id = place.example;
        let delegation = self.scene.delegation();
        let by_category = |item| matches!(item, Item::Groups | Item::Environments);
        (0..self.others.len())
            .map(|one| self.line(delegation.as_ref(), one, by_category))
            .collect()
    }

    /// Who has something by a group, by the places to which it means something.
    fn reached_by_groups(&self, places: &Places) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut reached: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (item, one) in self.items() {
            let Item::Group(group) = item else { continue };
            for place in places.under.get(&group).into_iter().flatten() {
                reached.entry(*place).or_default().insert(one);
            }
        }
        reached
    }

    /// Who has something directly, by the environments.
    fn reached_directly(&self, places: &Places) -> HashMap<EnvironmentId, BTreeSet<usize>> {
        let mut reached: HashMap<EnvironmentId, BTreeSet<usize>> = HashMap::new();
        for (item, one) in self.items() {
            match item {
                Item::Environment(id) if places.of.contains_key(&id) => {
                    reached.entry(id).or_default().insert(one);
                }
                Item::Environment(_) | Item::Group(_) | Item::Groups | Item::Environments => {}
            }
        }
        reached
    }

    fn items(&self) -> impl Iterator<Item = (Item, usize)> {
        let others = self.others.iter().enumerate();
        others.flat_map(|(one, (_, given))| given.shares.iter().map(move |share| (share.item, one)))
    }

    /// One member's line where the scene is, by those of their shares; 0 where the list has none.
    fn line(
        &self,
        delegation: Option<&Delegation<'_>>,
        one: usize,
        counts: impl Fn(Item) -> bool,
    ) -> u64 {
        let (member, given) = &self.others[one];
        let shares = given.shares.iter().filter(|share| counts(share.item));
        let given = MemberAccess {
            shares: shares.cloned().collect(),
            ..*given
        };
        if !self.scene.lists(member, &given.shares) {
            return 0;
        }
        let names = &self.people.role_names;
        let view = self
            .scene
            .view(delegation, names, (*member).clone(), &given);
        let mut hasher = DefaultHasher::new();
        (
            view.member.id,
            &view.member.email,
            &view.member.display_name,
        )
            .hash(&mut hasher);
        (view.status, view.account_disabled, view.access_level).hash(&mut hasher);
        (&view.role_ids, &view.policy_ids, &view.action_ids).hash(&mut hasher);
        view.role_names.hash(&mut hasher);
        view.direct_share
            .map(|share| facts(&share, view.now))
            .hash(&mut hasher);
        (&view.allowed_actions, &view.refusals).hash(&mut hasher);
        hasher.finish()
    }
}

fn is_direct(item: Item) -> bool {
    matches!(item, Item::Environment(_))
}

fn exchange(list: &mut u64, old: u64, new: u64) {
    *list = list.wrapping_sub(old).wrapping_add(new);
}

fn facts(share: &Share, now: DateTime<Utc>) -> impl std::hash::Hash + use<> {
    let ended = share.ended(now);
    (share.id, share.role_ids.clone(), share.expires_at, ended)
}
