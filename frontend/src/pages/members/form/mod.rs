//! Invites somebody, or changes or copies what a member has: one form for all three.

mod conflict;
mod load;
mod merge;
mod sending;
mod state;
mod will_be;

use std::collections::HashMap;
use std::sync::Arc;

use accord_api_types::{Item, Member, Uuid};
use leptos::prelude::*;

use crate::components::share_editor::model::{add_role, keep_existing};
use crate::components::{
    AddressField, Button, ButtonKind, CancelButton, Dialog, DialogFooter, DialogSize,
    FailureNotice, FieldKind, GroupTools, Notice, ShareEditor, Skeleton, TextField, Tone, screen,
};
use crate::pages::groups::{GroupDialogs, GroupMenu};
use crate::pages::preview::{AccessPreview, change};
use crate::pages::roles::{RoleDialog, Saved};
use crate::undo::Reverse;
use state::Form;
use will_be::{WillBe, WillHave};

/// What the form is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Purpose {
    Invite,
    Edit(Member),
    /// The same shares for another address.
    Copy(Member),
}

impl Purpose {
    fn edited(&self) -> Option<Uuid> {
        match self {
            Self::Edit(member) => Some(member.id),
            Self::Invite | Self::Copy(_) => None,
        }
    }
}

/// What was saved, or who was invited.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) purpose: Purpose,
    pub(super) members: Vec<Member>,
    /// What takes it back; nothing for invitations, which are out.
    pub(super) reverse: Option<Reverse>,
}

