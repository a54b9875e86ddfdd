//! A PostgreSQL server in a folder of its own, reached through a socket in that folder.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The server's superuser, known to it alone.
const USER: &str = "accord";

/// A test server never has to survive the machine, but what it acknowledged survives its own death.
const SETTINGS: &str = "-c fsync=off -c full_page_writes=off \
     -c listen_addresses='' -c max_connections=400 -c shared_buffers=64MB -c autovacuum=off";

const HOW_TO_INSTALL: &str = "Tests need PostgreSQL's server programs (initdb, pg_ctl) in \
     /usr/lib/postgresql/*/bin or on the PATH. On Debian and Ubuntu: \
     apt-get install postgresql. Or set ACCORD_TEST_POSTGRES_URL to a server whose user may \
     create databases.";

/// A private PostgreSQL server. It is stopped with the value.
#[derive(Debug)]
pub struct PostgresCluster {
    folder: PathBuf,
    programs: PathBuf,
    outlive: bool,
}

impl PostgresCluster {
    /// A server of one test's own, that the test may stop and start. Should the test's process die,
    /// it ends too.
    pub fn private() -> Self {
        let name = uuid::Uuid::new_v4().simple().to_string();
        // Not inside a test's own folder: the server's user could not enter it.
        let folder = std::env::temp_dir().join(format!("accord-test-pg-{}", &name[..12]));
        let cluster = Self::start_at(folder);
        let this_process = format!("/proc/{}", std::process::id());
        cluster.leave_watch(
            r#"while [ -e "$3" ]; do sleep 5; done"#,
            &this_process,
            r#"rm -rf "$1""#,
        );
        cluster
    }

