//! The server under load, as a child process of its own: this same program, called differently.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use accord_server::settings::{Options, Settings, Switch};
use accord_service::{Clock, Randomness};

/// The argument that makes this program the server.
pub const CHILD: &str = "serve-for-load";
const DATABASE: &str = "ACCORD_LOAD_DATABASE_URL";
const FOLDER: &str = "ACCORD_LOAD_FOLDER";

/// The running server; it ends with the value.
pub struct ServerProcess {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl ServerProcess {
    /// Starts it on this database, and waits until it listens.
    pub fn start(database_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg(CHILD)
            .env(DATABASE, database_url)
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut url)
            .expect("its address");
        Self {
            child,
            url: url.trim().to_owned(),
            _folder: folder,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens, without the scheme.
    pub fn address(&self) -> &str {
        let rest = self.url.strip_prefix("http://").unwrap_or(&self.url);
        rest.trim_end_matches('/')
    }

    /// How long it has kept processors busy, as Linux tells it in hundredths of a second.
    pub fn busy(&self) -> std::time::Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        // The name of the program, in parentheses, may hold anything.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after_name.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        std::time::Duration::from_millis(ticks * 10)
    }

    /// How much memory it holds, in KiB, as Linux tells it.
    pub fn resident_kib(&self) -> u64 {
        std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default()
            .lines()
            .find_map(|line| {
                line.strip_prefix("VmRSS:")?
                    .trim()
                    .strip_suffix(" kB")?
                    .trim()
                    .parse()
                    .ok()
            })
            .unwrap_or_default()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It has nothing to finish: its database goes too.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Serves, after one line that tells the address, until the process is killed.
pub fn serve_until_killed() {
    let variable = |name| std::env::var(name).expect("set by the parent");
    let options = Options {
        listen: "127.0.0.1:0".into(),
        data_dir: variable(FOLDER).into(),
        database_url: Some(variable(DATABASE).into()),
        mail_from: "Accord <accord@example.com>".into(),
        rate_limits: Switch::Off,
        log: "warn".into(),
        ..Options::default()
    };
    let randomness = Randomness::system();
    let settings = Settings::check(&options, &randomness).expect("settings that can be used");
    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(async {
            let running = accord_server::start(settings, Clock::system(), randomness)
                .await
                .expect("it starts");
            println!("{}", running.public_url());
            std::future::pending::<()>().await;
        });
}
