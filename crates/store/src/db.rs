//! The database as the rest of the program sees it: snapshots to read from, transactions to
//! write in.

use crate::changes::{Changes, Hub, Touched};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::pool::{self, PgPool, SqlitePool};
use diesel::Connection;
use diesel::result::Error as DieselError;
use std::sync::Arc;
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

/// A handle on the database; clones share one pool.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    hub: Arc<Hub>,
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
enum TransactionError<E> {
    Caller(E),
    Database(DieselError),
}

impl<E> From<DieselError> for TransactionError<E> {
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
    /// other instance. Another process that writes to the same SQLite file is not heard.
    pub fn changes(&self) -> Changes {
        if self.kind() == DatabaseKind::Postgres {
            self.hub.listen_to_others(&self.url);
        }
        self.hub.subscribe()
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
        })
    }

    /// Runs `work` in one transaction and commits it if it answers `Ok`; what it touched is then told to
    /// whoever listens to [`Db::changes`]. A transaction that lost
    /// against another one is run again from the start, so `work` must have no other effects.
    pub fn write<T, E>(&self, mut work: impl FnMut(&mut Conn<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut attempt = 1;
        loop {
            let mut lost = false;
            let mut touched = Touched::new();
            let result = match &self.pools {
                Pools::Postgres(pool) => {
                    let mut connection = pool::checkout(pool)?;
                    connection.build_transaction().read_committed().run(|c| {
                        let mut tx = Conn::pg(c);
                        let result = work(&mut tx);
                        lost = tx.lost_a_race;
                        touched = tx.touched;
                        let value = result.map_err(TransactionError::Caller)?;
                        self.hub.announce(c, &touched)?;
                        Ok(value)
                    })
                }
                Pools::Sqlite { writer, .. } => {
                    let mut connection = pool::checkout(writer)?;
                    connection.immediate_transaction(|c| {
                        let mut tx = Conn::sqlite(c);
                        let result = work(&mut tx);
                        touched = tx.touched;
                        result.map_err(TransactionError::Caller)
                    })
                }
            };
            match result {
                Ok(value) => {
                    self.hub.publish(touched);
                    return Ok(value);
                }
                Err(_) if lost && attempt < WRITE_ATTEMPTS => {
                    tracing::debug!(attempt, "a transaction lost a race and is run again");
                    std::thread::sleep(pause_before(attempt));
                    attempt += 1;
                }
                Err(TransactionError::Caller(error)) => return Err(error),
                Err(TransactionError::Database(error)) => {
                    return Err(StoreError::from(error).into());
                }
            }
        }
    }
}

/// Growing, and different on every thread, so that two losers do not meet again.
fn pause_before(attempt: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let jitter = RandomState::new().hash_one(attempt) % 10;
    Duration::from_millis(u64::from(attempt) * 5 + jitter)
}
