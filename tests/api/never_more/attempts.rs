//! What members try, and whether they may: by what they have, or by what the API itself had announced.

use accord_client::Result;
use accord_client::types::{
    AccessLevel, CreateEnvironment, DirectRoles, EnvironmentAccess, EnvironmentAccessQuery, Item,
    MemberStatus, ShareEnvironment, Shares, UpdateEnvironment, UpdateMember, UpdateRole, Uuid,
};
use accord_testkit::people::share;

use super::Album;
use super::crowd::Crowd;
use super::steps::{Groups, Try};

/// What somebody tried, and whether it was carried out.
pub(super) struct Attempt {
    pub(super) what: String,
    pub(super) outcome: Result<()>,
    /// The environment that was made by it, and what everybody had on its twin before.
    pub(super) made: Option<(Uuid, Album)>,
}

impl Attempt {
    fn new<T>(what: String, outcome: Result<T>) -> Self {
        Self {
            what,
            outcome: outcome.map(|_| ()),
            made: None,
        }
    }

    /// The attempt, if it ended as it should.
    fn if_it_should(self, may: bool, because: &str) -> std::result::Result<Self, String> {
        if self.outcome.is_ok() == may {
            Ok(self)
        } else {
            let Self { what, outcome, .. } = self;
            Err(format!("{what}: {outcome:?}, but {because}: {may}"))
        }
    }
}

impl Try {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Gives { .. } => "gives",
            Self::Removes { .. } => "removes",
            Self::Invites { .. } => "invites",
            Self::Creates(_) => "creates",
            Self::Edits { .. } => "edits",
            Self::Deletes(_) => "deletes",
            Self::ChangesTheirRecord | Self::SetsTheirShares | Self::ChangesARole => "oversteps",
        }
    }
}

