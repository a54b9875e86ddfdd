//! An owner with a member in every state, and everybody who may try something.

use std::collections::BTreeMap;

use accord_client::types::{
    CreateApiToken, CreatePolicy, CreateRole, CreateWebhook, Environment, Group, Item, Member,
    PageQuery, Policy, Role, TokenScope, Uuid, WebhookEventType,
};
use accord_client::{Client, RawAnswer};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp};
use serde_json::Value;

use crate::operations::{Expectation, Operation};

/// The states in which the owner has a member; each is also a kind of caller.
pub(crate) const STATES: [&str; 6] = [
    "pending",
    "suspended",
    "left",
    "rejected",
    "removed",
    "active",
];

/// An active member with `collaboration.manage` on the environment, and all that the roles of the world
/// hold: a kind of caller of its own.
pub(crate) const DELEGATED: &str = "delegated";

/// Everybody but the owner: they outlive the worlds that their calls spoil.
pub(crate) struct People {
    pub(crate) others: BTreeMap<&'static str, Person>,
    made: std::sync::atomic::AtomicUsize,
}

/// The owner's account with all that is in it.
pub(crate) struct World {
    pub(crate) owner: Person,
    ended: Client,
    pub(crate) environment: Environment,
    pub(crate) group: Group,
    pub(crate) policy: Policy,
    pub(crate) role: Role,
    pub(crate) members: BTreeMap<&'static str, Member>,
    token: String,
    /// Out of a kind of mail that the owner got.
    way_out: String,
    session: String,
    /// A token of the owner that nobody calls with.
    api_token: String,
    /// A webhook of the owner, and what waits for it.
    webhook: Uuid,
    delivery: Uuid,
    /// What the owner was told last.
    notification: Uuid,
}

impl People {
    pub(crate) async fn gather(app: &TestApp) -> Self {
        let mut others = BTreeMap::new();
        for name in STATES
            .into_iter()
            .chain([DELEGATED, "stranger", "other_owner"])
        {
            others.insert(name, app.owner(name).await);
        }
        let other = &others["other_owner"];
        other.adds_environment("theirs").await;
        other.group_at("theirs").await;
        other.role_of("Theirs", &["files.read"]).await;
        other.invites("somebody@example.com", Vec::new()).await;
        Self {
            others,
            made: Default::default(),
        }
    }

    fn number(&self) -> usize {
        self.made.fetch_add(1, std::sync::atomic::Ordering::SeqCst)
    }

    /// A fresh owner, who has these people in every state.
    pub(crate) async fn world(&self, app: &TestApp) -> World {
        let owner = app.owner(&format!("owner{}", self.number())).await;
        let elsewhere = owner.signed_in_elsewhere().await;
        let ended = Client::new(owner.base());
        ended.set_access_token(elsewhere.access_token());
        elsewhere.sign_out().await.expect("signed out");

        let viewer = owner.role_named("Viewer").await;
        let group = owner.group_at("parent/child").await;
        let environment = owner.adds_environment_in("shop", &[&group]).await;
        let body = CreatePolicy {
            name: "Own".into(),
            description: "d".into(),
            action_ids: vec!["files.read".into()],
        };
        let policy = owner
            .create_policy(owner.id, &body)
            .await
            .expect("a policy")
            .into_inner();
        let body = CreateRole {
            name: "Own".into(),
            description: "d".into(),
            policy_ids: vec![policy.id],
            receive_load_alerts: false,
        };
        let role = owner
            .create_role(owner.id, &body)
            .await
            .expect("a role")
            .into_inner();

        let mut members = BTreeMap::new();
        for state in STATES {
            let person = &self.others[state];
            let shares = vec![
                share(Item::ENVIRONMENTS, &[&viewer]),
                share(Item::environment(environment.id), &[&viewer]),
            ];
            let member = owner.invites(&person.email, shares).await;
            match state {
                "pending" => {}
                "rejected" => person
                    .reject_collaboration(member.id)
                    .await
                    .expect("rejected"),
                _ => drop(person.accepts(&owner).await),
            }
            match state {
                "suspended" => drop(
                    owner
                        .suspend_member(owner.id, member.id)
                        .await
                        .expect("suspended"),
                ),
                "left" => person.leave_collaboration(member.id).await.expect("left"),
                "removed" => drop(
                    owner
                        .remove_member(owner.id, member.id, None)
                        .await
                        .expect("removed"),
                ),
                _ => {}
            }
            let member = owner.member_now(&member).await;
            assert_eq!(member.status.as_str(), state);
            members.insert(state, member);
        }
        let manager = owner.role_of("Manager", &["collaboration.manage"]).await;
        let delegated = &self.others[DELEGATED];
        let shares = vec![share(
            Item::environment(environment.id),
            &[&viewer, &role, &manager],
        )];
        let member = owner.invites(&delegated.email, shares).await;
        delegated.accepts(&owner).await;
        members.insert(DELEGATED, owner.member_now(&member).await);
        let token = app
            .invitation_token_for(&self.others["pending"].email)
            .await;
        let sessions = owner
            .sessions(&PageQuery::default())
            .await
            .expect("sessions")
            .items;
        let session = sessions
            .into_iter()
            .find(|session| session.current)
            .expect("the current one")
            .id
            .to_string();
        let owner_email = owner.email.clone();
        let body = CreateApiToken {
            name: "Deployment".into(),
            scopes: vec![TokenScope::Read],
            expires_at: None,
        };
        let made = owner.create_api_token(&body).await.expect("a token");
        let api_token = made.token.id.to_string();
        // Nobody listens there: what is sent waits.
        let body = CreateWebhook {
            url: "https://127.0.0.1:9/hooks".into(),
            event_types: vec![WebhookEventType::AccountDisabled],
            description: "Own".into(),
            enabled: None,
        };
        let made = owner.create_webhook(owner.id, &body).await;
        let webhook = made.expect("a webhook").webhook.id;
        let test = owner.test_webhook(owner.id, webhook).await;
        let delivery = test.expect("a test").id;
        let told = owner.notifications(&Default::default()).await;
        let notification = told.expect("notifications").items[0].id;
        World {
            owner,
            ended,
            environment,
            group,
            policy,
            role,
            members,
            token,
            way_out: app.token_for(&owner_email, "unsubscribe").await,
            session,
            api_token,
            webhook,
            delivery,
            notification,
        }
    }

