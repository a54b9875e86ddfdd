//! Who must look again: each commit tells which accounts it touched, to whoever listens in this
//! process and, on PostgreSQL, in every other instance on the same database.
//!
//! What is told are ids and revisions, never contents: a listener looks at the database with its own
//! eyes. So nothing is lost when a word is: whoever may have missed some looks at everything.

use crate::conn::Conn;
use crate::pool::{SqlitePool, noticing_silence};
use accord_domain::ids::AccountId;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock, Weak};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// An account whose things a commit touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The account.
    pub account_id: AccountId,
    /// What its revision was counted up to, if what it shares changed. Commits may be told in another
    /// order than they were made in: the greatest counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// What one commit touched.
    Changed(Arc<[Change]>),
    /// Some changes may have gone by unheard: anything may have been touched.
    Missed,
}

/// Stands for any revision: the account is gone, and so is whatever somebody kept of it.
pub const EVERY_REVISION: i64 = i64::MAX;

/// Who must know before a write has answered: it is told on the thread that wrote, after the commit, and
/// on the one that hears other instances. It must not wait for anything.
pub trait Observer: std::fmt::Debug + Send + Sync {
    /// What is new.
    fn heard(&self, news: &News);
}

/// A listener's end.
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<News>);

impl Changes {
    /// Waits for the next news; `None` once the database is closed.
    pub async fn next(&mut self) -> Option<News> {
        match self.0.recv().await {
            Ok(news) => Some(news),
            Err(RecvError::Lagged(_)) => Some(News::Missed),
            Err(RecvError::Closed) => None,
        }
    }

