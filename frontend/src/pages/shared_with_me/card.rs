use accord_api_types::{Collaboration, EffectiveAccess, MemberStatus, PageQuery, Uuid};
use leptos::prelude::*;

use super::label::LabelDialog;
use crate::components::{
    AccessLevelTag, Avatar, Button, ButtonKind, ConfirmDialog, FailureNotice, Icon, IconButton,
    MemberStatusTag, Notice, RelativeTime, RoleTags, SharedItems, Skeleton, Toasts, Tone, each,
    screen,
};
use crate::listing::{every_page, in_words, some_of};
use crate::live::Topic;
use crate::pages::why::{Question, Whose, Why, WhyLink, is_asked};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// One collaboration: whose it is, where it stands, what it brings.
#[component]
pub(super) fn CollaborationCard(
    collaboration: Collaboration,
    reload: Callback<()>,
    on_joined: Callback<Collaboration>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let id = collaboration.id;
    let owner = collaboration.owner.name.clone();
    let title = collaboration.label.clone().unwrap_or_else(|| owner.clone());
    let may = |action: &str| {
        collaboration
            .allowed_actions
            .iter()
            .any(|allowed| allowed == action)
    };
    let (may_accept, may_reject, may_leave, may_label) =
        (may("accept"), may("reject"), may("leave"), may("label"));
    let (rejecting, leaving, labelling) = (
        RwSignal::new(false),
        RwSignal::new(false),
        RwSignal::new(false),
    );
    let (accept, reject, leave) = (Submission::new(), Submission::new(), Submission::new());

    let on_accept = Callback::new(move |()| {
        let client = session.client();
        accept.send(
            async move { client.accept_collaboration(id).await },
            move |joined| on_joined.run(joined),
        );
    });
    let on_reject = Callback::new(move |()| {
        let client = session.client();
        reject.send(
            async move { client.reject_collaboration(id).await },
            move |()| {
                toasts.done("Invitation rejected.");
                reload.run(());
            },
        );
    });
    let on_leave = {
        let owner = owner.clone();
        Callback::new(move |()| {
            let (client, owner) = (session.client(), owner.clone());
            leave.send(
                async move { client.leave_collaboration(id).await },
                move |()| {
                    toasts.done(format!("You left {owner}."));
                    reload.run(());
                },
            );
        })
    };

    let status = collaboration.status;
    let when = match status {
        MemberStatus::Pending => collaboration.invitation_expires_at.map(|at| ("ends ", at)),
        MemberStatus::Suspended => collaboration.suspended_at.map(|at| ("suspended ", at)),
        _ => collaboration.accepted_at.map(|at| ("joined ", at)),
    };
    let rejected_owner = owner.clone();
    let left_owner = owner.clone();
    view! {
        <article class="card collaboration" aria-label=title>
            <header class="collaboration-head">
                <Avatar name=owner.clone()/>
                <div class="collaboration-words">
                    <h3>
                        {title.clone()}
                        {may_label.then(|| view! {
                            <IconButton icon=Icon::Pencil label=format!("Name {owner} for yourself") on_press=Callback::new(move |()| labelling.set(true))/>
                        })}
                    </h3>
                    <p class="muted small">
                        {collaboration.label.is_some().then(|| format!("{} · ", collaboration.owner.name))}
                        {collaboration.owner.email.clone()}
                    </p>
                </div>
                <div class="collaboration-status">
                    <MemberStatusTag status=status/>
                    {when.map(|(word, at)| view! { <span class="muted small">{word}<RelativeTime at=at/></span> })}
                </div>
            </header>
            {(status == MemberStatus::Suspended).then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>{owner.clone()} " suspended this collaboration. Its environments are hidden until it is activated again; only they can do that."</p>
                </Notice>
            })}
            {(!collaboration.shares.is_empty()).then(|| {
                let shares = collaboration.shares.clone();
                if status == MemberStatus::Active {
                    view! { <SharedItems items=shares owner=collaboration.owner.id/> }.into_any()
                } else {
                    view! { <SharedItems items=shares/> }.into_any()
                }
            })}
            {(status == MemberStatus::Active && collaboration.shares.is_empty()).then(|| view! {
                <p class="muted small">"Nothing is shared with you at the moment."</p>
            })}
            {(status == MemberStatus::Active).then(|| view! { <EffectiveRoles id=id owner_id=collaboration.owner.id/> })}
            <FailureNotice failure=accept.failure/>
            {(may_accept || may_reject || may_leave).then(|| view! {
                <footer class="collaboration-foot">
                    {may_leave.then(|| view! { <Button on_press=Callback::new(move |()| leaving.set(true)) icon=Icon::DoorOpen>"Leave"</Button> })}
                    {may_reject.then(|| view! { <Button on_press=Callback::new(move |()| rejecting.set(true))>"Reject"</Button> })}
                    {may_accept.then(|| view! { <Button kind=ButtonKind::Primary busy=accept.busy on_press=on_accept>"Accept"</Button> })}
                </footer>
            })}
            <ConfirmDialog open=rejecting title="Reject the invitation?" action="Reject invitation" danger=true submission=reject on_confirm=on_reject>
                <p>{rejected_owner.clone()} " is told. To change your mind, you would have to be invited again."</p>
            </ConfirmDialog>
            <ConfirmDialog open=leaving title="Leave the collaboration?" action="Leave" danger=true submission=leave on_confirm=on_leave>
                <p>"You lose access to everything that " {left_owner.clone()} " shares with you, also to environments that you made there. They are told, and can invite you again."</p>
                {(status == MemberStatus::Active).then(|| view! { <Loss id=id/> })}
            </ConfirmDialog>
            <LabelDialog open=labelling id=id owner=collaboration.owner.name label=collaboration.label reload=reload/>
        </article>
    }
}

