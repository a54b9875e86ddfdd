use std::collections::HashSet;

use accord_api_types::{CreateWebhook, ErrorCode, UpdateWebhook, Uuid, Webhook};
use accord_client::{Client, Error, Versioned};
use leptos::prelude::*;

use super::conflict::Conflict;
use super::dialogs::secret_of;
use super::merge::{Content, changes};
use super::model::{event_choices, short_name};
use crate::components::{
    Button, ButtonKind, CancelButton, ChoiceList, Dialog, DialogFooter, DialogSize, FailureNotice,
    FieldKind, Secret, Skeleton, TextField, Toasts, screen,
};
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
                    let form = Form::new(Content::default(), None);
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
pub(super) struct Form {
    url: RwSignal<String>,
    description: RwSignal<String>,
    events: RwSignal<HashSet<String>>,
    pub(super) base: RwSignal<Base>,
    /// The webhook as somebody else made it meanwhile.
    pub(super) theirs: RwSignal<Option<Versioned<Webhook>>>,
    pub(super) submission: Submission,
}

/// What the form began with, and its version.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub(super) content: Content,
    etag: Option<String>,
}

impl Form {
    fn new(content: Content, etag: Option<String>) -> Self {
        Self {
            url: RwSignal::new(content.url.clone()),
            description: RwSignal::new(content.description.clone()),
            events: RwSignal::new(content.events.clone()),
            base: RwSignal::new(Base { content, etag }),
            theirs: RwSignal::new(None),
            submission: Submission::new(),
        }
    }

    /// What was typed and chosen.
    pub(super) fn content(self) -> Content {
        Content {
            url: self.url.get().trim().to_owned(),
            description: self.description.get().trim().to_owned(),
            events: self.events.get(),
        }
    }

    pub(super) fn show(self, content: Content) {
        self.url.set(content.url);
        self.description.set(content.description);
        self.events.set(content.events);
    }

    pub(super) fn set_base(self, fresh: &Versioned<Webhook>) {
        self.base.set(Base {
            content: Content::of(fresh),
            etag: fresh.etag.clone(),
        });
    }

    /// The webhook came anew from the server. What the form does not change, such as its state, is no
    /// surprise.
    fn arrived(self, fresh: &Versioned<Webhook>) {
        let after = Content::of(fresh);
        let mine = untrack(|| self.content());
        let surprising = self
            .base
            .with_untracked(|base| !changes(&base.content, &after, &mine).is_empty());
        if surprising {
            self.theirs.set(Some(fresh.clone()));
        } else {
            self.set_base(fresh);
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
        move |hook: Signal<Versioned<Webhook>>| {
            let first = hook.get_untracked();
            let form = Form::new(Content::of(&first), first.etag);
            Effect::new(move |before: Option<()>| {
                let fresh = hook.get();
                if before.is_some() {
                    form.arrived(&fresh);
                }
            });
            view! { <Fields form=form id=Some(id) ends=ends/> }
        },
    )
}

#[component]
fn Fields(form: Form, id: Option<Uuid>, ends: Ends) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = form.submission;
    Effect::new(move |_| {
        let same = form.base.with(|base| base.content == form.content());
        ends.dirty.set(!same);
    });
    let close = move || {
        ends.dirty.set(false);
        ends.open.set(false);
    };
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let content = untrack(|| form.content());
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
        let (client, account_id) = (session.client(), session.account_id());
        match id {
            Some(id) => {
                let base = form.base.get_untracked();
                submission.send(save(client, account_id, id, content, base), move |saved| {
                    match saved {
                        Saved::Done(hook) => {
                            close();
                            let name = short_name(&hook.url).to_owned();
                            toasts.done(format!("The webhook to {name} is saved."));
                            ends.on_saved.run(());
                        }
                        Saved::Overtaken(fresh) => {
                            form.theirs.try_set(Some(fresh));
                        }
                    }
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
                <Conflict form=form/>
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

/// What became of a change.
#[derive(Debug)]
enum Saved {
    Done(Webhook),
    /// Somebody else was faster: the webhook as they made it. Nothing was saved.
    Overtaken(Versioned<Webhook>),
}

/// Saves a change, unless somebody else changed meanwhile what the form changes.
async fn save(
    client: Client,
    account_id: Uuid,
    id: Uuid,
    mine: Content,
    base: Base,
) -> Result<Saved, Error> {
    let body = UpdateWebhook::from(&mine);
    let mut etag = base.etag;
    loop {
        let saved = client
            .update_webhook(account_id, id, &body, etag.as_deref())
            .await;
        match saved {
            Ok(saved) => return Ok(Saved::Done(saved.into_inner())),
            Err(refusal) if refusal.code() == Some(ErrorCode::PreconditionFailed) => {
                let fresh = client.webhook(account_id, id).await?;
                if Content::of(&fresh) != base.content || fresh.etag == etag {
                    return Ok(Saved::Overtaken(fresh));
                }
                // It was switched on or off, or has another secret: the change still fits.
                etag = fresh.etag;
            }
            Err(refusal) => return Err(refusal),
        }
    }
}
