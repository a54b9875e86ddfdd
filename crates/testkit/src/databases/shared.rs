//! The one PostgreSQL server that all test processes of a user share, and its template database.

use super::cluster::{PostgresCluster, execute, with_database};
use accord_store::Db;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// After how many minutes without a new test process the server ends.
const IDLE_MINUTES: &str = "15";

/// Where to make test databases, and of what.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// The address of a database from which others are made.
    pub(super) maintenance_url: String,
    /// A migrated database to copy.
    pub(super) template: String,
}

/// The server that this process uses, started where it does not run yet.
pub(super) fn server() -> Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let _lock = lock();
            let maintenance_url = match std::env::var("ACCORD_TEST_POSTGRES_URL") {
                Ok(url) => url,
                Err(_) => running_cluster().url("postgres"),
            };
            let template = template(&maintenance_url);
            Server {
                maintenance_url,
                template,
            }
        })
        .clone()
}

/// Ends the shared server, if there is one, and deletes everything in it.
pub fn stop_shared_cluster() {
    let _lock = lock();
    let folder = folder();
    if folder.exists() {
        let _ = PostgresCluster::existing_at(&folder).try_stop();
        let _ = fs::remove_dir_all(&folder);
    }
}

/// One per user and version of this file's layout; short, since a socket's path is bounded.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("accord-test-pg-{}", user_name()))
}

fn user_name() -> String {
    let id = Command::new("id").arg("-u").output();
    id.ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |id| id.trim().to_owned())
}

/// Held while the server or its template is looked for or made; freed with the value.
fn lock() -> File {
    let path = folder().with_extension("lock");
    let open = || -> io::Result<File> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)?;
        file.lock()?;
        Ok(file)
    };
    open().unwrap_or_else(|error| panic!("cannot lock {}: {error}", path.display()))
}

fn running_cluster() -> PostgresCluster {
    let folder = folder();
    let found = PostgresCluster::existing_at(&folder);
    let cluster = if folder.exists() && found.answers() {
        found
    } else {
        // What a crash, a reboot or a cleaner left behind is not worth repairing.
        let _ = found.try_stop();
        let _ = fs::remove_dir_all(&folder);
        let cluster = PostgresCluster::start_at(&folder).outlive();
        cluster.leave_watch(
            r#"
            while sleep 20; do
                [ -e "$2/postmaster.pid" ] || exit 0
                [ -z "$(find "$1/last-used" -mmin "+$3")" ] || break
            done"#,
            IDLE_MINUTES,
            "",
        );
        cluster
    };
    fs::write(folder.join("last-used"), "").expect("the shared server's folder is writable");
    cluster
}

/// A database with the present schema; made once for each schema.
fn template(maintenance_url: &str) -> String {
    let name = format!("accord_template_{:016x}", schema_fingerprint());
    let exists = format!(
        "DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_database WHERE datname = '{name}'); END $$"
    );
    if execute(maintenance_url, &exists).is_err() {
        // Under another name until it is complete: a process that dies here leaves no half one.
        let unfinished = format!("{name}_unfinished");
        let run = |statement: String| {
            execute(maintenance_url, &statement)
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        };
        run(format!(
            "DROP DATABASE IF EXISTS \"{unfinished}\" WITH (FORCE)"
        ));
        run(format!(
            "CREATE DATABASE \"{unfinished}\" TEMPLATE template0"
        ));
        Db::connect(&with_database(maintenance_url, &unfinished), 1)
            .and_then(|db| db.migrate())
            .expect("the migrations run on PostgreSQL");
        run(format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{unfinished}'"
        ));
        run(format!(
            "ALTER DATABASE \"{unfinished}\" RENAME TO \"{name}\""
        ));
    }
    name
}

/// Changes with every migration.
fn schema_fingerprint() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/migrations/postgres");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the store's migrations")
        .flatten()
        .flat_map(|migration| ["up.sql", "down.sql"].map(|file| migration.path().join(file)))
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        fs::read(&file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}
