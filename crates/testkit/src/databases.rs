//! Databases for tests: each test its own, on both of the databases that Accord runs on.
//!
//! The PostgreSQL ones live in one private server that all test processes of a user share. It is
//! started by the first that needs it, never the system's own, and ends by itself once no test
//! has used it for a while. `ACCORD_TEST_POSTGRES_URL` names another server instead.

mod cluster;
mod shared;

pub use cluster::PostgresCluster;
pub use shared::stop_shared_cluster;

use accord_store::Db;
#[cfg(feature = "app")]
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Which of the two databases a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL server.
    PostgreSql,
}

/// Ends the connections by which instances hear each other of commits to this database.
pub(crate) fn cut_channels(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    cluster::execute(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'accord_changes' AND datname = current_database()",
    )
}

/// Changes rows of the database at this address behind the program's back.
#[cfg(feature = "app")]
pub(crate) fn execute(url: &str, statements: &str) -> Result<(), Box<dyn std::error::Error>> {
    match url.strip_prefix("sqlite://") {
        None => cluster::execute(url, statements),
        Some(path) => {
            let mut connection = SqliteConnection::establish(path)?;
            connection.batch_execute("PRAGMA busy_timeout = 10000")?;
            Ok(connection.batch_execute(statements)?)
        }
    }
}

/// The right to write to an embedded database, as another process holds it until this is dropped.
#[cfg(feature = "app")]
#[allow(missing_debug_implementations)] // diesel's connections have none
pub struct HeldDatabase(#[expect(dead_code, reason = "it is held")] SqliteConnection);

#[cfg(feature = "app")]
impl HeldDatabase {
    pub(crate) fn at(url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let path = url.strip_prefix("sqlite://").ok_or("not an embedded one")?;
        let mut connection = SqliteConnection::establish(path)?;
        connection.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE")?;
        Ok(Self(connection))
    }
}

/// How many connections a test's pool may hold.
const POOL_SIZE: u32 = 6;

/// A database of one test. It is deleted with the value.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Folder(#[allow(dead_code)] TempDir), // deleted when it is dropped
    Server { maintenance: String, name: String },
}

impl TestDatabase {
    /// A database with the present schema and no rows.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(),
            Backend::PostgreSql => Self::postgres(),
        }
    }

    /// The same from within asynchronous code, whose threads it does not hold up.
    pub async fn fresh(backend: Backend) -> Self {
        tokio::task::spawn_blocking(move || Self::new(backend))
            .await
            .expect("a fresh database")
    }

    /// A migrated SQLite database in a folder of its own.
    pub fn sqlite() -> Self {
        let database = Self::empty_sqlite();
        database
            .connect()
            .migrate()
            .expect("the migrations run on SQLite");
        database
    }

    /// A SQLite database without a schema.
    pub fn empty_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for a SQLite database");
        Self {
            url: format!("sqlite://{}/accord.db", folder.path().display()),
            home: Home::Folder(folder),
        }
    }

    /// A migrated PostgreSQL database, copied from a template that is migrated once.
    pub fn postgres() -> Self {
        let server = shared::server();
        Self::on_server(server.maintenance_url, Some(&server.template))
    }

    /// A PostgreSQL database without a schema.
    pub fn empty_postgres() -> Self {
        Self::on_server(shared::server().maintenance_url, None)
    }

    fn on_server(maintenance: String, template: Option<&str>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "accord_test_{}_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed),
            // Process ids come round again, also while an older test's database is still there.
            uuid::Uuid::new_v4().simple(),
        );
        let template = template.unwrap_or("template0");
        cluster::execute(
            &maintenance,
            &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""),
        )
        .unwrap_or_else(|error| panic!("cannot make a test database: {error}"));
        Self {
            url: cluster::with_database(&maintenance, &name),
            home: Home::Server { maintenance, name },
        }
    }

    /// Its address, as the setting `ACCORD_DATABASE_URL` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A pool of connections to it.
    pub fn connect(&self) -> Db {
        Db::connect(&self.url, POOL_SIZE).expect("the test's database answers")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Home::Server { maintenance, name } = &self.home {
            // A server that is gone took the database with it.
            let _ = cluster::execute(
                maintenance,
                &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
            );
        }
    }
}
