//! The record of tasks: every change is in it, each reader sees their part, and it can be taken away.

use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{
    Environment, ErrorCode, ExportFormat, ExportTasksQuery, Item, Member, Task, TasksQuery,
    UpdateEnvironment, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::TimeDelta;

use crate::authorization::spoils;
use crate::operations::{Expectations, Operation, operations_of};
use crate::support::{invalid, refusal};
use crate::world::{People, World, call};

/// Everything that the reader sees of that record, page by page.
async fn record(reader: &Person, account: Uuid, query: &TasksQuery) -> Vec<Task> {
    let mut query = TasksQuery {
        limit: query.limit.or(Some(200)),
        ..query.clone()
    };
    let mut all = Vec::new();
    loop {
        let page = reader.tasks(account, &query).await.expect("a page");
        all.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return all,
        }
    }
}

fn actions(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.action.as_str()).collect()
}

/// Olga has two environments; Bob sees one of them, and Carol is somebody else's business.
struct Scene {
    olga: Person,
    bob: Person,
    member: Member,
    shop: Environment,
    hidden: Environment,
}

async fn scene(app: &TestApp) -> Scene {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let hidden = olga.adds_environment("hidden").await;
    let of_shop = || vec![share(Item::environment(shop.id), &[&viewer])];
    let member = olga.invites(&bob.email, of_shop()).await;
    bob.accepts(&olga).await;
    let carol = olga.invites("carol@example.com", of_shop()).await;
    olga.shares_directly(&shop, &carol, &[&viewer]).await;
    for environment in [&shop, &hidden] {
        let body = UpdateEnvironment {
            display_name: Some(Some("Shown".into())),
            ..Default::default()
        };
        olga.update_environment(olga.id, environment.id, &body, None)
            .await
            .expect("changed");
    }
    Scene {
        olga,
        bob,
        member,
        shop,
        hidden,
    }
}

async fn the_owner_reads_all_of_it(app: TestApp) {
    let Scene {
        olga,
        bob,
        member,
        shop,
        ..
    } = scene(&app).await;
    let all = record(&olga, olga.id, &TasksQuery::default()).await;
    assert_eq!(
        actions(&all),
        [
            "environment.update",
            "environment.update",
            "environment.share",
            "member.invite",
            "member.accept",
            "member.invite",
            "environment.create",
            "environment.create",
            "account.verify_email",
        ]
    );
    assert!(
        all.iter().all(|task| task.request_id.is_some()
            && task.network_address.as_deref() == Some("127.0.0.1"))
    );
    let in_pieces = TasksQuery {
        limit: Some(3),
        ..Default::default()
    };
    assert_eq!(record(&olga, olga.id, &in_pieces).await, all);

    let accepted = &all[4];
    assert_eq!(accepted.member_id, Some(member.id));
    let item = accepted.item.as_ref().expect("to whom");
    assert_eq!((item.kind.as_str(), item.id), ("member", member.id));
    assert_eq!(
        accepted.before.as_ref().expect("before")["status"],
        "pending"
    );
    assert_eq!(accepted.after.as_ref().expect("after")["status"], "active");

    let narrowed = [
        (
            TasksQuery {
                actor_id: Some(bob.id),
                ..Default::default()
            },
            vec!["member.accept"],
        ),
        (
            TasksQuery {
                environment_id: Some(shop.id),
                ..Default::default()
            },
            vec![
                "environment.update",
                "environment.share",
                "environment.create",
            ],
        ),
        (
            TasksQuery {
                member_id: Some(member.id),
                ..Default::default()
            },
            vec!["member.accept", "member.invite"],
        ),
        (
            TasksQuery {
                action: Some("member".into()),
                from: Some(all[4].at),
                to: Some(all[3].at + TimeDelta::microseconds(1)),
                ..Default::default()
            },
            vec!["member.invite", "member.accept"],
        ),
    ];
    for (query, expected) in narrowed {
        let found = record(&olga, olga.id, &query).await;
        assert_eq!(actions(&found), expected, "{query:?}");
    }
}

