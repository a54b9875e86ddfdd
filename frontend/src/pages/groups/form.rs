use accord_api_types::{ErrorCode, Group};
use accord_client::Versioned;
use leptos::prelude::*;

use super::all_groups;
use super::dialogs::Purpose;
use super::draft::{Draft, between, told};
use super::model::{PALETTE, Parent, creation, next_color, parents};
use crate::components::{
    Button, ButtonKind, CancelButton, DialogFooter, FailureNotice, Glyph, Icon, TextField, Toasts,
    next_id,
};
use crate::editing::{Editing, Saved, Version, save};
use crate::live::Topic;
use crate::pages::auth::model::{check_filled, checked};
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::{Reverse, say_done};

/// Name, colour and place of a group.
#[component]
pub(super) fn GroupForm(
    open: RwSignal<bool>,
    purpose: Purpose,
    dirty: RwSignal<bool>,
    on_changed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let groups = Remote::new(move || all_groups(session)).follows(&[Topic::Groups]);
    let edited = match &purpose {
        Purpose::Edit(group) => Some(group.clone()),
        Purpose::Add(_) => None,
    };
    let known = edited.as_ref().map(Draft::of).unwrap_or_default();
    let name = RwSignal::new(known.name.clone());
    let color = RwSignal::new(known.color.clone());
    let parent = RwSignal::new(known.parent.clone());
    let draft = Signal::derive(move || Draft {
        name: name.with(|name| name.trim().to_owned()),
        color: color.get(),
        parent: parent.get(),
    });
    let known = Version {
        content: known,
        etag: None,
    };
    let show = move |draft: Draft| {
        name.set(draft.name);
        color.set(draft.color);
        parent.set(draft.parent);
    };
    let editing = Editing::new(known, draft, show, submission);
    let id = edited.as_ref().map(|group| group.id);
    if let Some(id) = id {
        let stored = Remote::new(move || {
            let client = session.client();
            async move { client.group(account_id, id).await }
        })
        .follows(&[Topic::Groups]);
        editing.follow(stored, Draft::of);
    }
    // A new group starts with a colour that is not much used yet.
    Effect::new(move |_| {
        groups.data.with(|groups| {
            if let Some(groups) = groups
                && color.get_untracked().is_empty()
            {
                color.set(next_color(groups));
            }
        });
    });
    Effect::new(move |_| {
        dirty.set(match id {
            Some(_) => editing.is_dirty(),
            None => !name.with(String::is_empty),
        });
    });
    let choices = Signal::derive(move || {
        groups
            .data
            .with(|groups| {
                let groups = groups.as_ref()?;
                let moving = groups.iter().find(|group| Some(group.id) == id)?;
                Some(parents(groups, moving))
            })
            .unwrap_or_default()
    });
    let moved = Signal::derive(move || {
        let id = id?;
        let draft = draft.get();
        (draft.parent != editing.before().parent).then(|| change::group_move(id, draft.parent_id()))
    });
    let conflict = editing.conflict("group", move |three| {
        let known =
            |groups: &Option<Vec<Group>>| told(three, groups.as_deref().unwrap_or_default());
        groups.data.with(known)
    });
    let saved = move |saved: Group, reverse: Option<Reverse>| {
        open.set(false);
        say_done(
            toasts,
            session,
            format!("Group {} saved.", saved.path),
            reverse,
        );
        on_changed.try_run(());
    };
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, draft) = editing.to_save();
        let pointer = if id.is_some() || !draft.name.contains('/') {
            "/name"
        } else {
            "/path"
        };
        if let Err(failure) = checked([check_filled(pointer, &draft.name, "Give the group a name")])
        {
            return submission.fail(failure);
        }
        let client = submission.client();
        let id = match &purpose {
            Purpose::Add(parent) => {
                let body = creation(&draft.name, draft.color, parent.as_ref());
                submission.send(
                    async move { client.create_group(account_id, &body).await },
                    move |made| saved(made.into_inner(), None),
                );
                return;
            }
            Purpose::Edit(group) => group.id,
        };
        let body = between(&base.content, &draft);
        let reader = client.clone();
        let saving = save(
            base,
            draft,
            async move |etag: Option<&str>| client.update_group(account_id, id, &body, etag).await,
            async move || {
                let fresh = reader.group(account_id, id).await?;
                Ok(Version::of(&fresh, Draft::of))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            Saved::Done {
                saved: group,
                before,
            } => {
                let reverse = reverse(session, &before, &group, on_changed);
                saved(group.into_inner(), reverse);
            }
            Saved::Overtaken(theirs) => editing.overtaken(theirs),
        });
    };
    // A group may be moved meanwhile: what was no circle when the list was read may be one now.
    let parent_error = Signal::derive(move || {
        submission.failure.with(|failure| {
            let failure = failure.as_ref()?;
            let circle = failure.code() == Some(ErrorCode::GroupCycle);
            circle
                .then(|| "A group cannot be inside itself, nor inside what it holds.".to_owned())
                .or_else(|| failure.below("/parent_id"))
        })
    });
    let name_error = Signal::derive(move || {
        submission.failure.with(|failure| {
            let failure = failure.as_ref()?;
            failure.below("/name").or_else(|| failure.below("/path"))
        })
    });
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {conflict}
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/path", "/color", "/parent_id"]/>
                {if id.is_some() {
                    view! { <TextField label="Name" value=name error=name_error autofocus=true/> }.into_any()
                } else {
                    view! {
                        <TextField
                            label="Name"
                            value=name
                            hint="A path such as web/live makes the groups that are missing on the way."
                            error=name_error
                            autofocus=true
                        />
                    }.into_any()
                }}
                <ColorChoice color=color error=submission.at("/color")/>
                {id.is_some().then(|| view! { <ParentChoice parent=parent choices=choices error=parent_error/> })}
            </div>
            <AccessPreview change=moved/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save group" } else { "Create group" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// Makes the group what it was before, where it was before.
