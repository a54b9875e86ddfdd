//! The four states of a screen, in one place: loading, empty, error, full.

use leptos::prelude::*;

use super::{Button, ButtonKind, Glyph, Icon, Notice, Tone};
use crate::failure::Failure;
use crate::remote::Remote;

/// The shape of what is coming, while it is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skeleton {
    /// A list with this many rows.
    Rows(u8),
    /// A card with a heading and a few lines.
    Card,
    /// The same in place of a whole page, whose name is not known yet.
    Page,
}

/// Draws a skeleton; says "Loading" to those who cannot see it.
#[component]
pub(crate) fn SkeletonView(
    shape: Skeleton,
    /// Nothing else on the page is its heading.
    #[prop(optional)]
    whole_page: bool,
) -> impl IntoView {
    let whole_page = whole_page || shape == Skeleton::Page;
    let bars = match shape {
        Skeleton::Rows(rows) => (0..rows)
            .map(|_| {
                view! {
                    <div class="skeleton-row">
                        <span class="bone bone-disc"></span>
                        <span class="bone bone-wide"></span>
                        <span class="bone bone-narrow"></span>
                    </div>
                }
            })
            .collect_view()
            .into_any(),
        Skeleton::Card | Skeleton::Page => view! {
            <div class="skeleton-card">
                <span class="bone bone-title"></span>
                <span class="bone bone-wide"></span>
                <span class="bone bone-wide"></span>
                <span class="bone bone-narrow"></span>
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="skeleton" role="status">
            {if whole_page {
                view! { <h1 class="visually-hidden">"Loading…"</h1> }.into_any()
            } else {
                view! { <span class="visually-hidden">"Loading…"</span> }.into_any()
            }}
            <div aria-hidden="true">{bars}</div>
        </div>
    }
}

/// What a place is for, while there is nothing in it, with the one action that fills it.
#[component]
pub(crate) fn Empty(
    icon: Icon,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Glyph icon=icon size=22/></span>
            <p class="empty-title">{title}</p>
            <p class="empty-text">{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}

/// What went wrong in place of what was asked for, and how to try again.
#[component]
fn Failed(failure: Failure, on_retry: Callback<()>) -> impl IntoView {
    // Where the failure took the place of the whole page, it is the page's heading too.
    let headed = matches!(document().query_selector("main h1[tabindex]"), Ok(Some(_)));
    if !headed {
        document().set_title(&format!("{} · Accord", failure.title()));
    }
    view! {
        <div class="empty" role="alert">
            <span class="empty-icon" data-tone="bad"><Glyph icon=Icon::TriangleAlert size=22/></span>
            {if headed {
                view! { <h2 class="empty-title">{failure.title()}</h2> }.into_any()
            } else {
                view! { <h1 class="empty-title">{failure.title()}</h1> }.into_any()
            }}
            <p class="empty-text">{failure.sentence()}</p>
            <div class="empty-actions">
                <Button icon=Icon::RefreshCw on_press=on_retry>"Try again"</Button>
            </div>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Loading,
    Failed,
    Empty,
    Full,
}

/// Draws the state that `remote` is in. `full` is drawn once and then follows its signal, so that
/// focus, scroll and selection outlive a reload.
pub(crate) fn screen<T, E, F>(
    remote: Remote<T>,
    skeleton: Skeleton,
    is_empty: impl Fn(&T) -> bool + Send + Sync + 'static,
    empty: impl Fn() -> E + Send + 'static,
    full: impl Fn(Signal<T>) -> F + Send + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    E: IntoView + 'static,
    F: IntoView + 'static,
{
    let emptiness = move || remote.data.with(|data| data.as_ref().map(&is_empty));
    let full = move || {
        let shown = remote.data.get_untracked().map(|data| {
            let current = RwSignal::new(data);
            Effect::new(move |first: Option<()>| {
                let fresh = remote.data.get();
                if let (Some(fresh), Some(())) = (fresh, first) {
                    current.set(fresh);
                }
            });
            full(current.into())
        });
        shown.into_any()
    };
    four_states(Situation {
        emptiness: Box::new(emptiness),
        failure: remote.failure,
        busy: remote.busy,
        retry: Callback::new(move |()| remote.reload()),
        skeleton,
        empty: Box::new(move || empty().into_any()),
        full: Box::new(full),
    })
}

/// What [`screen`] draws from, whatever the data is.
struct Situation {
    /// Whether the data is empty, once there is some.
    emptiness: Box<dyn Fn() -> Option<bool> + Send + Sync>,
    failure: RwSignal<Option<Failure>>,
    busy: RwSignal<bool>,
    retry: Callback<()>,
    skeleton: Skeleton,
    empty: Box<dyn Fn() -> AnyView + Send>,
    full: Box<dyn Fn() -> AnyView + Send>,
}

/// The part that is the same for every screen, compiled once.
fn four_states(situation: Situation) -> AnyView {
    let Situation {
        emptiness,
        failure,
        busy,
        retry,
        skeleton,
        empty,
        full,
    } = situation;
    let state = Memo::new(move |_| match emptiness() {
        Some(true) => State::Empty,
        Some(false) => State::Full,
        None if failure.with(Option::is_some) && !busy.get() => State::Failed,
        None => State::Loading,
    });
    let stale = move || {
        let shown = matches!(state.get(), State::Empty | State::Full);
        (shown && failure.with(Option::is_some)).then(|| {
            view! {
                <Notice tone=Tone::Warn>
                    <p>"This may be out of date: it could not be loaded again."</p>
                    <Button kind=ButtonKind::Ghost busy=busy on_press=retry>"Try again"</Button>
                </Notice>
            }
        })
    };
    let body = move || match state.get() {
        State::Loading => view! { <SkeletonView shape=skeleton/> }.into_any(),
        State::Failed => failure
            .get_untracked()
            .map(|failure| view! { <Failed failure=failure on_retry=retry/> })
            .into_any(),
        State::Empty => empty(),
        State::Full => full(),
    };
    view! { {stale} {body} }.into_any()
}
