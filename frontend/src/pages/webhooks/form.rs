use std::collections::HashSet;

use accord_api_types::{CreateWebhook, Uuid, Webhook};
use accord_client::Versioned;
use leptos::prelude::*;

use super::content::{Content, between, told};
use super::dialogs::secret_of;
use super::model::{event_choices, short_name};
use crate::components::{
    Button, ButtonKind, CancelButton, ChoiceList, Dialog, DialogFooter, DialogSize, FailureNotice,
    FieldKind, Secret, Skeleton, TextField, Toasts, screen,
};
use crate::editing::{Editing, Saved, Version, save};
use crate::failure::invalid;
use crate::listing::in_words;
use crate::live::Topic;
use crate::pages::auth::model::{check_filled, checked};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// Adds a webhook and hands its secret on to be shown, or edits one.
#[component]
pub(super) fn WebhookDialog(
    open: RwSignal<bool>,
    /// The one to edit; none makes a new one.
    hook: RwSignal<Option<Webhook>>,
    on_made: Callback<Secret>,
    on_saved: Callback<()>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || {
        hook.with(|hook| match hook {
            Some(hook) => format!("Edit the webhook to {}", short_name(&hook.url)),
            None => "New webhook".to_owned(),
        })
    });
    let ends = Ends {
        open,
        dirty,
        on_made,
        on_saved,
    };
    view! {
        <Dialog open=open title=title size=DialogSize::Large lead="Messages hold ids and names of fields, never contents: the program asks the API for the rest." dirty=dirty>
            {match hook.get_untracked() {
                Some(hook) => view! { <EditForm id=hook.id ends=ends/> }.into_any(),
                None => {
                    let form = Form::new(Version {
                        content: Content::default(),
                        etag: None,
                    });
                    view! { <Fields form=form id=None ends=ends/> }.into_any()
                }
            }}
        </Dialog>
    }
}

/// How a form ends.
#[derive(Clone, Copy, Debug)]
struct Ends {
    open: RwSignal<bool>,
    dirty: RwSignal<bool>,
    on_made: Callback<Secret>,
    on_saved: Callback<()>,
}

/// What the form holds.
#[derive(Clone, Copy, Debug)]
struct Form {
    url: RwSignal<String>,
    description: RwSignal<String>,
    events: RwSignal<HashSet<String>>,
    editing: Editing<Content>,
    submission: Submission,
}

impl Form {
    fn new(known: Version<Content>) -> Self {
        let url = RwSignal::new(known.content.url.clone());
        let description = RwSignal::new(known.content.description.clone());
        let events = RwSignal::new(known.content.events.clone());
        let typed = Signal::derive(move || Content {
            url: url.with(|url| url.trim().to_owned()),
            description: description.with(|text| text.trim().to_owned()),
            events: events.get(),
        });
        let show = move |content: Content| {
            url.set(content.url);
            description.set(content.description);
            events.set(content.events);
        };
        let submission = Submission::new();
        Self {
            url,
            description,
            events,
            editing: Editing::new(known, typed, show, submission),
            submission,
        }
    }
}

/// Reads the webhook as it is now, and follows what becomes of it.
#[component]
fn EditForm(id: Uuid, ends: Ends) -> impl IntoView {
    let session = Session::current();
    let hook = Remote::new(move || {
        let (client, account_id) = (session.client(), session.account_id());
        async move { client.webhook(account_id, id).await }
    })
    .follows(&[Topic::Webhooks]);
    screen(
        hook,
        Skeleton::Card,
        |_: &Versioned<Webhook>| false,
        || (),
        move |first: Signal<Versioned<Webhook>>| {
            let form = Form::new(Version::of(&first.get_untracked(), Content::of));
            form.editing.follow(hook, Content::of);
            view! { <Fields form=form id=Some(id) ends=ends/> }
        },
    )
}

#[component]
fn Fields(form: Form, id: Option<Uuid>, ends: Ends) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = form.submission;
    let editing = form.editing;
    Effect::new(move |_| ends.dirty.set(editing.is_dirty()));
    let close = move || {
        ends.dirty.set(false);
        ends.open.set(false);
    };
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, content) = editing.to_save();
        let none = content
            .events
            .is_empty()
            .then(|| invalid("/event_types", "Choose at least one event"));
        if let Err(failure) = checked([
            check_filled("/url", &content.url, "Enter the address to send to"),
            none,
        ]) {
            return submission.fail(failure);
        }
        let (client, account_id) = (submission.client(), session.account_id());
        match id {
            Some(id) => {
                let body = between(&base.content, &content);
                let reader = client.clone();
                let saving = save(
                    base,
                    content,
                    async move |etag: Option<&str>| {
                        client.update_webhook(account_id, id, &body, etag).await
                    },
                    async move || {
                        let fresh = reader.webhook(account_id, id).await?;
                        Ok(Version::of(&fresh, Content::of))
                    },
                );
                submission.send(saving, move |outcome| match outcome {
                    Saved::Done { saved, .. } => {
                        close();
                        let name = short_name(&saved.url).to_owned();
                        toasts.done(format!("The webhook to {name} is saved."));
                        ends.on_saved.try_run(());
                    }
                    Saved::Overtaken(theirs) => editing.overtaken(theirs),
                });
            }
            None => {
                let body = CreateWebhook {
                    event_types: content.event_types(),
                    url: content.url,
                    description: content.description,
                    enabled: None,
                };
                submission.send(
                    async move { client.create_webhook(account_id, &body).await },
                    move |made| {
                        close();
                        ends.on_made
                            .run(secret_of(made.into_inner(), "The secret for"));
                    },
                );
            }
        }
    };
    let chosen = form.events;
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {editing.conflict("webhook", told)}
                <FailureNotice failure=submission.failure shown_by_fields=&["/url", "/description", "/event_types"]/>
                <TextField
                    label="Address"
                    kind=FieldKind::Url
                    value=form.url
                    hint="Starts with https:// and can be reached from this server."
                    error=submission.at("/url")
                    autofocus=true
                />
                <TextField label="Description" value=form.description optional=true error=submission.at("/description")/>
                <ChoiceList
                    label="What it is told"
                    find="Find an event"
                    none="No event matches what you look for."
                    choices=event_choices()
                    chosen=chosen
                    error=submission.at("/event_types")
                />
            </div>
            <DialogFooter>
                <span class="foot-start">{move || in_words(chosen.with(HashSet::len), "event")}</span>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save webhook" } else { "Create webhook" }}
                </Button>
            </DialogFooter>
        </form>
    }
}
