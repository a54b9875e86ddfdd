//! Webhooks over REST, with a real receiver: what it is told, how it knows that it is genuine, and what
//! becomes of it when the receiver is not well.

use std::collections::HashSet;

use accord_client::types::{
    CreateRole, CreateWebhook, ErrorCode, Item, NewWebhook, NotificationKind, UpdateMember,
    UpdateRole, UpdateWebhook, Uuid, WebhookDelivery, WebhookDeliveryStatus as Status,
    WebhookEventType as Event, WebhookOffBecause,
};
use accord_testkit::people::share;
use accord_testkit::receiver::{ReceivedRequest, Receiver, Reply};
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::Duration;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::notifications::told;
use crate::support::{invalid, refusal};

fn body(url: &str, events: &[Event]) -> CreateWebhook {
    CreateWebhook {
        url: url.into(),
        event_types: events.to_vec(),
        description: String::new(),
        enabled: None,
    }
}

pub(crate) async fn hooks(owner: &Person, receiver: &Receiver, events: &[Event]) -> NewWebhook {
    let body = body(&receiver.url("/hooks"), events);
    let made = owner.create_webhook(owner.id, &body).await;
    made.expect("a webhook").into_inner()
}

pub(crate) async fn deliveries(owner: &Person, hook: Uuid) -> Vec<WebhookDelivery> {
    let log = owner
        .webhook_deliveries(owner.id, hook, &Default::default())
        .await;
    log.expect("the log").items
}

/// Waits until this holds of the newest delivery.
pub(crate) async fn newest(
    owner: &Person,
    hook: Uuid,
    what: &str,
    holds: impl Fn(&WebhookDelivery) -> bool,
) -> WebhookDelivery {
    eventually(what, async || {
        deliveries(owner, hook).await.first().is_some_and(&holds)
    })
    .await;
    deliveries(owner, hook).await.remove(0)
}

/// Waits until an attempt is noted that is later than that one.
pub(crate) async fn tried_after(
    owner: &Person,
    hook: Uuid,
    former: Option<&WebhookDelivery>,
) -> WebhookDelivery {
    let before = former.and_then(|former| former.last_attempt_at);
    newest(owner, hook, "it is tried", |delivery| {
        delivery.last_attempt_at > before
    })
    .await
}

/// Lets time pass, and the worker look: something happens, on whatever account.
pub(crate) async fn pass(app: &TestApp, owner: &Person, by: Duration) {
    app.clock.advance(by);
    app.signs_in(owner).await;
    let name = format!("at {}", app.clock.now().timestamp_micros());
    owner.adds_environment(&name).await;
}

/// The signatures that the receiver makes by itself, as the specification says.
pub(crate) fn is_signed_by(request: &ReceivedRequest, secret: &str) -> bool {
    let encoded = secret.strip_prefix("whsec_").expect("the prefix");
    let key = BASE64_STANDARD.decode(encoded).expect("base64");
    assert!((24..=64).contains(&key.len()));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    let signed = format!(
        "{}.{}.{}",
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
        request.body
    );
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    request
        .header("webhook-signature")
        .split(' ')
        .any(|signature| signature == expected)
}

fn types(requests: &[ReceivedRequest]) -> Vec<String> {
    let mut types: Vec<String> = requests
        .iter()
        .map(|request| request.json()["type"].as_str().expect("a type").to_owned())
        .collect();
    types.sort();
    types
}

