use accord_api_types::{NewWebhook, UpdateWebhook, Webhook};
use leptos::prelude::*;

use super::model::short_name;
use crate::components::{ConfirmDialog, Notice, Secret, Toasts, Tone, exact, now};
use crate::session::Session;
use crate::submission::Submission;

/// The new secret of a webhook, to be shown.
pub(super) fn secret_of(made: NewWebhook, title: &str) -> Secret {
    Secret {
        title: format!("{title} {}", short_name(&made.webhook.url)),
        label: "Secret",
        advice: "The receiver verifies each message with it, by the Standard Webhooks specification: give it the whole text, with whsec_.".into(),
        text: made.secret,
    }
}

/// A question about one webhook.
fn title_of(
    hook: RwSignal<Option<Webhook>>,
    words: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Signal<String> {
    Signal::derive(move || {
        hook.with(|hook| {
            words(
                hook.as_ref()
                    .map(|hook| short_name(&hook.url))
                    .unwrap_or_default(),
            )
        })
    })
}

/// Gives a webhook another secret, and hands it on to be shown.
#[component]
pub(super) fn RotateDialog(
    open: RwSignal<bool>,
    hook: RwSignal<Option<Webhook>>,
    on_secret: Callback<Secret>,
) -> impl IntoView {
    let session = Session::current();
    let attempt = Submission::new();
    let rotate = Callback::new(move |()| {
        let Some(hook) = hook.get_untracked() else {
            return;
        };
        let (client, account_id) = (attempt.client(), session.account_id());
        attempt.send(
            async move { client.rotate_webhook_secret(account_id, hook.id).await },
            move |made| {
                open.set(false);
                on_secret.run(secret_of(made.into_inner(), "The new secret for"));
            },
        );
    });
    let title = title_of(hook, |name| format!("Change the secret of {name}?"));
    let former = move || {
        let until = hook.with(|hook| hook.as_ref()?.former_secret_until)?;
        (until.timestamp() > now()).then(|| {
            view! {
                <Notice tone=Tone::Warn>
                    <p>"A former secret still signs, until " {exact(until)} ". It goes on until then: of former secrets the newest five sign, each for a day."</p>
                </Notice>
            }
        })
    };
    view! {
        <ConfirmDialog open=open title=title action="Make a new secret" submission=attempt on_confirm=rotate>
            <p>"A new secret is made and shown once. For 24 hours each message is signed with the present one too, so that the receiver can change over without missing anything; after that the present one counts no more."</p>
            {former}
        </ConfirmDialog>
    }
}

/// Stops sending to a webhook.
#[component]
pub(super) fn SwitchOffDialog(
    open: RwSignal<bool>,
    hook: RwSignal<Option<Webhook>>,
    on_done: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    let switch_off = Callback::new(move |()| {
        let Some(hook) = hook.get_untracked() else {
            return;
        };
        let (client, account_id) = (session.client(), session.account_id());
        let body = UpdateWebhook {
            enabled: Some(false),
            ..UpdateWebhook::default()
        };
        attempt.send(
            async move {
                client
                    .update_webhook(account_id, hook.id, &body, None)
                    .await
            },
            move |hook| {
                open.set(false);
                let name = short_name(&hook.url).to_owned();
                toasts.done(format!("The webhook to {name} is off."));
                on_done.try_run(());
            },
        );
    });
    let title = title_of(hook, |name| format!("Switch off the webhook to {name}?"));
    view! {
        <ConfirmDialog open=open title=title action="Switch off" submission=attempt on_confirm=switch_off>
            <p>"Nothing is sent to it until you switch it on again. What waits to be sent is given up, and what happens meanwhile is not sent later."</p>
        </ConfirmDialog>
    }
}

/// Deletes a webhook.
#[component]
pub(super) fn DeleteDialog(
    open: RwSignal<bool>,
    hook: RwSignal<Option<Webhook>>,
    on_done: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    let delete = Callback::new(move |()| {
        let Some(hook) = hook.get_untracked() else {
            return;
        };
        let (client, account_id) = (session.client(), session.account_id());
        attempt.send(
            async move { client.delete_webhook(account_id, hook.id, None).await },
            move |()| {
                open.set(false);
                toasts.done(format!(
                    "The webhook to {} is deleted.",
                    short_name(&hook.url)
                ));
                on_done.try_run(());
            },
        );
    });
    let title = title_of(hook, |name| format!("Delete the webhook to {name}?"));
    view! {
        <ConfirmDialog open=open title=title action="Delete webhook" danger=true submission=attempt on_confirm=delete>
            <p class="breaks">"Nothing more is sent to " {move || hook.with(|hook| hook.as_ref().map(|hook| hook.url.clone()))} "."</p>
            <p>"What waits to be sent, its log and its secret go with it. This cannot be taken back; to stop it for a time, switch it off."</p>
        </ConfirmDialog>
    }
}
