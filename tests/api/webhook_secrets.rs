//! The secrets of webhooks: changing one, and changing the secret of the program that seals them.

use accord_client::types::{Uuid, WebhookDeliveryStatus as Status, WebhookEventType as Event};
use accord_testkit::receiver::{ReceivedRequest, Receiver};
use accord_testkit::{Backend, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::webhooks::{hooks, is_signed_by, newest, pass};

/// Sends a test and waits until it is there, and noted as that.
async fn tested(owner: &Person, hook: Uuid, receiver: &Receiver) -> ReceivedRequest {
    let before = receiver.received().len();
    let test = owner.test_webhook(owner.id, hook).await.expect("queued");
    newest(owner, hook, "the test is taken", |delivery| {
        delivery.id == test.id && delivery.status == Status::Delivered
    })
    .await;
    receiver.wait_for(before + 1).await.remove(before)
}

/// Which of the secrets signed.
fn signed_by(request: &ReceivedRequest, secrets: &[&String]) -> Vec<bool> {
    let signed = secrets.iter().map(|secret| is_signed_by(request, secret));
    signed.collect()
}

async fn a_secret_is_changed_without_losing_a_message(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let made = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let (id, first) = (made.webhook.id, made.secret);
    let rotated = ada
        .rotate_webhook_secret(ada.id, id)
        .await
        .expect("rotated");
    let second = rotated.secret.clone();
    assert_ne!(first, second);
    assert!(rotated.webhook.former_secret_until.is_some());
    ada.test_webhook(ada.id, id).await.expect("queued");
    let received = receiver.wait_for(1).await;
    assert!(is_signed_by(&received[0], &first) && is_signed_by(&received[0], &second));
    pass(&app, &ada, Duration::hours(24)).await;
    ada.test_webhook(ada.id, id).await.expect("queued");
    let received = receiver.wait_for(2).await;
    assert!(!is_signed_by(&received[1], &first) && is_signed_by(&received[1], &second));
    let listed = ada
        .webhooks(ada.id, &Default::default())
        .await
        .expect("listed");
    let shown = serde_json::to_string(&listed).expect("JSON");
    assert!(
        !shown.contains("whsec_") && !shown.contains("\"secret\":"),
        "{shown}"
    );
}

async fn a_rotation_that_is_sent_again_takes_no_secret_away(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let made = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let (id, first) = (made.webhook.id, made.secret);
    let rotate = async || {
        let rotated = ada.rotate_webhook_secret(ada.id, id).await;
        rotated.expect("rotated")
    };
    let second = rotate().await.secret.clone();
    pass(&app, &ada, Duration::hours(1)).await;
    let rotated = rotate().await;
    let third = rotated.secret.clone();
    let until = rotated
        .webhook
        .former_secret_until
        .expect("former ones sign");
    let left = until - app.clock.now();
    assert!(
        left > Duration::hours(23) && left <= Duration::hours(24),
        "the last one signs for a day: {left}"
    );
    let all = [&first, &second, &third];
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(signed_by(&request, &all), [true, true, true]);

    pass(&app, &ada, Duration::minutes(22 * 60 + 50)).await;
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(
        signed_by(&request, &all),
        [true, true, true],
        "each has its own day"
    );
    pass(&app, &ada, Duration::minutes(20)).await;
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(signed_by(&request, &all), [false, true, true]);
    pass(&app, &ada, Duration::hours(1)).await;
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(signed_by(&request, &all), [false, false, true]);

    // Of many the newest five sign beside the present one.
    let mut many = vec![third];
    for _ in 0..6 {
        many.push(rotate().await.secret.clone());
    }
    let request = tested(&ada, id, &receiver).await;
    let all: Vec<&String> = many.iter().collect();
    assert_eq!(
        signed_by(&request, &all),
        [false, true, true, true, true, true, true]
    );
}

async fn the_secret_of_the_program_changes_and_webhooks_still_sign(backend: Backend) {
    const OLD: &str = "the former secret of this program which is long enough";
    const NEW: &str = "the secret that this program has from now on";
    let mut app = TestApp::start_with_settings(backend, |options| {
        options.secret = Some(OLD.into());
    })
    .await;
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let made = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let (id, first) = (made.webhook.id, made.secret);
    let rotated = ada.rotate_webhook_secret(ada.id, id).await;
    let second = rotated.expect("rotated").secret.clone();
    let both = [&first, &second];
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(signed_by(&request, &both), [true, true]);

    for secrets in [format!("{NEW},{OLD}"), NEW.to_owned()] {
        app.starts_again_with_settings(|options| options.secret = Some(secrets.as_str().into()))
            .await;
        app.signs_in(&ada).await;
        let request = tested(&ada, id, &receiver).await;
        assert_eq!(signed_by(&request, &both), [true, true], "{secrets}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_secret_of_the_program_changes_on_sqlite() {
    the_secret_of_the_program_changes_and_webhooks_still_sign(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_secret_of_the_program_changes_on_postgresql() {
    the_secret_of_the_program_changes_and_webhooks_still_sign(Backend::PostgreSql).await;
}

/// An instance that was not started anew seals with the former secret; the next round of the other makes up
/// for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sealed_with_a_former_secret_later_is_sealed_anew_by_the_sweep() {
    const NEW: &str = "the secret that this program has from now on";
    let mut app = TestApp::start(Backend::PostgreSql).await;
    let ada = app.owner("ada").await;
    let mut other = app
        .another_instance_with_settings(|options| {
            let old = options.secret.clone().expect("the first instance's");
            options.secret = Some(format!("{NEW},{}", old.reveal()).as_str().into());
        })
        .await;
    let receiver = Receiver::start().await;
    let made = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let (id, secret) = (made.webhook.id, made.secret);
    tested(&ada, id, &receiver).await;

    other.sweeps().await.expect("every step is done");
    other
        .starts_again_with_settings(|options| options.secret = Some(NEW.into()))
        .await;
    let there = ada.signed_in_at(&other).await;
    let rotated = there.rotate_webhook_secret(there.id, id).await;
    rotated.expect("rotated");
    app.stops().await;
    let request = tested(&there, id, &receiver).await;
    assert!(
        is_signed_by(&request, &secret),
        "it was opened, or it would not sign as a former one"
    );
}

/// What cannot be opened any more holds up nothing that the present secret signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_former_secret_that_is_lost_is_left_out() {
    let mut app = TestApp::start(Backend::Sqlite).await;
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let made = hooks(&ada, &receiver, &[Event::RoleDeleted]).await;
    let (id, first) = (made.webhook.id, made.secret);
    let rotated = ada.rotate_webhook_secret(ada.id, id).await;
    let second = rotated.expect("rotated").secret.clone();
    app.by_hand("UPDATE webhook_former_secrets SET sealed_secret = X'00010203'")
        .await;
    let request = tested(&ada, id, &receiver).await;
    assert_eq!(signed_by(&request, &[&first, &second]), [false, true]);
    app.stops_and_starts_again().await;
    app.signs_in(&ada).await;
    tested(&ada, id, &receiver).await;
}

on_both_databases! {
    a_secret_is_changed_without_losing_a_message,
    a_rotation_that_is_sent_again_takes_no_secret_away,
}
