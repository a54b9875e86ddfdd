//! One notification, wherever it stands.

mod kinds;
mod lines;
mod words;

use accord_api_types::{Notification, Uuid};
use leptos::prelude::*;

use super::{Glyph, RelativeTime, exact};

pub(crate) use kinds::kind_words;

/// A notification: what happened, and a link to what it is about. Following the link says that it was
/// read.
#[component]
pub(crate) fn Told(
    told: Notification,
    on_read: Callback<Uuid>,
    /// What else can be done with it.
    #[prop(optional, into)]
    tools: ViewFn,
) -> impl IntoView {
    let id = told.id;
    let unread = told.read_at.is_none();
    let words = words::words(&told, exact);
    view! {
        <li class="told" class:unread=unread>
            <span class="told-icon" data-tone=words.tone.as_str()><Glyph icon=words.icon/></span>
            <div class="told-words">
                <p class="told-title">
                    <a href=words.href on:click=move |_| if unread { on_read.run(id) }>{words.title}</a>
                    {unread.then(|| view! { <span class="told-dot"><span class="visually-hidden">"unread"</span></span> })}
                </p>
                {words.lines.into_iter().map(|line| view! { <p class="told-line">{line}</p> }).collect_view()}
                <p class="told-time"><RelativeTime at=told.created_at/></p>
            </div>
            <div class="told-tools">{tools.run()}</div>
        </li>
    }
}
