//! The numbers that the operator's Prometheus reads.

use accord_client::types::{
    Check, CheckAccess, CheckMode, CheckSubject, UpdateWebhook, WebhookEventType,
};
use accord_testkit::receiver::{Receiver, Reply};
use accord_testkit::{Backend, TestApp, eventually, on_both_databases};
use chrono::Duration;

use crate::webhooks::hooks;

/// A check makes the index, the next finds it at hand, a change is applied to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_indexes_that_checks_are_answered_from_are_counted() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let body = CheckAccess {
        checks: vec![Check {
            subject: CheckSubject::account(ada.id),
            environment_id: shop.id,
            action_ids: vec!["files.read".into()],
            mode: CheckMode::All,
        }],
        at_least_revision: None,
    };
    let numbers = async || {
        let page = app.visitor().raw("GET", "/metrics", &[], "").await;
        let text = page.expect("an answer").text();
        let of = |name: &str| -> u64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.unwrap_or_else(|| panic!("{name}: {text}"));
            number.trim().parse().expect("a number")
        };
        let use_of = |outcome: &str| {
            of(&format!(
                "accord_access_index_uses_total{{outcome=\"{outcome}\"}}"
            ))
        };
        assert_eq!(of("accord_access_indexes_given_up_total"), 0);
        let held = (of("accord_access_indexes"), of("accord_access_index_bytes"));
        (held, use_of("made"), use_of("changed"), use_of("at_hand"))
    };
    assert_eq!(numbers().await, ((0, 0), 0, 0, 0));
    ada.check_access(&body).await.expect("answered");
    let ((held, bytes), made, changed, at_hand) = numbers().await;
    assert_eq!((held, made, changed), (1, 1, 0));
    assert!(bytes > 0);
    ada.check_access(&body).await.expect("answered");
    let (_, made, changed, then_at_hand) = numbers().await;
    assert_eq!((made, changed), (1, 0));
    assert!(then_at_hand > at_hand);
    ada.adds_environment("another").await;
    ada.check_access(&body).await.expect("answered");
    let (_, made, changed, _) = numbers().await;
    assert_eq!((made, changed), (1, 1));
}

/// The numbers whose names begin so, with what follows in the name.
pub(crate) async fn numbers_of(app: &TestApp, name: &str) -> Vec<(String, i64)> {
    let page = app.visitor().raw("GET", "/metrics", &[], "").await;
    let text = page.expect("an answer").text();
    let lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let number = |line: &str| {
        let (labels, number) = line.rsplit_once(' ').expect("a name and a number");
        (labels.to_owned(), number.parse().expect("a number"))
    };
    lines.map(number).collect()
}

async fn what_waits_for_webhooks_is_counted(app: TestApp) {
    let number = async |name: &str| {
        let numbers = numbers_of(&app, name).await;
        assert_eq!(numbers.len(), 1, "{name}: {numbers:?}");
        numbers[0].1
    };
    let ada = app.owner("ada").await;
    let (well, ill) = (Receiver::start().await, Receiver::start().await);
    assert_eq!(number("accord_webhook_deliveries_waiting").await, 0);
    assert_eq!(number("accord_webhook_deliveries_oldest_seconds").await, 0);
    hooks(&ada, &well, &[WebhookEventType::RoleDeleted]).await;
    let failing = hooks(&ada, &ill, &[WebhookEventType::RoleDeleted])
        .await
        .webhook;
    ill.answers_next([Reply::Status(500, String::new())]);
    ill.answers(Reply::Held(410));
    let queued = ada.test_webhook(ada.id, failing.id).await;
    queued.expect("queued");
    ill.wait_for(1).await;
    let one_waits = async || number("accord_webhook_deliveries_waiting").await == 1;
    eventually("it waits for another attempt", one_waits).await;
    let off = UpdateWebhook {
        enabled: Some(false),
        ..Default::default()
    };
    let third = hooks(&ada, &well, &[WebhookEventType::RoleDeleted])
        .await
        .webhook;
    let changed = ada.update_webhook(ada.id, third.id, &off, None).await;
    changed.expect("off");
    let states = numbers_of(&app, "accord_webhooks").await;
    let of = |state: &str| {
        let label = format!("{{state=\"{state}\"}}");
        let known = states.iter().find(|(labels, _)| *labels == label);
        known.unwrap_or_else(|| panic!("{state}: {states:?}")).1
    };
    assert_eq!((of("on"), of("off_owner")), (2, 1));
    assert_eq!((of("off_gone"), of("off_failing")), (0, 0));

    app.clock.advance(Duration::seconds(90));
    let oldest = number("accord_webhook_deliveries_oldest_seconds").await;
    assert!((90..200).contains(&oldest), "{oldest}");
    ill.let_go();
    let gone = async || {
        let states = numbers_of(&app, "accord_webhooks").await;
        states.contains(&("{state=\"off_gone\"}".to_owned(), 1))
    };
    eventually("the receiver said that nobody is there", gone).await;
    assert_eq!(number("accord_webhook_deliveries_waiting").await, 0);
    assert_eq!(number("accord_webhook_deliveries_oldest_seconds").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_others_are_heard_is_told() {
    let app = TestApp::start(Backend::PostgreSql).await;
    let heard = async || numbers_of(&app, "accord_hears_other_instances").await;
    let hears = async || heard().await == [(String::new(), 1)];
    eventually("others are heard", hears).await;
    let cuts = app.cuts_channels();
    let deaf = async || heard().await == [(String::new(), 0)];
    eventually("they are not", deaf).await;
    cuts.abort();
    eventually("they are heard again", hears).await;
    let alone = TestApp::start(Backend::Sqlite).await;
    let heard = numbers_of(&alone, "accord_hears_other_instances").await;
    assert_eq!(heard, [(String::new(), 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_for_the_operator_alone() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ada = app.owner("ada").await;
    let _ = ada.sees().await;
    let visitor = app.visitor();
    let page = visitor.raw("GET", "/metrics", &[], "").await;
    let page = page.expect("an answer");
    assert_eq!(page.status, 200);
    let text = page.text();
    for line in [
        r#"accord_http_requests_total{operation="sign_up",status="201"} 1"#,
        r#"accord_http_request_duration_seconds_count{operation="list_visible_environments"} 1"#,
        r#"accord_outbox_mails{state="waiting"}"#,
        r#"accord_database_connections{state="open"}"#,
        "accord_event_streams 0",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    assert!(!text.contains("ada") && !text.contains(&ada.id.to_string()));
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let passed_on = visitor
            .raw("GET", "/metrics", &[(header, "127.0.0.1")], "")
            .await;
        assert_eq!(passed_on.expect("an answer").status, 404, "{header}");
    }
    let elsewhere = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.metrics_from = "192.0.2.0/24".into();
    })
    .await;
    let page = elsewhere.visitor().raw("GET", "/metrics", &[], "").await;
    assert_eq!(page.expect("an answer").status, 404);
}

on_both_databases! {
    what_waits_for_webhooks_is_counted,
}
