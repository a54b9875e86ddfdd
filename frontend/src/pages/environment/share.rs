use accord_api_types::{EnvironmentAccess, Item, ShareEnvironment, ShareableRole, Uuid};
use leptos::prelude::*;
use std::collections::HashSet;

use super::draft::{Draft, told};
use super::model::{latest_end, name, summaries};
use crate::components::share_editor::model::{ShareDraft, pick, roles_on};
use crate::components::{
    Button, ButtonKind, CancelButton, DateTimeField, Dialog, DialogFooter, DialogSize,
    FailureNotice, FieldKind, RelativeTime, RolePicker, TextField,
};
use crate::editing::{Editing, Saved, Version, save};
use crate::failure::invalid;
use crate::live::Topic;
use crate::pages::auth::model::{check_email, checked};
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::Reverse;

/// Which environment, and for whom: somebody new, or a member's direct roles.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) owner_id: Uuid,
    pub(super) environment_id: Uuid,
    pub(super) who: Option<EnvironmentAccess>,
}

/// With whom it was shared.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) whom: String,
    /// What takes it back; nothing for an invitation, which is out.
    pub(super) reverse: Option<Reverse>,
}

/// Gives back the direct roles that there were, or takes away those that there were not; for the version that
/// `etag` names.
pub(super) fn reverse(
    session: Session,
    target: &Target,
    before: &Draft,
    etag: String,
) -> Option<Reverse> {
    let (owner_id, environment_id) = (target.owner_id, target.environment_id);
    let who = target.who.as_ref()?;
    let undone = format!("Direct access of {} is as before.", name(who));
    let member_id = who.member_id;
    let before = before.to_send();
    Some(Reverse::new(undone, move || {
        let (client, before, etag) = (session.client(), before.clone(), etag.clone());
        async move {
            if before.role_ids.is_empty() {
                client
                    .remove_direct_roles(owner_id, environment_id, member_id, Some(&etag))
                    .await
            } else {
                client
                    .set_direct_roles(owner_id, environment_id, member_id, &before, Some(&etag))
                    .await
                    .map(drop)
            }
        }
    }))
}

/// Shares one environment directly, or changes how it is shared.
#[component]
pub(super) fn ShareDialog(
    open: RwSignal<bool>,
    target: RwSignal<Option<Target>>,
    roles: Signal<Vec<ShareableRole>>,
    on_saved: Callback<Shared>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || {
        target.with(
            |target| match target.as_ref().and_then(|target| target.who.as_ref()) {
                Some(who) => format!("Direct access of {}", name(who)),
                None => "Share this environment".to_owned(),
            },
        )
    });
    view! {
        <Dialog
            open=open
            title=title
            lead="Direct roles take the place of those by groups or by all environments."
            size=DialogSize::Small
            dirty=dirty
        >
            {target.get_untracked().map(|target| view! { <ShareForm open=open target=target roles=roles dirty=dirty on_saved=on_saved/> })}
        </Dialog>
    }
}

