//! One thing that the person asked for: sent once at a time, its failure kept beside what was typed.

use std::future::Future;
use std::pin::Pin;

use accord_client::{Attempts, Client};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::focus_first_invalid;
use crate::failure::Failure;
use crate::session::Session;

/// What happens after success.
type Finish = Box<dyn FnOnce()>;

/// The state of a form or a button that asks the server to do something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submission {
    pub(crate) busy: RwSignal<bool>,
    pub(crate) failure: RwSignal<Option<Failure>>,
    session: Session,
    attempts: StoredValue<Attempts>,
}

impl Submission {
    pub(crate) fn new() -> Self {
        let submission = Self {
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            session: Session::current(),
            attempts: StoredValue::default(),
        };
        // Whoever signed in again need not read that the session had ended.
        Effect::new(move |_| {
            let refused =
                |failure: &Option<Failure>| failure.as_ref().is_some_and(Failure::is_signed_out);
            if !submission.session.ended.get() && submission.failure.with_untracked(refused) {
                submission.failure.set(None);
            }
        });
        submission
    }

    /// A client for what is sent: what was lost on the way and is sent again as it was is carried out once.
    pub(crate) fn client(self) -> Client {
        let attempts = self.attempts.get_value();
        self.session.client().trying(&attempts)
    }

    /// Sends, unless it is being sent already; then either `done`, or the failure is shown.
    pub(crate) fn send<T, E>(
        self,
        call: impl Future<Output = Result<T, E>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) where
        T: 'static,
        E: Into<Failure> + 'static,
    {
        self.carry_out(Box::pin(async move {
            let value = call.await.map_err(Into::into)?;
            let finish: Finish = Box::new(move || done(value));
            Ok(finish)
        }));
    }

    /// The part that is the same whatever is sent, compiled once.
    fn carry_out(self, call: Pin<Box<dyn Future<Output = Result<Finish, Failure>>>>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let outcome = call.await;
            let abandoned = self.busy.try_set(false).is_some();
            match outcome {
                // What was asked for happened, even if nobody looks at the form any more.
                Ok(finish) => finish(),
                Err(failure) if !abandoned => self.fail(failure),
                Err(_) => {}
            }
        });
    }

    /// Shows a failure; the first field it is about gets the focus.
    pub(crate) fn fail(self, failure: Failure) {
        self.session.notice(&failure);
        self.failure.set(Some(failure));
        focus_first_invalid();
    }

    /// What is wrong with the field at this pointer, or anywhere below it.
    pub(crate) fn at(self, pointer: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.failure
                .with(|failure| failure.as_ref()?.below(pointer))
        })
    }
}
