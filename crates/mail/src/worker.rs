//! The worker that empties the outbox: claims what is due, sends it, notes what became of it.

use crate::message::Message;
use crate::outbox::rendered;
use crate::seal::LinkSealer;
use crate::smtp::{DELIVERY_LIMIT, OutgoingMail, SendError, SmtpTransport};
use accord_store::outbox::{self, AfterFailure, Mail};
use accord_store::{Conn, Db, NOTE_PAUSE, StoreError, Takeover, invitations};
use chrono::{DateTime, TimeDelta, Utc};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Tells the time; tests bring their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What else a mail's being given up changes, in the transaction that notes it. The mail is as it is noted.
pub type GivenUp =
    Arc<dyn Fn(&mut Conn<'_>, &Mail, DateTime<Utc>) -> Result<(), StoreError> + Send + Sync>;

/// How many mails are under way at once.
const BATCH: u32 = 8;
/// For how long a claimed mail is this worker's alone: longer than a delivery can last, so that
/// no other worker sends it too.
const LEASE: TimeDelta = TimeDelta::seconds(3 * DELIVERY_LIMIT.as_secs() as i64);
/// How long the worker rests without being woken: retries become due, and other instances may
/// have queued something.
const REST: Duration = Duration::from_secs(5);
/// How long deliveries under way may go on when the program stops.
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// The pauses between attempts, in minutes; after the last the mail is given up, 52 hours old.
const PAUSES: [i64; 9] = [1, 5, 15, 60, 180, 720, 720, 720, 720];
/// What is older was written while no mail server was set up, or no program ran: its news is none any
/// more, and a link in it may be dead. Longer than all attempts take.
const HORIZON: TimeDelta = TimeDelta::days(3);
/// The first and the longest pause after a failure of the database.
const DATABASE_PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(15));
/// The same while what became of a mail waits to be noted.
const NOTE_PAUSES: (Duration, Duration) = (Duration::from_millis(200), NOTE_PAUSE);
/// How often the outcome of a delivery is written again when the database refuses it.
const REFUSED_WRITES: u32 = 5;

/// Sends what waits in the outbox. Several may work on one database.
#[derive(Clone)]
pub struct Worker {
    /// Where the outbox is.
    pub db: Db,
    /// Opens the links.
    pub sealer: LinkSealer,
    /// The way to the mail server.
    pub transport: SmtpTransport,
    /// Tells the time.
    pub clock: Clock,
    /// Rung when something was queued.
    pub wake: Arc<Notify>,
    /// Where the dashboard is reached, for the mails.
    pub public_url: String,
    /// Called when a mail is given up.
    pub given_up: GivenUp,
    /// When what others claimed may be taken over.
    pub takeover: Takeover,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("transport", &self.transport)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Mails that the mail server took.
    pub sent: usize,
    /// Mails that will be tried again.
    pub postponed: usize,
    /// Mails that will never be sent.
    pub given_up: usize,
}

impl Round {
    fn claimed(self) -> usize {
        self.sent + self.postponed + self.given_up
    }
}

enum Outcome {
    Sent,
    Postponed,
    GivenUp,
}

