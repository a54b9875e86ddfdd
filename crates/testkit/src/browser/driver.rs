//! The driver's process: one for each browser, on a port that was free.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long the driver may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the driver writes when it listens, before its port.
const STARTED: &str = "started successfully on port ";

/// A running driver; dropping it ends it and every browser that it started.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    port: u16,
    /// Told its port, and closed when it ends.
    told: Mutex<Receiver<u16>>,
}

impl Driver {
    /// Starts one and waits until it listens. It chooses a port for one kind of address and then wants the same
    /// for the other, which may be taken: then it ends at once, and another is started.
    pub(super) fn start() -> Self {
        const TRIES: usize = 3;
        let program = program();
        (0..TRIES)
            .find_map(|_| Self::start_one(&program))
            .unwrap_or_else(|| panic!("{} does not listen", program.display()))
    }

    /// `None` where it ended before it listened.
    fn start_one(program: &Path) -> Option<Self> {
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let output = child.stdout.take().expect("standard output is a pipe");
        let (tell, told) = channel();
        // The pipe is read to its end: a driver whose output nobody takes would stop at some point.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let port = line
                    .split_once(STARTED)
                    .map(|(_, rest)| rest.trim_end_matches('.'));
                if let Some(Ok(port)) = port.map(str::parse) {
                    let _ = tell.send(port);
                }
            }
        });
        let mut driver = Self {
            child,
            port: 0,
            told: Mutex::new(told),
        };
        driver.port = driver.hear().ok()?;
        Some(driver)
    }

    fn hear(&self) -> Result<u16, RecvTimeoutError> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.recv_timeout(PATIENCE)
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks the driver to end its browsers and itself: killed, it would leave them behind.
    fn ask_to_end(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream
            .write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.port != 0 && self.ask_to_end().is_ok() {
            // Nothing more is told: returns when its output is closed.
            let _ = self.hear();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the driver is.
fn program() -> PathBuf {
    let name = format!("chromedriver{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([
            PathBuf::from("/usr/bin"),
            PathBuf::from("/usr/lib/chromium"),
        ])
        .map(|folder| folder.join(&name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!(
                "the browser tests need Chromium and its driver: \
                 apt-get install chromium chromium-driver"
            )
        })
}