    /// News that have come already.
    pub fn waiting(&mut self) -> Option<News> {
        match self.0.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Lagged(_)) => Some(News::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// What a transaction touched so far.
pub(crate) type Touched = BTreeMap<AccountId, Option<i64>>;

impl Conn<'_> {
    /// Notes that the account's things are touched: once this is committed, whoever looks at them looks
    /// again.
    pub(crate) fn touch(&mut self, account: AccountId) {
        self.touched.entry(account).or_default();
    }

    /// The same, with what the account's revision was counted up to.
    pub(crate) fn touch_revision(&mut self, account: AccountId, revision: i64) {
        let known = self.touched.entry(account).or_default();
        *known = (*known).max(Some(revision));
    }
}

/// Commits that a listener may fall behind before it counts as having missed some.
const WAITING_AT_MOST: usize = 1_024;

/// Passes news on to everybody who listens in this process.
#[derive(Debug)]
pub(crate) struct Hub {
    sender: broadcast::Sender<News>,
    /// Tells this process's own words from those of others.
    instance: u64,
    ear: Once,
    observers: RwLock<Vec<Weak<dyn Observer>>>,
    born: Instant,
    /// Everything that other instances committed until then is heard, in microseconds after `born`; 0
    /// while nothing is known of them.
    heard_until: AtomicU64,
    /// What SQLite said last of its file.
    file_version: AtomicI64,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::channel(WAITING_AT_MOST).0,
            instance: RandomState::new().hash_one(std::process::id()),
            ear: Once::new(),
            observers: RwLock::new(Vec::new()),
            born: Instant::now(),
            heard_until: AtomicU64::new(0),
            file_version: AtomicI64::new(NO_VERSION),
        }
    }

    pub(crate) fn observe(&self, observer: Weak<dyn Observer>) {
        let mut observers = self
            .observers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        observers.retain(|observer| observer.strong_count() > 0);
        observers.push(observer);
    }

    /// Whether what other instances commit is heard as it happens.
    pub(crate) fn hears_others(&self) -> bool {
        let until = self.heard_until.load(Ordering::Acquire);
        until != 0 && self.age(self.born.elapsed()).saturating_sub(until) < FRESH_FOR
    }

    #[expect(clippy::cast_possible_truncation, reason = "half a million years")]
    fn age(&self, elapsed: Duration) -> u64 {
        elapsed.as_micros() as u64 + 1
    }

    /// Whether the file is not as this process left it: some other one wrote to it.
    pub(crate) fn file_is_at(&self, version: i64) {
        let before = self.file_version.swap(version, Ordering::AcqRel);
        if before != NO_VERSION && before != version {
            self.tell(News::Missed);
        }
    }

    /// Tells this process what a commit touched.
    pub(crate) fn publish(&self, touched: Touched, everybody: bool) {
        if everybody {
            self.tell(News::Missed);
        } else if !touched.is_empty() {
            self.tell(News::Changed(changes(touched).into()));
        }
    }

    pub(crate) fn tell(&self, news: News) {
        let observers = self
            .observers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for observer in observers.iter().filter_map(Weak::upgrade) {
            observer.heard(&news);
        }
        drop(observers);
        // Nobody may be listening.
        let _ = self.sender.send(news);
    }

    pub(crate) fn subscribe(&self) -> Changes {
        Changes(self.sender.subscribe())
    }

    /// Listens to the other instances, from the first call on and while the hub lives.
    pub(crate) fn listen_to_others(self: &Arc<Self>, url: &str) {
        self.ear.call_once(|| {
            let (url, hub) = (url.to_owned(), Arc::downgrade(self));
            let spawned = thread::Builder::new()
                .name("accord-changes".to_owned())
                .spawn(move || listen(&url, &hub));
            if let Err(error) = spawned {
                tracing::error!(%error, "changes made by other instances will not be heard");
            }
        });
    }

    /// Looks at the file for writes of other processes, from the first call on and while the hub lives.
    pub(crate) fn watch_file(self: &Arc<Self>, writer: SqlitePool) {
        self.ear.call_once(|| {
            let hub = Arc::downgrade(self);
            let spawned = thread::Builder::new()
                .name("accord-changes".to_owned())
                .spawn(move || {
                    while let Some(hub) = hub.upgrade() {
                        // While this process writes, no other one does.
                        if let Some(mut connection) = writer.try_get() {
                            hub.look_at_file(&mut connection);
                        }
                        drop(hub);
                        thread::sleep(LOOK_AT_FILE_EVERY);
                    }
                });
            if let Err(error) = spawned {
                tracing::error!(%error, "changes made by other processes will not be heard");
            }
        });
    }

    /// Asks the connection that this process writes with, which does not count its own writes.
    pub(crate) fn look_at_file(&self, writer: &mut SqliteConnection) {
        let asked = diesel::sql_query("PRAGMA data_version").get_result::<FileVersion>(writer);
        match asked {
            Ok(file) => self.file_is_at(file.data_version),
            Err(error) => tracing::debug!(%error, "cannot ask for the version of the file"),
        }
    }

    /// Writes the words for the other instances into the transaction: they go out if it is committed.
    pub(crate) fn announce(
        &self,
        connection: &mut PgConnection,
        touched: &Touched,
        everybody: bool,
    ) -> QueryResult<()> {
        if everybody {
            return self.say(connection, &[], true);
        }
        for changes in changes(touched.clone()).chunks(CHANGES_PER_WORD) {
            self.say(connection, changes, false)?;
        }
        Ok(())
    }

    fn say(
        &self,
        connection: &mut PgConnection,
        changes: &[Change],
        everybody: bool,
    ) -> QueryResult<()> {
        let word = serde_json::to_string(&Word {
            from: self.instance,
            changes: changes.to_vec(),
            everybody,
        })
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
        diesel::sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Text, _>(word)
            .execute(connection)
            .map(drop)
    }
}

#[derive(QueryableByName)]
struct FileVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

fn changes(touched: Touched) -> Vec<Change> {
    touched
        .into_iter()
        .map(|(account_id, revision)| Change {
            account_id,
            revision,
        })
        .collect()
}

const CHANNEL: &str = "accord_changes";
/// PostgreSQL takes fewer than 8,000 bytes at once; a change is some ninety.
const CHANGES_PER_WORD: usize = 64;

/// What instances tell each other.
#[derive(Debug, Serialize, Deserialize)]
struct Word {
    from: u64,
    changes: Vec<Change>,
    /// Whether something changed that every account has a part in.
    #[serde(default)]
    everybody: bool,
}

/// Before SQLite was asked.
const NO_VERSION: i64 = -1;
/// How often SQLite is asked whether another process wrote to the file.
const LOOK_AT_FILE_EVERY: Duration = Duration::from_millis(50);

