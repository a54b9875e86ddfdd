use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::failure::Failure;

/// What a notice is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Info,
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::Info,
            Self::Good => Icon::CircleCheck,
            Self::Warn | Self::Bad => Icon::TriangleAlert,
        }
    }
}

/// A sentence that must not be missed, where it belongs.
#[component]
pub(crate) fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.as_str() role=if tone == Tone::Bad { "alert" } else { "note" }>
            <Glyph icon=tone.icon()/>
            <div class="notice-words">{children()}</div>
        </div>
    }
}

/// What went wrong with what the person just asked for, except where a field already says it.
#[component]
pub(crate) fn FailureNotice(
    #[prop(into)] failure: Signal<Option<Failure>>,
    /// Pointers of the fields that show their own errors.
    #[prop(optional)]
    shown_by_fields: &'static [&'static str],
) -> impl IntoView {
    move || {
        failure.get().and_then(|failure| {
            let rest = failure.sentences_beside(shown_by_fields);
            (!rest.is_empty()).then(|| {
                view! {
                    <Notice tone=Tone::Bad>
                        {rest.into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
                    </Notice>
                }
            })
        })
    }
}
