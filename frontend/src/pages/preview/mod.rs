//! What a change would do to people's access, said before it is saved. The server makes the change and takes
//! it back; nothing here stands in the way of saving.

mod model;

use std::time::Duration;

use accord_api_types::{Preview, PreviewAccess, PreviewChange};
use leptos::prelude::*;

use crate::components::{Button, ButtonKind};
use crate::remote::Remote;
use crate::session::Session;
pub(crate) use model::change;
use model::{Line, headline, lines};

/// How long nothing is changed before the server is asked.
const REST: Duration = Duration::from_millis(300);

/// Says who would gain and lose what by `change`, and nothing while there is none or nobody's access changes.
#[component]
pub(crate) fn AccessPreview(#[prop(into)] change: Signal<Option<PreviewChange>>) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let change = Memo::new(move |_| change.get());
    let settled = RwSignal::new(change.get_untracked());
    let mut ask_soon =
        leptos::leptos_dom::helpers::debounce(REST, move |change: Option<PreviewChange>| {
            settled.try_set(change);
        });
    Effect::new(move |before: Option<()>| {
        let change = change.get();
        if before.is_some() {
            ask_soon(change);
        }
    });
    let answer = Remote::new(move || {
        let (client, asked) = (session.client(), settled.get());
        async move {
            let Some(change) = asked else {
                return Ok(None);
            };
            let body = PreviewAccess { change };
            client.preview(account_id, &body, None).await.map(Some)
        }
    });
    // What is shown may still be about what was chosen a moment ago.
    let busy = Memo::new(move |_| answer.busy.get() || change.get() != settled.get());
    let retry = Callback::new(move |()| answer.reload());
    let shown = move || {
        // Taken back meanwhile.
        change.get()?;
        if let Some(failure) = answer.failure.get() {
            return Some(
                view! {
                    <p class="preview-failed">
                        <span class="strong">"What this changes for members is not known."</span>
                        " " {failure.sentence()} " You can save all the same."
                    </p>
                    <Button kind=ButtonKind::Ghost busy=answer.busy on_press=retry>"Ask again"</Button>
                }
                .into_any(),
            );
        }
        let preview = answer.data.get().flatten()?;
        (preview.totals.pairs > 0).then(|| view! { <Consequences preview=preview/> }.into_any())
    };
    view! {
        <div class="preview" role="status" aria-busy=move || busy.get().then_some("true")>{shown}</div>
    }
}

#[component]
fn Consequences(preview: Preview) -> impl IntoView {
    let head = headline(&preview);
    let (lines, more) = lines(&preview);
    view! {
        <p class="strong">{head}</p>
        <ul class="preview-lines">
            {lines.into_iter().map(|line| view! { <MemberLine line=line/> }).collect_view()}
            {more.map(|words| view! { <li class="muted">{words}</li> })}
        </ul>
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
