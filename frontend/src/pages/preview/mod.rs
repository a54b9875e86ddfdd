//! What a change would do to people's access, said before it is saved. The server makes the change and takes
//! it back; nothing here stands in the way of saving.

mod model;

use std::time::Duration;

use accord_api_types::{Preview, PreviewAccess, PreviewChange};
use futures_util::{StreamExt, stream};
use leptos::prelude::*;

use crate::components::{Button, ButtonKind};
use crate::listing::AT_ONCE;
use crate::remote::Remote;
use crate::session::Session;
pub(crate) use model::change;
use model::{ASKED_ABOUT, Foreseen, Line, headline, lines};

/// How long nothing is changed before the server is asked.
const REST: Duration = Duration::from_millis(300);

/// Says who would gain and lose what by `change`, and nothing while there is none or nobody's access changes.
#[component]
pub(crate) fn AccessPreview(#[prop(into)] change: Signal<Option<PreviewChange>>) -> impl IntoView {
    let changes = Signal::derive(move || change.get().into_iter().collect());
    view! { <Asked changes=changes says_nothing_changes=false/> }
}

/// The same before something is confirmed, as it may be for each of several members: that it is looked up, and
/// that nobody's access changes, is said, too.
#[component]
pub(crate) fn AccessPreviews(#[prop(into)] changes: Signal<Vec<PreviewChange>>) -> impl IntoView {
    view! { <Asked changes=changes says_nothing_changes=true/> }
}

#[component]
fn Asked(changes: Signal<Vec<PreviewChange>>, says_nothing_changes: bool) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let changes = Memo::new(move |_| changes.get());
    let settled = RwSignal::new(changes.get_untracked());
    let mut ask_soon =
        leptos::leptos_dom::helpers::debounce(REST, move |changes: Vec<PreviewChange>| {
            settled.try_set(changes);
        });
    Effect::new(move |before: Option<()>| {
        let changes = changes.get();
        if before.is_some() {
            ask_soon(changes);
        }
    });
    let answer = Remote::new(move || {
        let (client, asked) = (session.client(), settled.get());
        async move {
            let all = asked.len();
            if all == 0 {
                return Ok(None);
            }
            let each = asked.into_iter().take(ASKED_ABOUT).map(|change| {
                let client = client.clone();
                let body = PreviewAccess { change };
                async move { client.preview(account_id, &body, None).await }
            });
            let answers: Vec<accord_client::Result<Preview>> =
                stream::iter(each).buffered(AT_ONCE).collect().await;
            let previews = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok::<_, accord_client::Error>(Some(Foreseen::of(previews, all)))
        }
    });
    // What is shown may still be about what was chosen a moment ago.
    let busy = Memo::new(move |_| answer.busy.get() || changes.get() != settled.get());
    let retry = Callback::new(move |()| answer.reload());
    let shown = move || {
        // Taken back meanwhile.
        if changes.with(Vec::is_empty) {
            return None;
        }
        if let Some(failure) = answer.failure.get() {
            return Some(
                view! {
                    <p class="preview-failed">
                        <span class="strong">"What this changes for members is not known."</span>
                        " " {failure.sentence()} " You can go on all the same."
                    </p>
                    <Button kind=ButtonKind::Ghost busy=answer.busy on_press=retry>"Ask again"</Button>
                }
                .into_any(),
            );
        }
        match answer.data.get().flatten() {
            Some(found) if found.preview.totals.pairs > 0 => {
                Some(view! { <Consequences found=found/> }.into_any())
            }
            found if says_nothing_changes => Some(view! { <Unchanged found=found/> }.into_any()),
            _ => None,
        }
    };
    view! {
        <div class="preview" role="status" aria-busy=move || busy.get().then_some("true")>{shown}</div>
    }
}

#[component]
fn Consequences(found: Foreseen) -> impl IntoView {
    let head = headline(&found.preview);
    let (lines, more) = lines(&found.preview);
    view! {
        <p class="strong">{head}</p>
        <ul class="preview-lines">
            {lines.into_iter().map(|line| view! { <MemberLine line=line/> }).collect_view()}
            {more.map(|words| view! { <li class="muted">{words}</li> })}
            {found.unasked().map(|words| view! { <li class="muted">{words}</li> })}
        </ul>
    }
}

/// Nobody's access changes, as far as is known by now.
#[component]
fn Unchanged(found: Option<Foreseen>) -> impl IntoView {
    match found {
        None => view! { <p class="muted">"Looking up whose access changes…"</p> }.into_any(),
        Some(found) => view! {
            <p>"Nobody's access to an environment changes. " {found.unasked()}</p>
        }
        .into_any(),
    }
}

#[component]
fn MemberLine(line: Line) -> impl IntoView {
    view! {
        <li>
            <details>
                <summary>{line.words}</summary>
                <ul class="preview-details">
                    {line.details.into_iter().map(|(environment, words)| view! {
                        <li><span class="strong">{environment}</span> ": " {words}</li>
                    }).collect_view()}
                </ul>
            </details>
        </li>
    }
}
