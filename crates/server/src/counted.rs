//! What a request counted against which limits, for the headers of its answer: callers see of the stricter ones
//! too what is left, before they are refused.

use std::cell::RefCell;
use std::rc::Rc;

use crate::limits::Allowance;

tokio::task_local! {
    static COUNTED: Counted;
}

/// What one request has counted so far. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted(Rc<RefCell<Vec<Allowance>>>);

impl Counted {
    /// That of the request that is being served.
    pub(crate) fn here() -> Self {
        COUNTED.try_with(Self::clone).unwrap_or_default()
    }

    /// Carries out a part of the request, also in a task of its own.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T>) -> T {
        COUNTED.scope(self, work).await
    }

    /// What was counted, in order.
    pub(crate) fn all(&self) -> Vec<Allowance> {
        self.0.borrow().clone()
    }
}

/// Notes what is left for the caller. What is counted twice is as it was the last time.
pub(crate) fn note(left: Allowance) {
    // Outside of a request there is no answer to tell it.
    let _ = COUNTED.try_with(|counted| {
        let mut all = counted.0.borrow_mut();
        all.retain(|one| !one.is_of_the_kind_of(&left));
        all.push(left);
    });
}
