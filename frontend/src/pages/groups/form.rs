use accord_api_types::{ErrorCode, Group, UpdateGroup, Uuid};
use leptos::prelude::*;

use super::all_groups;
use super::dialogs::Purpose;
use super::model::{PALETTE, Parent, creation, next_color, parents};
use crate::components::{
    Button, ButtonKind, CancelButton, DialogFooter, FailureNotice, Glyph, Icon, TextField, Toasts,
    next_id,
};
use crate::pages::auth::model::{check_filled, checked};
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

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
    let groups = Remote::new(move || all_groups(session));
    let (name_before, color_before, parent_before) = match &purpose {
        Purpose::Add(_) => (String::new(), String::new(), String::new()),
        Purpose::Edit(group) => (
            group.name.clone(),
            group.color.clone(),
            group.parent_id.map(|id| id.to_string()).unwrap_or_default(),
        ),
    };
    let name = RwSignal::new(name_before.clone());
    let color = RwSignal::new(color_before.clone());
    let parent = RwSignal::new(parent_before.clone());
    let editing = matches!(purpose, Purpose::Edit(_));
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
        let recoloured = editing && color.get() != color_before;
        dirty.set(name.get() != name_before || recoloured || parent.get() != parent_before);
    });
    let moving = match &purpose {
        Purpose::Edit(group) => Some(group.clone()),
        Purpose::Add(_) => None,
    };
    let choices = {
        let moving = moving.clone();
        Signal::derive(move || {
            let moving = moving.as_ref();
            groups.data.with(|groups| {
                groups
                    .as_ref()
                    .zip(moving)
                    .map(|(groups, moving)| parents(groups, moving))
                    .unwrap_or_default()
            })
        })
    };
    let moved = {
        let moving = moving.as_ref().map(|group| (group.id, group.parent_id));
        Signal::derive(move || {
            let (id, before) = moving?;
            let parent_id = parent.with(|parent| parent.parse::<Uuid>().ok());
            (parent_id != before).then(|| change::group_move(id, parent_id))
        })
    };
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = name.get_untracked().trim().to_owned();
        let pointer = if editing || !typed.contains('/') {
            "/name"
        } else {
            "/path"
        };
        if let Err(failure) = checked([check_filled(pointer, &typed, "Give the group a name")]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let color = color.get_untracked();
        let (purpose, parent_id) = (purpose.clone(), parent.get_untracked());
        submission.send(
            async move {
                let saved = match purpose {
                    Purpose::Add(parent) => {
                        client
                            .create_group(account_id, &creation(&typed, color, parent.as_ref()))
                            .await?
                    }
                    Purpose::Edit(group) => {
                        client
                            .update_group(
                                account_id,
                                group.id,
                                &changes(&group, typed, color, &parent_id),
                                None,
                            )
                            .await?
                    }
                };
                Ok::<Group, accord_client::Error>(saved.into_inner())
            },
            move |saved| {
                open.set(false);
                toasts.done(format!("Group {} saved.", saved.path));
                on_changed.run(());
            },
        );
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
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/path", "/color", "/parent_id"]/>
                {if editing {
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
                {moving.is_some().then(|| view! { <ParentChoice parent=parent choices=choices error=parent_error/> })}
            </div>
            <AccessPreview change=moved/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if editing { "Save group" } else { "Create group" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// Only what changed: a group that stays where it is is not moved.
fn changes(group: &Group, name: String, color: String, parent_id: &str) -> UpdateGroup {
    let parent_id = parent_id.parse::<Uuid>().ok();
    UpdateGroup {
        name: (name != group.name).then_some(name),
        color: (color != group.color).then_some(color),
        parent_id: (parent_id != group.parent_id).then_some(parent_id),
    }
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
