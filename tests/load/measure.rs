//! A bounded number of requests from a few callers at once, and what became of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use accord_client::Client;

const CALLERS: usize = 16;
const LONGEST: Duration = Duration::from_secs(6);
const MOST_REQUESTS: usize = 20_000;

/// Requests per second, and how long they took.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    per_second: f64,
    median: Duration,
    p99: Duration,
    failed: usize,
}

impl Figures {
    /// Of requests that took so long each, all of them together `took`.
    pub fn of(mut times: Vec<Duration>, failed: usize, took: Duration) -> Self {
        times.sort_unstable();
        let at = |share: f64| {
            let index = (times.len() as f64 * share) as usize;
            times
                .get(index.min(times.len().saturating_sub(1)))
                .copied()
                .unwrap_or_default()
        };
        Self {
            per_second: times.len() as f64 / took.as_secs_f64(),
            median: at(0.5),
            p99: at(0.99),
            failed,
        }
    }

    /// How long half of them took at most.
    pub const fn median(&self) -> Duration {
        self.median
    }

    /// Requests per second.
    pub const fn per_second(&self) -> f64 {
        self.per_second
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        write!(
            f,
            "{:.0} | {:.2} | {:.2} | {}",
            self.per_second,
            milliseconds(self.median),
            milliseconds(self.p99),
            self.failed
        )
    }
}

/// Sends the same kind of request from several callers at once; `body` makes each one's body from
/// its number.
pub async fn hammer(
    client: &Client,
    method: &'static str,
    path: &str,
    expected: u16,
    body: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Figures {
    let body = Arc::new(body);
    let next = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (client, path, body, next) =
                (client.clone(), path.to_owned(), body.clone(), next.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                let mut failed = 0;
                while begin.elapsed() < LONGEST {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= MOST_REQUESTS {
                        break;
                    }
                    let body = body(number);
                    let headers: &[(&str, &str)] = if body.is_empty() {
                        &[]
                    } else {
                        &[("content-type", "application/json")]
                    };
                    let sent = Instant::now();
                    match client.raw(method, &path, headers, body).await {
                        Ok(answer) if answer.status == expected => times.push(sent.elapsed()),
                        Ok(_) | Err(_) => failed += 1,
                    }
                }
                (times, failed)
            })
        })
        .collect();
    let mut times = Vec::new();
    let mut failed = 0;
    for caller in callers {
        let (own, own_failed) = caller.await.expect("a caller ends");
        times.extend(own);
        failed += own_failed;
    }
    Figures::of(times, failed, begin.elapsed())
}
