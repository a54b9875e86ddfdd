//! Says what is going on and how long it took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs one step, announced before and timed after.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {name}");
    let started = Instant::now();
    let result = work();
    let took = seconds(started.elapsed());
    match &result {
        Ok(_) => println!("    {name}: done in {took}"),
        Err(_) => println!("    {name}: FAILED after {took}"),
    }
    result
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