async fn what_happens_is_told_signed_and_in_ids(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let chosen = [
        Event::RoleUpdated,
        Event::MemberAccepted,
        Event::SharesChanged,
    ];
    let NewWebhook { secret, webhook } = hooks(&ada, &receiver, &chosen).await;
    assert!(webhook.enabled && webhook.allowed_actions.contains(&"test".to_owned()));

    // Not chosen: a role is made, somebody is invited.
    let role = ada.role_of("Confidential", &["logs.read"]).await;
    ada.invites("bob@example.com", vec![share(Item::GROUPS, &[&role])])
        .await;
    let change = UpdateRole {
        description: Some("Secret plans".into()),
        ..Default::default()
    };
    ada.update_role(ada.id, role.id, &change, None)
        .await
        .expect("changed");
    let [request] = &receiver.wait_for(1).await[..] else {
        panic!("one request");
    };
    assert_eq!(request.line, "POST /hooks HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json");
    assert!(is_signed_by(request, &secret), "{request:?}");
    assert!(!is_signed_by(
        request,
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    ));
    let sent: i64 = request
        .header("webhook-timestamp")
        .parse()
        .expect("seconds");
    assert!((app.clock.now().timestamp() - sent).abs() < 60);
    let told = request.json();
    assert_eq!(told["type"], "role.updated");
    let data = &told["data"];
    assert_eq!(data["account_id"], json!(ada.id));
    assert_eq!(data["actor_id"], json!(ada.id));
    assert_eq!(data["item"], json!({ "kind": "role", "id": role.id }));
    assert_eq!(data["changed"], json!(["description"]));
    assert!(data["revision"].as_i64().expect("a number") > 1);
    for word in ["Secret plans", "Confidential", "ada@example.com"] {
        assert!(!request.body.contains(word), "{word}: {}", request.body);
    }

    let delivery = newest(&ada, webhook.id, "it is noted", |delivery| {
        delivery.status == Status::Delivered
    })
    .await;
    assert_eq!(delivery.id.to_string(), request.header("webhook-id"));
    assert_eq!(
        (delivery.attempt_count, delivery.response_status),
        (1, Some(204))
    );
    assert_eq!((delivery.next_attempt_at, delivery.error), (None, None));
    assert_eq!(delivery.payload, told);
    let fares = ada.webhook(ada.id, webhook.id).await.expect("there");
    assert!(fares.last_success_at.is_some() && fares.failing_since.is_none());

    // Another's deed and an edit of a member, which is told as what it changed.
    let bob = app.owner("bob").await;
    bob.accepts(&ada).await;
    let member = ada
        .members(ada.id, &Default::default())
        .await
        .expect("some");
    let edit = UpdateMember {
        shares: Some(Vec::new()),
        ..Default::default()
    };
    ada.update_member(ada.id, member.items[0].id, &edit, None)
        .await
        .expect("edited");
    let received = receiver.wait_for(3).await;
    assert_eq!(
        types(&received),
        ["member.accepted", "role.updated", "shares.changed"]
    );
    let accepted = received
        .iter()
        .map(ReceivedRequest::json)
        .find(|told| told["type"] == "member.accepted")
        .expect("it came");
    assert_eq!(accepted["data"]["actor_id"], json!(bob.id));
    assert_eq!(accepted["data"]["member_id"], json!(member.items[0].id));
}

async fn what_is_refused_or_rolled_back_is_not_told(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let hook = hooks(&ada, &receiver, Event::ALL).await.webhook;
    ada.role_of("Taken", &["logs.read"]).await;
    let policy = ada.policy_named("Taken").await;
    let again = CreateRole {
        name: "taken".into(),
        description: String::new(),
        policy_ids: vec![policy.id],
        receive_load_alerts: false,
    };
    let refused = ada.create_role(ada.id, &again).await;
    assert_eq!(refusal(refused), ErrorCode::NameTaken);
    let stale = ada
        .update_webhook(ada.id, hook.id, &UpdateWebhook::default(), Some("\"0\""))
        .await;
    assert_eq!(refusal(stale), ErrorCode::PreconditionFailed);
    ada.adds_environment("last").await;
    let received = receiver.wait_for(3).await;
    assert_eq!(
        types(&received),
        ["environment.created", "policy.created", "role.created"]
    );
    assert_eq!(deliveries(&ada, hook.id).await.len(), 3);
}

