//! The database as the rest of the program sees it: snapshots to read from, transactions to
//! write in.

use crate::access_changes;
use crate::changes::{Changes, EVERY_REVISION, Hub, News, Observer, Touched};
use crate::conn::Conn;
use crate::error::{StoreError, is_read_only};
use crate::idempotency::{self, Claim};
use crate::pool::{self, PgPool, SqlitePool};
use accord_domain::ids::AccountId;
use diesel::Connection;
use diesel::result::Error as DieselError;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often a write that lost against another transaction is run again.
const WRITE_ATTEMPTS: u32 = 10;

/// Which database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// The embedded database.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// All that are open.
    pub open: u32,
    /// Those that nobody uses.
    pub idle: u32,
}

/// A handle on the database; clones share one pool.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    hub: Arc<Hub>,
    rehearsal: Option<Arc<dyn Rehearsal>>,
    /// The turn that all that is written is part of.
    turn: Option<Arc<Claim>>,
    /// Holds a password.
    url: Arc<str>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Pools {
    Postgres(PgPool),
    /// SQLite has one writer at a time: waiting for it in the pool is fair, in SQLite it is not.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
}

/// Keeps the caller's error apart from the transaction's own.
enum TransactionError<E, T = ()> {
    Caller(E),
    Database(DieselError),
    /// It went well, and was to be taken back.
    TakenBack(T),
}

impl<E, T> From<DieselError> for TransactionError<E, T> {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl Db {
    /// Connects to `sqlite://path`, `postgres://…` or `postgresql://…`, and makes sure that the
    /// database answers. `pool_size` is the number of readers on SQLite, of connections on
    /// PostgreSQL.
    pub fn connect(url: &str, pool_size: u32) -> Result<Self, StoreError> {
        let db = Self {
            pools: pool::open(url, pool_size.max(1))?,
            hub: Arc::new(Hub::new()),
            rehearsal: None,
            turn: None,
            url: url.into(),
        };
        db.ping()?;
        Ok(db)
    }

    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        match self.pools {
            Pools::Postgres(_) => DatabaseKind::Postgres,
            Pools::Sqlite { .. } => DatabaseKind::Sqlite,
        }
    }

