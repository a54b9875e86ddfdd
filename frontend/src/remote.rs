//! Data that comes from the server: asked for, kept, asked for again.

use std::future::Future;
use std::pin::Pin;

use accord_api_types::ErrorCode;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::failure::Failure;
use crate::live::{Live, Topic};
use crate::session::Session;

/// What a screen has of its data. What was there stays while it is asked for again.
#[derive(Debug)]
pub(crate) struct Remote<T: Send + Sync + 'static> {
    pub(crate) data: RwSignal<Option<T>>,
    pub(crate) failure: RwSignal<Option<Failure>>,
    pub(crate) busy: RwSignal<bool>,
    turn: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + Send + Sync + 'static> Remote<T> {
    /// Asks now, and again whenever a signal read by `ask` (before its first wait) changes.
    pub(crate) fn new<Asked, E>(ask: impl Fn() -> Asked + 'static) -> Self
    where
        T: PartialEq,
        Asked: Future<Output = Result<T, E>> + 'static,
        E: Into<Failure> + 'static,
    {
        let remote = Self {
            data: RwSignal::new(None),
            failure: RwSignal::new(None),
            busy: RwSignal::new(true),
            turn: RwSignal::new(0),
        };
        keep_asking(
            remote.turn,
            remote.busy,
            remote.failure,
            Box::new(move || {
                remote.data.try_set(None);
            }),
            Box::new(move || {
                let answer = ask();
                Box::pin(async move {
                    let data = answer.await.map_err(Into::into)?;
                    let keep: Keep = Box::new(move || {
                        // What is as it was is not drawn again.
                        let known = remote
                            .data
                            .try_with_untracked(|known| known.as_ref() == Some(&data));
                        if known == Some(false) {
                            remote.data.try_set(Some(data));
                        }
                    });
                    Ok(keep)
                })
            }),
        );
        remote
    }

    /// Asks again whenever something is heard of these topics.
    pub(crate) fn follows(self, topics: &'static [Topic]) -> Self {
        if let Some(live) = use_context::<Live>() {
            Effect::new(move |before: Option<()>| {
                live.track(topics);
                if before.is_some() {
                    self.reload();
                }
            });
        }
        self
    }

    /// Asks again.
    pub(crate) fn reload(self) {
        // A screen that was left meanwhile has nothing to reload.
        let _ = self.turn.try_update(|turn| *turn = turn.wrapping_add(1));
    }
}

/// Keeps an answer that arrived.
type Keep = Box<dyn FnOnce()>;
/// A question on its way.
type Answer = Pin<Box<dyn Future<Output = Result<Keep, Failure>>>>;

/// The part that is the same whatever is asked for, compiled once.
fn keep_asking(
    turn: RwSignal<u32>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    forget: Box<dyn Fn()>,
    ask: Box<dyn Fn() -> Answer>,
) {
    let session = Session::current();
    let forget = std::rc::Rc::new(forget);
    let asked = StoredValue::new(0u64);
    Effect::new(move |_| {
        turn.track();
        let answer = ask();
        let this = asked.get_value() + 1;
        asked.set_value(this);
        busy.set(true);
        let forget = std::rc::Rc::clone(&forget);
        spawn_local(async move {
            let answer = answer.await;
            // A newer question, or a screen that was left meanwhile, has no use for this answer.
            if asked.try_get_value() != Some(this) {
                return;
            }
            busy.try_set(false);
            match answer {
                Ok(keep) => {
                    failure.try_set(None);
                    keep();
                }
                Err(refusal) => {
                    session.notice(&refusal);
                    if refusal.code() == Some(ErrorCode::NotFound) {
                        // It is gone, or not the person's to see any more: then it must not stay.
                        forget();
                    }
                    failure.try_set(Some(refusal));
                }
            }
        });
    });
    // Whoever signs in again over an ended session sees at once what was refused meanwhile.
    Effect::new(move |_| {
        let refused =
            |failure: &Option<Failure>| failure.as_ref().is_some_and(Failure::is_signed_out);
        if !session.ended.get() && failure.with_untracked(refused) {
            turn.update(|turn| *turn = turn.wrapping_add(1));
        }
    });
}
