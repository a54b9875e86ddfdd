//! Connection pools: how connections are made, set up, checked and handed out.

use crate::db::Pools;
use crate::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{
    ConnectionManager, CustomizeConnection, Error as SetupError, HandleError, Pool,
    PooledConnection, R2D2Connection,
};
use diesel::sqlite::SqliteConnection;
use std::time::Duration;

pub(crate) type PgPool = Pool<ConnectionManager<PgConnection>>;
pub(crate) type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;

/// How long a call waits for a connection before the database counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

/// A reader sees what is committed and can change nothing.
const SQLITE_READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;";

/// `FULL` syncs the log at each commit: what was acknowledged survives a power failure.
const SQLITE_WRITER: &str = "PRAGMA busy_timeout = 5000; \
     PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON;";

/// Bounds what a stuck statement or a forgotten transaction can hold. Some troubles are told apart by the words for
/// them: in English, where that may be chosen.
const POSTGRES_SESSION: &str = "SET lock_timeout = '10s'; \
     SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '60s'; \
     DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); \
     EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;";

/// libpq's parameters; the times are in seconds, but for the last, which is in milliseconds.
const NOTICING_SILENCE: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "25000"),
];

#[derive(Debug)]
struct SetUp(&'static str);

impl<C: SimpleConnection + 'static> CustomizeConnection<C, SetupError> for SetUp {
    fn on_acquire(&self, connection: &mut C) -> Result<(), SetupError> {
        connection
            .batch_execute(self.0)
            .map_err(SetupError::QueryError)
    }
}

#[derive(Debug)]
struct Log;

impl<E: std::error::Error> HandleError<E> for Log {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "cannot connect to the database");
    }
}

/// A database address, taken apart.
pub(crate) enum Address<'a> {
    Postgres(&'a str),
    Sqlite(&'a str),
}

pub(crate) fn parse(url: &str) -> Result<Address<'_>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        if path.is_empty() || path == ":memory:" {
            return Err(StoreError::BadAddress(
                "a SQLite address names a file: sqlite://path/to/accord.db".to_owned(),
            ));
        }
        Ok(Address::Sqlite(path))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Address::Postgres(url))
    } else {
        Err(StoreError::BadAddress(
            "a database address starts with sqlite:// or postgres://".to_owned(),
        ))
    }
}

pub(crate) fn open(url: &str, size: u32) -> Result<Pools, StoreError> {
    Ok(match parse(url)? {
        Address::Postgres(url) => {
            Pools::Postgres(build(&noticing_silence(url), size, POSTGRES_SESSION))
        }
        Address::Sqlite(path) => {
            let writer = build(path, 1, SQLITE_WRITER);
            // The writer goes first: it makes the file and switches it to WAL.
            drop(checkout(&writer)?);
            Pools::Sqlite {
                writer,
                readers: build(path, size, SQLITE_READER),
            }
        }
    })
}

/// The address of a PostgreSQL, with how soon it is noticed that the server went silent, as after a power failure,
/// unless the operator has said so there. A call that waits for an answer would not hear of it for hours.
pub(crate) fn noticing_silence(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in NOTICING_SILENCE {
        if !url.contains(&format!("{name}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{separator}{name}={value}");
        }
    }
    url
}

fn build<C>(url: &str, size: u32, set_up: &'static str) -> Pool<ConnectionManager<C>>
where
    C: R2D2Connection + SimpleConnection + 'static,
    ConnectionManager<C>: diesel::r2d2::ManageConnection<Connection = C, Error = SetupError>,
{
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(PATIENCE)
        .test_on_check_out(true)
        .connection_customizer(Box::new(SetUp(set_up)))
        .error_handler(Box::new(Log))
        .build_unchecked(ConnectionManager::new(url))
}

pub(crate) fn checkout<C>(
    pool: &Pool<ConnectionManager<C>>,
) -> Result<PooledConnection<ConnectionManager<C>>, StoreError>
where
    C: R2D2Connection + 'static,
{
    pool.get()
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_noticed_as_soon_as_the_operator_says() {
        let plain = noticing_silence("postgres://accord@db/accord");
        assert!(
            plain.starts_with("postgres://accord@db/accord?connect_timeout=5&keepalives_idle=10&")
        );
        let own = noticing_silence("postgres:///accord?host=/run&connect_timeout=60");
        assert!(
            own.starts_with("postgres:///accord?host=/run&connect_timeout=60&keepalives_idle=10&")
        );
        assert_eq!(own.matches("connect_timeout").count(), 1);
    }
}
