//! Turns by Web Locks.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, throw_str};
use wasm_bindgen_futures::JsFuture;

/// The locks of the browser.
pub(super) struct Locks {
    locks: JsValue,
    request: Function,
}

/// A lock that is held, or waited for; dropping it lets the next tab go on.
#[derive(Debug)]
pub(super) struct Lock {
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A resolver of a promise has nothing that can fail.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

impl Locks {
    pub(super) fn of_browser() -> Option<Self> {
        let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
        let locks = Reflect::get(&navigator, &"locks".into())
            .ok()
            .filter(JsValue::is_object)?;
        let request = Reflect::get(&locks, &"request".into())
            .ok()?
            .dyn_into::<Function>()
            .ok()?;
        Some(Self { locks, request })
    }

    /// Waits for the lock of this name, and answers whether another tab had it.
    pub(super) async fn take(&self, name: &str) -> Option<(Lock, bool)> {
        match self.ask(name, true).await? {
            Some(lock) => Some((lock, false)),
            None => Some((self.ask(name, false).await??, true)),
        }
    }

    /// Asks for it; `Some(None)` where another tab has it and is not to be waited for.
    async fn ask(&self, name: &str, only_if_free: bool) -> Option<Option<Lock>> {
        let (held, release) = promise();
        let (answered, answer) = promise();
        let on_answer = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let is_granted = !lock.is_null();
            let _ = answer.call1(&JsValue::UNDEFINED, &is_granted.into());
            if is_granted {
                held.into()
            } else {
                JsValue::UNDEFINED
            }
        });
        // Dropped while it is waited for, it is passed on as soon as it is granted.
        let lock = Lock { release };
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &only_if_free.into()).ok()?;
        self.request
            .call3(&self.locks, &name.into(), &options, &on_answer)
            .ok()?;
        let is_granted = JsFuture::from(answered).await.ok()?;
        Some(is_granted.is_truthy().then_some(lock))
    }
}

/// A promise and what resolves it.
fn promise() -> (Promise, Function) {
    let mut resolver = None;
    let promise = Promise::new(&mut |resolve, _reject| resolver = Some(resolve));
    (
        promise,
        resolver.unwrap_or_else(|| throw_str("a promise calls its executor at once")),
    )
}