impl Worker {
    /// Works until `stop` completes; what is under way then may still be finished.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut database_pause = DATABASE_PAUSES.0;
        loop {
            let mut round = std::pin::pin!(self.send_due());
            let result = tokio::select! {
                result = &mut round => result,
                () = &mut stop => {
                    if tokio::time::timeout(STOP_LIMIT, round).await.is_err() {
                        tracing::warn!("mail under way was left behind and will be tried again");
                    }
                    return;
                }
            };
            let rest = match result {
                Ok(round) if round.claimed() == BATCH as usize => continue,
                Ok(_) => {
                    database_pause = DATABASE_PAUSES.0;
                    REST
                }
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    let pause = database_pause;
                    database_pause = (pause * 2).min(DATABASE_PAUSES.1);
                    pause
                }
            };
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(rest) => {}
                () = &mut stop => return,
            }
        }
    }

    /// One round: claims some of what is due, sends it, and notes what became of each.
    pub async fn send_due(&self) -> Result<Round, StoreError> {
        let asked_at = (self.clock)();
        let told = Arc::clone(&self.given_up);
        let (clock, takeover) = (Arc::clone(&self.clock), self.takeover.clone());
        let claimed = self
            .write(move |tx| {
                let now = clock();
                claim(tx, &told, takeover.lapsed_by(asked_at, now), now)
            })
            .await;
        self.heard(asked_at, &claimed);
        let (claimed, given_up) = claimed?;
        let mut under_way = JoinSet::new();
        for mail in claimed {
            let worker = self.clone();
            under_way.spawn(async move { worker.send_one(mail).await });
        }
        let mut round = Round {
            given_up,
            ..Round::default()
        };
        while let Some(outcome) = under_way.join_next().await {
            match outcome {
                Ok(Outcome::Sent) => round.sent += 1,
                Ok(Outcome::Postponed) => round.postponed += 1,
                Ok(Outcome::GivenUp) => round.given_up += 1,
                Err(error) => tracing::error!(%error, "a delivery ended without an outcome"),
            }
        }
        Ok(round)
    }

    async fn send_one(&self, mail: Mail) -> Outcome {
        match self.attempt(&mail).await {
            Ok(()) => {
                tracing::info!(mail = %mail.id, kind = %mail.kind, "mail sent");
                let (sent, now) = (mail.clone(), (self.clock)());
                self.note(&mail, move |tx| outbox::mark_sent(tx, &sent, now))
                    .await;
                Outcome::Sent
            }
            Err(error) => self.after_failure(mail, &error).await,
        }
    }

    async fn attempt(&self, mail: &Mail) -> Result<(), SendError> {
        // A secret or a program version that is put right later makes such a mail readable.
        let rendered = rendered(mail, &self.sealer, &self.public_url)
            .map_err(|error| SendError::Transient(error.to_string()))?;
        let outgoing = OutgoingMail {
            id: mail.id,
            to: mail.recipient.clone(),
            created_at: mail.created_at,
            rendered,
        };
        self.transport.send(&outgoing).await
    }

    async fn after_failure(&self, mail: Mail, error: &SendError) -> Outcome {
        let now = (self.clock)();
        let pause = match error {
            SendError::Transient(_) => pause_after(&mail),
            SendError::Permanent(_) => None,
        };
        let (then, outcome) = match pause {
            Some(pause) => {
                tracing::info!(
                    mail = %mail.id, kind = %mail.kind, attempt = mail.attempts, %error,
                    "mail not sent, will be tried again"
                );
                (AfterFailure::RetryAt(now + pause), Outcome::Postponed)
            }
            None => {
                tracing::warn!(
                    mail = %mail.id, kind = %mail.kind, attempts = mail.attempts, %error,
                    "mail given up"
                );
                (AfterFailure::GiveUp, Outcome::GivenUp)
            }
        };
        let (failed, sentence) = (mail.clone(), error.to_string());
        let after = Mail {
            last_error: Some(sentence.clone()),
            gave_up_at: (then == AfterFailure::GiveUp).then_some(now),
            ..mail.clone()
        };
        let given_up = Arc::clone(&self.given_up);
        self.note(&mail, move |tx| {
            let noted = outbox::mark_failed(tx, &failed, &sentence, then, now)?;
            if noted && after.gave_up_at.is_some() {
                given_up(tx, &after, now)?;
            }
            Ok(())
        })
        .await;
        outcome
    }

    /// Writes an outcome down, as often as it takes while the database is away: a mail that was
    /// sent and not noted would be sent again. That nobody takes it over meanwhile, and for a while
    /// after, is [`Takeover`]'s.
    async fn note(
        &self,
        mail: &Mail,
        write: impl Fn(&mut Conn<'_>) -> Result<(), StoreError> + Clone + Send + 'static,
    ) {
        let (mut pause, longest) = NOTE_PAUSES;
        let mut refused = 0;
        loop {
            let asked_at = (self.clock)();
            let noted = self.write(write.clone()).await;
            self.heard(asked_at, &noted);
            let Err(error) = noted else {
                return;
            };
            if !matches!(error, StoreError::Unavailable(_)) {
                refused += 1;
            }
            tracing::error!(mail = %mail.id, %error, "what became of a mail cannot be noted");
            if refused == REFUSED_WRITES {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// A round lasts as long as its slowest mail: that the database answers meanwhile is heard here, too.
    fn heard<T>(&self, asked_at: DateTime<Utc>, outcome: &Result<T, StoreError>) {
        let answered = !matches!(outcome, Err(StoreError::Unavailable(_)));
        self.takeover.asked(asked_at, (self.clock)(), answered);
    }

    /// The database is synchronous, so it is asked on a thread that may block.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Conn<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let db = self.db.clone();
        tokio::task::spawn_blocking(move || db.write(|tx| work(tx)))
            .await
            .unwrap_or_else(|error| Err(StoreError::Internal(error.to_string())))
    }
}

/// Claims what is due and gives up what nobody should get any more. Answers what is to be sent, and
/// how many were given up.
fn claim(
    tx: &mut Conn<'_>,
    told: &GivenUp,
    lapsed_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Vec<Mail>, usize), StoreError> {
    let mut to_send = Vec::new();
    let mut given_up = 0;
    for mail in outbox::claim_due(tx, now, now + LEASE, lapsed_by, BATCH)? {
        match why_not(tx, &mail, now)? {
            None => to_send.push(mail),
            Some(stale) => {
                let reason = stale.sentence();
                tracing::warn!(mail = %mail.id, kind = %mail.kind, reason, "mail given up");
                outbox::mark_failed(tx, &mail, reason, AfterFailure::GiveUp, now)?;
                // That an invitation which is over was not mailed is no news.
                if stale == Stale::Waited {
                    let after = Mail {
                        last_error: Some(reason.to_owned()),
                        gave_up_at: Some(now),
                        ..mail
                    };
                    told(tx, &after, now)?;
                }
                given_up += 1;
            }
        }
    }
    Ok((to_send, given_up))
}

/// Why a mail that waited is not sent after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stale {
    /// Nobody should get it so late.
    Waited,
    /// What it invites to is over.
    Over,
}

impl Stale {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Waited => "It had waited for more than three days and was not sent any more.",
            Self::Over => "Its invitation was over before it could be sent.",
        }
    }
}

/// Whether a mail that waited is not sent after all, and why.
fn why_not(
    tx: &mut Conn<'_>,
    mail: &Mail,
    now: DateTime<Utc>,
) -> Result<Option<Stale>, StoreError> {
    if now - mail.created_at > HORIZON {
        return Ok(Some(Stale::Waited));
    }
    if mail.kind != Message::INVITATION {
        return Ok(None);
    }
    let live = match mail.member_id {
        Some(member) => invitations::made_then_is_open(tx, member, mail.created_at, now)?,
        None => true,
    };
    Ok((!live).then_some(Stale::Over))
}

/// How long to wait after this many attempts, up to a tenth longer so that mails which failed
/// together are not tried together; `None` when it is time to give up.
fn pause_after(mail: &Mail) -> Option<TimeDelta> {
    let done = usize::try_from(mail.attempts).ok()?;
    let minutes = *PAUSES.get(done.checked_sub(1)?)?;
    let [.., random] = *mail.id.0.as_bytes();
    let spread = TimeDelta::seconds(minutes * 6 * i64::from(random) / 255);
    Some(TimeDelta::minutes(minutes) + spread)
}
