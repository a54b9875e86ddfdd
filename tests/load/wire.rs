//! A client that costs little: requests are bytes that are made before, over connections that stay open. What is
//! measured is the server, as far as one machine can tell.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
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
/// Connections for what is sent in the place of some.
const OTHER_CONNECTIONS: usize = 16;

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
    filled: usize,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
            filled: 0,
        }
    }

    /// One that is looked at, and never waited for.
    fn open_without_waiting(address: &str) -> Self {
        let connection = Self::open(address);
        connection.stream.set_nonblocking(true).expect("a socket");
        connection
    }

    fn send(&mut self, Request(bytes): &Request) {
        self.filled = 0;
        self.stream.write_all(bytes).expect("it is sent");
    }

    /// Sends it, and waits: whether it was answered as it should be.
    fn ask(&mut self, request: &Request) -> bool {
        self.send(request);
        loop {
            if let Some(good) = self.read() {
                return good;
            }
        }
    }

    /// Reads what has come; once the answer is whole, whether it is as it should be.
    fn read(&mut self) -> Option<bool> {
        let read = match self.stream.read(&mut self.buffer[self.filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("an answer: {error}"),
        };
        assert!(read > 0, "the server hung up");
        self.filled += read;
        let answer = &self.buffer[..self.filled];
        let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
        let text = std::str::from_utf8(&answer[..head]).expect("a head is text");
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse::<usize>().ok())
            .expect("a length");
        (self.filled >= head + 4 + length).then(|| text.starts_with("HTTP/1.1 200 "))
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
/// counted from when it was due. Some may be others in their place, which are not counted and go over connections
/// of their own, as those of another program. One thread looks at all connections without pause, so that no time
/// passes between an answer and its being seen: it keeps a processor for itself.
pub fn steady(
    address: &str,
    per_second: f64,
    request: impl Fn(usize) -> Request,
    instead: impl Fn(usize) -> Option<Request>,
) -> Figures {
    let count = (per_second * LONG_ENOUGH.as_secs_f64()) as usize;
    let mut counted = Lane::open(address, STEADY_CONNECTIONS);
    let mut others = Lane::open(address, OTHER_CONNECTIONS);
    let begin = Instant::now() + Duration::from_millis(100);
    let due_at = |number: usize| begin + Duration::from_secs_f64(number as f64 / per_second);
    let mut next = 0;
    while next < count || counted.is_busy() || others.is_busy() {
        while next < count && due_at(next) <= Instant::now() {
            match instead(next) {
                Some(other) => others.waiting.push_back((other, due_at(next))),
                None => counted.waiting.push_back((request(next), due_at(next))),
            }
            next += 1;
        }
        counted.go_on();
        others.go_on();
    }
    let failed = counted.failed + others.failed;
    figures(vec![(counted.times, failed)], begin.elapsed())
}

/// Requests that are sent in turn over a few connections, and looked at without waiting.
struct Lane {
    waiting: VecDeque<(Request, Instant)>,
    idle: Vec<Connection>,
    under_way: Vec<(Connection, Instant)>,
    times: Vec<Duration>,
    failed: usize,
}

impl Lane {
    fn open(address: &str, connections: usize) -> Self {
        let open = || Connection::open_without_waiting(address);
        Self {
            waiting: VecDeque::new(),
            idle: (0..connections).map(|_| open()).collect(),
            under_way: Vec::new(),
            times: Vec::new(),
            failed: 0,
        }
    }

    fn is_busy(&self) -> bool {
        !self.waiting.is_empty() || !self.under_way.is_empty()
    }

    fn go_on(&mut self) {
        while !self.waiting.is_empty()
            && let Some(mut connection) = self.idle.pop()
        {
            let (request, due) = self.waiting.pop_front().expect("one waits");
            connection.send(&request);
            self.under_way.push((connection, due));
        }
        let mut at = 0;
        while let Some((connection, _)) = self.under_way.get_mut(at) {
            let Some(good) = connection.read() else {
                at += 1;
                continue;
            };
            let (connection, due) = self.under_way.swap_remove(at);
            if good {
                self.times.push(due.elapsed());
            } else {
                self.failed += 1;
            }
            self.idle.push(connection);
        }
    }
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