    /// Fails unless the database answers.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.read(crate::meta::ping)
    }

    /// Hears from now on which accounts each commit touched, in this process and, on PostgreSQL, by any
    /// other instance. That another process wrote to the same SQLite file is heard as [`News::Missed`].
    pub fn changes(&self) -> Changes {
        self.listen();
        self.hub.subscribe()
    }

    /// Tells the observer from now on what [`Db::changes`] tells, before the write that it is about has
    /// answered; for as long as somebody else holds it.
    pub fn observe(&self, observer: Weak<dyn Observer>) {
        self.hub.observe(observer);
        self.listen();
    }

    /// Whether commits of other instances are heard within a tenth of a second. Where not, whoever keeps
    /// something in memory looks at the database first.
    pub fn hears_others(&self) -> bool {
        match self.kind() {
            DatabaseKind::Postgres => self.hub.hears_others(),
            DatabaseKind::Sqlite => true,
        }
    }

    /// The connections that are open now.
    pub fn pool_state(&self) -> PoolState {
        let states = match &self.pools {
            Pools::Postgres(pool) => vec![pool.state()],
            Pools::Sqlite { writer, readers } => vec![writer.state(), readers.state()],
        };
        PoolState {
            open: states.iter().map(|state| state.connections).sum(),
            idle: states.iter().map(|state| state.idle_connections).sum(),
        }
    }

    fn listen(&self) {
        match &self.pools {
            Pools::Postgres(_) => self.hub.listen_to_others(&self.url),
            Pools::Sqlite { writer, .. } => self.hub.watch_file(writer.clone()),
        }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Runs `work` on one consistent snapshot; nothing can be written in it.
    pub fn read<T, E>(&self, mut work: impl FnMut(&mut Conn<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let result = match &self.pools {
            Pools::Postgres(pool) => {
                let mut connection = pool::checkout(pool)?;
                connection
                    .build_transaction()
                    .repeatable_read()
                    .read_only()
                    .run(|c| work(&mut Conn::pg(c)).map_err(TransactionError::Caller))
            }
            Pools::Sqlite { readers, .. } => {
                let mut connection = pool::checkout(readers)?;
                connection
                    .transaction(|c| work(&mut Conn::sqlite(c)).map_err(TransactionError::Caller))
            }
        };
        result.map_err(|error| match error {
            TransactionError::Caller(error) => error,
            TransactionError::Database(error) => StoreError::from(error).into(),
            TransactionError::TakenBack(()) => {
                StoreError::Internal("nothing is taken back from a read".to_owned()).into()
            }
        })
    }

    /// The same database, on which every write is taken back once it went well, and nothing is told: a use
    /// case that runs on it answers as it would, and changes nothing.
    pub fn rehearsing(&self, rehearsal: Arc<dyn Rehearsal>) -> Self {
        Self {
            rehearsal: Some(rehearsal),
            turn: None,
            ..self.clone()
        }
    }

    /// The same database, on which every write notes in its own transaction that it carries out what this
    /// claim is for. Where it is another's turn by now, nothing is committed: [`StoreError::TurnLost`].
    pub fn carrying_out(&self, claim: Claim) -> Self {
        Self {
            turn: Some(Arc::new(claim)),
            ..self.clone()
        }
    }

    /// Runs `work` in one transaction and commits it if it answers `Ok`; what it touched is then told to
    /// whoever listens. A transaction that lost against another one is run again from the start, so `work`
    /// must have no other effects.
    pub fn write<T, E>(&self, mut work: impl FnMut(&mut Conn<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut attempt = 1;
        loop {
            let mut lost = false;
            let mut attempt_it = |tx: &mut Conn<'_>| {
                let result = match &self.rehearsal {
                    None => work(tx).and_then(|value| {
                        access_changes::settle(tx)?;
                        if let Some(claim) = &self.turn {
                            idempotency::note_carried_out(tx, claim)?;
                        }
                        Ok(value)
                    }),
                    Some(rehearsal) => rehearse(&**rehearsal, tx, &mut work),
                };
                lost = tx.lost_a_race;
                let value = result.map_err(TransactionError::Caller)?;
                if self.rehearsal.is_some() {
                    Err(TransactionError::TakenBack(value))
                } else {
                    Ok((value, std::mem::take(&mut tx.touched), tx.touched_everybody))
                }
            };
            let result = match &self.pools {
                Pools::Postgres(pool) => {
                    let mut connection = pool::checkout(pool)?;
                    connection.build_transaction().read_committed().run(|c| {
                        let done = attempt_it(&mut Conn::pg(c).may_write())?;
                        self.hub.announce(c, &done.1, done.2)?;
                        Ok(done)
                    })
                }
                Pools::Sqlite { writer, .. } => {
                    let mut connection = pool::checkout(writer)?;
                    self.hub.look_at_file(&mut connection);
                    connection
                        .immediate_transaction(|c| attempt_it(&mut Conn::sqlite(c).may_write()))
                }
            };
            match result {
                Ok((value, touched, everybody)) => {
                    remember_written(&touched);
                    self.hub.publish(touched, everybody);
                    return Ok(value);
                }
                Err(TransactionError::TakenBack(value)) => return Ok(value),
                Err(_) if lost && attempt < WRITE_ATTEMPTS => {
                    tracing::debug!(attempt, "a transaction lost a race and is run again");
                    std::thread::sleep(pause_before(attempt));
                    attempt += 1;
                }
                Err(TransactionError::Caller(error)) => return Err(error),
                Err(TransactionError::Database(error)) => {
                    // It may have been committed all the same, and only the answer been lost.
                    self.hub.tell(News::Missed);
                    if is_read_only(&error) {
                        return Err(StoreError::read_only().into());
                    }
                    return Err(StoreError::from(error).into());
                }
            }
        }
    }
}

/// Who looks on while a write is rehearsed.
pub trait Rehearsal: Send + Sync {
    /// Before it.
    fn before(&self, tx: &mut Conn<'_>) -> Result<(), StoreError>;
    /// After it, before it is taken back.
    fn after(&self, tx: &mut Conn<'_>) -> Result<(), StoreError>;
}

fn rehearse<T, E: From<StoreError>>(
    rehearsal: &dyn Rehearsal,
    tx: &mut Conn<'_>,
    work: &mut impl FnMut(&mut Conn<'_>) -> Result<T, E>,
) -> Result<T, E> {
    rehearsal.before(tx)?;
    let value = work(tx)?;
    rehearsal.after(tx)?;
    Ok(value)
}

thread_local! {
    static WRITTEN: RefCell<BTreeMap<AccountId, i64>> = const { RefCell::new(BTreeMap::new()) };
}

/// The revisions to which commits on this thread counted accounts up since this was asked last. A call of
/// a use case runs on one thread from its beginning to its end.
pub fn take_written() -> BTreeMap<AccountId, i64> {
    WRITTEN.take()
}

fn remember_written(touched: &Touched) {
    let revisions = touched
        .iter()
        .filter_map(|(account, revision)| Some((*account, (*revision)?)))
        .filter(|(_, revision)| *revision != EVERY_REVISION);
    WRITTEN.with_borrow_mut(|written| written.extend(revisions));
}

/// Growing, and different on every thread, so that two losers do not meet again.
fn pause_before(attempt: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let jitter = RandomState::new().hash_one(attempt) % 10;
    Duration::from_millis(u64::from(attempt) * 5 + jitter)
}
