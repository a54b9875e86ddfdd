use accord_api_types::{PageQuery, Session as SignedInPlace};
use leptos::prelude::*;

use super::model::browser;
use crate::components::{Button, FailureNotice, RelativeTime, Skeleton, Toasts, each, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// Where the person is signed in, with a way to end each.
#[component]
pub(super) fn Sessions() -> impl IntoView {
    let session = Session::current();
    let places = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .sessions(&PageQuery {
                            limit,
                            cursor,
                            ..Default::default()
                        })
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Account]);
    let reload = Callback::new(move |()| places.reload());
    screen(
        places,
        Skeleton::Rows(2),
        Vec::is_empty,
        || (),
        move |places| {
            view! {
                <ul class="card sessions">
                    {each(move || places.get(), |place| (place.id, place.last_used_at, place.network_address.clone(), place.current), move |place| view! {
                        <Place place=place reload=reload/>
                    }.into_any())}
                </ul>
                {move || (places.with(Vec::len) > 2).then(|| view! { <EndOthers reload=reload/> })}
            }
        },
    )
}

#[component]
fn EndOthers(reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let end = Callback::new(move |()| {
        let client = session.client();
        submission.send(
            async move { client.end_other_sessions().await },
            move |()| {
                toasts.done("You are signed out everywhere else.");
                reload.try_run(());
            },
        );
    });
    view! {
        <FailureNotice failure=submission.failure/>
        <div><Button busy=submission.busy on_press=end>"End all other sessions"</Button></div>
    }
}

#[component]
fn Place(place: SignedInPlace, reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let name = browser(&place.user_agent);
    let label = format!("End the session of {name}");
    let end = Callback::new(move |()| {
        let client = session.client();
        submission.send(
            async move { client.end_session(place.id).await },
            move |()| {
                toasts.done("Session ended.");
                reload.try_run(());
            },
        );
    });
    view! {
        <li>
            <span class="session-words">
                <span class="strong" title=place.user_agent>{name}</span>
                <span class="muted small">{place.network_address} " · used " <RelativeTime at=place.last_used_at/></span>
                {move || submission.failure.get().map(|failure| view! { <span class="field-error" role="alert">{failure.sentence()}</span> })}
            </span>
            {if place.current {
                view! { <span class="tag">"This browser"</span> }.into_any()
            } else {
                view! { <Button busy=submission.busy label=label on_press=end>"End"</Button> }.into_any()
            }}
        </li>
    }
}