async fn a_receiver_that_is_gone_is_switched_off_with_a_notice(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let hook = hooks(&ada, &receiver, &[Event::RoleDeleted]).await.webhook;
    receiver.answers_next([Reply::Status(410, String::new())]);
    let test = ada.test_webhook(ada.id, hook.id).await.expect("queued");
    let off = async || {
        let now = ada.webhook(ada.id, hook.id).await.expect("there");
        !now.enabled
    };
    eventually("it is switched off", off).await;
    let now = ada.webhook(ada.id, hook.id).await.expect("there");
    assert_eq!(now.disabled_because, Some(WebhookOffBecause::Gone));
    let log = deliveries(&ada, hook.id).await;
    assert_eq!(
        (log[0].status, log[0].response_status),
        (Status::Failed, Some(410))
    );
    let notice = told(&ada).await.remove(0);
    assert_eq!(notice.kind, NotificationKind::WebhookSwitchedOff);
    assert_eq!(
        (
            notice.params.webhook_id,
            notice.params.webhook_url.as_deref()
        ),
        (Some(hook.id), Some(hook.url.as_str()))
    );
    let mail = app.mail_about(&ada.email, "webhook").await;
    let place = format!("/settings/webhooks/{}", hook.id);
    assert!(mail.text.contains(&place), "{}", mail.text);
    let tasks = ada
        .tasks(ada.id, &Default::default())
        .await
        .expect("record")
        .items;
    assert_eq!(
        (tasks[0].action.as_str(), tasks[0].means.as_str()),
        ("webhook.switch_off", "itself")
    );

    let refused = ada.test_webhook(ada.id, hook.id).await;
    assert_eq!(refusal(refused), ErrorCode::WebhookDisabled);
    let refused = ada.redeliver_webhook(ada.id, hook.id, test.id).await;
    assert_eq!(refusal(refused), ErrorCode::WebhookDisabled);
    let on = UpdateWebhook {
        enabled: Some(true),
        ..Default::default()
    };
    let now = ada
        .update_webhook(ada.id, hook.id, &on, None)
        .await
        .expect("enabled");
    assert_eq!(
        (now.enabled, now.disabled_because, now.failing_since),
        (true, None, None)
    );
    ada.test_webhook(ada.id, hook.id).await.expect("queued");
    receiver.wait_for(2).await;
}

async fn five_days_of_failures_switch_it_off(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let hook = hooks(&ada, &receiver, &[Event::RoleDeleted]).await.webhook;
    receiver.answers(Reply::Status(500, String::new()));
    let failed = |count: usize| {
        let (ada, id) = (&ada, hook.id);
        async move || {
            let log = deliveries(ada, id).await;
            log.iter()
                .filter(|one| one.response_status == Some(500))
                .count()
                == count
        }
    };
    ada.test_webhook(ada.id, hook.id).await.expect("queued");
    eventually("it failed", failed(1)).await;
    app.clock.advance(Duration::days(5) - Duration::minutes(10));
    app.signs_in(&ada).await;
    ada.test_webhook(ada.id, hook.id).await.expect("queued");
    eventually("it failed again", failed(2)).await;
    assert!(ada.webhook(ada.id, hook.id).await.expect("there").enabled);
    // What was tried in vain is tried again by itself within that time.
    app.clock.advance(Duration::minutes(20));
    app.signs_in(&ada).await;
    let off = async || !ada.webhook(ada.id, hook.id).await.expect("there").enabled;
    eventually("it is switched off", off).await;
    let now = ada.webhook(ada.id, hook.id).await.expect("there");
    assert_eq!(now.disabled_because, Some(WebhookOffBecause::Failing));
    let all_failed = async || {
        let log = deliveries(&ada, hook.id).await;
        log.iter().all(|one| one.status == Status::Failed)
    };
    eventually("nothing waits any more", all_failed).await;
}

async fn a_webhook_may_go_while_something_is_under_way(app: TestApp) {
    let ada = app.owner("ada").await;
    let (slow, other) = (Receiver::start().await, Receiver::start().await);
    slow.answers(Reply::Held(200));
    let hook = hooks(&ada, &slow, &[Event::RoleDeleted]).await.webhook;
    for _ in 0..6 {
        ada.test_webhook(ada.id, hook.id).await.expect("queued");
    }
    slow.wait_for(4).await;
    // The slow one holds up nobody else.
    let next = hooks(&ada, &other, &[Event::RoleDeleted]).await.webhook;
    ada.test_webhook(ada.id, next.id).await.expect("queued");
    other.wait_for(1).await;
    assert_eq!(slow.received().len(), 4, "as many at once as one may have");
    ada.delete_webhook(ada.id, hook.id, None)
        .await
        .expect("deleted");
    for _ in 0..4 {
        slow.let_go();
    }
    let gone = ada
        .webhook_deliveries(ada.id, hook.id, &Default::default())
        .await;
    assert_eq!(refusal(gone), ErrorCode::NotFound);
    ada.test_webhook(ada.id, next.id).await.expect("queued");
    other.wait_for(2).await;
    newest(&ada, next.id, "the worker is well", |one| {
        one.status == Status::Delivered
    })
    .await;
    assert_eq!(slow.received().len(), 4, "nothing more is sent");
}

