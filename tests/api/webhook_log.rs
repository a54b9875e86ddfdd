//! What becomes of each message to a webhook: the attempts that the log tells of, the pauses between them, and
//! what is given up.

use std::collections::HashSet;

use accord_client::types::{
    NewWebhook, UpdateWebhook, WebhookDeliveriesQuery, WebhookDelivery,
    WebhookDeliveryStatus as Status, WebhookEventType as Event, WebhookOffBecause,
};
use accord_testkit::receiver::{Receiver, Reply};
use accord_testkit::{TestApp, on_both_databases};
use chrono::Duration;

use crate::webhooks::{deliveries, hooks, is_signed_by, newest, pass, tried_after};

/// The pauses between attempts, a tenth longer: what waits is due then, however they were spread.
const PAUSES: [i64; 9] = [6, 330, 1_980, 7_920, 19_800, 39_600, 55_440, 79_200, 95_040];

/// The log tells of these attempts, and that one more was taken.
fn tells_each_attempt(delivery: &WebhookDelivery, failed: &[(u32, Option<u16>, &str)]) {
    let (taken, before) = delivery.attempts.split_last().expect("attempts");
    assert_eq!(before.len(), failed.len(), "{:?}", delivery.attempts);
    for (attempt, (number, status, error)) in before.iter().zip(failed) {
        assert_eq!(
            (attempt.number, attempt.response_status),
            (*number, *status)
        );
        let said = attempt.error.as_deref().unwrap_or_default();
        assert!(said.contains(error), "{said}");
    }
    assert_eq!((taken.response_status, &taken.error), (Some(204), &None));
    assert_eq!(Some(taken.ended_at), delivery.last_attempt_at);
    assert_eq!(Some(taken.duration_ms), delivery.duration_ms);
    let in_order = delivery.attempts.is_sorted_by_key(|one| one.ended_at);
    assert!(in_order, "{:?}", delivery.attempts);
}

async fn a_failure_is_tried_again_under_the_same_id(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let NewWebhook { secret, webhook } = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let other = Receiver::start().await;
    let elsewhere = format!(
        "HTTP/1.1 307 Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        other.url("/")
    );
    receiver.answers_next([
        Reply::Status(500, "on fire".into()),
        Reply::Close,
        Reply::Raw(elsewhere.into_bytes()),
    ]);
    let test = ada.test_webhook(ada.id, webhook.id).await.expect("queued");
    assert_eq!((test.status, test.attempt_count), (Status::Pending, 0));
    assert_eq!(test.attempts, []);
    let log = [
        (1, Some(500), "500"),
        (2, None, "broke off"),
        (3, Some(307), "redirects"),
    ];
    let mut former = None;
    for ((attempts, status, error), pause) in log.into_iter().zip(PAUSES) {
        let tried = tried_after(&ada, webhook.id, former.as_ref()).await;
        assert_eq!(tried.attempt_count, attempts);
        assert_eq!(
            (tried.status, tried.response_status),
            (Status::Pending, status)
        );
        let said = tried.error.as_deref().unwrap_or_default();
        assert!(said.contains(error), "{said}");
        let wait = tried.next_attempt_at.expect("another") - tried.last_attempt_at.expect("one");
        let bounds = Duration::seconds(pause * 10 / 11 - 1)..=Duration::seconds(pause);
        assert!(bounds.contains(&wait), "{attempts}: {wait}");
        let fares = ada.webhook(ada.id, webhook.id).await.expect("there");
        assert!(fares.failing_since.is_some() && fares.last_error.is_some());
        pass(&app, &ada, Duration::seconds(pause)).await;
        former = Some(tried);
    }
    let taken = newest(&ada, webhook.id, "it is taken", |delivery| {
        delivery.status == Status::Delivered
    })
    .await;
    assert_eq!((taken.id, taken.attempt_count), (test.id, 4));
    tells_each_attempt(&taken, &log);
    let received = receiver.wait_for(4).await;
    let ids: HashSet<&str> = received
        .iter()
        .map(|request| request.header("webhook-id"))
        .collect();
    assert_eq!(ids.len(), 1, "one message");
    let bodies: HashSet<&str> = received
        .iter()
        .map(|request| request.body.as_str())
        .collect();
    assert_eq!(bodies.len(), 1);
    assert!(
        received
            .iter()
            .all(|request| is_signed_by(request, &secret))
    );
    assert_eq!(other.received(), [], "redirects are not followed");
    let fares = ada.webhook(ada.id, webhook.id).await.expect("there");
    assert_eq!(
        (fares.failing_since, fares.last_error.clone()),
        (None, None)
    );
}

