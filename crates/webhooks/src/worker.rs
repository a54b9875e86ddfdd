//! The worker that sends what waits: claims what is due, sends it, notes what became of it.

use crate::seal::SecretSealer;
use crate::sender::{ATTEMPT_LIMIT, Message, Sender};
use crate::signature::{Signature, WebhookSecret};
use accord_domain::ids::WebhookId;
use accord_domain::webhook::{SWITCHED_OFF_AFTER, SwitchedOff};
use accord_store::webhook_deliveries::{self as deliveries, AfterFailure, Attempt, Delivery, Take};
use accord_store::webhooks::{self, Webhook};
use accord_store::{Conn, Db, NOTE_PAUSE, StoreError, Takeover};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Tells the time; tests bring their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What else a webhook's being switched off changes, in the transaction that does it. The webhook is as
/// it is then.
pub type SwitchedOffHook =
    Arc<dyn Fn(&mut Conn<'_>, &Webhook, DateTime<Utc>) -> Result<(), StoreError> + Send + Sync>;

/// How many deliveries are under way at once, and how many of them to one webhook.
const AT_ONCE: usize = 32;
const AT_ONCE_TO_ONE: usize = 4;
/// For how long a claimed delivery is this worker's alone: longer than an attempt can last, and longer by far
/// than the database is asked nothing (see [`Takeover`]).
const LEASE: TimeDelta = TimeDelta::seconds(8 * ATTEMPT_LIMIT.as_secs() as i64);
/// How long the worker rests when nothing is told: retries become due, and another instance may have gone.
const REST: Duration = Duration::from_secs(5);
/// How long deliveries under way may go on when the program stops.
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// The pauses between attempts, in seconds, as the specification suggests; after the last the delivery is
/// given up, some three days old.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// The first and the longest pause after a failure of the database.
const DATABASE_PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(15));
/// The same while what became of a delivery waits to be noted.
const NOTE_PAUSES: (Duration, Duration) = (Duration::from_millis(200), NOTE_PAUSE);
/// How often the outcome of a delivery is written again when the database refuses it.
const REFUSED_WRITES: u32 = 5;

const GONE: u16 = 410;
const IS_OFF: &str = "The webhook was switched off before it could be sent.";

/// Sends what waits for webhooks. Several may work on one database.
#[derive(Clone)]
pub struct Worker {
    /// Where it waits.
    pub db: Db,
    /// Opens the secrets.
    pub sealer: SecretSealer,
    /// The way to receivers.
    pub sender: Sender,
    /// Tells the time.
    pub clock: Clock,
    /// Called when a webhook is switched off.
    pub switched_off: SwitchedOffHook,
    /// When what others claimed may be taken over.
    pub takeover: Takeover,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Deliveries that their receivers took.
    pub delivered: usize,
    /// Deliveries that will be tried again, or are given up.
    pub failed: usize,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Delivered,
    Failed,
}