/// URLs that nobody may make this server send to.
const HOSTILE: &[&str] = &[
    "http://example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://user:password@example.com/",
    "https://example.com/#part",
    "https://exam ple.com/",
    "https://example.com/\r\nhost: x",
    "ftp://example.com/",
    "file:///etc/passwd",
    "example.com",
    "",
];

async fn urls_and_events_are_checked(app: TestApp) {
    let strict = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.webhook_allowed_networks = None;
    })
    .await;
    let eve = strict.owner("eve").await;
    let good = body("https://example.com/hooks", &[Event::RoleUpdated]);
    let hook = eve.create_webhook(eve.id, &good).await.expect("public");
    for url in HOSTILE {
        let made = eve
            .create_webhook(eve.id, &body(url, &[Event::RoleUpdated]))
            .await;
        assert_eq!(invalid(made), "/url", "{url:?}");
        let change = UpdateWebhook {
            url: Some((*url).into()),
            ..Default::default()
        };
        let changed = eve
            .update_webhook(eve.id, hook.webhook.id, &change, None)
            .await;
        assert_eq!(invalid(changed), "/url", "{url:?}");
    }
    let long = format!("https://example.com/{}", "a".repeat(3_000));
    let made = eve
        .create_webhook(eve.id, &body(&long, &[Event::RoleUpdated]))
        .await;
    assert_eq!(invalid(made), "/url");

    let ada = app.owner("ada").await;
    let none = ada
        .create_webhook(ada.id, &body("https://example.com/", &[]))
        .await;
    assert_eq!(invalid(none), "/event_types");
    let twice = body(
        "https://example.com/",
        &[Event::RoleUpdated, Event::MemberLeft, Event::RoleUpdated],
    );
    let made = ada.create_webhook(ada.id, &twice).await.expect("once each");
    assert_eq!(
        made.webhook.event_types,
        [Event::MemberLeft, Event::RoleUpdated]
    );
    let unknown = json!({ "url": "https://example.com/", "event_types": ["webhook.test"] });
    let path = format!("/api/v1/accounts/{}/webhooks", ada.id);
    let headers = [("content-type", "application/json")];
    let answer = ada.raw("POST", &path, &headers, unknown.to_string()).await;
    let problem: Value = answer.expect("an answer").json().expect("JSON");
    assert_eq!(problem["errors"][0]["pointer"], "/event_types/0");
    for number in 1..20 {
        let url = format!("https://example.com/{number}");
        let made = ada
            .create_webhook(ada.id, &body(&url, &[Event::RoleUpdated]))
            .await;
        made.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    let more = ada.create_webhook(ada.id, &twice).await;
    assert_eq!(refusal(more), ErrorCode::TooManyWebhooks);
    let unproven = app.sign_up("new@example.com", "New").await;
    let made = unproven.create_webhook(unproven.id, &twice).await;
    assert_eq!(refusal(made), ErrorCode::EmailNotVerified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_deliver_each_message_once() {
    let app = TestApp::start(Backend::PostgreSql).await;
    let other = app.another_instance().await;
    let ada = app.owner("ada").await;
    let there = ada.signed_in_at(&other).await;
    let receiver = Receiver::start().await;
    let hook = hooks(&ada, &receiver, &[Event::EnvironmentCreated])
        .await
        .webhook;
    const EACH: usize = 15;
    let on = async |person: &Person, word: &str| {
        for number in 0..EACH {
            person.adds_environment(&format!("{word} {number}")).await;
        }
    };
    tokio::join!(on(&ada, "here"), on(&there, "there"));
    let all = async || {
        let log = deliveries(&ada, hook.id).await;
        log.len() == 2 * EACH && log.iter().all(|one| one.status == Status::Delivered)
    };
    eventually("all are delivered", all).await;
    let received = receiver.received();
    let ids: HashSet<&str> = received
        .iter()
        .map(|request| request.header("webhook-id"))
        .collect();
    assert_eq!((received.len(), ids.len()), (2 * EACH, 2 * EACH));
    let log = deliveries(&ada, hook.id).await;
    assert!(log.iter().all(|one| one.attempt_count == 1));
}

on_both_databases! {
    what_happens_is_told_signed_and_in_ids,
    what_is_refused_or_rolled_back_is_not_told,
    a_receiver_that_is_gone_is_switched_off_with_a_notice,
    five_days_of_failures_switch_it_off,
    a_webhook_may_go_while_something_is_under_way,
    urls_and_events_are_checked,
}
