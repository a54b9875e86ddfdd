//! Settings, Shared by me, Roles.

mod copy;
mod form;
pub(crate) mod model;
mod remove;

use accord_api_types::{PoliciesQuery, Policy, Role, RolesQuery};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Menu, MenuItem, PageHeader, RoleTags, SearchField,
    Skeleton, Toasts, each, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use copy::CopyDialog;
pub(crate) use form::RoleDialog;
use model::names;
use remove::RemoveDialog;

/// The account's roles, by name.
pub(crate) async fn all_roles(session: Session) -> accord_client::Result<Vec<Role>> {
    let (client, account_id) = (session.client(), session.account_id());
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .roles(
                    account_id,
                    &RolesQuery {
                        limit,
                        cursor,
                        ..RolesQuery::default()
                    },
                )
                .await
        }
    })
    .await
}

/// The account's policies, the system's among them.
pub(crate) async fn all_policies(session: Session) -> accord_client::Result<Vec<Policy>> {
    let (client, account_id) = (session.client(), session.account_id());
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .policies(
                    account_id,
                    &PoliciesQuery {
                        limit,
                        cursor,
                        ..PoliciesQuery::default()
                    },
                )
                .await
        }
    })
    .await
}

/// The page.
#[component]
pub(crate) fn Roles() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let roles = Remote::new(move || async move {
        let roles = all_roles(session).await?;
        let policies = all_policies(session).await?;
        Ok::<_, accord_client::Error>((roles, policies))
    })
    .follows(&[Topic::Roles, Topic::Policies]);
    let looked_for = RwSignal::new(String::new());
    let editing = RwSignal::new(None::<Role>);
    let (form_open, copy_open, remove_open) = (
        RwSignal::new(false),
        RwSignal::new(false),
        RwSignal::new(false),
    );
    let policies = Signal::derive(move || {
        roles.data.with(|data| {
            data.as_ref()
                .map(|(_, policies)| policies.clone())
                .unwrap_or_default()
        })
    });
    let show = move |role: Option<Role>, dialog: RwSignal<bool>| {
        editing.set(role);
        dialog.set(true);
    };
    let add = Callback::new(move |()| show(None, form_open));
    view! {
        <PageHeader title="Roles" lead="What members may do: named sets of policies that you give them on what you share.">
            <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New role"</Button>
        </PageHeader>
        {screen(
            roles,
            Skeleton::Rows(4),
            |(roles, _)| roles.is_empty(),
            move || view! {
                <Empty icon=Icon::Shield title="No roles yet" text="A role says what a member may do. Make one before you invite somebody.">
                    <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New role"</Button>
                </Empty>
            },
            move |data| {
                let list = Memo::new(move |_| {
                    let looked_for = looked_for.get().trim().to_lowercase();
                    data.with(|(roles, _)| {
                        roles.iter()
                            .filter(|role| role.name.to_lowercase().contains(&looked_for) || role.description.to_lowercase().contains(&looked_for))
                            .cloned()
                            .collect::<Vec<_>>()
                    })
                });
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a role" value=looked_for/>
                        <span class="toolbar-end">{move || list.with(Vec::len)} " roles"</span>
                    </div>
                    <div class="table-frame">
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Role"</th>
                                    <th scope="col">"Policies"</th>
                                    <th scope="col">"In use"</th>
                                    <th scope="col">"Load alerts"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(move || list.get(), |role| (role.id, role.updated_at, role.share_count), move |role| view! {
                                    <RoleRow role=role policies=policies on_edit=Callback::new(move |role| show(Some(role), form_open)) on_copy=Callback::new(move |role| show(Some(role), copy_open)) on_remove=Callback::new(move |role| show(Some(role), remove_open))/>
                                }.into_any())}
                            </tbody>
                        </table>
                    </div>
                }
            },
        )}
        <RoleDialog
            open=form_open
            role=editing
            policies=policies
            on_saved=Callback::new(move |role: Role| { toasts.done(format!("Role {} saved.", role.name)); roles.reload(); })
        />
        <CopyDialog open=copy_open role=editing on_saved=Callback::new(move |role: Role| { toasts.done(format!("Role {} created.", role.name)); roles.reload(); })/>
        <RemoveDialog open=remove_open role=editing on_removed=Callback::new(move |()| roles.reload())/>
    }
}

#[component]
fn RoleRow(
    role: Role,
    policies: Signal<Vec<Policy>>,
    on_edit: Callback<Role>,
    on_copy: Callback<Role>,
    on_remove: Callback<Role>,
) -> impl IntoView {
    let may = |action: &str| role.allowed_actions.iter().any(|allowed| allowed == action);
    let (may_edit, may_copy, may_delete) = (may("edit"), may("copy"), may("delete"));
    let use_count = match role.share_count {
        0 => "Not in use".to_owned(),
        1 => "1 share".to_owned(),
        count => format!("{count} shares"),
    };
    let policy_ids = role.policy_ids.clone();
    let stored = StoredValue::new(role.clone());
    view! {
        <tr>
            <td class="cell-name">
                {if may_edit {
                    view! { <button class="row-name" type="button" on:click=move |_| on_edit.run(stored.get_value())>{role.name.clone()}</button> }.into_any()
                } else {
                    view! { <span class="strong">{role.name.clone()}</span> }.into_any()
                }}
                {(!role.description.is_empty()).then(|| view! { <span class="cell-sub">{role.description.clone()}</span> })}
            </td>
            <td data-label="Policies">
                {move || {
                    let mut names = policies.with(|policies| names(&policy_ids, policies));
                    let more = names.len().saturating_sub(3);
                    let all = names.join(" · ");
                    names.truncate(3);
                    view! {
                        <span class="tags" title=all>
                            <RoleTags names=names/>
                            {(more > 0).then(|| view! { <span class="tag-more">"and " {more} " more"</span> })}
                        </span>
                    }
                }}
            </td>
            <td data-label="In use" class="cell-time">{use_count}</td>
            <td data-label="Load alerts" class="cell-time">
                {if role.receive_load_alerts {
                    view! { <span class="status" data-tone="ink"><Glyph icon=Icon::Check size=14/>"Receives"</span> }.into_any()
                } else {
                    view! { "No" }.into_any()
                }}
            </td>
            <td class="cell-end">
                {(may_edit || may_copy || may_delete).then(|| view! {
                    <Menu label=format!("What to do with {}", role.name) trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                        {may_edit.then(|| view! { <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| on_edit.run(stored.get_value()))>"Edit"</MenuItem> })}
                        {may_copy.then(|| view! { <MenuItem icon=Icon::Copy on_press=Callback::new(move |()| on_copy.run(stored.get_value()))>"Copy"</MenuItem> })}
                        {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| on_remove.run(stored.get_value()))>"Remove"</MenuItem> })}
                    </Menu>
                })}
            </td>
        </tr>
    }
}
