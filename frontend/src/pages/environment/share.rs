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
use crate::session::Session;
use crate::submission::Submission;

/// Which environment, and for whom: somebody new, or a member's direct roles.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) owner_id: Uuid,
    pub(super) environment_id: Uuid,
    pub(super) who: Option<EnvironmentAccess>,
}

/// Shares one environment directly, or changes how it is shared.
#[component]
pub(super) fn ShareDialog(
    open: RwSignal<bool>,
    target: RwSignal<Option<Target>>,
    roles: Signal<Vec<ShareableRole>>,
    on_saved: Callback<String>,
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
    on_saved: Callback<String>,
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
        let (client, expires_at) = (session.client(), expires_at.get_untracked());
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
                        client
                            .set_direct_roles(owner_id, environment_id, who.member_id, &body, None)
                            .await
                            .map(drop)
                    }
                    None => {
                        let body = ShareEnvironment {
                            email,
                            role_ids,
                            expires_at,
                        };
                        client
                            .share_environment(owner_id, environment_id, &body)
                            .await
                            .map(drop)
                    }
                }
            },
            move |()| {
                open.set(false);
                on_saved.run(whom);
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
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>{if known { "Save" } else { "Share" }}</Button>
            </DialogFooter>
        </form>
    }
}
