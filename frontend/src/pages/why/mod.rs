//! *Why?*: whether somebody may do something on an environment, and what that follows from, as the API
//! explains it. Opened from wherever access is shown.

mod answer;
mod dialog;
mod model;
mod picker;

use accord_api_types::Uuid;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::address::kept_in_address;
use crate::chunks;
pub(crate) use dialog::WhyDialog;
pub(crate) use model::{Question, Whose};

/// Under which the address names the line that is asked about.
const ABOUT: &str = "why";

/// The dialog of a page that shows access. What it is about stands in the address, so that a link leads to an
/// answer.
#[derive(Clone, Copy)]
pub(crate) struct Why {
    open: RwSignal<bool>,
    question: RwSignal<Option<Question>>,
    /// The id of the action that is asked about; empty before one is chosen.
    action: RwSignal<String>,
}

impl Why {
    /// `find` looks up what the page shows in the line of this id; what it reads is followed.
    pub(crate) fn new(find: impl Fn(Uuid) -> Option<Question> + 'static) -> Self {
        let about = kept_in_address(ABOUT);
        let why = Self {
            open: RwSignal::new(false),
            question: RwSignal::new(None),
            action: kept_in_address("action"),
        };
        Effect::new(move |_| {
            let asked = about.with(|about| about.parse::<Uuid>().ok());
            let Some(id) = asked else {
                if why.open.get_untracked() {
                    why.open.set(false);
                }
                return;
            };
            // A line that is gone, or not there yet, leaves what is open as it is.
            if let Some(found) = find(id) {
                if why
                    .question
                    .with_untracked(|known| known.as_ref() != Some(&found))
                {
                    why.question.set(Some(found));
                }
                why.open.set(true);
            }
        });
        Effect::new(move |before: Option<bool>| {
            let open = why.open.get();
            if before == Some(true) && !open {
                about.set(String::new());
                why.action.set(String::new());
            }
            open
        });
        why
    }

    /// The dialog. Its code is asked for when it opens for the first time.
    pub(crate) fn view(self) -> impl IntoView {
        let wanted = Memo::new(move |before: Option<&bool>| {
            before.copied().unwrap_or_default() || self.open.get()
        });
        move || wanted.get().then(|| chunks::why(self))
    }
}

/// Whether the address asks about something as the page is opened.
pub(crate) fn is_asked() -> bool {
    use_query_map().with_untracked(|query| query.get_str(ABOUT).is_some())
}

/// Leads from a line of access to what it follows from.
#[component]
pub(crate) fn WhyLink(
    /// The id that the page finds the line by.
    about: Uuid,
    /// Whose access to what, for who hears the link alone.
    label: String,
) -> impl IntoView {
    view! {
        <a class="why-link" href=format!("?{ABOUT}={about}") data-noscroll="" aria-label=format!("Why? {label}")>"Why?"</a>
    }
}
