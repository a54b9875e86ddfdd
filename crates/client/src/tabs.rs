//! Tabs of one browser share the refresh cookie. Two that send the same one at once look like a replay,
//! which ends the session, so they take turns by a Web Lock.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, throw_str};
use wasm_bindgen_futures::JsFuture;

const LOCK: &str = "accord-refresh";

/// This tab's turn; dropping it lets the next tab go on.
#[derive(Debug)]
pub(crate) struct Turn {
    release: Function,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // A resolver of a promise has nothing that can fail.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for this tab's turn. `None` where the browser has no locks (a page without a secure origin).
pub(crate) async fn turn_to_refresh() -> Option<Turn> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into())
        .ok()
        .filter(JsValue::is_object)?;
    let request = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into::<Function>()
        .ok()?;

    let (held, release) = promise();
    let (granted, grant) = promise();
    let on_granted = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        let _ = grant.call0(&JsValue::UNDEFINED);
        held.into()
    });
    let turn = Turn { release };
    request.call2(&locks, &LOCK.into(), &on_granted).ok()?;
    JsFuture::from(granted).await.ok()?;
    Some(turn)
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