impl Crowd<'_> {
    /// A member tries something. An error says what came of it that should not.
    pub(super) async fn member_tries(
        &mut self,
        caller: usize,
        what: &Try,
    ) -> std::result::Result<Attempt, String> {
        let (person, host) = (&self.people[caller], self.owner.id);
        match what {
            Try::Gives {
                environment,
                to,
                given,
            } => {
                let environment = *environment.get(&self.environments);
                let to = *to.get(&self.members);
                let body = DirectRoles {
                    role_ids: self.roles_of(given),
                    expires_at: self.end_of(given),
                };
                let put = person.set_direct_roles(host, environment, to, &body, None);
                let what = format!("gives {to} {body:?} on {environment}");
                Ok(Attempt::new(what, put.await))
            }
            Try::Removes { environment, from } => {
                let environment = *environment.get(&self.environments);
                self.removes(caller, environment, *from.get(&self.members))
                    .await
            }
            Try::Invites {
                environment,
                whom,
                given,
            } => {
                let environment = *environment.get(&self.environments);
                let email = match whom {
                    Some(person) => person.get(self.people).email.clone(),
                    None => format!("{}@example.com", self.new_name()),
                };
                let body = ShareEnvironment {
                    email,
                    role_ids: self.roles_of(given),
                    expires_at: self.end_of(given),
                };
                let shared = person.share_environment(host, environment, &body).await;
                if let Ok(shared) = &shared
                    && !self.members.contains(&shared.member_id)
                {
                    self.members.push(shared.member_id);
                }
                let what = format!("invites by {body:?} to {environment}");
                Ok(Attempt::new(what, shared))
            }
            Try::Creates(groups) => self.creates(caller, *groups).await,
            Try::Edits {
                environment,
                groups,
            } => {
                let environment = *environment.get(&self.environments);
                let body = UpdateEnvironment {
                    name: Some(self.new_name()),
                    group_ids: groups.map(|groups| self.group_ids(groups)),
                    ..Default::default()
                };
                let may = self.holds(caller, environment, "environment.edit").await;
                let edited = person.update_environment(host, environment, &body, None);
                let what = format!("edits {environment}: {body:?}");
                Attempt::new(what, edited.await).if_it_should(
                    may && groups.is_none(),
                    "they hold environment.edit, and groups are the owner's",
                )
            }
            Try::Deletes(environment) => {
                let place = environment.index(self.environments.len());
                let environment = self.environments[place];
                let may = self.holds(caller, environment, "environment.delete").await;
                let deleted = person.delete_environment(host, environment, None).await;
                if deleted.is_ok() {
                    self.environments.remove(place);
                }
                let what = format!("deletes {environment}");
                Attempt::new(what, deleted).if_it_should(may, "they hold environment.delete")
            }
            Try::ChangesTheirRecord => {
                let body = UpdateMember {
                    shares: Some(vec![share(Item::ENVIRONMENTS, &[&self.all])]),
                    ..Default::default()
                };
                let own = self.members[caller];
                let changed = person.update_member(host, own, &body, None).await;
                Attempt::new("changes their own record".into(), changed)
                    .if_it_should(false, "it is theirs to change")
            }
            Try::SetsTheirShares => {
                let body = Shares {
                    shares: vec![share(Item::ENVIRONMENTS, &[&self.all])],
                };
                let own = self.members[caller];
                let set = person.set_member_shares(host, own, &body, None).await;
                Attempt::new("sets their own shares".into(), set)
                    .if_it_should(false, "they are theirs to set")
            }
            Try::ChangesARole => {
                let body = UpdateRole {
                    policy_ids: Some(self.all.policy_ids.clone()),
                    ..Default::default()
                };
                let role = self.roles[0].id;
                let changed = person.update_role(host, role, &body, None).await;
                Attempt::new("puts everything into a role".into(), changed)
                    .if_it_should(false, "it is theirs to change")
            }
        }
    }

    /// Takes direct roles away; the list of who has access announces whether that will be done.
    async fn removes(
        &self,
        caller: usize,
        environment: Uuid,
        from: Uuid,
    ) -> std::result::Result<Attempt, String> {
        let (person, host) = (&self.people[caller], self.owner.id);
        let query = EnvironmentAccessQuery {
            limit: Some(200),
            ..Default::default()
        };
        let listed = person.environment_access(host, environment, &query).await;
        let rows = listed.map_or(Vec::new(), |page| page.items);
        let row = rows.into_iter().find(|row| row.member_id == from);
        let announced =
            row.is_some_and(|row| row.allowed_actions.iter().any(|one| one == "remove"));
        let removed = person
            .remove_direct_roles(host, environment, from, None)
            .await;
        let what = format!("removes {from} from {environment}");
        Attempt::new(what, removed).if_it_should(announced, "it was announced")
    }

    async fn creates(
        &mut self,
        caller: usize,
        groups: Groups,
    ) -> std::result::Result<Attempt, String> {
        let name = self.new_name();
        let body = CreateEnvironment {
            name,
            group_ids: self.group_ids(groups),
            ..Default::default()
        };
        // At the root from the category, else from each of the groups.
        let mut from = Vec::new();
        match groups {
            [false, false] => from.push((groups, AccessLevel::Base)),
            [outer, inner] => {
                if outer {
                    from.push(([true, false], AccessLevel::Group));
                }
                if inner {
                    from.push(([false, true], AccessLevel::Group));
                }
            }
        }
        let mut may = true;
        for (place, level) in from {
            let row = self.access_of(caller, self.twin(place)).await;
            may &= row
                .is_some_and(|row| row.access_level == level && acts(&row, "environment.create"));
        }
        let twin = self.twin(groups);
        let album = self.album_of(&[twin]).await;
        let host = self.owner.id;
        let created = self.people[caller].create_environment(host, &body).await;
        let made = created.as_ref().ok().map(|made| made.id);
        self.environments.extend(made);
        let attempt = Attempt::new(format!("creates {body:?}"), created);
        let mut attempt = attempt.if_it_should(may, "they hold environment.create there")?;
        attempt.made = made.map(|made| (made, album));
        Ok(attempt)
    }

    /// What the owner sees of a member's access to an environment.
    async fn access_of(&self, member: usize, environment: Uuid) -> Option<EnvironmentAccess> {
        let rows = self.access(environment).await.into_iter();
        let mut own = rows.filter(|row| row.member_id == self.members[member]);
        own.next()
    }

    async fn holds(&self, member: usize, environment: Uuid, action: &str) -> bool {
        let row = self.access_of(member, environment).await;
        row.is_some_and(|row| acts(&row, action))
    }
}

/// Whether a member has this action there, and is active.
fn acts(row: &EnvironmentAccess, action: &str) -> bool {
    row.status == MemberStatus::Active && row.action_ids.iter().any(|one| one == action)
}
