//! Everything that can be read, held against the picture.

use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{
    AccessLevel, Check, CheckAccess, CheckMode, CheckSubject, DateTime, EffectiveAccessQuery,
    EnvironmentAccessQuery, EnvironmentsQuery, GroupsQuery, MembersQuery, PageQuery, PoliciesQuery,
    PolicyKind, RolesQuery, Utc, Uuid, VisibleEnvironmentsQuery,
};

use super::picture::{ACTIONS, Access, Thing};
use super::play::Play;

const ALL: Option<u32> = Some(200);

fn same<T: PartialEq + std::fmt::Debug>(what: &str, read: T, pictured: T) -> Result<(), String> {
    if read == pictured {
        Ok(())
    } else {
        Err(format!(
            "{what}\n    read:     {read:?}\n    expected: {pictured:?}"
        ))
    }
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
    pub(super) async fn compare(&self, turn: usize) -> Result<(), String> {
        let now = self.app.clock.now();
        self.members(now).await?;
        self.checks(now).await?;
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

    async fn members(&self, now: DateTime<Utc>) -> Result<(), String> {
        let query = MembersQuery {
            limit: ALL,
            ..Default::default()
        };
        let page = self.owner.members(self.owner.id, &query).await;
        let read: BTreeMap<Uuid, _> = page
            .map_err(|error| format!("members: {error:?}"))?
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
        same("the owner's members", read, pictured.collect())
    }

    async fn checks(&self, now: DateTime<Utc>) -> Result<(), String> {
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
            return Ok(());
        }
        let body = CheckAccess {
            checks,
            at_least_revision: None,
        };
        let answers = self.owner.check_access(&body).await;
        let read = answers
            .map_err(|error| format!("checks: {error:?}"))?
            .results
            .into_iter()
            .map(|result| {
                let missing: BTreeSet<String> = result.missing_action_ids.into_iter().collect();
                (result.allowed, result.access_level, missing)
            });
        same(
            "checks, of each person on each environment",
            read.collect(),
            pictured,
        )
    }

    async fn things(&self) -> Result<(), String> {
        let (owner, host) = (&self.owner, self.owner.id);
        let failed = |error: accord_client::Error| format!("a list: {error:?}");
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
        same("policies", read, pictured.collect())?;

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
        same("roles", read, pictured.collect())?;

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
        same("groups", read, pictured.collect())?;

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
        same("environments", read, pictured.collect())
    }

    /// What one of the people sees, and what the owner is told that they have.
    async fn as_seen_by(&self, who: usize, now: DateTime<Utc>) -> Result<(), String> {
        use accord_client::types::MemberStatus::{Active, Pending, Suspended};
        let person = &self.people[who];
        let failed = |error: accord_client::Error| format!("{}: {error:?}", person.name);
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
            &format!("the access of {}", person.name),
            read,
            pictured.collect(),
        )
    }

    /// Who has access to one environment, of the active members.
    async fn environment(&self, number: usize, now: DateTime<Utc>) -> Result<(), String> {
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
        let rows = page.map_err(|error| format!("{}: {error:?}", environment.name))?;
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
            &format!("who has access to {}", environment.name),
            read,
            pictured.collect(),
        )
    }
}
