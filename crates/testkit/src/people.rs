//! People in tests: what they do goes over the public API, and reads as a story.

use accord_client::types::{
    AcceptInvitation, Collaboration, CreateEnvironment, CreateGroup, CreatePolicy, CreateRole,
    DirectRoles, Environment, EnvironmentAccess, Group, GroupsQuery, Invite, Item, Member,
    MemberStatus, NewShare, PageQuery, PoliciesQuery, Policy, Role, RolesQuery, SignIn, Uuid,
};
use accord_client::{Client, Result};

/// A password that every rule accepts.
pub const PASSWORD: &str = "correct-horse-battery-staple-9";

/// Somebody with an account, signed in. What the client can do, they can do.
#[derive(Clone, Debug)]
pub struct Person {
    pub client: Client,
    /// The account's.
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub password: String,
}

impl std::ops::Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Roles on an item, without an end.
#[must_use]
pub fn share(item: Item, roles: &[&Role]) -> NewShare {
    NewShare {
        item,
        role_ids: roles.iter().map(|role| role.id).collect(),
        expires_at: None,
    }
}

impl Person {
    /// The same person in another browser: a session of its own.
    pub async fn signed_in_elsewhere(&self) -> Self {
        let client = Client::new(self.client.base());
        let body = SignIn {
            email: self.email.clone(),
            password: self.password.clone(),
        };
        client.sign_in(&body).await.expect("signed in");
        Self {
            client,
            ..self.clone()
        }
    }

    /// The same person, signed in at another instance of the program.
    pub async fn signed_in_at(&self, app: &crate::TestApp) -> Self {
        let there = Self {
            client: app.visitor(),
            ..self.clone()
        };
        app.signs_in(&there).await;
        there
    }

    /// Adds an environment to their account.
    pub async fn adds_environment(&self, name: &str) -> Environment {
        self.adds_environment_in(name, &[]).await
    }

    /// Adds an environment to their account, in these groups.
    pub async fn adds_environment_in(&self, name: &str, groups: &[&Group]) -> Environment {
        let group_ids = groups.iter().map(|group| group.id).collect();
        let body = CreateEnvironment {
            name: name.into(),
            group_ids,
            ..Default::default()
        };
        self.client
            .create_environment(self.id, &body)
            .await
            .expect("an environment")
            .into_inner()
    }

    /// The group with this path. Where there is none it is added, with all that is missing on the way.
    pub async fn group_at(&self, path: &str) -> Group {
        let query = GroupsQuery {
            limit: Some(200),
            ..Default::default()
        };
        let groups = self
            .client
            .groups(self.id, &query)
            .await
            .expect("groups")
            .items;
        if let Some(there) = groups.into_iter().find(|group| group.path == path) {
            return there;
        }
        let body = CreateGroup {
            path: Some(path.into()),
            ..Default::default()
        };
        self.client
            .create_group(self.id, &body)
            .await
            .expect("a group")
            .into_inner()
    }

    /// The policy of their account with this name.
    pub async fn policy_named(&self, name: &str) -> Policy {
        let query = PoliciesQuery {
            q: Some(name.into()),
            limit: Some(200),
            ..Default::default()
        };
        let page = self
            .client
            .policies(self.id, &query)
            .await
            .expect("policies");
        page.items
            .into_iter()
            .find(|policy| policy.name == name)
            .unwrap_or_else(|| panic!("no policy {name:?}"))
    }

    /// The role of their account with this name.
    pub async fn role_named(&self, name: &str) -> Role {
        let query = RolesQuery {
            q: Some(name.into()),
            limit: Some(200),
            ..Default::default()
        };
        let page = self.client.roles(self.id, &query).await.expect("roles");
        page.items
            .into_iter()
            .find(|role| role.name == name)
            .unwrap_or_else(|| panic!("no role {name:?}"))
    }

    /// Adds a policy of exactly these actions.
    pub async fn policy_of(&self, name: &str, actions: &[&str]) -> Policy {
        let body = CreatePolicy {
            name: name.into(),
            description: String::new(),
            action_ids: actions.iter().map(|action| (*action).to_owned()).collect(),
        };
        self.client
            .create_policy(self.id, &body)
            .await
            .expect("a policy")
            .into_inner()
    }

    /// Adds a role of exactly these actions, through a policy of the same name.
    pub async fn role_of(&self, name: &str, actions: &[&str]) -> Role {
        let policy = self.policy_of(name, actions).await;
        let body = CreateRole {
            name: name.into(),
            description: String::new(),
            policy_ids: vec![policy.id],
            receive_load_alerts: false,
        };
        self.client
            .create_role(self.id, &body)
            .await
            .expect("a role")
            .into_inner()
    }

    /// Invites an address to what is shared.
    pub async fn invites(&self, email: &str, shares: Vec<NewShare>) -> Member {
        let body = Invite {
            email: email.into(),
            display_name: None,
            shares,
        };
        self.client
            .invite(self.id, &body)
            .await
            .expect("invited")
            .into_inner()
    }

    /// One of their members, as it is now.
    pub async fn member_now(&self, member: &Member) -> Member {
        self.client
            .member(self.id, member.id)
            .await
            .expect("a member")
            .into_inner()
    }

    /// Where one of their members stands now.
    pub async fn status_of(&self, member: &Member) -> MemberStatus {
        self.member_now(member).await.status
    }

    /// Shares one of their environments with a member directly.
    pub async fn shares_directly(
        &self,
        environment: &Environment,
        member: &Member,
        roles: &[&Role],
    ) -> EnvironmentAccess {
        let body = DirectRoles {
            role_ids: roles.iter().map(|role| role.id).collect(),
            expires_at: None,
        };
        self.client
            .set_direct_roles(self.id, environment.id, member.id, &body, None)
            .await
            .expect("shared directly")
            .into_inner()
    }

    /// What Shared with Me lists.
    pub async fn shared_with_me(&self) -> Vec<Collaboration> {
        self.client
            .collaborations(&PageQuery::default())
            .await
            .expect("collaborations")
            .items
    }

    /// Their collaboration with this owner, if they see one.
    pub async fn collaboration_with(&self, owner: &Self) -> Option<Collaboration> {
        self.shared_with_me()
            .await
            .into_iter()
            .find(|collaboration| collaboration.owner.id == owner.id)
    }

    /// Accepts this owner's invitation under Shared with Me.
    pub async fn accepts(&self, owner: &Self) -> Collaboration {
        let invited = self.collaboration_with(owner).await.expect("an invitation");
        self.client
            .accept_collaboration(invited.id)
            .await
            .expect("accepted")
    }

    /// Accepts by a link, signed in.
    pub async fn accepts_link(&self, token: &str) -> Result<Collaboration> {
        let accepted = self
            .client
            .accept_invitation(token, &AcceptInvitation::default())
            .await?;
        Ok(accepted.collaboration)
    }

    /// The actions that they have on an environment that they see.
    pub async fn actions_on(&self, environment: &Environment) -> Vec<String> {
        let seen = self
            .client
            .environment(environment.owner.id, environment.id)
            .await
            .expect("seen");
        seen.into_inner()
            .action_ids
            .expect("an answer about one environment names the actions")
    }

    /// The environments that they see, by name.
    pub async fn sees(&self) -> Vec<Environment> {
        let mut seen = self
            .client
            .visible_environments(&Default::default())
            .await
            .expect("environments")
            .items;
        seen.sort_by(|one, other| one.name.cmp(&other.name));
        seen
    }
}
