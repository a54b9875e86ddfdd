//! Taking back what was just done: the reverse write, made only if nothing has changed since.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use accord_api_types::ErrorCode;
use leptos::task::spawn_local;

use crate::components::Toasts;
use crate::failure::Failure;
use crate::session::Session;

type Writing = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// The reverse of a change: a write for the version that the change made.
#[derive(Clone)]
pub(crate) struct Reverse {
    write: Arc<dyn Fn() -> Writing + Send + Sync>,
    /// What is said when it worked.
    undone: Arc<str>,
}

impl std::fmt::Debug for Reverse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.undone)
    }
}

impl Reverse {
    /// `write` needs nothing of the page it was made on, which may be left before it is asked for.
    pub(crate) fn new<Write, T, E>(
        undone: impl Into<Arc<str>>,
        write: impl Fn() -> Write + Send + Sync + 'static,
    ) -> Self
    where
        Write: Future<Output = Result<T, E>> + 'static,
        E: Into<Failure>,
    {
        Self {
            write: Arc::new(move || {
                let write = write();
                Box::pin(async move { write.await.map(drop).map_err(Into::into) })
            }),
            undone: undone.into(),
        }
    }

    /// Several of them, as one.
    pub(crate) fn all(undone: impl Into<Arc<str>>, reverses: Vec<Self>) -> Self {
        Self::new(undone, move || {
            let reverses = reverses.clone();
            async move {
                let mut outcome = Ok(());
                for reverse in &reverses {
                    // One that cannot be taken back does not keep the others.
                    outcome = outcome.and((reverse.write)().await);
                }
                outcome
            }
        })
    }

    fn carry_out(self, toasts: Toasts, session: Session) {
        spawn_local(async move {
            match (self.write)().await {
                Ok(()) => toasts.done(&*self.undone),
                Err(failure) => {
                    session.notice(&failure);
                    match why_not(&failure) {
                        Some(words) => toasts.failed(words),
                        None => toasts.failed_with_undo(
                            format!("Not undone. {}", failure.sentence()),
                            move || self.clone().carry_out(toasts, session),
                        ),
                    }
                }
            }
        });
    }
}

/// Says what was done, and offers to take it back where there is a reverse.
pub(crate) fn say_done(
    toasts: Toasts,
    session: Session,
    words: impl Into<String>,
    reverse: Option<Reverse>,
) {
    match reverse {
        Some(reverse) => {
            toasts.done_with_undo(words, move || reverse.clone().carry_out(toasts, session));
        }
        None => toasts.done(words),
    }
}

/// Why it cannot be taken back any more; nothing where another try may work.
fn why_not(failure: &Failure) -> Option<String> {
    match failure.code() {
        Some(ErrorCode::PreconditionFailed | ErrorCode::IllegalTransition) => Some(
            "This cannot be undone any more: somebody has changed it since. Nothing was overwritten."
                .to_owned(),
        ),
        Some(ErrorCode::NotFound) => Some("This cannot be undone any more: it is gone.".to_owned()),
        Some(
            ErrorCode::ValidationFailed
            | ErrorCode::NameTaken
            | ErrorCode::GroupCycle
            | ErrorCode::Forbidden,
        ) => Some(format!(
            "This cannot be undone any more. {}",
            failure.sentence()
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use accord_client::Error;

    use super::*;
    use crate::failure::invalid;

    #[test]
    fn only_what_may_work_is_offered_again() {
        let network = Failure::Call(Error::Network("refused".into()));
        assert_eq!(why_not(&network), None);
        let refused = Failure::Invalid(vec![invalid("/shares/0/expires_at", "is over")]);
        assert!(why_not(&refused).is_some_and(|words| words.ends_with("Is over.")));
    }
}
