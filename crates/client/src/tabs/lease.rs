//! Turns where the browser has no locks. Whose turn it is, and until when, stands in a database of the
//! browser: it carries out writing transactions one after the other, whichever tab they come from.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Date, Function, Promise, Reflect};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Window,
};

use super::terms::{is_free, written};

const DATABASE: &str = "accord-turns";
const LEASES: &str = "leases";
/// The event of a transaction whose writes stand.
const COMPLETE: &str = "complete";

/// How long a lease lasts without being renewed, and how often others look whether it is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    lasts: Duration,
    look_every: Duration,
}

impl Pace {
    /// For what is done in a moment.
    pub(super) const SHORT: Self = Self {
        lasts: Duration::from_secs(20),
        look_every: Duration::from_millis(40),
    };
    /// For what goes on. The timers of a tab that nobody sees may run once a minute only.
    pub(super) const LONG: Self = Self {
        lasts: Duration::from_secs(150),
        look_every: Duration::from_secs(2),
    };
}

/// A turn that is this tab's until it is dropped, the page is left, or it could not be renewed in time.
#[derive(Debug)]
pub(super) struct Lease {
    held: Rc<Held>,
    window: Window,
    renewing: Option<i32>,
    _renew: Closure<dyn Fn()>,
    leave: Closure<dyn Fn()>,
}

#[derive(Debug)]
struct Held {
    database: IdbDatabase,
    name: String,
    holder: String,
    lasts: f64,
    /// In milliseconds since 1970; zero once it is lost.
    until: Cell<f64>,
}

/// Waits for the lease of this name, and answers whether another tab had it. `None` without a database.
pub(super) async fn take(name: &str, pace: Pace) -> Option<(Lease, bool)> {
    let window = web_sys::window()?;
    let held = Rc::new(Held {
        database: open(&window).await?,
        name: name.to_owned(),
        holder: Uuid::new_v4().to_string(),
        lasts: milliseconds(pace.lasts),
        until: Cell::new(0.0),
    });
    let mut waited = false;
    while !held.take().await? {
        waited = true;
        super::pause(pace.look_every).await;
    }
    Some((Lease::of(held, window, pace), waited))
}

impl Lease {
    fn of(held: Rc<Held>, window: Window, pace: Pace) -> Self {
        let renew = Closure::<dyn Fn()>::new({
            let held = Rc::clone(&held);
            move || {
                let held = Rc::clone(&held);
                spawn_local(async move {
                    if held.is_held() && held.take().await == Some(false) {
                        held.until.set(0.0);
                    }
                });
            }
        });
        let every = i32::try_from((pace.lasts / 3).as_millis()).unwrap_or(i32::MAX);
        let renewing = window
            .set_interval_with_callback_and_timeout_and_arguments_0(function(&renew), every)
            .ok();
        let leave = Closure::<dyn Fn()>::new({
            let held = Rc::clone(&held);
            move || held.let_go()
        });
        // Where the page does not hear of its end, the lease ends by itself.
        let _ = window.add_event_listener_with_callback("pagehide", function(&leave));
        Self {
            held,
            window,
            renewing,
            _renew: renew,
            leave,
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.is_held()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(renewing) = self.renewing {
            self.window.clear_interval_with_handle(renewing);
        }
        let _ = self
            .window
            .remove_event_listener_with_callback("pagehide", function(&self.leave));
        self.held.let_go();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What was asked of it before is still carried out.
        self.database.close();
    }
}

impl Held {
    fn is_held(&self) -> bool {
        Date::now() < self.until.get()
    }

    /// Writes it down for this tab, if no other has it. `None` when the database fails.
    async fn take(&self) -> Option<bool> {
        let (transaction, leases) = self.transaction()?;
        let completed = completion(&transaction);
        let key = JsValue::from_str(&self.name);
        let known = answer(&leases.get(&key).ok()?).await?.as_string();
        let now = Date::now();
        let until = now + self.lasts;
        let longest = milliseconds(Pace::LONG.lasts);
        if !is_free(known.as_deref(), &self.holder, now, longest) {
            return Some(false);
        }
        let lease = JsValue::from_str(&written(until, &self.holder));
        answer(&leases.put_with_key(&lease, &key).ok()?).await?;
        let end = JsFuture::from(completed).await.ok()?;
        let how = Reflect::get(&end, &"type".into()).ok()?.as_string();
        (how.as_deref() == Some(COMPLETE)).then(|| {
            self.until.set(until);
            true
        })
    }

    /// Gives it back, without waiting: the page may be at its end.
    fn let_go(&self) {
        if !self.is_held() {
            return;
        }
        self.until.set(0.0);
        if let Some((transaction, leases)) = self.transaction() {
            // A lease that cannot be given back ends by itself.
            let _ = leases.delete(&JsValue::from_str(&self.name));
            commit(&transaction);
        }
    }

    fn transaction(&self) -> Option<(IdbTransaction, IdbObjectStore)> {
        let transaction = self
            .database
            .transaction_with_str_and_mode(LEASES, IdbTransactionMode::Readwrite)
            .ok()?;
        let leases = transaction.object_store(LEASES).ok()?;
        Some((transaction, leases))
    }
}

/// Lets a transaction be carried out without the page, which older browsers cannot do.
fn commit(transaction: &IdbTransaction) {
    let commit = Reflect::get(transaction, &"commit".into());
    if let Some(commit) = commit
        .ok()
        .and_then(|commit| commit.dyn_into::<Function>().ok())
    {
        let _ = commit.call0(transaction);
    }
}

async fn open(window: &Window) -> Option<IdbDatabase> {
    let opening = window.indexed_db().ok()??.open_with_u32(DATABASE, 1).ok()?;
    let made = opening.clone();
    let make = Closure::<dyn Fn()>::new(move || {
        let database = made.result().ok();
        if let Some(database) = database.and_then(|made| made.dyn_into::<IdbDatabase>().ok()) {
            // What could not be made is missed by the first transaction.
            let _ = database.create_object_store(LEASES);
        }
    });
    opening.set_onupgradeneeded(Some(function(&make)));
    answer(&opening).await?.dyn_into().ok()
}

/// What the database answers.
async fn answer(request: &IdbRequest) -> Option<JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await.ok()?;
    request.result().ok()
}

/// Resolves with the event by which a transaction ends.
fn completion(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, _reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&resolve));
    })
}

fn function(closure: &Closure<dyn Fn()>) -> &Function {
    closure.as_ref().unchecked_ref()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
