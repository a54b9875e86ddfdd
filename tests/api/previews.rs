//! What a change would do, asked before it is saved: it is what comes of it when it is, it is refused as it
//! would be then, and it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{
    AccessLevel, DeleteQuery, DirectRoles, Environment, ErrorCode, GroupEnvironments, Item, Member,
    MemberStatus, Preview, PreviewAccess, PreviewChange, PreviewKind, Role, Shares,
    UpdateEnvironment, UpdateGroup, UpdatePolicy, UpdateRole, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;
use serde_json::{Value, json};

use crate::explanations::a_company;
use crate::support::{invalid, refusal};

/// What each member has on each environment: whether it is seen, and the actions.
type Everything = BTreeMap<(Uuid, Uuid), (bool, BTreeSet<String>)>;

/// Gained and lost, by member and environment.
type Diff = BTreeMap<(Uuid, Uuid), (Vec<String>, Vec<String>)>;

async fn everything(ada: &Person, members: &[Member]) -> Everything {
    let mut all = Everything::new();
    for member in members {
        let listed = ada
            .member_access(ada.id, member.id, &Default::default())
            .await
            .expect("access")
            .items;
        for access in listed {
            let sees = access.access_level != AccessLevel::None;
            let actions = access.action_ids.into_iter().collect();
            all.insert((member.id, access.environment_id), (sees, actions));
        }
    }
    all
}

fn diff(before: &Everything, after: &Everything) -> Diff {
    let nothing = (false, BTreeSet::new());
    let pairs: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    pairs
        .into_iter()
        .filter_map(|pair| {
            let had = before.get(&pair).unwrap_or(&nothing);
            let has = after.get(&pair).unwrap_or(&nothing);
            let beyond = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
                one.difference(other).cloned().collect::<Vec<_>>()
            };
            (had != has).then(|| (pair, (beyond(&has.1, &had.1), beyond(&had.1, &has.1))))
        })
        .collect()
}

fn told(preview: &Preview) -> Diff {
    preview
        .items
        .iter()
        .map(|item| {
            let pair = (item.member_id, item.environment_id);
            (pair, (item.gained.clone(), item.lost.clone()))
        })
        .collect()
}

fn change(kind: PreviewKind, id: Uuid, to: Value) -> PreviewAccess {
    PreviewAccess {
        change: PreviewChange {
            kind,
            id,
            member_id: None,
            to: (!to.is_null()).then_some(to),
        },
    }
}

fn of_one_member(kind: PreviewKind, id: Uuid, member: &Member, to: Value) -> PreviewAccess {
    let mut body = change(kind, id, to);
    body.change.member_id = Some(member.id);
    body
}

/// An owner's account, and what is in it.
struct Company {
    ada: Person,
    members: Vec<Member>,
    environments: BTreeMap<String, Environment>,
    roles: BTreeMap<String, Role>,
}

impl Company {
    async fn found(app: &TestApp) -> Self {
        let ada = app.owner("ada").await;
        let members = a_company(app, &ada).await;
        let mut roles = BTreeMap::new();
        for name in ["Reader", "Pilot", "Manager"] {
            roles.insert(name.to_owned(), ada.role_named(name).await);
        }
        let environments = ada
            .environments(ada.id, &Default::default())
            .await
            .expect("environments")
            .items
            .into_iter()
            .map(|environment| (environment.name.clone(), environment))
            .collect();
        Self {
            ada,
            members,
            environments,
            roles,
        }
    }

    fn member(&self, name: &str) -> &Member {
        let email = format!("{name}@example.com");
        self.members
            .iter()
            .find(|member| member.email == email)
            .expect("a member")
    }

    /// Everything that the owner can read: to see that nothing is changed.
    async fn stored(&self) -> Vec<(String, Value)> {
        let account = format!("/api/v1/accounts/{}", self.ada.id);
        let mut all = Vec::new();
        for list in [
            "members",
            "roles",
            "policies",
            "groups",
            "environments",
            "tasks",
        ] {
            let address = format!("{account}/{list}?limit=200");
            let answer = self
                .ada
                .raw("GET", &address, &[], "")
                .await
                .expect("an answer");
            all.push((list.to_owned(), answer.json().expect("JSON")));
        }
        all
    }

    async fn revision(&self) -> i64 {
        let check = accord_client::types::Check {
            subject: accord_client::types::CheckSubject::account(self.ada.id),
            environment_id: self.environments["lab"].id,
            action_ids: vec!["files.read".into()],
            mode: accord_client::types::CheckMode::All,
        };
        let body = accord_client::types::CheckAccess {
            checks: vec![check],
            at_least_revision: None,
        };
        self.ada
            .check_access(&body)
            .await
            .expect("answered")
            .revision
    }