async fn after_the_last_attempt_it_is_given_up_until_somebody_asks(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    receiver.answers(Reply::Status(503, String::new()));
    let hook = hooks(&ada, &receiver, &[Event::RoleDeleted]).await.webhook;
    let test = ada.test_webhook(ada.id, hook.id).await.expect("queued");
    let mut former = None;
    for (number, pause) in (1..).zip(PAUSES) {
        let tried = tried_after(&ada, hook.id, former.as_ref()).await;
        assert_eq!(
            (tried.attempt_count, tried.response_status),
            (number, Some(503))
        );
        pass(&app, &ada, Duration::seconds(pause)).await;
        former = Some(tried);
    }
    let failed = newest(&ada, hook.id, "it is given up", |delivery| {
        delivery.status == Status::Failed
    })
    .await;
    assert_eq!((failed.id, failed.attempt_count), (test.id, 10));
    assert_eq!(failed.next_attempt_at, None);
    let only_failed = WebhookDeliveriesQuery {
        status: Some(Status::Failed),
        ..Default::default()
    };
    let listed = ada
        .webhook_deliveries(ada.id, hook.id, &only_failed)
        .await
        .expect("listed");
    assert_eq!(listed.items.len(), 1);

    receiver.answers(Reply::Status(200, "thanks".into()));
    for attempts in [11, 12] {
        let again = ada.redeliver_webhook(ada.id, hook.id, test.id).await;
        assert_eq!(again.expect("on its way").id, test.id);
        let taken = newest(&ada, hook.id, "it is taken", |delivery| {
            delivery.status == Status::Delivered && delivery.attempt_count == attempts
        })
        .await;
        assert_eq!(taken.response_body.as_deref(), Some("thanks"));
        let statuses = taken.attempts.iter().map(|one| one.response_status);
        let answers = [503; 10].into_iter().chain([200, 200]);
        let expected = answers.map(Some).take(taken.attempts.len());
        assert!(statuses.eq(expected), "{:?}", taken.attempts);
        assert_eq!(u32::try_from(taken.attempts.len()), Ok(attempts));
    }
    let received = receiver.wait_for(12).await;
    let id = test.id.to_string();
    assert!(
        received
            .iter()
            .all(|request| request.header("webhook-id") == id)
    );
}

async fn what_waits_is_given_up_when_the_owner_switches_off(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let hook = hooks(&ada, &receiver, &[Event::EnvironmentCreated])
        .await
        .webhook;
    receiver.answers(Reply::Status(500, String::new()));
    ada.test_webhook(ada.id, hook.id).await.expect("queued");
    newest(&ada, hook.id, "it failed", |one| {
        one.response_status.is_some()
    })
    .await;
    let off = UpdateWebhook {
        enabled: Some(false),
        ..Default::default()
    };
    let now = ada
        .update_webhook(ada.id, hook.id, &off, None)
        .await
        .expect("off");
    assert_eq!(now.disabled_because, Some(WebhookOffBecause::Owner));
    assert_eq!(deliveries(&ada, hook.id).await[0].status, Status::Failed);
    ada.adds_environment("unheard").await;
    assert_eq!(
        deliveries(&ada, hook.id).await.len(),
        1,
        "nothing is queued"
    );
}

async fn the_oldest_are_given_up_where_too_many_wait(app: TestApp) {
    const MOST: i64 = 10_000;
    /// To one receiver, so many are under way at a time.
    const UNDER_WAY: usize = 4;
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    receiver.answers(Reply::Held(200));
    let hook = hooks(&ada, &receiver, &[Event::EnvironmentCreated])
        .await
        .webhook;
    app.leaves_waiting(&ada, hook.id, MOST).await;
    receiver.wait_for(UNDER_WAY).await;
    let given_up = async || {
        let query = WebhookDeliveriesQuery {
            status: Some(Status::Failed),
            sort: Some("created_at".into()),
            ..Default::default()
        };
        let log = ada.webhook_deliveries(ada.id, hook.id, &query).await;
        log.expect("the log").items
    };
    assert_eq!(given_up().await, []);
    for number in 0..=UNDER_WAY {
        ada.adds_environment(&format!("shop {number}")).await;
    }
    let gone = given_up().await;
    assert!(
        !gone.is_empty(),
        "what is under way goes on, the next is given up"
    );
    for one in &gone {
        assert_eq!(
            one.error.as_deref(),
            Some("Too many waited for this webhook: the oldest were given up.")
        );
        assert_eq!(
            (one.event_type.as_str(), one.next_attempt_at),
            ("role.created", None)
        );
    }
    let log = deliveries(&ada, hook.id).await;
    let fresh = log.iter().take(UNDER_WAY + 1);
    assert!(
        fresh
            .clone()
            .all(|one| one.event_type == "environment.created" && one.status == Status::Pending),
        "{:?}",
        fresh.collect::<Vec<_>>()
    );
}

on_both_databases! {
    a_failure_is_tried_again_under_the_same_id,
    after_the_last_attempt_it_is_given_up_until_somebody_asks,
    what_waits_is_given_up_when_the_owner_switches_off,
    the_oldest_are_given_up_where_too_many_wait,
}