fn reverse(
    session: Session,
    before: &Draft,
    saved: &Versioned<Group>,
    on_changed: Callback<()>,
) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let body = between(&Draft::of(saved), before);
    let etag = saved.etag.clone()?;
    let undone = format!("Group {} is as it was.", before.name);
    Some(Reverse::new(undone, move || {
        let (client, body, etag) = (session.client(), body.clone(), etag.clone());
        async move {
            let group = client
                .update_group(account_id, id, &body, Some(&etag))
                .await?;
            // A form around it may show the groups, too; if it is still there.
            on_changed.try_run(());
            Ok::<_, accord_client::Error>(group)
        }
    }))
}

/// Where the group hangs; what it cannot be inside of is named, and cannot be chosen.
#[component]
fn ParentChoice(
    parent: RwSignal<String>,
    choices: Signal<Vec<Parent>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = next_id("parent");
    let error_id = format!("{id}-error");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>"Inside"</label>
            <span class="select-frame">
                <select
                    class="input"
                    id=id
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=error_id.clone()
                    on:change=move |event| parent.set(event_target_value(&event))
                >
                    {move || choices.get().into_iter().map(|choice| {
                        let selected = { let id = choice.id.clone(); move || parent.with(|parent| *parent == id) };
                        view! { <option value=choice.id disabled=choice.is_inside prop:selected=selected>{choice.words}</option> }
                    }).collect_view()}
                </select>
                <Glyph icon=Icon::ChevronDown/>
            </span>
            <p class="field-error" id=error_id role="alert">{move || error.get()}</p>
        </div>
    }
}

#[component]
fn ColorChoice(color: RwSignal<String>, error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <fieldset class="colors">
            <legend class="field-label">"Colour"</legend>
            <div class="swatches">
                {PALETTE.into_iter().map(|(choice, name)| view! {
                    <label class="swatch" title=name style=("--dot", choice)>
                        <input
                            class="visually-hidden"
                            type="radio"
                            name="group-color"
                            aria-label=name
                            value=choice
                            prop:checked=move || color.with(|color| color == choice)
                            on:change=move |_| color.set(choice.to_owned())
                        />
                    </label>
                }).collect_view()}
                <input
                    class="swatch-own"
                    type="color"
                    aria-label="Another colour"
                    title="Another colour"
                    // Until a colour is chosen the browser's own first one is shown: none at all is not allowed.
                    prop:value=move || color.with(|color| if color.is_empty() { "#000000".to_owned() } else { color.clone() })
                    on:input=move |event| color.set(event_target_value(&event))
                />
            </div>
            {move || error.get().map(|error| view! { <p class="field-error">{error}</p> })}
        </fieldset>
    }
}