impl Worker {
    /// Works until `stop` completes; what is under way then may still be finished.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut changes = self.db.changes();
        let mut heard = true;
        let mut database_pause = DATABASE_PAUSES.0;
        let mut under_way = JoinSet::new();
        let mut in_hand: HashMap<WebhookId, usize> = HashMap::new();
        loop {
            let free = AT_ONCE.saturating_sub(under_way.len());
            let rest = match self.claim(free, &in_hand).await {
                Ok(claimed) => {
                    let more = !claimed.is_empty() && claimed.len() < free;
                    for (delivery, webhook) in claimed {
                        let worker = self.clone();
                        let id = webhook.id;
                        *in_hand.entry(id).or_default() += 1;
                        under_way.spawn(async move {
                            worker.deliver(delivery, webhook).await;
                            id
                        });
                    }
                    database_pause = DATABASE_PAUSES.0;
                    // Beyond those that were looked at there may be others.
                    if more { Duration::ZERO } else { REST }
                }
                Err(error) => {
                    tracing::error!(%error, "what waits for webhooks cannot be read");
                    let pause = database_pause;
                    database_pause = (pause * 2).min(DATABASE_PAUSES.1);
                    pause
                }
            };
            tokio::select! {
                Some(ended) = under_way.join_next(), if !under_way.is_empty() => {
                    match ended {
                        Ok(id) => {
                            if let Some(count) = in_hand.get_mut(&id) {
                                *count -= 1;
                                if *count == 0 {
                                    in_hand.remove(&id);
                                }
                            }
                        }
                        Err(error) => {
                            tracing::error!(%error, "a delivery to a webhook ended without an outcome");
                            // Whose it was is not known; nobody's shall be held back for it.
                            in_hand.clear();
                        }
                    }
                }
                news = changes.next(), if heard => {
                    heard = news.is_some();
                    while changes.waiting().is_some() {}
                }
                () = tokio::time::sleep(rest) => {}
                () = &mut stop => break,
            }
        }
        let finished = async { while under_way.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_LIMIT, finished).await.is_err() {
            tracing::warn!("deliveries to webhooks were left behind and will be tried again");
        }
    }

    /// One round: claims some of what is due, sends it, and notes what became of each.
    pub async fn deliver_due(&self) -> Result<Round, StoreError> {
        let mut under_way = JoinSet::new();
        for (delivery, webhook) in self.claim(AT_ONCE, &HashMap::new()).await? {
            let worker = self.clone();
            under_way.spawn(async move { worker.deliver(delivery, webhook).await });
        }
        let mut round = Round::default();
        while let Some(outcome) = under_way.join_next().await {
            match outcome {
                Ok(Outcome::Delivered) => round.delivered += 1,
                Ok(Outcome::Failed) => round.failed += 1,
                Err(error) => {
                    tracing::error!(%error, "a delivery to a webhook ended without an outcome");
                }
            }
        }
        Ok(round)
    }

    /// Looks first without locking anything: most commits queue nothing.
    async fn claim(
        &self,
        limit: usize,
        in_hand: &HashMap<WebhookId, usize>,
    ) -> Result<Vec<(Delivery, Webhook)>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let asked_at = (self.clock)();
        let (db, in_hand) = (self.db.clone(), in_hand.clone());
        let (clock, takeover) = (Arc::clone(&self.clock), self.takeover.clone());
        let claimed = blocking(move || {
            let any = |tx: &mut Conn<'_>| {
                let now = clock();
                deliveries::any_due(tx, takeover.lapsed_by(asked_at, now), now)
            };
            if !db.read(any)? {
                return Ok(Vec::new());
            }
            db.write(|tx| {
                let now = clock();
                let take = Take {
                    limit,
                    of_one_webhook: AT_ONCE_TO_ONE,
                    in_hand: &in_hand,
                    until: now + LEASE,
                    lapsed_by: takeover.lapsed_by(asked_at, now),
                };
                deliveries::claim_due(tx, take, now)
            })
        })
        .await;
        let answered = !matches!(claimed, Err(StoreError::Unavailable(_)));
        self.takeover.asked(asked_at, (self.clock)(), answered);
        claimed
    }

    async fn deliver(&self, delivery: Delivery, webhook: Webhook) -> Outcome {
        let began = Instant::now();
        let answer = self.attempt(&delivery, &webhook).await;
        let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (attempt, status) = match answer {
            Ok(received) => {
                let taken = (200..300).contains(&received.status);
                let attempt = Attempt {
                    duration_ms,
                    response_status: Some(i32::from(received.status)),
                    response_body: Some(received.body),
                    error: (!taken).then(|| not_taken(received.status)),
                };
                (attempt, Some(received.status))
            }
            Err(sentence) => {
                let attempt = Attempt {
                    duration_ms,
                    error: Some(sentence),
                    ..Attempt::default()
                };
                (attempt, None)
            }
        };
        let now = (self.clock)();
        match attempt.error.clone() {
            None => {
                tracing::info!(delivery = %delivery.id, webhook = %webhook.id, "webhook delivered");
                let (sent, webhook) = (delivery.clone(), webhook.id);
                self.note(&delivery, move |tx| {
                    // The webhook first, as everybody does who writes to both.
                    webhooks::note_success(tx, webhook, now)?;
                    deliveries::mark_delivered(tx, &sent, &attempt, now).map(drop)
                })
                .await;
                Outcome::Delivered
            }
            Some(error) => {
                tracing::info!(
                    delivery = %delivery.id, webhook = %webhook.id, attempt = delivery.attempts, %error,
                    "webhook not delivered"
                );
                let (hook, failed) = (Arc::clone(&self.switched_off), delivery.clone());
                self.note(&delivery, move |tx| {
                    after_failure(tx, &hook, &failed, (&attempt, &error), status, now)
                })
                .await;
                Outcome::Failed
            }
        }
    }

    async fn attempt(
        &self,
        delivery: &Delivery,
        webhook: &Webhook,
    ) -> Result<crate::Received, String> {
        // It was switched off between the queue and the claim.
        if webhook.switched_off_at.is_some() {
            return Err(IS_OFF.to_owned());
        }
        let now = (self.clock)();
        let secrets = self.secrets(webhook, now)?;
        let timestamp = now.timestamp();
        let signature = Signature::of(&secrets, delivery.id, timestamp, &delivery.body);
        let message = Message {
            id: delivery.id,
            timestamp,
            signature: signature.as_str(),
            body: &delivery.body,
        };
        let sent = self.sender.send(&webhook.url, &message).await;
        sent.map_err(|error| error.to_string())
    }

    /// The secret, and those before as long as they sign too. A former one that cannot be opened any more
    /// holds up nothing that the present one signs.
    fn secrets(&self, webhook: &Webhook, now: DateTime<Utc>) -> Result<Vec<WebhookSecret>, String> {
        let present = self.sealer.open(webhook.id, &webhook.sealed_secret);
        let mut secrets = vec![present.map_err(|error| error.to_string())?];
        let signing = webhook
            .former_secrets
            .iter()
            .filter(|one| now < one.ends_at);
        for former in signing {
            match self.sealer.open(webhook.id, &former.sealed) {
                Ok(secret) => secrets.push(secret),
                Err(error) => {
                    tracing::warn!(webhook = %webhook.id, %error, "a former secret does not sign");
                }
            }
        }
        Ok(secrets)
    }

    /// Writes an outcome down, as often as it takes while the database is away: what was delivered and
    /// not noted would be sent again. That nobody takes it over meanwhile, and for a while after, is [`Takeover`]'s.
    async fn note(
        &self,
        delivery: &Delivery,
        write: impl Fn(&mut Conn<'_>) -> Result<(), StoreError> + Clone + Send + 'static,
    ) {
        let (mut pause, longest) = NOTE_PAUSES;
        let mut refused = 0;
        loop {
            let (db, write) = (self.db.clone(), write.clone());
            let Err(error) = blocking(move || db.write(|tx| write(tx))).await else {
                return;
            };
            if !matches!(error, StoreError::Unavailable(_)) {
                refused += 1;
            }
            tracing::error!(delivery = %delivery.id, %error, "what became of a delivery cannot be noted");
            if refused == REFUSED_WRITES {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

/// Notes a failed attempt: when the next one is, whether there is one, and whether the webhook stays on.
fn after_failure(
    tx: &mut Conn<'_>,
    hook: &SwitchedOffHook,
    delivery: &Delivery,
    (attempt, error): (&Attempt, &str),
    status: Option<u16>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = delivery.webhook_id;
    let Some(webhook) = webhooks::note_failure(tx, id, error, now)? else {
        return Ok(());
    };
    let because = match webhook.failing_since {
        _ if webhook.switched_off_at.is_some() => None,
        _ if status == Some(GONE) => Some(SwitchedOff::Gone),
        Some(since) if now - since >= SWITCHED_OFF_AFTER => Some(SwitchedOff::Failing),
        _ => None,
    };
    let stays_on = because.is_none() && webhook.switched_off_at.is_none();
    let then = match pause_after(delivery) {
        Some(pause) if stays_on => AfterFailure::RetryAt(now + pause),
        _ => AfterFailure::GiveUp,
    };
    deliveries::mark_failed(tx, delivery, attempt, then, now)?;
    let Some(because) = because else {
        return Ok(());
    };
    if let Some(off) = webhooks::switch_off(tx, id, because, now)? {
        tracing::warn!(webhook = %id, %because, "webhook switched off");
        deliveries::give_up_waiting(tx, id, IS_OFF, now)?;
        hook(tx, &off, now)?;
    }
    Ok(())
}

fn not_taken(status: u16) -> String {
    match status {
        300..400 => format!("The receiver answered {status}: redirects are not followed."),
        GONE => format!("The receiver answered {status}: nobody is there any more."),
        _ => format!("The receiver answered {status}."),
    }
}

/// How long to wait after this attempt failed, up to a tenth longer so that what failed together is not
/// tried together; `None` when it is time to give up.
fn pause_after(delivery: &Delivery) -> Option<TimeDelta> {
    let seconds = *PAUSES.get(usize::try_from(delivery.failures).ok()?)?;
    let [.., random] = *delivery.id.0.as_bytes();
    let spread = TimeDelta::milliseconds(seconds * 100 * i64::from(random) / 255);
    Some(TimeDelta::seconds(seconds) + spread)
}

/// The database is synchronous, so it is asked on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(StoreError::Internal(error.to_string())))
}
