//! A client that costs little: requests are bytes that are made before, over connections that stay open, each
//! with a thread that waits for its answer. What is measured is the server, as far as one machine can tell.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::measure::Figures;

/// For how long a kind of request is sent.
const LONG_ENOUGH: Duration = Duration::from_secs(5);
/// Connections where each caller sends the next request as soon as it has an answer.
const CALLERS: usize = 16;
/// Connections over which requests are sent when they are due: more than are ever under way.
const STEADY_CONNECTIONS: usize = 48;

/// A request, whole.
#[derive(Clone, Debug)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn new(method: &str, path: &str, token: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }
}

/// One connection to the server.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
        }
    }

    /// Whether it was answered as it should be.
    fn ask(&mut self, Request(bytes): &Request) -> bool {
        self.stream.write_all(bytes).expect("it is sent");
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]);
            let read = read.expect("an answer");
            assert!(read > 0, "the server hung up");
            filled += read;
            let answer = &self.buffer[..filled];
            let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") else {
                continue;
            };
            let text = std::str::from_utf8(&answer[..head]).expect("a head is text");
            let length = text
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, length)| length.trim().parse::<usize>().ok())
                .expect("a length");
            if filled >= head + 4 + length {
                return text.starts_with("HTTP/1.1 200 ");
            }
        }
    }
}

/// Sends requests as fast as they are answered; `request` makes each one from its number.
pub fn hammer(address: &str, request: impl Fn(usize) -> Request + Sync) -> Figures {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    let all = on_threads(CALLERS, || {
        let mut connection = Connection::open(address);
        let mut times = Vec::new();
        let mut failed = 0;
        while begin.elapsed() < LONG_ENOUGH {
            let request = request(next.fetch_add(1, Ordering::Relaxed));
            let sent = Instant::now();
            if connection.ask(&request) {
                times.push(sent.elapsed());
            } else {
                failed += 1;
            }
        }
        (times, failed)
    });
    figures(all, begin.elapsed())
}

/// Sends so many requests in a second as they come, whether the ones before are answered or not; each time is
/// counted from when it was due. Some may be others in their place, which are not counted.
pub fn steady(
    address: &str,
    per_second: f64,
    request: impl Fn(usize) -> Request + Sync,
    instead: impl Fn(usize) -> Option<Request> + Sync,
) -> Figures {
    let count = (per_second * LONG_ENOUGH.as_secs_f64()) as usize;
    let next = AtomicUsize::new(0);
    let begin = Instant::now() + Duration::from_millis(100);
    let all = on_threads(STEADY_CONNECTIONS, || {
        let mut connection = Connection::open(address);
        let mut times = Vec::new();
        let mut failed = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return (times, failed);
            }
            let other = instead(number);
            let counts = other.is_none();
            let request = other.unwrap_or_else(|| request(number));
            let due = begin + Duration::from_secs_f64(number as f64 / per_second);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if !connection.ask(&request) {
                failed += 1;
            } else if counts {
                times.push(due.elapsed());
            }
        }
    });
    figures(all, begin.elapsed())
}

fn on_threads<T: Send>(count: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&work)).collect();
        let done = threads.into_iter().map(|thread| thread.join());
        done.map(|outcome| outcome.expect("a caller ends"))
            .collect()
    })
}

fn figures(all: Vec<(Vec<Duration>, usize)>, took: Duration) -> Figures {
    let failed = all.iter().map(|(_, failed)| failed).sum();
    let times = all.into_iter().flat_map(|(times, _)| times).collect();
    Figures::of(times, failed, took)
}
