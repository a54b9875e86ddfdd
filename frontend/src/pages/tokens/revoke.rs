use accord_api_types::ApiToken;
use leptos::prelude::*;

use super::model::scope_words;
use crate::components::{ConfirmDialog, RelativeTime, Toasts};
use crate::session::Session;
use crate::submission::Submission;

/// Asks before a token is revoked, and says what stops.
#[component]
pub(super) fn RevokeDialog(
    open: RwSignal<bool>,
    token: RwSignal<Option<ApiToken>>,
    on_revoked: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    let title = Signal::derive(move || {
        token.with(|token| {
            format!(
                "Revoke {}?",
                token
                    .as_ref()
                    .map_or("the token", |token| token.name.as_str())
            )
        })
    });
    let revoke = Callback::new(move |()| {
        let Some(token) = token.get_untracked() else {
            return;
        };
        let client = session.client();
        attempt.send(
            async move { client.revoke_api_token(token.id).await },
            move |()| {
                open.set(false);
                toasts.done(format!("Token {} revoked.", token.name));
                on_revoked.run(());
            },
        );
    });
    view! {
        <ConfirmDialog open=open title=title action="Revoke token" danger=true submission=attempt on_confirm=revoke>
            {token.get_untracked().map(|token| view! { <WhatStops token=token/> })}
        </ConfirmDialog>
    }
}

#[component]
fn WhatStops(token: ApiToken) -> impl IntoView {
    let used = token.last_used_at.map(|at| {
        view! { <p>"A program used it " <RelativeTime at=at/> "." </p> }
    });
    if token.expired {
        return view! {
            <p>"It has ended already, so nothing stops. It is not listed any more."</p>
            {used}
        }
        .into_any();
    }
    view! {
        <p>"Whatever calls with it is refused from its next request on. This cannot be taken back; the program needs another token then. It stops being able to:"</p>
        <ul class="losses">
            {token.scopes.iter().map(|scope| view! { <li>{scope_words(*scope).0}</li> }).collect_view()}
        </ul>
        {match used {
            Some(used) => used.into_any(),
            None => view! { <p class="muted">"No program has used it so far."</p> }.into_any(),
        }}
    }
    .into_any()
}
