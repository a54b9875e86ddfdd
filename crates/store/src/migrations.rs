//! The schema's history, up and down, in one transaction under a lock.

use crate::db::{Db, Pools};
use crate::error::StoreError;
use crate::pool;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::Migration;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Several instances that start at once queue here. The statement may take longer than others.
const POSTGRES_LOCK: &str = "SET LOCAL statement_timeout = 0; \
     SET LOCAL lock_timeout = 0; \
     SELECT pg_advisory_xact_lock(4706899240051822196);";

type MigrationResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

struct Failure(StoreError);

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for Failure {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self(match error.downcast::<diesel::result::Error>() {
            Ok(error) => (*error).into(),
            Err(error) => StoreError::Internal(error.to_string()),
        })
    }
}

impl Db {
    /// Brings the schema up to date. Safe when several instances start at once.
    pub fn migrate(&self) -> Result<(), StoreError> {
        self.run(Direction::Up)
    }

    /// Takes every migration back, and every row with them.
    pub fn revert_all(&self) -> Result<(), StoreError> {
        self.run(Direction::Down)
    }

    fn run(&self, direction: Direction) -> Result<(), StoreError> {
        let result = match self.pools() {
            Pools::Postgres(pool) => pool::checkout(pool)?.transaction(|c| {
                c.batch_execute(POSTGRES_LOCK)?;
                go(c, POSTGRES, direction)
            }),
            // The immediate transaction is SQLite's lock.
            Pools::Sqlite { writer, .. } => {
                pool::checkout(writer)?.immediate_transaction(|c| go(c, SQLITE, direction))
            }
        };
        result.map_err(|Failure(error)| error)
    }
}

fn go<C, DB>(
    connection: &mut C,
    migrations: EmbeddedMigrations,
    direction: Direction,
) -> Result<(), Failure>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    refuse_newer(connection, &migrations)?;
    match direction {
        Direction::Up => {
            for version in connection.run_pending_migrations(migrations)? {
                tracing::info!(%version, "migrated the database");
            }
        }
        Direction::Down => {
            connection.revert_all_migrations(migrations)?;
        }
    }
    Ok(())
}

/// An older program must not work on a schema that it does not know.
fn refuse_newer<C, DB>(connection: &mut C, migrations: &EmbeddedMigrations) -> Result<(), Failure>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let known: MigrationResult<Vec<Box<dyn Migration<DB>>>> =
        diesel::migration::MigrationSource::migrations(migrations);
    let known: Vec<String> = known?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let unknown: Vec<String> = connection
        .applied_migrations()?
        .iter()
        .map(ToString::to_string)
        .filter(|version| !known.contains(version))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Failure(StoreError::NewerSchema(unknown.join(", "))))
    }
}
