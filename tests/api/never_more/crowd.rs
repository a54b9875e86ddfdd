//! An owner, members, and what the owner does; and what everybody has, as the owner reads it.

use std::collections::BTreeSet;

use accord_client::types::{
    DateTime, Environment, EnvironmentAccess, EnvironmentAccessQuery, EnvironmentsQuery, Group,
    Item, Member, MembersQuery, NewShare, Role, Shares, Utc, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp};
use chrono::Duration;
use proptest::sample::Index;

use super::steps::{Given, Groups, On, Step};
use super::{Album, HOURS_AHEAD, MANAGERS, Picture};

const ACTIONS: [&str; 4] = ["files.read", "files.write", "logs.read", "deployment.run"];
const BUILDING: [&str; 3] = [
    "environment.create",
    "environment.edit",
    "environment.delete",
];

/// All records with all shares, and all environments.
pub(super) type Stored = (Vec<Member>, Vec<Environment>);

pub(super) struct Crowd<'a> {
    app: &'a TestApp,
    pub(super) owner: Person,
    pub(super) people: &'a [Person],
    /// Records; those of the people first.
    pub(super) members: Vec<Uuid>,
    pub(super) roles: Vec<Role>,
    manager: Role,
    builder: Role,
    /// One that holds every action that is given here.
    pub(super) all: Role,
    pub(super) groups: [Group; 2],
    pub(super) environments: Vec<Uuid>,
    /// One in each of the sets of groups. Nobody is given anything on these themselves.
    twins: Vec<(Groups, Uuid)>,
    began: DateTime<Utc>,
    /// Whole hours that have passed since.
    hour: i32,
    made: usize,
}

impl<'a> Crowd<'a> {
    pub(super) async fn gather(app: &'a TestApp, people: &'a [Person], number: usize) -> Self {
        let name = format!("owner{number}");
        let owner = app
            .operator_makes(&format!("{name}@example.com"), &name)
            .await;
        let groups = [
            owner.group_at("web").await,
            owner.group_at("web/live").await,
        ];
        let [outer, inner] = &groups;
        let shop = owner.adds_environment_in("shop", &[inner]).await.id;
        let blog = owner.adds_environment("blog").await.id;
        let mut twins = Vec::new();
        for set in [[false, false], [true, false], [false, true], [true, true]] {
            let name = format!("twin{}", twins.len());
            let twin = owner
                .adds_environment_in(&name, &chosen(&groups, set))
                .await;
            twins.push((set, twin.id));
        }
        let manager = owner.role_of("Manager", &["collaboration.manage"]).await;
        let mut roles = vec![manager.clone()];
        for action in ACTIONS {
            roles.push(owner.role_of(action, &[action]).await);
        }
        let read = roles[1].clone();
        let two = owner.role_of("Two", &ACTIONS[..2]).await;
        let builder = owner.role_of("Builder", &BUILDING).await;
        let every = [&ACTIONS[..], &BUILDING[..]].concat();
        let all = owner.role_of("All", &every).await;
        roles.extend([two.clone(), builder.clone(), all.clone()]);
        let (on_shop, on_blog) = (Item::environment(shop), Item::environment(blog));
        // Two who manage the one, one who manages everything; the others are managed.
        let given = [
            vec![
                share(on_shop, &[&manager, &two]),
                share(Item::group(outer.id), &[&builder]),
            ],
            vec![
                share(on_shop, &[&manager, &read]),
                share(on_blog, &[&manager, &two]),
                share(Item::group(inner.id), &[&builder]),
            ],
            vec![share(Item::ENVIRONMENTS, &[&manager, &all])],
            vec![share(on_shop, &[&read]), share(Item::ENVIRONMENTS, &[&all])],
            vec![share(Item::group(outer.id), &[&two])],
            vec![share(on_shop, &[&read])],
        ];
        let mut members = Vec::new();
        for (person, shares) in people.iter().zip(given) {
            let member = owner.invites(&person.email, shares).await.id;
            // The last one leaves the invitation open.
            if members.len() + 1 < people.len() {
                let accepted = person.accept_collaboration(member).await;
                accepted.expect("accepted");
            }
            members.push(member);
        }
        Self {
            app,
            owner,
            people,
            members,
            roles,
            manager,
            builder,
            all,
            groups,
            environments: vec![shop, blog],
            twins,
            began: app.clock.now(),
            hour: 0,
            made: 0,
        }
    }

    /// A name that nothing has.
    pub(super) fn new_name(&mut self) -> String {
        self.made += 1;
        format!("new{}", self.made)
    }

    pub(super) fn roles_of(&self, given: &Given) -> Vec<Uuid> {
        let roles = given.roles.iter().map(|role| role.get(&self.roles).id);
        let roles: BTreeSet<Uuid> = roles.collect();
        roles.into_iter().collect()
    }