    /// Previews, looks that nothing changed, makes the change, and compares.
    async fn comes_true(
        &self,
        app: &TestApp,
        what: &str,
        body: PreviewAccess,
        make: impl AsyncFn(),
    ) -> Preview {
        let before = everything(&self.ada, &self.members).await;
        let stored = self.stored().await;
        let revision = self.revision().await;
        let mails = app.mail_to("grace@example.com").await.len();
        let preview = self
            .ada
            .preview(self.ada.id, &body, None)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(self.stored().await, stored, "{what}: nothing is changed");
        assert_eq!(self.revision().await, revision, "{what}: nor counted");
        assert_eq!(
            app.mail_to("grace@example.com").await.len(),
            mails,
            "{what}: nobody is told"
        );
        make().await;
        let after = everything(&self.ada, &self.members).await;
        let wanted = diff(&before, &after);
        assert_eq!(told(&preview), wanted, "{what}");
        assert_eq!(preview.totals.pairs, wanted.len() as u64, "{what}");
        let members: BTreeSet<_> = wanted.keys().map(|(member, _)| member).collect();
        let environments: BTreeSet<_> = wanted.keys().map(|(_, environment)| environment).collect();
        assert_eq!(
            (preview.totals.members, preview.totals.environments),
            (members.len() as u64, environments.len() as u64),
            "{what}"
        );
        assert!(preview.totals.complete && preview.next_cursor.is_none());
        preview
    }
}