async fn a_member_reads_their_part_of_it(app: TestApp) {
    let Scene {
        olga,
        bob,
        member,
        shop,
        hidden,
    } = scene(&app).await;
    let seen = record(&bob, olga.id, &TasksQuery::default()).await;
    assert_eq!(
        actions(&seen),
        [
            "environment.update",
            "member.accept",
            "member.invite",
            "environment.create",
        ]
    );
    for task in &seen {
        assert_eq!((&task.request_id, &task.network_address), (&None, &None));
        let own = task.member_id == Some(member.id);
        let of_shop = task.environment_id == Some(shop.id) && task.member_id.is_none();
        assert!(own || of_shop, "{task:?}");
        let text = serde_json::to_string(task).expect("JSON");
        for secret in ["carol", "hidden", &hidden.id.to_string(), "group_ids"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    // Asking for what is not shown shows nothing.
    for query in [
        TasksQuery {
            environment_id: Some(hidden.id),
            ..Default::default()
        },
        TasksQuery {
            action: Some("environment.share".into()),
            ..Default::default()
        },
    ] {
        assert_eq!(record(&bob, olga.id, &query).await, [], "{query:?}");
    }
    // His own account's record is his.
    let own = record(&bob, bob.id, &TasksQuery::default()).await;
    assert_eq!(actions(&own), ["account.verify_email"]);
    assert!(own.iter().all(|task| task.network_address.is_some()));

    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    let refused = bob.tasks(olga.id, &TasksQuery::default()).await;
    assert_eq!(refusal(refused), ErrorCode::NotFound);
    let refused = bob
        .export_tasks(olga.id, &ExportTasksQuery::default())
        .await;
    assert_eq!(refusal(refused), ErrorCode::NotFound);
}

async fn a_filter_that_is_none_is_refused(app: TestApp) {
    let olga = app.owner("olga").await;
    let now = app.clock.now();
    for action in ["", "Member", "member.", "a b", "member%"] {
        let query = TasksQuery {
            action: Some(action.into()),
            ..Default::default()
        };
        assert_eq!(invalid(olga.tasks(olga.id, &query).await), "?action");
    }
    let query = TasksQuery {
        from: Some(now),
        to: Some(now - TimeDelta::seconds(1)),
        ..Default::default()
    };
    assert_eq!(invalid(olga.tasks(olga.id, &query).await), "?to");
    let base = format!("/api/v1/accounts/{}/tasks", olga.id);
    for query in [
        "?from=yesterday",
        "?actor_id=7",
        "?surprise=1",
        "/export?format=pdf",
        "/export?limit=5",
    ] {
        let answer = olga.raw("GET", &format!("{base}{query}"), &[], "").await;
        let answer = answer.expect("an answer");
        let problem = crate::support::well_formed_refusal(query, &answer);
        assert_eq!(problem.code, ErrorCode::ValidationFailed, "{query}");
    }
}

async fn what_is_exported_is_what_is_listed(app: TestApp) {
    let Scene {
        olga, bob, shop, ..
    } = scene(&app).await;
    let body = UpdateEnvironment {
        display_name: Some(Some("=HYPERLINK(\"http://evil.test\",\"x\")".into())),
        ..Default::default()
    };
    olga.update_environment(olga.id, shop.id, &body, None)
        .await
        .expect("changed");
    // More than one piece of a file.
    for number in 0..510 {
        let body = UpdateEnvironment {
            display_name: Some(Some(format!("+{number}"))),
            ..Default::default()
        };
        olga.update_environment(olga.id, shop.id, &body, None)
            .await
            .expect("changed");
    }
    for reader in [&olga, &bob] {
        let listed = record(reader, olga.id, &TasksQuery::default()).await;
        let lines = ExportTasksQuery {
            format: Some(ExportFormat::Ndjson),
            ..Default::default()
        };
        let text = reader.export_tasks(olga.id, &lines).await.expect("a file");
        let text = String::from_utf8(text).expect("UTF-8");
        let exported: Vec<Task> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("an entry"))
            .collect();
        assert_eq!(exported, listed, "{}", reader.name);

        let sheet = ExportTasksQuery {
            action: Some("environment".into()),
            ..Default::default()
        };
        let text = reader.export_tasks(olga.id, &sheet).await.expect("a file");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(text.starts_with("\u{feff}at,action,actor,"), "{text}");
        let of_environments = listed
            .iter()
            .filter(|task| task.action.starts_with("environment."))
            .count();
        assert_eq!(text.matches("\r\n").count(), 1 + of_environments);
    }
    let path = format!("/api/v1/accounts/{}/tasks/export", olga.id);
    let answer = olga.raw("GET", &path, &[], "").await.expect("an answer");
    let disposition = answer.header("content-disposition").unwrap_or_default();
    assert!(
        disposition.starts_with("attachment; filename=\"accord-tasks-")
            && disposition.ends_with(".csv\""),
        "{disposition}"
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
}

/// Operations that leave no entry, and why.
const NOT_RECORDED: &[(&str, &str)] = &[
    (
        "POST /api/v1/auth/sign-up",
        "an account begins; it has no record yet",
    ),
    (
        "POST /api/v1/auth/sign-in",
        "sessions are listed by themselves",
    ),
    (
        "POST /api/v1/auth/refresh",
        "sessions are listed by themselves",
    ),
    (
        "POST /api/v1/auth/sign-out",
        "sessions are listed by themselves",
    ),
    (
        "DELETE /api/v1/account/sessions",
        "sessions are listed by themselves",
    ),
    (
        "DELETE /api/v1/account/sessions/{id}",
        "sessions are listed by themselves",
    ),
    (
        "POST /api/v1/auth/password/forgot",
        "nothing changes until the link is followed",
    ),
    (
        "POST /api/v1/auth/email/resend",
        "nothing changes until the link is followed",
    ),
    (
        "PATCH /api/v1/collaborations/{id}",
        "a label is the member's own, seen by nobody else",
    ),
    (
        "PATCH /api/v1/account/notification-preferences",
        "how somebody hears of things is their own, seen by nobody else",
    ),
    (
        "POST /api/v1/unsubscribe/{token}",
        "how somebody hears of things is their own, seen by nobody else",
    ),
    (
        "POST /api/v1/notifications/read",
        "what somebody has read is their own, seen by nobody else",
    ),
    (
        "POST /api/v1/accounts/{account_id}/environments/{id}/load-alerts",
        "it tells people of something, and changes nothing",
    ),
    (
        "POST /api/v1/invitations/{token}/opened",
        "looking is no change",
    ),
    (
        "POST /api/v1/account/email",
        "nothing changes until the link is followed",
    ),
    (
        "DELETE /api/v1/account/email",
        "what was only asked for is taken back",
    ),
    (
        "POST /api/v1/accounts/{account_id}/draft-access",
        "nothing is saved",
    ),
    (
        "POST /api/v1/accounts/{account_id}/preview",
        "asks, and keeps nothing",
    ),
    ("POST /api/v1/checks", "asks, and keeps nothing"),
    (
        "POST /api/v1/accounts/{account_id}/webhooks/{id}/test",
        "sends, and changes nothing; the webhook's own log has it",
    ),
    (
        "POST /api/v1/accounts/{account_id}/webhooks/{id}/deliveries/{delivery_id}/redeliver",
        "sends, and changes nothing; the webhook's own log has it",
    ),
];

/// Operations whose success the table of authorization does not show; their records have stories of
/// their own.
const NOT_SHOWN_THERE: &[&str] = &[
    "POST /api/v1/account/password",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/email/verify",
    "POST /api/v1/account/upgrade",
    "DELETE /api/v1/account",
];

/// The ids of everything in the records of the owner and of the caller.
async fn entries(world: &World, caller: Option<&Person>) -> BTreeSet<Uuid> {
    let mut ids = BTreeSet::new();
    for reader in [Some(&world.owner), caller].into_iter().flatten() {
        let all = record(reader, reader.id, &TasksQuery::default()).await;
        ids.extend(all.into_iter().map(|task| task.id));
    }
    ids
}

fn writes(operation: &Operation) -> bool {
    operation.method != "GET" && operation.path.starts_with("/api/v1")
}

async fn every_change_leaves_an_entry(app: TestApp) {
    let table = Expectations::load();
    let operations = operations_of(&app.visitor().openapi().await.expect("served"));
    let excused: BTreeMap<&str, &str> = NOT_RECORDED.iter().copied().collect();
    let known: BTreeSet<&str> = operations
        .iter()
        .map(|operation| operation.name.as_str())
        .collect();
    for name in excused.keys().chain(NOT_SHOWN_THERE) {
        assert!(known.contains(name), "there is no operation {name}");
    }
    let people = People::gather(&app).await;
    let mut world = people.world(&app).await;
    let mut wrong = Vec::new();
    for operation in operations.iter().filter(|operation| writes(operation)) {
        let name = operation.name.as_str();
        if NOT_SHOWN_THERE.contains(&name) {
            continue;
        }
        let row = table.of(operation).expect("a row");
        let may = |kind: &&str| table.status(row, kind).is_some_and(|status| status < 400);
        let kinds = ["owner", "active", "pending", "signed_out"];
        let Some(kind) = kinds.into_iter().find(may) else {
            if !excused.contains_key(name) {
                wrong.push(format!("{name}: nobody in the table may do it"));
            }
            continue;
        };
        let caller = people.others.get(kind);
        let before = entries(&world, caller).await;
        let answer = call(
            &people.caller(&world, kind),
            operation,
            &world.address(operation, row),
            people.body(&world, row).as_ref(),
        )
        .await;
        assert!(answer.status < 300, "{name} by {kind}: {}", answer.text());
        if name == "POST /api/v1/auth/sign-out" || name.contains("/account/sessions") {
            app.signs_in(caller.unwrap_or(&world.owner)).await;
        }
        let after = entries(&world, caller).await;
        let recorded = after.difference(&before).next().is_some();
        match excused.get(name) {
            Some(reason) if recorded => {
                wrong.push(format!("{name} is recorded, although {reason}"));
            }
            None if !recorded => wrong.push(format!("{name} by {kind} left no entry")),
            _ => {}
        }
        if spoils(operation, kind, answer.status) {
            world = people.world(&app).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

on_both_databases!(
    the_owner_reads_all_of_it,
    a_member_reads_their_part_of_it,
    a_filter_that_is_none_is_refused,
    what_is_exported_is_what_is_listed,
    every_change_leaves_an_entry,
);