/// How often the connection is asked what came: diesel has no way to wait for it.
const LISTEN_EVERY: Duration = Duration::from_millis(20);
/// How often the connection is asked whether it still lives; what came before is heard with the answer.
const ASK_EVERY: Duration = Duration::from_millis(40);
/// How long after that what is heard counts as all there is, in microseconds: less than the tenth of a
/// second within which the end of an access holds everywhere.
const FRESH_FOR: u64 = 90_000;
/// How often a listener says something to itself, to prove that words come through.
const PROVE_EVERY: Duration = Duration::from_secs(5);
/// Silence that means a broken channel.
const DEAF_AFTER: Duration = Duration::from_secs(12);
/// Pauses between attempts to connect. While there is no channel, listeners look at the database this
/// often.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Hears other instances until the hub is gone.
fn listen(url: &str, hub: &Weak<Hub>) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match open(url) {
            Ok(connection) => {
                pause = SHORTEST_PAUSE;
                match hear(connection, hub) {
                    Ok(()) => return,
                    Err(reason) => {
                        tracing::warn!(%reason, "other instances are not heard for the moment");
                    }
                }
            }
            Err(error) => {
                tracing::debug!(%error, "cannot connect to hear other instances");
            }
        }
        let Some(hub) = hub.upgrade() else { return };
        hub.heard_until.store(0, Ordering::Release);
        hub.tell(News::Missed);
        drop(hub);
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn open(url: &str) -> ConnectionResult<PgConnection> {
    let mut connection = PgConnection::establish(&noticing_silence(url))?;
    connection
        .batch_execute(&format!(
            "SET statement_timeout = '10s'; SET application_name = '{CHANNEL}'; LISTEN {CHANNEL};"
        ))
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Passes on what is heard on this connection. Ends well when the hub is gone, and otherwise with the
/// reason why the connection is no good any more.
fn hear(mut connection: PgConnection, hub: &Weak<Hub>) -> Result<(), String> {
    let mut heard = Instant::now();
    let mut proven = heard;
    let mut asked = heard;
    // A proxy may take the connection for one that does not listen: nothing is believed before a word came.
    let mut believed = false;
    if let Some(hub) = hub.upgrade() {
        hub.say(&mut connection, &[], false)
            .map_err(|error| error.to_string())?;
        // Whatever was committed before this connection listened.
        hub.tell(News::Missed);
    }
    loop {
        let Some(hub) = hub.upgrade() else {
            return Ok(());
        };
        let begun = Instant::now();
        let asks = begun.duration_since(asked) > ASK_EVERY;
        if asks {
            asked = begun;
            connection
                .batch_execute("SELECT 1")
                .map_err(|error| error.to_string())?;
        }
        for word in connection.notifications_iter() {
            let word = word.map_err(|error| error.to_string())?;
            heard = Instant::now();
            believed = true;
            match serde_json::from_str::<Word>(&word.payload) {
                Ok(word) if word.from == hub.instance => {}
                Ok(word) if word.everybody => hub.tell(News::Missed),
                Ok(word) if word.changes.is_empty() => {}
                Ok(word) => hub.tell(News::Changed(word.changes.into())),
                // Another version's word: something changed, whatever it is.
                Err(_) => hub.tell(News::Missed),
            }
        }
        if asks && believed {
            let until = hub.age(begun.duration_since(hub.born));
            hub.heard_until.store(until, Ordering::Release);
        }
        if heard.elapsed() > DEAF_AFTER {
            return Err("nothing comes through the channel".to_owned());
        }
        if proven.elapsed() > PROVE_EVERY {
            proven = Instant::now();
            hub.say(&mut connection, &[], false)
                .map_err(|error| error.to_string())?;
        }
        drop(hub);
        thread::sleep(LISTEN_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(id: u128, revision: Option<i64>) -> Touched {
        [(AccountId(uuid::Uuid::from_u128(id)), revision)].into()
    }

    #[test]
    fn a_listener_that_falls_behind_is_told_that_it_missed_some() {
        let hub = Hub::new();
        let mut changes = hub.subscribe();
        for revision in 0..=WAITING_AT_MOST {
            hub.publish(touched(1, i64::try_from(revision).ok()), false);
        }
        assert_eq!(changes.waiting(), Some(News::Missed));
        assert!(matches!(changes.waiting(), Some(News::Changed(_))));
    }

    #[test]
    fn a_commit_that_touched_nobody_is_no_news() {
        let hub = Hub::new();
        let mut changes = hub.subscribe();
        hub.publish(Touched::new(), false);
        assert_eq!(changes.waiting(), None);
    }

    #[test]
    fn the_longest_word_fits_the_channel() {
        let word = Word {
            from: u64::MAX,
            changes: vec![
                Change {
                    account_id: AccountId(uuid::Uuid::from_u128(u128::MAX)),
                    revision: Some(i64::MAX),
                };
                CHANGES_PER_WORD
            ],
            everybody: false,
        };
        let text = serde_json::to_string(&word).expect("JSON");
        assert!(text.len() < 8_000, "{}", text.len());
    }
}
