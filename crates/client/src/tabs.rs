//! Tabs of one browser share the refresh cookie, and need one stream of events between them. What only one
//! may do at a time they do in turns: by a Web Lock, or by a lease where the browser has no locks. A native
//! program has no other tabs.

#[cfg(target_arch = "wasm32")]
mod lease;
#[cfg(target_arch = "wasm32")]
mod lock;
#[cfg(any(target_arch = "wasm32", test))]
mod terms;

/// This tab's turn; dropping it lets the next tab go on.
#[derive(Debug)]
pub struct Turn {
    waited: bool,
    #[cfg(target_arch = "wasm32")]
    hold: Hold,
}

/// By what a turn is held.
#[cfg(target_arch = "wasm32")]
#[derive(Debug)]
enum Hold {
    /// The browser takes it away with the tab, and not before.
    Lock {
        _lock: lock::Lock,
    },
    Lease(lease::Lease),
}

impl Turn {
    /// Whether another tab had its turn when this one asked.
    #[must_use]
    pub const fn was_waited_for(&self) -> bool {
        self.waited
    }

    /// Whether it is still this tab's. One that slept for long may have lost it to another.
    #[must_use]
    pub fn is_held(&self) -> bool {
        #[cfg(target_arch = "wasm32")]
        if let Hold::Lease(lease) = &self.hold {
            return lease.is_held();
        }
        true
    }
}

/// Waits for this tab's turn to refresh: two that send the same cookie at once look like a replay, which
/// ends the session, unless they know the same name for it.
pub(crate) async fn turn_to_refresh() -> Option<Turn> {
    #[cfg(target_arch = "wasm32")]
    return take("accord-refresh", lease::Pace::SHORT).await;
    #[cfg(not(target_arch = "wasm32"))]
    turn("accord-refresh").await
}

/// Nobody else is there.
#[cfg(not(target_arch = "wasm32"))]
pub async fn turn(_name: &str) -> Option<Turn> {
    Some(Turn { waited: false })
}

/// Waits for this tab's turn at what has this name, and which may be held for long. `None` where the browser
/// has neither locks nor a database. A wait that is given up is passed over when its turn comes.
#[cfg(target_arch = "wasm32")]
pub async fn turn(name: &str) -> Option<Turn> {
    take(name, lease::Pace::LONG).await
}

/// A page without a secure origin, as one over plain HTTP, has no locks.
#[cfg(target_arch = "wasm32")]
async fn take(name: &str, pace: lease::Pace) -> Option<Turn> {
    if let Some(locks) = lock::Locks::of_browser() {
        let (lock, waited) = locks.take(name).await?;
        let hold = Hold::Lock { _lock: lock };
        return Some(Turn { waited, hold });
    }
    let (lease, waited) = lease::take(name, pace).await?;
    let hold = Hold::Lease(lease);
    Some(Turn { waited, hold })
}

/// Waits.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn pause(time: std::time::Duration) {
    let passed = js_sys::Promise::new(&mut |resolve, _reject| {
        let time = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        // A page that is at its end waits for nothing any more.
        let _ = web_sys::window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, time)
        });
    });
    // Nothing rejects it.
    let _ = wasm_bindgen_futures::JsFuture::from(passed).await;
}