async fn a_preview_is_what_comes_of_it(app: TestApp) {
    let company = Company::found(&app).await;
    let Company {
        ada,
        environments,
        roles,
        ..
    } = &company;
    let detach = DeleteQuery { detach: Some(true) };

    let policy = ada.policy_named("Reader").await;
    let body = UpdatePolicy {
        action_ids: Some(vec!["files.read".into(), "logs.read".into()]),
        ..Default::default()
    };
    let to = serde_json::to_value(&body).expect("JSON");
    let preview = company
        .comes_true(
            &app,
            "a policy",
            change(PreviewKind::Policy, policy.id, to),
            async || {
                ada.update_policy(ada.id, policy.id, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    assert!(!preview.items.is_empty());
    assert!(
        preview
            .items
            .iter()
            .all(|item| item.gained == ["logs.read"] && item.lost.is_empty())
    );
    assert!(
        preview
            .items
            .iter()
            .all(|item| !item.environment_name.is_empty() && item.member_name.contains('@'))
    );

    let pilot = &roles["Pilot"];
    let body = UpdateRole {
        policy_ids: Some(vec![policy.id]),
        ..Default::default()
    };
    let to = serde_json::to_value(&body).expect("JSON");
    company
        .comes_true(
            &app,
            "a role",
            change(PreviewKind::Role, pilot.id, to),
            async || {
                ada.update_role(ada.id, pilot.id, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;

    let live = ada.group_at("web/live").await;
    let body = UpdateGroup {
        parent_id: Some(None),
        ..Default::default()
    };
    let preview = company
        .comes_true(
            &app,
            "a group moves",
            change(PreviewKind::Group, live.id, json!({ "parent_id": null })),
            async || {
                ada.update_group(ada.id, live.id, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    assert!(!preview.items.is_empty());
    let web = ada.group_at("web").await;
    let body = UpdateGroup {
        parent_id: Some(Some(web.id)),
        ..Default::default()
    };
    company
        .comes_true(
            &app,
            "and back",
            change(PreviewKind::Group, live.id, json!({ "parent_id": web.id })),
            async || {
                ada.update_group(ada.id, live.id, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;

    let held = GroupEnvironments {
        environment_ids: vec![environments["lab"].id, environments["shop"].id],
    };
    let to = serde_json::to_value(&held).expect("JSON");
    company
        .comes_true(
            &app,
            "a group's environments",
            change(PreviewKind::GroupEnvironments, web.id, to),
            async || {
                ada.set_group_environments(ada.id, web.id, &held, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    let lab = environments["lab"].id;
    let data = ada.group_at("data").await;
    let body = UpdateEnvironment {
        group_ids: Some(vec![data.id]),
        ..Default::default()
    };
    company
        .comes_true(
            &app,
            "an environment's groups",
            change(
                PreviewKind::Environment,
                lab,
                json!({ "group_ids": [data.id] }),
            ),
            async || {
                ada.update_environment(ada.id, lab, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;

    let grace = company.member("grace");
    let direct = DirectRoles {
        role_ids: vec![roles["Manager"].id],
        // Too far away for anybody to be told of it yet.
        expires_at: Some(app.clock.now() + Duration::days(30)),
    };
    let to = serde_json::to_value(&direct).expect("JSON");
    company
        .comes_true(
            &app,
            "direct roles",
            of_one_member(PreviewKind::DirectRoles, lab, grace, to),
            async || {
                ada.set_direct_roles(ada.id, lab, grace.id, &direct, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    company
        .comes_true(
            &app,
            "no direct roles",
            of_one_member(PreviewKind::DirectRolesRemoval, lab, grace, Value::Null),
            async || {
                ada.remove_direct_roles(ada.id, lab, grace.id, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    let alan = company.member("alan");
    let body = Shares {
        shares: vec![
            share(Item::GROUPS, &[&roles["Manager"]]),
            share(Item::environment(lab), &[&roles["Reader"]]),
        ],
    };
    let to = serde_json::to_value(&body).expect("JSON");
    company
        .comes_true(
            &app,
            "shares",
            change(PreviewKind::Shares, alan.id, to),
            async || {
                ada.set_member_shares(ada.id, alan.id, &body, None)
                    .await
                    .expect("made");
            },
        )
        .await;

    let verb = |verb: &str| json!({ "verb": verb });
    company
        .comes_true(
            &app,
            "suspended",
            change(PreviewKind::MemberState, alan.id, verb("suspend")),
            async || drop(ada.suspend_member(ada.id, alan.id).await.expect("made")),
        )
        .await;
    company
        .comes_true(
            &app,
            "activated",
            change(PreviewKind::MemberState, alan.id, verb("activate")),
            async || drop(ada.activate_member(ada.id, alan.id).await.expect("made")),
        )
        .await;
    company
        .comes_true(
            &app,
            "an environment goes",
            change(PreviewKind::EnvironmentDeletion, lab, Value::Null),
            async || {
                ada.delete_environment(ada.id, lab, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    company
        .comes_true(
            &app,
            "a group goes",
            change(PreviewKind::GroupDeletion, web.id, Value::Null),
            async || ada.delete_group(ada.id, web.id, None).await.expect("made"),
        )
        .await;
    let reader = roles["Reader"].id;
    company
        .comes_true(
            &app,
            "a policy goes",
            change(
                PreviewKind::PolicyDeletion,
                policy.id,
                json!({ "detach": true }),
            ),
            async || {
                ada.delete_policy(ada.id, policy.id, &detach, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    company
        .comes_true(
            &app,
            "a role goes",
            change(PreviewKind::RoleDeletion, reader, json!({ "detach": true })),
            async || {
                ada.delete_role(ada.id, reader, &detach, None)
                    .await
                    .expect("made");
            },
        )
        .await;
    company
        .comes_true(
            &app,
            "removed",
            change(PreviewKind::MemberState, alan.id, verb("remove")),
            async || {
                drop(
                    ada.remove_member(ada.id, alan.id, None)
                        .await
                        .expect("made"),
                );
            },
        )
        .await;
}

async fn a_preview_is_refused_as_the_write_would_be(app: TestApp) {
    let company = Company::found(&app).await;
    let Company { ada, roles, .. } = &company;
    let stored = company.stored().await;
    let ask = async |body: PreviewAccess| ada.preview(ada.id, &body, None).await;
    let reader = roles["Reader"].id;
    let barbara = company.member("barbara");
    assert_eq!(barbara.status, MemberStatus::Suspended);
    let suspend = change(
        PreviewKind::MemberState,
        barbara.id,
        json!({ "verb": "suspend" }),
    );
    assert_eq!(refusal(ask(suspend).await), ErrorCode::IllegalTransition);
    let in_use = change(PreviewKind::RoleDeletion, reader, Value::Null);
    assert_eq!(refusal(ask(in_use).await), ErrorCode::InUse);
    let taken = change(PreviewKind::Role, reader, json!({ "name": "Pilot" }));
    assert_eq!(refusal(ask(taken).await), ErrorCode::NameTaken);
    let live = ada.group_at("web/live").await;
    let web = ada.group_at("web").await;
    let ring = change(PreviewKind::Group, web.id, json!({ "parent_id": live.id }));
    assert_eq!(refusal(ask(ring).await), ErrorCode::GroupCycle);
    let viewing = ada
        .policies(ada.id, &Default::default())
        .await
        .expect("policies")
        .items
        .into_iter()
        .find(|policy| policy.kind == accord_client::types::PolicyKind::System)
        .expect("one of the system's");
    let system = change(PreviewKind::Policy, viewing.id, json!({ "name": "Mine" }));
    assert_eq!(refusal(ask(system).await), ErrorCode::SystemPolicy);
    let stale = change(PreviewKind::Role, reader, json!({ "name": "Other" }));
    let outcome = ada.preview(ada.id, &stale, Some("\"99\"")).await;
    assert_eq!(refusal(outcome), ErrorCode::PreconditionFailed);

    for (body, pointer) in [
        (
            change(PreviewKind::Role, Uuid::from_u128(7), json!({})),
            "/change/id",
        ),
        (
            change(PreviewKind::Role, reader, json!({ "policy_ids": [] })),
            "/change/to/policy_ids",
        ),
        (
            change(PreviewKind::Role, reader, json!({ "policy_ids": [reader] })),
            "/change/to/policy_ids/0",
        ),
        (
            change(PreviewKind::Role, reader, json!({ "surprise": 1 })),
            "/change/to/surprise",
        ),
        (
            change(PreviewKind::Role, reader, json!({ "name": "a\nb" })),
            "/change/to/name",
        ),
        (change(PreviewKind::Role, reader, json!(5)), "/change/to"),
        (
            change(PreviewKind::Shares, barbara.id, Value::Null),
            "/change/to/shares",
        ),
        (
            change(
                PreviewKind::Shares,
                barbara.id,
                json!({ "shares": [{ "item": { "kind": "groups" }, "role_ids": [] }] }),
            ),
            "/change/to/shares/0/role_ids",
        ),
        (
            change(
                PreviewKind::MemberState,
                barbara.id,
                json!({ "verb": "resend" }),
            ),
            "/change/to/verb",
        ),
        (
            change(
                PreviewKind::GroupDeletion,
                web.id,
                json!({ "detach": true }),
            ),
            "/change/to",
        ),
        (
            change(PreviewKind::DirectRolesRemoval, web.id, Value::Null),
            "/change/member_id",
        ),
        (
            of_one_member(PreviewKind::GroupDeletion, web.id, barbara, Value::Null),
            "/change/member_id",
        ),
    ] {
        let what = format!("{body:?}");
        assert_eq!(invalid(ask(body).await), pointer, "{what}");
    }
    let grace = company.member("grace");
    let body = change(
        PreviewKind::MemberState,
        grace.id,
        json!({ "verb": "suspend" }),
    );
    let person = Person {
        client: app.visitor(),
        email: grace.email.clone(),
        ..ada.clone()
    };
    app.signs_in(&person).await;
    let by_member = person.preview(ada.id, &body, None).await;
    assert_eq!(refusal(by_member), ErrorCode::Forbidden);
    let stranger = app.owner("stranger").await;
    let by_stranger = stranger.preview(ada.id, &body, None).await;
    assert_eq!(refusal(by_stranger), ErrorCode::NotFound);
    assert_eq!(company.stored().await, stored, "nothing is changed");
}

async fn many_differences_are_counted_and_some_listed(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let mut environments = Vec::new();
    for n in 0..75 {
        environments.push(ada.adds_environment(&format!("e{n:03}")).await.id);
    }
    let mut last = None;
    for name in ["grace", "alan", "edsger"] {
        let person = app.owner(name).await;
        last = Some(
            ada.invites(&person.email, vec![share(Item::GROUPS, &[&viewer])])
                .await,
        );
        person.accepts(&ada).await;
    }
    let group = ada.group_at("all").await;
    let to = json!({ "environment_ids": environments });
    let body = change(PreviewKind::GroupEnvironments, group.id, to);
    let preview = ada.preview(ada.id, &body, None).await.expect("answered");
    assert_eq!(preview.items.len(), 200);
    assert_eq!(
        (
            preview.totals.members,
            preview.totals.environments,
            preview.totals.pairs
        ),
        (3, 75, 225)
    );
    let suspend = change(
        PreviewKind::MemberState,
        last.expect("one").id,
        json!({ "verb": "suspend" }),
    );
    let preview = ada.preview(ada.id, &suspend, None).await.expect("answered");
    assert_eq!(preview.totals.pairs, 0, "nothing is in a group yet");
}

on_both_databases! {
    a_preview_is_what_comes_of_it,
    a_preview_is_refused_as_the_write_would_be,
    many_differences_are_counted_and_some_listed,
}
