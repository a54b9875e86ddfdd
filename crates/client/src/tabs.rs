//! Tabs of one browser share the refresh cookie, and need one stream of events between them. What only one
//! may do at a time they do in turns, by a Web Lock. A native program has no other tabs.

#[cfg(target_arch = "wasm32")]
use js_sys::{Function, Promise, Reflect};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::{Closure, JsValue};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::{JsCast, throw_str};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_futures::JsFuture;

/// This tab's turn; dropping it lets the next tab go on.
#[derive(Debug)]
pub struct Turn {
    #[cfg(target_arch = "wasm32")]
    release: Function,
}

#[cfg(target_arch = "wasm32")]
impl Drop for Turn {
    fn drop(&mut self) {
        // A resolver of a promise has nothing that can fail.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for this tab's turn to refresh: two that send the same cookie at once look like a replay, which
/// ends the session.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn turn_to_refresh() -> Option<Turn> {
    turn("accord-refresh").await
}

/// Nobody else is there.
#[cfg(not(target_arch = "wasm32"))]
pub async fn turn(_name: &str) -> Option<Turn> {
    Some(Turn {})
}

/// Waits for this tab's turn at what has this name. `None` where the browser has no locks (a page without a
/// secure origin). A wait that is given up is passed over when its turn comes.
#[cfg(target_arch = "wasm32")]
pub async fn turn(name: &str) -> Option<Turn> {
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
    request.call2(&locks, &name.into(), &on_granted).ok()?;
    JsFuture::from(granted).await.ok()?;
    Some(turn)
}

/// A promise and what resolves it.
#[cfg(target_arch = "wasm32")]
fn promise() -> (Promise, Function) {
    let mut resolver = None;
    let promise = Promise::new(&mut |resolve, _reject| resolver = Some(resolve));
    (
        promise,
        resolver.unwrap_or_else(|| throw_str("a promise calls its executor at once")),
    )
}