/// Invites somebody, or changes or copies what a member has.
#[component]
pub(super) fn MemberFormDialog(
    open: RwSignal<bool>,
    purpose: RwSignal<Purpose>,
    /// What was saved or who was invited; some may have been while others were not.
    on_saved: Callback<Sent>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match purpose.get() {
        Purpose::Invite => "Invite a member".to_owned(),
        Purpose::Edit(member) => format!("Edit {}", super::model::name(&member)),
        Purpose::Copy(member) => format!("Share the same as {}", super::model::name(&member)),
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Large dirty=dirty guards_page=true>
            <MemberForm open=open purpose=purpose.get_untracked() dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn MemberForm(
    open: RwSignal<bool>,
    purpose: Purpose,
    dirty: RwSignal<bool>,
    on_saved: Callback<Sent>,
) -> impl IntoView {
    let form = Form::new(open, purpose, on_saved);
    let Form {
        things,
        draft,
        submission,
        ..
    } = form;
    let edited = form.purpose.with_value(Purpose::edited);
    let editing = edited.is_some();
    let will_be = WillBe::new(form.session, draft, edited, things, form.tree);
    Effect::new(move |_| dirty.set(form.is_dirty()));
    // What was wrong with shares is asked anew with every change of them.
    Effect::new(move |_| {
        draft.track();
        form.refused.set(Vec::new());
    });
    let changed = Signal::derive(move || {
        let id = edited?;
        let shares = form.changed_shares()?;
        Some(change::shares(id, shares))
    });
    let troubles = Signal::derive(move || {
        let mut troubles: HashMap<Item, String> = form.refused.get().into_iter().collect();
        troubles.extend(will_be.troubles());
        troubles
    });
    Effect::new(move |_| {
        let tree = form.tree.get();
        if tree.lines.is_empty() {
            return;
        }
        let items = tree.items();
        // Only where something is gone: a draft that stays the same need not be asked about again.
        if draft.with_untracked(|draft| draft.iter().any(|share| !items.contains(&share.item))) {
            draft.update(|draft| keep_existing(draft, &items));
        }
        let fresh = things
            .data
            .with_untracked(|things| things.as_ref().and_then(|things| things.member.clone()));
        if let Some(fresh) = fresh {
            form.arrived(&fresh);
        }
    });

    if let Some(id) = edited {
        form.follow(id);
    }

    // A role or a group made on the way leaves everything else as it is.
    let role_open = RwSignal::new(false);
    let role_for = RwSignal::new(None::<Item>);
    let policies = Signal::derive(move || {
        things.data.with(|things| {
            things
                .as_ref()
                .map(|things| things.policies.clone())
                .unwrap_or_default()
        })
    });
    let on_create_role = Callback::new(move |item| {
        role_for.set(Some(item));
        role_open.set(true);
    });
    let on_role_saved = Callback::new(move |Saved { role, .. }| {
        if let Some(item) = role_for.get_untracked() {
            draft.update(|draft| add_role(draft, item, role.id));
        }
        things.data.update(|things| {
            if let Some(things) = things {
                things.roles.push(role);
            }
        });
    });
    let group_dialogs = GroupDialogs::new(Callback::new(move |()| things.reload()));
    let group_tools: GroupTools = Arc::new(move |id, is_reachable| {
        let group = things.data.with_untracked(|things| {
            things
                .as_ref()?
                .groups
                .iter()
                .find(|group| group.id == id)
                .cloned()
        });
        let passed_over = Signal::derive(move || !is_reachable.get());
        group
            .map(|group| view! { <GroupMenu group=group dialogs=group_dialogs passed_over=passed_over/> })
            .into_any()
    });
    let group_tools = StoredValue::new(group_tools);
    view! {
        <form novalidate=true on:submit=move |event: web_sys::SubmitEvent| { event.prevent_default(); form.send(); }>
            <div class="dialog-body">
                {form.conflict()}
                <FailureNotice failure=submission.failure shown_by_fields=&["/email", "/display_name"]/>
                <Invited form=form/>
                <People form=form editing=editing/>
                {screen(things, Skeleton::Rows(5), |_| false, || (), move |_| view! {
                    <ShareEditor
                        tree=form.tree
                        roles=form.roles
                        draft=draft
                        outcomes=will_be.outcomes
                        troubles=troubles
                        on_create_role=on_create_role
                        group_tools=group_tools.get_value()
                    />
                    <WillHave will_be=will_be/>
                })}
            </div>
            <AccessPreview change=changed/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {move || match form.recipients.count() {
                        _ if editing => "Save changes".to_owned(),
                        0 | 1 => "Send invitation".to_owned(),
                        count => format!("Send {count} invitations"),
                    }}
                </Button>
            </DialogFooter>
        </form>
        <RoleDialog open=role_open role=Signal::derive(|| None) policies=policies on_saved=on_role_saved/>
        {group_dialogs.view()}
    }
}

/// Who it is about.
#[component]
fn People(form: Form, editing: bool) -> impl IntoView {
    let submission = form.submission;
    let several = Memo::new(move |_| form.recipients.count() > 1);
    let label = Signal::derive(move || {
        if several.get() {
            "E-mail addresses".to_owned()
        } else {
            "E-mail address".to_owned()
        }
    });
    let address = if editing {
        let email = form.purpose.with_value(|purpose| match purpose {
            Purpose::Edit(member) | Purpose::Copy(member) => member.email.clone(),
            Purpose::Invite => String::new(),
        });
        view! { <TextField label="E-mail address" kind=FieldKind::Email autocomplete="off" value=RwSignal::new(email) readonly=true/> }
            .into_any()
    } else {
        view! {
            <AddressField
                recipients=form.recipients
                label=label
                hint="Several at once: put commas between them, or paste a list."
                error=submission.at("/email")
            />
        }
        .into_any()
    };
    view! {
        <div class="field-pair">
            {address}
            {move || if several.get() {
                view! {
                    <p class="field-hint several-names">
                        "Display names come from the list, as in Ada Lovelace <ada@example.com>. You can give others later."
                    </p>
                }.into_any()
            } else {
                view! {
                    <TextField
                        label="Display name"
                        value=form.name
                        optional=true
                        error=submission.at("/display_name")
                        autofocus=editing
                    />
                }.into_any()
            }}
        </div>
    }
}

/// Who was invited while others could not be, and who has a record already.
#[component]
fn Invited(form: Form) -> impl IntoView {
    let invited = move || {
        form.invited.with(|invited| {
            let names: Vec<String> = invited.iter().map(super::model::name).collect();
            (!names.is_empty()).then(|| {
                view! { <Notice tone=Tone::Good><p role="status">{format!("Invited: {}.", names.join(", "))}</p></Notice> }
            })
        })
    };
    let known = move || {
        let known = form.known.get();
        let alone = known.len() == 1;
        let lines = known
            .into_iter()
            .map(|one| {
                let words = if alone {
                    "Open the record that exists".to_owned()
                } else {
                    format!("Open the record of {}", one.address)
                };
                view! { <li><a href=format!("/settings/members/{}", one.id)>{words}</a></li> }
            })
            .collect::<Vec<_>>();
        (!lines.is_empty()).then(|| {
            view! { <Notice tone=Tone::Info><ul class="known-list">{lines}</ul></Notice> }
        })
    };
    view! { {invited} {known} }
}
