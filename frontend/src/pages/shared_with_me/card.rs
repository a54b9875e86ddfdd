use accord_api_types::{Collaboration, EffectiveAccess, EffectiveAccessQuery, MemberStatus, Uuid};
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

/// One collaboration: whose it is, where it stands, what it brings. It is drawn once and follows what
/// becomes of it.
#[component]
pub(super) fn CollaborationCard(
    id: Uuid,
    #[prop(into)] collaboration: Signal<Collaboration>,
    reload: Callback<()>,
    on_joined: Callback<Collaboration>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let owner = Memo::new(move |_| collaboration.with(|one| one.owner.clone()));
    let label = Memo::new(move |_| collaboration.with(|one| one.label.clone()));
    let title = move || label.get().unwrap_or_else(|| owner.get().name);
    let status = Memo::new(move |_| collaboration.with(|one| one.status));
    let shares = Memo::new(move |_| collaboration.with(|one| one.shares.clone()));
    let is_active = Memo::new(move |_| status.get() == MemberStatus::Active);
    let may = move |action: &'static str| {
        Memo::new(move |_| {
            collaboration.with(|one| one.allowed_actions.iter().any(|allowed| allowed == action))
        })
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
            move |joined| {
                on_joined.try_run(joined);
            },
        );
    });
    let on_reject = Callback::new(move |()| {
        let client = session.client();
        reject.send(
            async move { client.reject_collaboration(id).await },
            move |()| {
                toasts.done("Invitation rejected.");
                reload.try_run(());
            },
        );
    });
    let on_leave = Callback::new(move |()| {
        let (client, owner) = (session.client(), owner.get_untracked().name);
        leave.send(
            async move { client.leave_collaboration(id).await },
            move |()| {
                toasts.done(format!("You left {owner}."));
                reload.try_run(());
            },
        );
    });

    let when = Memo::new(move |_| {
        collaboration.with(|one| match one.status {
            MemberStatus::Pending => one.invitation_expires_at.map(|at| ("ends ", at)),
            MemberStatus::Suspended => one.suspended_at.map(|at| ("suspended ", at)),
            _ => one.accepted_at.map(|at| ("joined ", at)),
        })
    });
    let offers = move || {
        let any = may_accept.get() || may_reject.get() || may_leave.get();
        any.then(|| view! {
            <footer class="collaboration-foot">
                {may_leave.get().then(|| view! { <Button on_press=Callback::new(move |()| leaving.set(true)) icon=Icon::DoorOpen>"Leave"</Button> })}
                {may_reject.get().then(|| view! { <Button on_press=Callback::new(move |()| rejecting.set(true))>"Reject"</Button> })}
                {may_accept.get().then(|| view! { <Button kind=ButtonKind::Primary busy=accept.busy on_press=on_accept>"Accept"</Button> })}
            </footer>
        })
    };
    view! {
        <article class="card collaboration" aria-label=title>
            <header class="collaboration-head">
                {move || view! { <Avatar name=owner.get().name/> }}
                <div class="collaboration-words">
                    <h3>
                        {title}
                        {move || may_label.get().then(|| view! {
                            <IconButton icon=Icon::Pencil label=format!("Name {} for yourself", owner.get().name) on_press=Callback::new(move |()| labelling.set(true))/>
                        })}
                    </h3>
                    <p class="muted small">
                        {move || label.get().map(|_| format!("{} · ", owner.get().name))}
                        {move || owner.get().email}
                    </p>
                </div>
                <div class="collaboration-status">
                    {move || view! { <MemberStatusTag status=status.get()/> }}
                    {move || when.get().map(|(word, at)| view! { <span class="muted small">{word}<RelativeTime at=at/></span> })}
                </div>
            </header>
            {move || (status.get() == MemberStatus::Suspended).then(|| view! {
                <Notice tone=Tone::Warn>
                    <p>{move || owner.get().name} " suspended this collaboration. Its environments are hidden until it is activated again; only they can do that."</p>
                </Notice>
            })}
            {move || {
                let shares = shares.get();
                if !shares.is_empty() && is_active.get() {
                    view! { <SharedItems items=shares owner=owner.get().id/> }.into_any()
                } else if !shares.is_empty() {
                    view! { <SharedItems items=shares/> }.into_any()
                } else if is_active.get() {
                    view! { <p class="muted small">"Nothing is shared with you at the moment."</p> }.into_any()
                } else {
                    ().into_any()
                }
            }}
            {move || is_active.get().then(|| view! { <EffectiveRoles id=id owner_id=owner.get_untracked().id/> })}
            <FailureNotice failure=accept.failure/>
            {offers}
            <ConfirmDialog open=rejecting title="Reject the invitation?" action="Reject invitation" danger=true submission=reject on_confirm=on_reject>
                <p>{move || owner.get().name} " is told. To change your mind, you would have to be invited again."</p>
            </ConfirmDialog>
            <ConfirmDialog open=leaving title="Leave the collaboration?" action="Leave" danger=true submission=leave on_confirm=on_leave>
                <p>"You lose access to everything that " {move || owner.get().name} " shares with you, also to environments that you made there. They are told, and can invite you again."</p>
                {move || is_active.get().then(|| view! { <Loss id=id/> })}
            </ConfirmDialog>
            <LabelDialog open=labelling id=id owner=Signal::derive(move || owner.get().name) label=label reload=reload/>
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
                            &EffectiveAccessQuery {
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
                    {each(move || access.get(), |one| (one.environment_id, one.environment_name.clone(), one.access_level, one.role_names.clone(), one.action_ids.len()), move |one| view! {
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