#[component]
fn ShareForm(
    open: RwSignal<bool>,
    target: Target,
    roles: Signal<Vec<ShareableRole>>,
    dirty: RwSignal<bool>,
    on_saved: Callback<Shared>,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let item = Item::environment(target.environment_id);
    let (owner_id, environment_id) = (target.owner_id, target.environment_id);
    let who = target.who.clone();
    let known = who.is_some();
    let member_id = who.as_ref().map(|who| who.member_id);
    let share = who.as_ref().and_then(|who| who.direct_share.clone());
    let ended = share.as_ref().is_some_and(|share| share.ended);
    let expires_before = share.as_ref().and_then(|share| share.expires_at);
    let email = RwSignal::new(
        who.as_ref()
            .map(|who| who.email.clone())
            .unwrap_or_default(),
    );
    let shares = RwSignal::new(share.map(ShareDraft::from).into_iter().collect::<Vec<_>>());
    let expires_at = RwSignal::new(expires_before);
    let chosen = Signal::derive(move || shares.with(|shares| roles_on(shares, item)));
    let draft = Signal::derive(move || Draft {
        role_ids: chosen.get().into_iter().collect(),
        expires_at: expires_at.get(),
    });
    let begun = Version {
        content: who.as_ref().map(Draft::of).unwrap_or_default(),
        etag: None,
    };
    let show = move |draft: Draft| {
        expires_at.set(draft.expires_at);
        let share = ShareDraft {
            item,
            role_ids: draft.roles(),
            expires_at: draft.expires_at,
            ended: false,
        };
        shares.set(
            (!share.role_ids.is_empty())
                .then_some(share)
                .into_iter()
                .collect(),
        );
    };
    let editing = Editing::new(begun, draft, show, submission);
    // Roles that others gave need not be the person's to give, nor known to be there.
    let named = RwSignal::new(
        who.as_ref()
            .map(|who| who.roles.clone())
            .unwrap_or_default(),
    );
    let learn_names = move |access: &EnvironmentAccess| {
        named.try_update(|named| named.extend(access.roles.iter().cloned()));
    };
    if let Some(member_id) = member_id {
        let stored = Remote::new(move || {
            let client = session.client();
            async move {
                let access = client
                    .environment_access_of(owner_id, environment_id, member_id)
                    .await?;
                learn_names(&access);
                Ok::<_, accord_client::Error>(access)
            }
        })
        .follows(&[Topic::Access]);
        editing.follow(stored, Draft::of);
    }
    Effect::new(move |_| {
        let typed = !known && email.with(|email| !email.is_empty());
        dirty.set(typed || editing.is_dirty());
    });
    let latest_end = Memo::new(move |_| roles.with(|roles| latest_end(roles, &chosen.get())));
    let choices = Signal::derive(move || roles.with(|roles| summaries(roles)));
    // Whoever is not the owner may not ask what it does to others.
    let asked = member_id.filter(|_| owner_id == session.account_id());
    let changed = Signal::derive(move || {
        let member_id = asked?;
        let to = draft.get().to_send();
        (editing.is_dirty() && !to.role_ids.is_empty())
            .then(|| change::direct_roles(environment_id, member_id, &to))
    });
    let conflict = editing.conflict("share", move |three| named.with(|named| told(three, named)));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, draft) = editing.to_save();
        let email = email.get_untracked().trim().to_owned();
        let no_role = draft
            .role_ids
            .is_empty()
            .then(|| invalid("/role_ids", "Choose at least one role"));
        if let Err(failure) = checked([check_email("/email", &email), no_role]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let body = draft.to_send();
        let Some(who) = &target.who else {
            let body = ShareEnvironment {
                email,
                role_ids: body.role_ids,
                expires_at: body.expires_at,
            };
            submission.send(
                async move {
                    let shared = client.share_environment(owner_id, environment_id, &body);
                    shared.await.map(|_| body.email)
                },
                move |whom| {
                    open.set(false);
                    on_saved.try_run(Shared {
                        whom,
                        reverse: None,
                    });
                },
            );
            return;
        };
        let member_id = who.member_id;
        let (target, whom) = (target.clone(), name(who));
        let reader = client.clone();
        let saving = save(
            base,
            draft,
            async move |etag: Option<&str>| {
                client
                    .set_direct_roles(owner_id, environment_id, member_id, &body, etag)
                    .await
            },
            async move || {
                let fresh = reader
                    .environment_access_of(owner_id, environment_id, member_id)
                    .await?;
                learn_names(&fresh);
                Ok(Version::of(&fresh, Draft::of))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            Saved::Done { saved, before } => {
                let reverse = saved
                    .etag
                    .and_then(|etag| reverse(session, &target, &before, etag));
                open.set(false);
                on_saved.try_run(Shared { whom, reverse });
            }
            Saved::Overtaken(theirs) => editing.overtaken(theirs),
        });
    };
    let role_error = submission.at("/role_ids");
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {conflict}
                <FailureNotice failure=submission.failure shown_by_fields=&["/email", "/role_ids"]/>
                <TextField
                    label="E-mail address"
                    kind=FieldKind::Email
                    autocomplete="off"
                    value=email
                    readonly=known
                    autofocus=!known
                    hint=if known { "" } else { "Somebody who is no member yet is invited." }
                    error=submission.at("/email")
                />
                <div class="field">
                    <span class="field-label" aria-hidden="true">"Roles"</span>
                    <RolePicker
                        label="Roles"
                        roles=choices
                        chosen=chosen
                        invalid=Signal::derive(move || role_error.with(Option::is_some))
                        on_pick=Callback::new(move |chosen| shares.update(|shares| pick(shares, item, &HashSet::new(), chosen)))
                    />
                    {move || role_error.get().map(|error| view! { <p class="field-error" role="alert">{error}</p> })}
                </div>
                <div class="field">
                    <span class="field-label" aria-hidden="true">"Ends" <span class="field-optional">"optional"</span></span>
                    <DateTimeField
                        label="End of the share"
                        words="Set an end"
                        value=expires_at
                        ended=Signal::derive(move || ended && expires_at.get() == expires_before)
                        on_change=Callback::new(move |at| expires_at.set(at))
                    />
                    {move || latest_end.get().map(|end| view! {
                        <p class="field-hint">"Your own access ends "<RelativeTime at=end/>". You can share it until then."</p>
                    })}
                </div>
            </div>
            <AccessPreview change=changed/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>{if known { "Save" } else { "Share" }}</Button>
            </DialogFooter>
        </form>
    }
}