    /// The client with which this kind of caller calls. It holds no cookie, so that nothing is refreshed.
    pub(crate) fn caller(&self, world: &World, kind: &str) -> Client {
        let client = Client::new(world.owner.base());
        client.set_access_token(match kind {
            "signed_out" => None,
            "ended_session" => world.ended.access_token(),
            "owner" => world.owner.access_token(),
            other => self
                .others
                .get(other)
                .unwrap_or_else(|| panic!("no caller {other:?}"))
                .access_token(),
        });
        client
    }

    /// The body of a row with its `$names` filled in.
    pub(crate) fn body(&self, world: &World, row: &Expectation) -> Option<Value> {
        row.body.as_ref().map(|body| self.filled(world, body))
    }

    /// That body, and the others.
    pub(crate) fn bodies(&self, world: &World, row: &Expectation) -> Vec<Value> {
        let bodies = row.body.iter().chain(&row.also);
        bodies.map(|body| self.filled(world, body)).collect()
    }

    fn filled(&self, world: &World, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => Value::String(self.named(world, name)),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.filled(world, item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, field)| (key.clone(), self.filled(world, field)))
                .collect(),
            _ => value.clone(),
        }
    }

    fn named(&self, world: &World, name: &str) -> String {
        match name {
            "role" => world.role.id.to_string(),
            "policy" => world.policy.id.to_string(),
            "group" => world.group.parent_id.expect("a parent").to_string(),
            "child_group" => world.group.id.to_string(),
            "environment" => world.environment.id.to_string(),
            "member" => world.members["active"].id.to_string(),
            "notification" => world.notification.to_string(),
            "stranger" => self.others["stranger"].id.to_string(),
            "password" => PASSWORD.to_owned(),
            "stranger_email" => self.others["stranger"].email.clone(),
            "new_email" => format!("new{}@example.com", self.number()),
            "new_name" => format!("new{}", self.number()),
            "unknown_token" => "A".repeat(43),
            other => panic!("the table names ${other}, which the world does not have"),
        }
    }
}

impl World {
    /// The address of an operation in this world.
    pub(crate) fn address(&self, operation: &Operation, row: &Expectation) -> String {
        let mut before = "";
        let mut segments = Vec::new();
        for segment in operation.path.split('/') {
            segments.push(if segment.starts_with('{') {
                self.id_after(before, row)
            } else {
                segment.to_owned()
            });
            before = segment;
        }
        let member = self.members["active"].id.to_string();
        let query = if row.query.is_empty() {
            String::new()
        } else {
            format!("?{}", row.query.replace("$member", &member))
        };
        segments.join("/") + &query
    }

    /// What stands in an address after the name of a collection.
    pub(crate) fn id_of(&self, collection: &str) -> String {
        self.id_after(collection, &Expectation::default())
    }

    /// The same for the operation of this row.
    pub(crate) fn id_after(&self, collection: &str, row: &Expectation) -> String {
        let member = || {
            let state = row.member.as_deref().unwrap_or("active");
            self.members
                .get(state)
                .unwrap_or_else(|| panic!("no member {state:?}"))
                .id
                .to_string()
        };
        match collection {
            "accounts" => self.owner.id.to_string(),
            "members" | "collaborations" | "access" => member(),
            "environments" => self.environment.id.to_string(),
            "groups" => self.group.id.to_string(),
            "policies" => self.policy.id.to_string(),
            "roles" => self.role.id.to_string(),
            "sessions" => self.session.clone(),
            "tokens" => self.api_token.clone(),
            "webhooks" => self.webhook.to_string(),
            "deliveries" => self.delivery.to_string(),
            "invitations" => self.token.clone(),
            "unsubscribe" => self.way_out.clone(),
            other => panic!("the world has nothing for an id after {other:?}"),
        }
    }

    /// Where the owner reads what belongs to one thing of this world.
    pub(crate) fn lists_of_its_things(&self) -> Vec<String> {
        let account = format!("/api/v1/accounts/{}", self.owner.id);
        let mut lists = vec![
            format!(
                "{account}/environments/{}/access?limit=200",
                self.environment.id
            ),
            format!("{account}/webhooks/{}/deliveries?limit=200", self.webhook),
        ];
        for member in self.members.values() {
            lists.push(format!(
                "{account}/members/{}/timeline?limit=200",
                member.id
            ));
        }
        lists
    }
}

/// Calls an operation, with a JSON body if there is one.
pub(crate) async fn call(
    client: &Client,
    operation: &Operation,
    address: &str,
    body: Option<&Value>,
) -> RawAnswer {
    let (headers, bytes): (&[(&str, &str)], String) = match body {
        Some(body) => (&[("content-type", "application/json")], body.to_string()),
        None => (&[], String::new()),
    };
    client
        .raw(&operation.method, address, headers, bytes)
        .await
        .expect("an answer")
}