    /// Makes a new server in a folder that does not exist yet, and starts it. Where this process is
    /// root, the folder must be in one that everybody may enter.
    pub fn start_at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let cluster = Self {
            programs: programs(),
            outlive: false,
            folder,
        };
        cluster
            .make()
            .unwrap_or_else(|error| panic!("cannot make a PostgreSQL server: {error}"));
        cluster.start();
        cluster
    }

    /// A handle on the server in a folder, whether it runs or not.
    pub(super) fn existing_at(folder: impl Into<PathBuf>) -> Self {
        Self {
            programs: programs(),
            outlive: true,
            folder: folder.into(),
        }
    }

    /// The server goes on when the value ends.
    pub(super) fn outlive(mut self) -> Self {
        self.outlive = true;
        self
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let host: String = self
            .folder
            .to_string_lossy()
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        format!("postgres://{USER}@{host}/{database}")
    }

    /// Makes an empty database and answers its address.
    pub fn create_database(&self, name: &str) -> String {
        execute(
            &self.url("postgres"),
            &format!("CREATE DATABASE \"{name}\""),
        )
        .unwrap_or_else(|error| panic!("cannot make a database: {error}"));
        self.url(name)
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) {
        let options = format!(
            "{SETTINGS} -c unix_socket_directories='{}'",
            self.folder.display()
        );
        self.run(
            Command::new(self.programs.join("pg_ctl"))
                .args([
                    "start",
                    "--wait",
                    "--silent",
                    "--options",
                    &options,
                    "--pgdata",
                ])
                .arg(self.data())
                .arg("--log")
                .arg(self.folder.join("server.log")),
        )
        .unwrap_or_else(|error| {
            let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            panic!("cannot start PostgreSQL: {error}\n{log}")
        });
    }

    /// Stops the server at once, as if it had died: connections break.
    pub fn stop(&self) {
        self.try_stop()
            .unwrap_or_else(|error| panic!("cannot stop PostgreSQL: {error}"));
    }

    pub(super) fn try_stop(&self) -> io::Result<()> {
        self.run(
            Command::new(self.programs.join("pg_ctl"))
                .args([
                    "stop",
                    "--wait",
                    "--silent",
                    "--mode",
                    "immediate",
                    "--pgdata",
                ])
                .arg(self.data()),
        )
    }

    /// Whether it answers.
    pub fn answers(&self) -> bool {
        execute(&self.url("postgres"), "SELECT 1").is_ok()
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Leaves a process behind that waits as one script says, ends the server, and does what the
    /// other says. To both, `$1` is the server's folder, `$2` that of its data, `$3` what is passed
    /// on.
    pub(super) fn leave_watch(&self, wait: &str, passed_on: &str, afterwards: &str) {
        // In a session of its own, where there is a program for that: whoever ends the session in
        // which the tests run leaves it alone.
        const LAUNCH: &str = r#"
            script=$1; shift
            if command -v setsid; then setsid sh -c "$script" "$@" &
            else sh -c "$script" "$@" & fi"#;
        let script = format!(
            "{wait}\n[ ! -e \"$2/postmaster.pid\" ] || \
             \"$4/pg_ctl\" stop --silent --mode immediate --pgdata \"$2\"\n{afterwards}"
        );
        let mut command = Command::new("sh");
        command
            .args(["-c", LAUNCH, "launch", &script])
            .arg("accord-test-watch")
            .arg(&self.folder)
            .arg(self.data())
            .arg(passed_on)
            .arg(&self.programs);
        as_unprivileged(&command)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .status()
            .expect("a shell that watches over a test server");
    }

    fn make(&self) -> io::Result<()> {
        fs::DirBuilder::new().mode(0o700).create(&self.folder)?;
        if let Some(user) = unprivileged_user() {
            chown(&self.folder, Some(user.uid), Some(user.gid))?;
        }
        self.run(
            Command::new(self.programs.join("initdb"))
                .args([
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                ])
                .arg(format!("--username={USER}"))
                .arg("--pgdata")
                .arg(self.data()),
        )
    }

    /// Runs one of the server's programs, as somebody whom it accepts.
    fn run(&self, command: &mut Command) -> io::Result<()> {
        // A server that inherited a pipe would hold it open for as long as it runs.
        let output = self.folder.join("programs.log");
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&output)?;
        let status = as_unprivileged(command)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()?;
        if status.success() {
            Ok(())
        } else {
            let said = fs::read_to_string(&output).unwrap_or_default();
            Err(io::Error::other(format!("{command:?}: {status}\n{said}")))
        }
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        if !self.outlive {
            // It may have been stopped already, by the test itself.
            let _ = self.try_stop();
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[derive(Clone, Copy)]
struct User {
    name: &'static str,
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root: then the user as whom it shall run.
fn unprivileged_user() -> Option<User> {
    let ask = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if ask(&["-u"]) != Some(0) {
        return None;
    }
    let user = ["postgres", "nobody"].into_iter().find_map(|name| {
        Some(User {
            name,
            uid: ask(&["-u", name])?,
            gid: ask(&["-g", name])?,
        })
    });
    Some(user.expect("a user `postgres` or `nobody`, since PostgreSQL does not run as root"))
}

/// The same command, run by the unprivileged user where this process is root.
fn as_unprivileged(command: &Command) -> Command {
    match unprivileged_user() {
        None => {
            let mut same = Command::new(command.get_program());
            same.args(command.get_args());
            same
        }
        Some(user) => {
            let mut changed = Command::new("setpriv");
            changed
                .arg(format!("--reuid={}", user.uid))
                .arg(format!("--regid={}", user.gid))
                .args(["--clear-groups", "--"])
                .arg(command.get_program())
                .args(command.get_args())
                .env("USER", user.name)
                .env("HOME", "/");
            changed
        }
    }
}

/// The folder of the newest server programs.
fn programs() -> PathBuf {
    let version = |folder: &Path| -> u32 {
        folder
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_string_lossy().parse().ok())
            .unwrap_or_default()
    };
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    installed.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    installed
        .into_iter()
        .chain(std::env::split_paths(&on_path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
        .unwrap_or_else(|| panic!("{HOW_TO_INSTALL}"))
}

/// Runs statements on a connection of their own.
pub(super) fn execute(url: &str, statements: &str) -> Result<(), Box<dyn std::error::Error>> {
    PgConnection::establish(url)?.batch_execute(statements)?;
    Ok(())
}

/// The address of another database on the same server.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority = base.find("://").map_or(0, |at| at + 3);
    let server = match base[authority..].find('/') {
        Some(slash) => &base[..authority + slash],
        None => base,
    };
    format!("{server}/{database}{query}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_the_same_server() {
        assert_eq!(
            with_database("postgres://u@h:5/a", "b"),
            "postgres://u@h:5/b"
        );
        assert_eq!(with_database("postgres://u@h", "b"), "postgres://u@h/b");
        assert_eq!(
            with_database("postgresql://u@%2Ftmp%2Fx/a?sslmode=disable", "b"),
            "postgresql://u@%2Ftmp%2Fx/b?sslmode=disable"
        );
    }
}
