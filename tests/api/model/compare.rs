//! Everything that can be read, held against the picture.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{
    AccessLevel, Check, CheckAccess, CheckMode, CheckSubject, DateTime, EffectiveAccessQuery,
    EnvironmentAccessQuery, EnvironmentsQuery, GroupsQuery, MembersQuery, PageQuery, PoliciesQuery,
    PolicyKind, RolesQuery, Utc, Uuid, VisibleEnvironmentsQuery,
};

use super::disagreement::{Agreed, Disagreement, Over, same};
use super::faults::Fault;
use super::picture::{ACTIONS, Access, Thing};
use super::play::Play;

const ALL: Option<u32> = Some(200);

/// What the comparison before has found.
pub(super) struct Before {
    revision: i64,
    carried_out: usize,
    access: BTreeMap<(Uuid, Uuid), Access>,
}

fn there<T>(things: &[Thing<T>]) -> impl Iterator<Item = (usize, &Thing<T>)> {
    things.iter().enumerate().filter(|(_, thing)| thing.there)
}

fn access(level: AccessLevel, roles: Vec<Uuid>, actions: Vec<String>) -> Access {
    Access {
        level,
        roles: roles.into_iter().collect(),
        actions: actions.into_iter().collect(),
    }
}

impl Play<'_> {
    /// Says where they differ. Lists of one person and of one environment are read in turns.
    pub(super) async fn compare(&mut self, turn: usize) -> Agreed {
        let now = self.app.clock.now();
        self.members(now).await?;
        let revision = self.checks(now).await?;
        self.revision(revision, now)?;
        self.things().await?;
        self.as_seen_by(turn % self.people.len(), now).await?;
        let environments: Vec<usize> = there(&self.picture.environments)
            .map(|(number, _)| number)
            .collect();
        if !environments.is_empty() {
            self.environment(environments[turn % environments.len()], now)
                .await?;
        }
        Ok(())
    }

    async fn members(&self, now: DateTime<Utc>) -> Agreed {
        let query = MembersQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = self.owner.members(self.owner.id, &query).await;
        let read: BTreeMap<Uuid, _> = page
            .map_err(|error| Disagreement::unread("members", &error))?
            .items
            .into_iter()
            .map(|member| {
                let mut shares: Vec<String> = member
                    .shares
                    .iter()
                    .map(|share| {
                        let roles: BTreeSet<Uuid> = share.role_ids.iter().copied().collect();
                        let end = share.expires_at;
                        format!("{:?} {roles:?} {end:?} {}", share.item, share.ended)
                    })
                    .collect();
                shares.sort();
                (member.id, (member.status, shares))
            })
            .collect();
        let pictured = self.picture.records.iter().flatten().map(|record| {
            let mut shares: Vec<String> = record
                .shares
                .iter()
                .map(|(what, share)| {
                    let roles = share.roles.iter().map(|role| self.picture.roles[*role].id);
                    let roles: BTreeSet<Uuid> = roles.collect();
                    let (item, end) = (self.picture.item(*what), share.until);
                    let ended = end.is_some_and(|end| now >= end);
                    format!("{item:?} {roles:?} {end:?} {ended}")
                })
                .collect();
            shares.sort();
            (record.id, (record.status(now), shares))
        });
        same(
            Over::Members,
            "the owner's members",
            read,
            pictured.collect(),
        )
    }

    /// Answers at which revision they were made, if there was anything to ask about.
    async fn checks(&self, now: DateTime<Utc>) -> Agreed<Option<i64>> {
        let mut checks = Vec::new();
        let mut pictured = Vec::new();
        for (who, person) in self.people.iter().enumerate() {
            for (number, environment) in there(&self.picture.environments) {
                let access = self.picture.access(who, number, now);
                for mode in [CheckMode::All, CheckMode::Any] {
                    checks.push(Check {
                        subject: CheckSubject {
                            account_id: Some(person.id),
                            email: None,
                        },
                        environment_id: environment.id,
                        action_ids: ACTIONS.map(str::to_owned).to_vec(),
                        mode,
                    });
                    let missing: BTreeSet<String> = ACTIONS
                        .iter()
                        .filter(|action| !access.actions.contains(**action))
                        .map(|action| (*action).to_owned())
                        .collect();
                    let allowed = match mode {
                        CheckMode::All => missing.is_empty(),
                        CheckMode::Any => missing.len() < ACTIONS.len(),
                    };
                    pictured.push((allowed, access.level, missing));
                }
            }
        }
        if checks.is_empty() {
            return Ok(None);
        }
        let body = CheckAccess {
            checks,
            at_least_revision: None,
        };
        let answers = self.owner.check_access(&body).await;
        let answers = answers.map_err(|error| Disagreement::unread("checks", &error))?;
        let read = answers.results.into_iter().map(|result| {
            let missing: BTreeSet<String> = result.missing_action_ids.into_iter().collect();
            (result.allowed, result.access_level, missing)
        });
        same(
            Over::Checks,
            "checks, of each person on each environment",
            read.collect(),
            pictured,
        )?;
        Ok(Some(answers.revision))
    }

    /// The revision grows whenever what somebody has changes, and stays where a call was refused.
    fn revision(&mut self, revision: Option<i64>, now: DateTime<Utc>) -> Agreed {
        let after = revision.map(|revision| Before {
            revision,
            carried_out: self.carried_out,
            access: self.all_access(now),
        });
        let before = std::mem::replace(&mut self.before, after);
        let (Some(before), Some(after)) = (before, &self.before) else {
            return Ok(());
        };
        let may_grow = before.carried_out != after.carried_out
            && !self.picture.gets_wrong(Fault::RevisionsStandStill);
        let must_grow = may_grow && before.access != after.access;
        let agrees = match after.revision.cmp(&before.revision) {
            Ordering::Less => false,
            Ordering::Equal => !must_grow,
            Ordering::Greater => may_grow,
        };
        if agrees {
            return Ok(());
        }
        let (from, to) = (before.revision, after.revision);
        let how = format!(
            "the revision went from {from} to {to}, may it grow: {may_grow}, must it: {must_grow}"
        );
        Err(Disagreement::new(Over::Revision, how))
    }

    /// What each person has on each environment that is there.
    fn all_access(&self, now: DateTime<Utc>) -> BTreeMap<(Uuid, Uuid), Access> {
        let mut all = BTreeMap::new();
        for (who, person) in self.people.iter().enumerate() {
            for (number, environment) in there(&self.picture.environments) {
                let access = self.picture.access(who, number, now);
                all.insert((person.id, environment.id), access);
            }
        }
        all
    }

    async fn things(&self) -> Agreed {
        let (owner, host) = (&self.owner, self.owner.id);
        let failed = |error| Disagreement::unread("a list", &error);
        let query = PoliciesQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = owner.policies(host, &query).await.map_err(failed)?;
        let own = page
            .items
            .into_iter()
            .filter(|one| one.kind == PolicyKind::Custom);
        let read: BTreeMap<_, BTreeSet<String>> = own
            .map(|one| ((one.id, one.name), one.action_ids.into_iter().collect()))
            .collect();
        let pictured = there(&self.picture.policies).map(|(_, one)| {
            let actions = one.of.iter().map(|action| (*action).to_owned()).collect();
            ((one.id, one.name.clone()), actions)
        });
        same(Over::Things, "policies", read, pictured.collect())?;

        let query = RolesQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = owner.roles(host, &query).await.map_err(failed)?;
        let known: BTreeSet<Uuid> = self.picture.roles.iter().map(|role| role.id).collect();
        // The examples that every account starts with stay as they are.
        let own = page
            .items
            .into_iter()
            .filter(|one| known.contains(&one.id) || !super::EXAMPLES.contains(&one.name.as_str()));
        let read: BTreeMap<_, BTreeSet<Uuid>> = own
            .map(|one| ((one.id, one.name), one.policy_ids.into_iter().collect()))
            .collect();
        let pictured = there(&self.picture.roles).map(|(_, one)| {
            let policies = one
                .of
                .iter()
                .map(|policy| self.picture.policies[*policy].id);
            ((one.id, one.name.clone()), policies.collect())
        });
        same(Over::Things, "roles", read, pictured.collect())?;

        let query = GroupsQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = owner.groups(host, &query).await.map_err(failed)?;
        let read: BTreeMap<_, _> = page
            .items
            .into_iter()
            .map(|one| ((one.id, one.name), one.parent_id))
            .collect();
        let pictured = there(&self.picture.groups).map(|(_, one)| {
            let parent = one.of.map(|parent| self.picture.groups[parent].id);
            ((one.id, one.name.clone()), parent)
        });
        same(Over::Things, "groups", read, pictured.collect())?;

        let query = EnvironmentsQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = owner.environments(host, &query).await.map_err(failed)?;
        let read: BTreeMap<_, BTreeSet<Uuid>> = page
            .items
            .into_iter()
            .map(|one| ((one.id, one.name), one.group_ids.into_iter().collect()))
            .collect();
        let pictured = there(&self.picture.environments).map(|(_, one)| {
            let groups = one.of.iter().map(|group| self.picture.groups[*group].id);
            ((one.id, one.name.clone()), groups.collect())
        });
        same(Over::Things, "environments", read, pictured.collect())
    }

    /// What one of the people sees, and what the owner is told that they have.
    async fn as_seen_by(&self, who: usize, now: DateTime<Utc>) -> Agreed {
        use accord_client::types::MemberStatus::{Active, Pending, Suspended};
        let person = &self.people[who];
        let failed = |error| Disagreement::unread(&person.name, &error);
        let query = VisibleEnvironmentsQuery {
            owner_id: Some(self.owner.id),
            limit: ALL,
            ..Default::default()
        };
        let status = self.status(who, now);
        let read: BTreeMap<_, _> = match person.visible_environments(&query).await {
            Ok(page) => page.items,
            // Whose things they may not know of is no owner to ask for.
            Err(error) if status != Some(Active) && error.status() == Some(422) => Vec::new(),
            Err(error) => return Err(failed(error)),
        }
        .into_iter()
        .map(|one| (one.id, one.access_level))
        .collect();
        let pictured = there(&self.picture.environments)
            .map(|(number, one)| (one.id, self.picture.access(who, number, now).level))
            .filter(|(_, level)| *level != AccessLevel::None);
        same(
            Over::Seen,
            &format!("what {} sees", person.name),
            read,
            pictured.collect(),
        )?;

        let page = person.collaborations(&PageQuery::default()).await;
        let read = page
            .map_err(failed)?
            .items
            .into_iter()
            .find(|one| one.owner.id == self.owner.id)
            .map(|one| one.status);
        let pictured = status.filter(|status| [Pending, Active, Suspended].contains(status));
        same(
            Over::Seen,
            &format!("what is shared with {}", person.name),
            read,
            pictured,
        )?;

        let Some(record) = self.picture.records[who].as_ref() else {
            return Ok(());
        };
        if status != Some(Active) {
            return Ok(());
        }
        let query = EffectiveAccessQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = self
            .owner
            .member_access(self.owner.id, record.id, &query)
            .await;
        let read: BTreeMap<_, _> = page
            .map_err(failed)?
            .items
            .into_iter()
            .map(|one| {
                let access = access(one.access_level, one.role_ids, one.action_ids);
                (one.environment_id, access)
            })
            .collect();
        let pictured = there(&self.picture.environments)
            .map(|(number, one)| (one.id, self.picture.access(who, number, now)));
        same(
            Over::Access,
            &format!("the access of {}", person.name),
            read,
            pictured.collect(),
        )
    }

    /// Who has access to one environment, of the active members.
    async fn environment(&self, number: usize, now: DateTime<Utc>) -> Agreed {
        use accord_client::types::MemberStatus::Active;
        let environment = &self.picture.environments[number];
        let query = EnvironmentAccessQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = self
            .owner
            .environment_access(self.owner.id, environment.id, &query)
            .await;
        let rows = page.map_err(|error| Disagreement::unread(&environment.name, &error))?;
        let read: BTreeMap<_, _> = rows
            .items
            .into_iter()
            .filter(|row| row.status == Active && row.access_level != AccessLevel::None)
            .map(|row| {
                let access = access(row.access_level, row.role_ids, row.action_ids);
                (row.member_id, access)
            })
            .collect();
        let records = self.picture.records.iter().enumerate();
        let pictured = records
            .filter_map(|(who, record)| Some((who, record.as_ref()?)))
            .filter(|(_, record)| record.status == Active)
            .map(|(who, record)| (record.id, self.picture.access(who, number, now)))
            .filter(|(_, access)| access.level != AccessLevel::None);
        same(
            Over::Access,
            &format!("who has access to {}", environment.name),
            read,
            pictured.collect(),
        )
    }
}
