//! Settings, Shared by me, Policies: the sets of actions that roles are made of.

mod form;
mod model;
mod remove;

use accord_api_types::{Action, PageQuery, Policy, PolicyKind};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Menu, MenuItem, PageHeader, SearchField, Skeleton,
    Toasts, each, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::roles::all_policies;
use crate::remote::Remote;
use crate::session::Session;
use form::PolicyDialog;
use model::{matching, titles};
use remove::RemoveDialog;

/// The page.
#[component]
pub(crate) fn Policies() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let policies = Remote::new(move || async move {
        let client = session.client();
        let actions = every_page(|limit, cursor| {
            let client = client.clone();
            async move {
                client
                    .actions(&PageQuery {
                        limit,
                        cursor,
                        ..Default::default()
                    })
                    .await
            }
        })
        .await?;
        Ok::<_, accord_client::Error>((all_policies(session).await?, actions))
    })
    .follows(&[Topic::Policies]);
    let actions = Signal::derive(move || {
        policies.data.with(|data| {
            data.as_ref()
                .map(|(_, actions)| actions.clone())
                .unwrap_or_default()
        })
    });
    let looked_for = RwSignal::new(String::new());
    let editing = RwSignal::new(None::<Policy>);
    let (form_open, remove_open) = (RwSignal::new(false), RwSignal::new(false));
    let add = Callback::new(move |()| {
        editing.set(None);
        form_open.set(true);
    });
    let edit = Callback::new(move |policy| {
        editing.set(Some(policy));
        form_open.set(true);
    });
    let remove = Callback::new(move |policy| {
        editing.set(Some(policy));
        remove_open.set(true);
    });
    view! {
        <PageHeader title="Policies" lead="Named sets of actions. Those of the system come with the platform; you can add your own.">
            <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New policy"</Button>
        </PageHeader>
        {screen(
            policies,
            Skeleton::Rows(6),
            |(policies, _)| policies.is_empty(),
            || view! { <Empty icon=Icon::ListChecks title="No policies" text="A policy names some actions, so that roles can hold them together."/> },
            move |data| {
                let list = Memo::new(move |_| data.with(|(policies, _)| looked_for.with(|looked_for| matching(policies, looked_for))));
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a policy or an action" value=looked_for/>
                        <span class="toolbar-end" aria-live="polite">{move || list.with(Vec::len)} " policies"</span>
                    </div>
                    <ul class="policy-list">
                        {each(move || list.get(), |policy| (policy.id, policy.updated_at), move |policy| view! {
                            <PolicyLine policy=policy actions=actions on_edit=edit on_remove=remove/>
                        }.into_any())}
                    </ul>
                    {move || list.with(Vec::is_empty).then(|| view! { <Empty icon=Icon::Search title="Nothing like that" text="No policy matches what you look for."/> })}
                }
            },
        )}
        <PolicyDialog
            open=form_open
            policy=editing
            actions=actions
            on_saved=Callback::new(move |policy: Policy| { toasts.done(format!("Policy {} saved.", policy.name)); policies.reload(); })
        />
        <RemoveDialog open=remove_open policy=editing on_removed=Callback::new(move |()| policies.reload())/>
    }
}

#[component]
fn PolicyLine(
    policy: Policy,
    actions: Signal<Vec<Action>>,
    on_edit: Callback<Policy>,
    on_remove: Callback<Policy>,
) -> impl IntoView {
    let may = |action: &str| {
        policy
            .allowed_actions
            .iter()
            .any(|allowed| allowed == action)
    };
    let (may_edit, may_delete) = (may("edit"), may("delete"));
    let stored = StoredValue::new(policy.clone());
    let count = match policy.action_ids.len() {
        1 => "1 action".to_owned(),
        count => format!("{count} actions"),
    };
    let label = format!("What to do with {}", policy.name);
    let ids = policy.action_ids;
    view! {
        <li class="policy">
            <details>
                <summary>
                    <Glyph icon=Icon::ChevronRight size=14/>
                    <span class="policy-words">
                        <span class="strong">{policy.name}</span>
                        <span class="muted small">{policy.description}</span>
                    </span>
                    <span class="tag">{if policy.kind == PolicyKind::System { "System" } else { "Your own" }}</span>
                    <span class="muted small policy-count">{count}</span>
                </summary>
                <ul class="policy-actions">
                    {move || actions.with(|actions| titles(actions, &ids)).into_iter().map(|(id, title)| view! {
                        <li><span>{title}</span> <code class="muted">{id}</code></li>
                    }).collect_view()}
                </ul>
            </details>
            {(may_edit || may_delete).then(|| view! {
                <Menu label=label trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                    {may_edit.then(|| view! { <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| on_edit.run(stored.get_value()))>"Edit"</MenuItem> })}
                    {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| on_remove.run(stored.get_value()))>"Remove"</MenuItem> })}
                </Menu>
            })}
        </li>
    }
}
