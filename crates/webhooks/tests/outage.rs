//! The worker while the database is away: what a receiver took is not sent to it again.

use accord_domain::account::AccountKind;
use accord_domain::authorize::{Caller, Grant, Host, ManageWebhooks, Standing, authorize};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_domain::webhook::{DeliveryStatus, WebhookEvent};
use accord_store::accounts::{self, NewAccount};
use accord_store::webhook_deliveries::{self as deliveries, Delivery, NewDelivery, Take};
use accord_store::webhooks::{self, WebhookContent};
use accord_store::{Conn, Db, Insert, StoreError, Takeover};
use accord_testkit::databases::{Backend, PostgresCluster, TestDatabase};
use accord_testkit::receiver::{Receiver, Reply};
use accord_webhooks::{
    AddressGuard, Authorities, Resolver, Round, SecretSealer, Sender, WebhookSecret, Worker,
};
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const NOTHING: Round = Round {
    delivered: 0,
    failed: 0,
};
const DELIVERED: Round = Round {
    delivered: 1,
    ..NOTHING
};

fn new_id<Id: From<Uuid>>() -> Id {
    Uuid::now_v7().into()
}

fn start() -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0);
    start.single().expect("a time")
}

fn owner(account_id: AccountId) -> Grant<ManageWebhooks> {
    let caller = Caller {
        account_id,
        kind: AccountKind::Billing,
        email_verified: true,
    };
    let host = Host {
        account_id,
        kind: AccountKind::Billing,
        frozen: false,
    };
    authorize(caller, &host, Standing::Owner).expect("the owner may")
}

/// A database with one webhook, and a clock that stands still until it is told.
struct Scene {
    url: String,
    db: Db,
    sealer: SecretSealer,
    now: Arc<Mutex<DateTime<Utc>>>,
    account: AccountId,
    webhook: WebhookId,
}

impl Scene {
    fn on(url: &str, receiver: &Receiver) -> Self {
        let db = Db::connect(url, 6).expect("it answers");
        db.migrate().expect("it migrates");
        let scene = Self {
            url: url.to_owned(),
            db,
            sealer: SecretSealer::new(&[b"a secret of thirty-two bytes and more"]),
            now: Arc::new(Mutex::new(start())),
            account: new_id(),
            webhook: new_id(),
        };
        let account = NewAccount {
            id: scene.account,
            kind: AccountKind::Billing,
            name: "Ann".to_owned(),
            email: "ann@example.com".to_owned(),
            email_key: "ann@example.com".to_owned(),
            email_verified_at: None,
            password_hash: "hash".to_owned(),
        };
        let content = WebhookContent {
            url: receiver.url("/hooks"),
            description: String::new(),
            events: vec![WebhookEvent::RoleUpdated],
            switched_off: None,
            failing_since: None,
        };
        let secret = WebhookSecret::new([9; 32]);
        let sealed = scene.sealer.seal(scene.webhook, &secret).expect("sealed");
        scene.write(|tx| {
            let added = accounts::insert(tx, &account, start())?;
            assert!(matches!(added, Insert::Done(_)));
            let grant = owner(scene.account);
            webhooks::insert(tx, &grant, scene.webhook, &content, &sealed, start()).map(drop)
        });
        scene
    }

    fn write<T>(&self, work: impl FnMut(&mut Conn<'_>) -> Result<T, StoreError>) -> T {
        self.db.write(work).expect("written")
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().expect("no panic") += time;
    }

    /// A worker of its own instance, with connections of its own.
    fn worker(&self) -> Worker {
        let now = Arc::clone(&self.now);
        Worker {
            db: Db::connect(&self.url, 6).expect("it answers"),
            sealer: self.sealer.clone(),
            sender: Sender::new(
                AddressGuard::allowing(["127.0.0.0/8".parse().expect("a network")]),
                Resolver::system(),
                Authorities::default(),
            ),
            clock: Arc::new(move || *now.lock().expect("no panic")),
            switched_off: Arc::new(|_, _, _| Ok(())),
            takeover: Takeover::default(),
        }
    }

    fn queues(&self) -> DeliveryId {
        let new = NewDelivery {
            id: new_id(),
            webhook_id: self.webhook,
            event_type: "role.updated".to_owned(),
            body: "{}".to_owned(),
        };
        self.write(|tx| deliveries::queue(tx, self.account, &new, start()).map(drop));
        new.id
    }

    fn stored(&self, id: DeliveryId) -> Delivery {
        let found = self.db.read(|tx| deliveries::by_id(tx, self.webhook, id));
        found.expect("it answers").expect("it is there")
    }
}

/// Longer than the claim lasts: the other worker leaves it to the one who knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_before_an_outage_is_not_sent_again_after_it() {
    let cluster = tokio::task::spawn_blocking(PostgresCluster::private).await;
    let cluster = cluster.expect("a PostgreSQL server");
    let receiver = Receiver::start().await;
    receiver.answers(Reply::Held(204));
    let scene = Scene::on(&cluster.create_database("accord"), &receiver);
    let (sending, other) = (scene.worker(), scene.worker());
    assert_eq!(other.deliver_due().await.expect("it answers"), NOTHING);
    let delivery = scene.queues();

    let sent = tokio::spawn(async move { sending.deliver_due().await });
    receiver.wait_for(1).await;
    cluster.stop();
    receiver.let_go();
    scene.pass(TimeDelta::hours(1));
    assert!(other.deliver_due().await.is_err(), "the database is away");
    cluster.start();
    while !sent.is_finished() {
        assert_eq!(other.deliver_due().await.expect("it answers"), NOTHING);
    }
    let round = sent.await.expect("no panic").expect("noted in the end");
    assert_eq!(round, DELIVERED);
    scene.pass(TimeDelta::seconds(20));
    assert_eq!(other.deliver_due().await.expect("it answers"), NOTHING);
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(scene.stored(delivery).status, DeliveryStatus::Delivered);
}

async fn what_a_dead_worker_had_claimed_is_sent_by_another(backend: Backend) {
    let database = TestDatabase::fresh(backend).await;
    let receiver = Receiver::start().await;
    let scene = Scene::on(database.url(), &receiver);
    let delivery = scene.queues();
    let take = Take {
        limit: 1,
        of_one_webhook: 1,
        in_hand: &HashMap::new(),
        until: start() + TimeDelta::minutes(2),
        lapsed_by: start(),
    };
    let claimed = scene.write(|tx| deliveries::claim_due(tx, take, start()));
    assert_eq!(claimed.len(), 1);
    let worker = scene.worker();
    let round = async || worker.deliver_due().await.expect("it answers");
    assert_eq!(round().await, NOTHING);
    for _ in 0..2 {
        scene.pass(TimeDelta::seconds(59));
        assert_eq!(round().await, NOTHING);
    }
    scene.pass(TimeDelta::seconds(2));
    assert_eq!(round().await, DELIVERED);
    assert_eq!(scene.stored(delivery).attempts, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_worker_had_claimed_is_sent_by_another_on_sqlite() {
    what_a_dead_worker_had_claimed_is_sent_by_another(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_worker_had_claimed_is_sent_by_another_on_postgresql() {
    what_a_dead_worker_had_claimed_is_sent_by_another(Backend::PostgreSql).await;
}
