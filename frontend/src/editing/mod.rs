//! What a form edits, while others may edit the same: a change is written for the version that it was made
//! for, what somebody else changed is told, and the person chooses how the two go together.

mod save;
mod three;

use accord_client::Versioned;
use leptos::prelude::*;

use crate::components::{ConflictNotice, focus_conflict};
use crate::remote::Remote;
use crate::submission::Submission;
pub(crate) use save::{Saved, save};
pub(crate) use three::{Change, Three};

/// What a form changes of a thing.
pub(crate) trait Content: Clone + PartialEq + Send + Sync + 'static {
    /// What the form has with what somebody else changed; where both changed the same, the form's stays.
    fn merged(three: Three<'_, Self>) -> Self;
}

/// A state of a thing as the server has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version<C> {
    pub(crate) content: C,
    /// Not known where the state was read from a list.
    pub(crate) etag: Option<String>,
}

impl<C> Version<C> {
    /// What the form changes of a thing that was read.
    pub(crate) fn of<T>(fresh: &Versioned<T>, content: impl FnOnce(&T) -> C) -> Self {
        Self {
            content: content(&fresh.value),
            etag: fresh.etag.clone(),
        }
    }
}

/// Whether somebody else did something that the form does not have, or has in another way.
fn needs_telling<C: Content>(before: &C, after: &C, mine: &C) -> bool {
    let merged = C::merged(Three {
        before,
        after,
        mine,
    });
    merged != *mine || clashes(before, after, mine)
}

/// Whether both changed the same in different ways: then each would keep their own.
fn clashes<C: Content>(before: &C, after: &C, mine: &C) -> bool {
    let (here, there) = (
        Three {
            before,
            after,
            mine,
        },
        Three {
            before,
            after: mine,
            mine: after,
        },
    );
    C::merged(here) != C::merged(there)
}

/// A thing under edit: as the form began with it, as somebody else made it since, and as it is in the form.
#[derive(Debug)]
pub(crate) struct Editing<C: Send + Sync + 'static> {
    base: RwSignal<Version<C>>,
    theirs: RwSignal<Option<Version<C>>>,
    mine: Signal<C>,
    show: Callback<C>,
    submission: Submission,
}

impl<C: Send + Sync> Copy for Editing<C> {}

impl<C: Send + Sync> Clone for Editing<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Content> Editing<C> {
    /// Begins with what is known. `mine` is what the form holds, and `show` makes it hold something else.
    pub(crate) fn new(
        known: Version<C>,
        mine: Signal<C>,
        show: impl Fn(C) + Send + Sync + 'static,
        submission: Submission,
    ) -> Self {
        Self {
            base: RwSignal::new(known),
            theirs: RwSignal::new(None),
            mine,
            show: Callback::new(show),
            submission,
        }
    }

    /// Whether closing would lose something.
    pub(crate) fn is_dirty(self) -> bool {
        self.base
            .with(|base| self.mine.with(|mine| base.content != *mine))
    }

    /// What the form began with.
    pub(crate) fn before(self) -> C {
        self.base.with(|base| base.content.clone())
    }

    /// Takes something out of what the form began with that is gone, as the person knows.
    pub(crate) fn forget(self, take_out: impl FnOnce(&mut C)) {
        self.base
            .update_untracked(|base| take_out(&mut base.content));
    }

    /// Follows what becomes of the thing.
    pub(crate) fn follow<T>(self, thing: Remote<Versioned<T>>, content: impl Fn(&T) -> C + 'static)
    where
        T: Send + Sync,
    {
        Effect::new(move |_| {
            let fresh = thing
                .data
                .with(|data| data.as_ref().map(|fresh| Version::of(fresh, &content)));
            if let Some(fresh) = fresh {
                self.arrived(fresh);
            }
        });
    }

    /// The thing came anew from the server.
    pub(crate) fn arrived(self, fresh: Version<C>) {
        // What is being saved at this moment may be what came.
        let sending = self.submission.busy.get_untracked();
        let known = self.base.with_untracked(|base| base.etag == fresh.etag);
        if sending || known {
            return;
        }
        let mine = untrack(|| self.mine.get());
        let base = self.base.get_untracked();
        // The list that the form began with may have been older.
        let is_first = base.etag.is_none() && !clashes(&base.content, &fresh.content, &mine);
        if is_first || !needs_telling(&base.content, &fresh.content, &mine) {
            let whole = C::merged(Three {
                before: &base.content,
                after: &fresh.content,
                mine: &mine,
            });
            self.base.set(fresh);
            self.theirs.set(None);
            if whole != mine {
                self.show.run(whole);
            }
        } else {
            self.theirs.set(Some(fresh));
        }
    }

    /// What is to be saved: the version that the form began with, and what it holds.
    pub(crate) fn to_save(self) -> (Version<C>, C) {
        (self.base.get_untracked(), untrack(|| self.mine.get()))
    }

    /// Somebody else was faster.
    pub(crate) fn overtaken(self, theirs: Version<C>) {
        // The form may be gone by now; then there is nobody to tell.
        if self.theirs.try_set(Some(theirs)).is_none() {
            focus_conflict();
        }
    }

    /// Says what somebody else changed, and lets the person choose. `changes` puts it in words.
    pub(crate) fn conflict(
        self,
        what: &'static str,
        changes: impl Fn(Three<'_, C>) -> Vec<Change> + Send + Sync + 'static,
    ) -> AnyView {
        let told = Memo::new(move |_| {
            let theirs = self.theirs.get()?;
            let changes = self.base.with(|base| {
                self.mine.with(|mine| {
                    changes(Three {
                        before: &base.content,
                        after: &theirs.content,
                        mine,
                    })
                })
            });
            // By now the person may have typed the same.
            Some(changes).filter(|changes| !changes.is_empty())
        });
        let bring_together = Callback::new(move |()| self.take_over(C::merged));
        let start_again = Callback::new(move |()| self.take_over(|three| three.after.clone()));
        let notice = move || {
            told.get().map(|changes| {
                view! { <ConflictNotice what=what changes=changes on_bring_together=bring_together on_start_again=start_again/> }
            })
        };
        notice.into_any()
    }

    fn take_over(self, whole: impl FnOnce(Three<'_, C>) -> C) {
        let Some(theirs) = self.theirs.get_untracked() else {
            return;
        };
        let mine = untrack(|| self.mine.get());
        let whole = self.base.with_untracked(|base| {
            whole(Three {
                before: &base.content,
                after: &theirs.content,
                mine: &mine,
            })
        });
        self.base.set(theirs);
        self.show.run(whole);
        self.theirs.set(None);
        self.submission.failure.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Two(u8, u8);

    impl Content for Two {
        fn merged(three: Three<'_, Self>) -> Self {
            Self(three.of(|two| &two.0).one(), three.of(|two| &two.1).one())
        }
    }

    #[test]
    fn what_the_form_has_anyway_is_not_told() {
        let before = Two(0, 0);
        for (after, mine, told, clash) in [
            (Two(0, 0), Two(1, 1), false, false),
            (Two(1, 0), Two(1, 1), false, false),
            (Two(1, 0), Two(0, 0), true, false),
            (Two(1, 0), Two(0, 1), true, false),
            (Two(1, 0), Two(2, 0), true, true),
        ] {
            assert_eq!(needs_telling(&before, &after, &mine), told, "{after:?}");
            assert_eq!(clashes(&before, &after, &mine), clash, "{after:?}");
        }
    }
}
