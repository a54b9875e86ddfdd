use accord_api_types::{
    DirectRoles, EnvironmentAccess, Item, ShareEnvironment, ShareableRole, Uuid,
};
use leptos::prelude::*;
use std::collections::HashSet;

use super::model::{latest_end, name, summaries};
use crate::components::share_editor::model::{ShareDraft, pick, roles_on};
use crate::components::{
    Button, ButtonKind, CancelButton, DateTimeField, Dialog, DialogFooter, DialogSize,
    FailureNotice, FieldKind, RelativeTime, RolePicker, TextField,
};
use crate::failure::invalid;
use crate::pages::auth::model::{check_email, checked};
use crate::pages::preview::{AccessPreview, change};
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

/// Gives back the direct roles that there were, or takes away those that there were not.
fn reverse(
    session: Session,
    owner_id: Uuid,
    environment_id: Uuid,
    who: &EnvironmentAccess,
    etag: String,
) -> Reverse {
    let undone = format!("Direct access of {} is as before.", name(who));
    let member_id = who.member_id;
    let before = who.direct_share.as_ref().map(|share| DirectRoles {
        role_ids: share.role_ids.clone(),
        expires_at: share.expires_at,
    });
    Reverse::new(undone, move || {
        let (client, before, etag) = (session.client(), before.clone(), etag.clone());
        async move {
            match before {
                Some(body) => client
                    .set_direct_roles(owner_id, environment_id, member_id, &body, Some(&etag))
                    .await
                    .map(drop),
                None => {
                    client
                        .remove_direct_roles(owner_id, environment_id, member_id, Some(&etag))
                        .await
                }
            }
        }
    })
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
    let share = target.who.as_ref().and_then(|who| who.direct_share.clone());
    let ended = share.as_ref().is_some_and(|share| share.ended);
    let before = share.map(ShareDraft::from).into_iter().collect::<Vec<_>>();
    let email = RwSignal::new(
        target
            .who
            .as_ref()
            .map(|who| who.email.clone())
            .unwrap_or_default(),
    );
    let known = target.who.is_some();
    let draft = RwSignal::new(before.clone());
    let expires_at = RwSignal::new(before.first().and_then(|share| share.expires_at));
    let expires_before = expires_at.get_untracked();
    Effect::new(move |_| {
        let typed = !known && email.with(|email| !email.is_empty());
        dirty.set(
            typed || draft.with(|draft| *draft != before) || expires_at.get() != expires_before,
        );
    });
    let chosen = Signal::derive(move || draft.with(|draft| roles_on(draft, item)));
    let latest_end = Memo::new(move |_| roles.with(|roles| latest_end(roles, &chosen.get())));
    let choices = Signal::derive(move || roles.with(|roles| summaries(roles)));
    // Whoever is not the owner may not ask what it does to others.
    let asked = target
        .who
        .as_ref()
        .filter(|_| target.owner_id == session.account_id())
        .map(|who| (target.environment_id, who.member_id));
    let changed = Signal::derive(move || {
        let (environment_id, member_id) = asked?;
        let to = DirectRoles {
            role_ids: chosen.get(),
            expires_at: expires_at.get(),
        };
        (dirty.get() && !to.role_ids.is_empty())
            .then(|| change::direct_roles(environment_id, member_id, &to))
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let role_ids = chosen.get_untracked();
        let email = email.get_untracked().trim().to_owned();
        let no_role = role_ids
            .is_empty()
            .then(|| invalid("/role_ids", "Choose at least one role"));
        if let Err(failure) = checked([check_email("/email", &email), no_role]) {
            return submission.fail(failure);
        }
        let (client, expires_at) = (submission.client(), expires_at.get_untracked());
        let Target {
            owner_id,
            environment_id,
            who,
        } = target.clone();
        let whom = who.as_ref().map_or_else(|| email.clone(), name);
        submission.send(
            async move {
                match who {
                    Some(who) => {
                        let body = DirectRoles {
                            role_ids,
                            expires_at,
                        };
                        let saved = client
                            .set_direct_roles(owner_id, environment_id, who.member_id, &body, None)
                            .await?;
                        Ok(saved
                            .etag
                            .map(|etag| reverse(session, owner_id, environment_id, &who, etag)))
                    }
                    None => {
                        let body = ShareEnvironment {
                            email,
                            role_ids,
                            expires_at,
                        };
                        client
                            .share_environment(owner_id, environment_id, &body)
                            .await?;
                        Ok::<_, accord_client::Error>(None)
                    }
                }
            },
            move |reverse| {
                open.set(false);
                on_saved.run(Shared { whom, reverse });
            },
        );
    };
    let role_error = submission.at("/role_ids");
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
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
                        on_pick=Callback::new(move |chosen| draft.update(|draft| pick(draft, item, &HashSet::new(), chosen)))
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
