//! The peer's process: settings and orders go in, events come out, one JSON object per line.

use super::AIOSMTPD;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const PROGRAM: &str = include_str!("../../peers/smtp_peer.py");
const PATIENCE: Duration = Duration::from_secs(60);

/// A running peer; dropping it ends the process.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    talk: Mutex<Talk>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Talk {
    orders: ChildStdin,
    answers: Receiver<Value>,
}

impl Process {
    /// Starts the peer and waits until it listens; answers with its port. `on_event` hears of
    /// everything but answers to orders.
    pub(super) fn start(
        settings: &Value,
        on_event: impl Fn(&Value) + Send + 'static,
    ) -> (Self, u16) {
        let python = AIOSMTPD.ensure_installed();
        let mut child = python
            .unwrap_or_else(|problem| panic!("{problem}"))
            .command()
            .args(["-u", "-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python was started a moment ago and can be started again");
        let orders = child.stdin.take().expect("standard input is a pipe");
        let output = child.stdout.take().expect("standard output is a pipe");
        let (answered, answers) = channel();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let event: Value = serde_json::from_str(&line).expect("the peer writes JSON lines");
                match event["event"].as_str() {
                    Some("listening" | "followed") => drop(answered.send(event)),
                    _ => on_event(&event),
                }
            }
        });
        let process = Self {
            child,
            talk: Mutex::new(Talk { orders, answers }),
            reader: Some(reader),
        };
        let port = process.order(settings)["port"].as_u64();
        let port = port.and_then(|port| u16::try_from(port).ok());
        (process, port.expect("a listening peer names its port"))
    }

    /// Sends one line and waits for the answer to it.
    pub(super) fn order(&self, order: &Value) -> Value {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(talk.orders, "{order}").expect("the mail server for tests takes orders");
        talk.answers
            .recv_timeout(PATIENCE)
            .expect("the mail server for tests answers; its complaints stand above")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // What was accepted before the end is still read.
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