/// What all of it comes down to, environment by environment; asked for when opened.
#[component]
fn EffectiveRoles(id: Uuid, owner_id: Uuid) -> impl IntoView {
    let asked = is_asked();
    let shown = RwSignal::new(asked);
    view! {
        <details class="effective" open=asked on:toggle=move |_| shown.set(true)>
            <summary>"What you may do where"</summary>
            {move || shown.get().then(|| view! { <EffectiveList id=id owner_id=owner_id/> })}
        </details>
    }
}

/// The environments that are seen through a collaboration.
fn access_by(id: Uuid) -> Remote<Vec<EffectiveAccess>> {
    let session = Session::current();
    Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .collaboration_access(
                            id,
                            &PageQuery {
                                limit,
                                cursor,
                                ..Default::default()
                            },
                        )
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Access, Topic::Environments])
}

/// What who leaves does not see any more.
#[component]
fn Loss(id: Uuid) -> impl IntoView {
    const NAMED: usize = 6;
    screen(
        access_by(id),
        Skeleton::Rows(1),
        Vec::is_empty,
        || view! { <p class="muted">"You see no environment there now."</p> },
        |access: Signal<Vec<EffectiveAccess>>| {
            move || {
                let access = access.get().into_iter();
                let names: Vec<String> = access.map(|one| one.environment_name).collect();
                let count = in_words(names.len(), "environment");
                view! { <p class="strong">{format!("You lose {count}: {}.", some_of(&names, NAMED))}</p> }
            }
        },
    )
}

#[component]
fn EffectiveList(id: Uuid, owner_id: Uuid) -> impl IntoView {
    let access = access_by(id);
    let why = Why::new(move |environment_id| {
        access.data.with(|all| {
            let one = all
                .iter()
                .flatten()
                .find(|one| one.environment_id == environment_id)?;
            Some(Question {
                owner_id,
                environment_id,
                environment_name: one.environment_name.clone(),
                member_id: id,
                whose: Whose::Own,
                held: one.action_ids.clone(),
                counts: true,
                on_members_page: false,
            })
        })
    });
    let list = screen(
        access,
        Skeleton::Rows(2),
        Vec::is_empty,
        || view! { <p class="muted small">"There is no environment yet that you could see."</p> },
        |access: Signal<Vec<EffectiveAccess>>| {
            view! {
                <ul class="effective-list">
                    {each(move || access.get(), |one| one.environment_id, move |one| view! {
                        <li>
                            <span class="strong">{one.environment_name.clone()}</span>
                            <span>
                                <AccessLevelTag level=one.access_level/>
                                <WhyLink about=one.environment_id label=format!("Your access to {}", one.environment_name)/>
                            </span>
                            <RoleTags names=one.role_names/>
                            <span class="muted small">{one.action_ids.len()} " actions"</span>
                        </li>
                    }.into_any())}
                </ul>
            }
        },
    );
    view! { {list} {why.view()} }
}