    pub(super) fn end_of(&self, given: &Given) -> Option<DateTime<Utc>> {
        let hours = self.hour + given.ends_in?;
        Some(self.began + Duration::hours(hours.into()))
    }

    pub(super) fn group_ids(&self, groups: Groups) -> Vec<Uuid> {
        let chosen = chosen(&self.groups, groups);
        chosen.into_iter().map(|group| group.id).collect()
    }

    /// The owner's own environment in the same groups.
    pub(super) fn twin(&self, groups: Groups) -> Uuid {
        let twin = self.twins.iter().find(|(set, _)| *set == groups);
        twin.expect("one for every set").1
    }

    pub(super) async fn stored(&self) -> Stored {
        let query = MembersQuery {
            limit: Some(200),
            ..Default::default()
        };
        let members = self.owner.members(self.owner.id, &query).await;
        let query = EnvironmentsQuery {
            limit: Some(200),
            ..Default::default()
        };
        let environments = self.owner.environments(self.owner.id, &query).await;
        (
            members.expect("the owner's members").items,
            environments.expect("the owner's environments").items,
        )
    }

    /// What everybody has on every environment: now, and after each end to come.
    pub(super) async fn album(&self) -> Album {
        self.album_of(&self.environments).await
    }

    pub(super) async fn album_of(&self, environments: &[Uuid]) -> Album {
        let mut album = Album::new();
        for hours in 0..=HOURS_AHEAD {
            self.app.clock.advance(Duration::hours(hours.into()));
            for environment in environments {
                let rows = self.access(*environment).await.into_iter();
                let actions = |row: EnvironmentAccess| row.action_ids.into_iter().collect();
                let picture: Picture = rows.map(|row| (row.member_id, actions(row))).collect();
                album.insert((*environment, hours), picture);
            }
            self.app.clock.advance(-Duration::hours(hours.into()));
        }
        album
    }

    /// Who has access to an environment, as the owner sees it.
    pub(super) async fn access(&self, environment: Uuid) -> Vec<EnvironmentAccess> {
        let query = EnvironmentAccessQuery {
            limit: Some(200),
            ..Default::default()
        };
        let host = self.owner.id;
        let page = self.owner.environment_access(host, environment, &query);
        page.await.expect("who has access").items
    }

    /// An hour passes, or the owner does something, as they may; where it cannot be done, it is not.
    pub(super) async fn owner_acts(&mut self, step: &Step) {
        let host = self.owner.id;
        match step {
            Step::HourPasses => {
                self.hour += 1;
                self.app.clock.advance(Duration::hours(1));
            }
            Step::Suspends(member) => {
                drop(self.owner.suspend_member(host, self.record(member)).await);
            }
            Step::Activates(member) => {
                drop(self.owner.activate_member(host, self.record(member)).await);
            }
            Step::InvitesAgain(member) => {
                drop(self.owner.reinvite_member(host, self.record(member)).await);
            }
            Step::Shares(member, shares) => {
                let shares = self.shares(member, shares);
                let body = Shares { shares };
                let member = self.record(member);
                drop(
                    self.owner
                        .set_member_shares(host, member, &body, None)
                        .await,
                );
            }
            Step::Adds(groups) => {
                let name = self.new_name();
                let groups = chosen(&self.groups, *groups);
                let added = self.owner.adds_environment_in(&name, &groups).await;
                self.environments.push(added.id);
            }
            Step::Tries { .. } => unreachable!("a member tries it"),
        }
    }

    fn record(&self, member: &Index) -> Uuid {
        *member.get(&self.members)
    }

    fn shares(&self, member: &Index, drawn: &[(On, Given)]) -> Vec<NewShare> {
        let manages = member.index(self.members.len()) < MANAGERS;
        let mut shares: Vec<NewShare> = Vec::new();
        for (on, given) in drawn {
            let item = match on {
                On::Environments => Item::ENVIRONMENTS,
                On::Groups => Item::GROUPS,
                On::Group(group) => Item::group(group.get(&self.groups).id),
                On::Environment(environment) => {
                    Item::environment(*environment.get(&self.environments))
                }
            };
            if shares.iter().any(|share| share.item == item) {
                continue;
            }
            let mut role_ids = self.roles_of(given);
            if manages {
                // Beyond one environment, they may make others.
                let is_one = matches!(on, On::Environment(_));
                let needed = if is_one {
                    vec![&self.manager]
                } else {
                    vec![&self.manager, &self.builder]
                };
                role_ids.extend(needed.into_iter().map(|role| role.id));
                role_ids.sort_unstable();
                role_ids.dedup();
            }
            shares.push(NewShare {
                item,
                role_ids,
                expires_at: self.end_of(given),
            });
        }
        shares
    }
}

fn chosen(groups: &[Group; 2], which: Groups) -> Vec<&Group> {
    let both = groups.iter().zip(which);
    both.filter(|(_, chosen)| *chosen)
        .map(|(group, _)| group)
        .collect()
}
