//! Settings, Shared by me, Roles.

mod copy;
mod draft;
mod form;
pub(crate) mod model;
mod remove;
mod used_by;

use accord_api_types::{Action, PageQuery, PoliciesQuery, Policy, Role, RolesQuery};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Menu, MenuItem, PageHeader, RoleTags, SearchField,
    Select, Skeleton, Toasts, each, screen,
};
use crate::listing::{every_page, in_words};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use crate::undo::say_done;
use copy::CopyDialog;
pub(crate) use form::{RoleDialog, Saved};
use model::{found, in_order, name_orders, names, use_in_words};
use remove::RemoveDialog;
use used_by::UsedByDialog;

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

/// What policies are made of.
pub(crate) async fn all_actions(session: Session) -> accord_client::Result<Vec<Action>> {
    let client = session.client();
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .actions(&PageQuery {
                    limit,
                    cursor,
                    ..PageQuery::default()
                })
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
    .follows(&[Topic::Roles, Topic::Policies, Topic::Members]);
    let (looked_for, order) = (kept_in_address("q"), kept_in_address("sort"));
    let editing = RwSignal::new(None::<Role>);
    let dialogs = RoleDialogs {
        form: RwSignal::new(false),
        copy: RwSignal::new(false),
        remove: RwSignal::new(false),
        used_by: RwSignal::new(false),
        editing,
    };
    let policies = Signal::derive(move || {
        roles.data.with(|data| {
            data.as_ref()
                .map(|(_, policies)| policies.clone())
                .unwrap_or_default()
        })
    });
    let add = Callback::new(move |()| dialogs.show(None, dialogs.form));
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
                    let found = data.with(|(roles, policies)| looked_for.with(|looked_for| found(roles, policies, looked_for)));
                    order.with(|order| in_order(found, order))
                });
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a role" value=looked_for/>
                        <Select label="Order" bare=true value=order choices=Signal::derive(name_orders)/>
                        <span class="toolbar-end" aria-live="polite">{move || in_words(list.with(Vec::len), "role")}</span>
                    </div>
                    {move || list.with(Vec::is_empty).then(|| view! {
                        <Empty icon=Icon::Search title="Nothing like that" text="No role matches what you look for: neither by name nor by a policy in it.">
                            <Button on_press=Callback::new(move |()| looked_for.set(String::new()))>"Clear the search"</Button>
                        </Empty>
                    })}
                    <div class="table-frame" hidden=move || list.with(Vec::is_empty)>
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Role"</th>
                                    <th scope="col">"Policies"</th>
                                    <th scope="col">"Used by"</th>
                                    <th scope="col">"Load alerts"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(move || list.get(), |role| (role.id, role.updated_at, role.share_count, role.member_count), move |role| view! {
                                    <RoleRow role=role policies=policies dialogs=dialogs/>
                                }.into_any())}
                            </tbody>
                        </table>
                    </div>
                }
            },
        )}
        <RoleDialog
            open=dialogs.form
            role=editing
            policies=policies
            on_saved=Callback::new(move |Saved { role, reverse }| {
                let words = format!("Role {} saved.", role.name);
                say_done(toasts, session, words, reverse);
                roles.reload();
            })
        />
        <CopyDialog open=dialogs.copy role=editing on_saved=Callback::new(move |role: Role| { toasts.done(format!("Role {} created.", role.name)); roles.reload(); })/>
        <RemoveDialog open=dialogs.remove role=editing on_removed=Callback::new(move |()| roles.reload())/>
        <UsedByDialog open=dialogs.used_by role=editing/>
    }
}

/// The dialogs about one role.
#[derive(Clone, Copy)]
struct RoleDialogs {
    form: RwSignal<bool>,
    copy: RwSignal<bool>,
    remove: RwSignal<bool>,
    used_by: RwSignal<bool>,
    editing: RwSignal<Option<Role>>,
}

impl RoleDialogs {
    fn show(self, role: Option<Role>, dialog: RwSignal<bool>) {
        self.editing.set(role);
        dialog.set(true);
    }
}

#[component]
fn RoleRow(role: Role, policies: Signal<Vec<Policy>>, dialogs: RoleDialogs) -> impl IntoView {
    let may = |action: &str| role.allowed_actions.iter().any(|allowed| allowed == action);
    let (may_edit, may_copy, may_delete) = (may("edit"), may("copy"), may("delete"));
    let used = use_in_words(&role);
    let policy_ids = role.policy_ids.clone();
    let stored = StoredValue::new(role.clone());
    let show = move |dialog: RwSignal<bool>| {
        Callback::new(move |()| dialogs.show(Some(stored.get_value()), dialog))
    };
    view! {
        <tr>
            <td class="cell-name">
                {if may_edit {
                    view! { <button class="row-name" type="button" on:click=move |_| show(dialogs.form).run(())>{role.name.clone()}</button> }.into_any()
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
            <td data-label="Used by" class="cell-time">
                {if role.share_count > 0 {
                    view! {
                        <button class="link-button" type="button" aria-label=format!("Who has {}: {used}", role.name) on:click=move |_| show(dialogs.used_by).run(())>
                            {used.clone()}
                        </button>
                    }.into_any()
                } else {
                    used.into_any()
                }}
            </td>
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
                        {may_edit.then(|| view! { <MenuItem icon=Icon::Pencil on_press=show(dialogs.form)>"Edit"</MenuItem> })}
                        {may_copy.then(|| view! { <MenuItem icon=Icon::Copy on_press=show(dialogs.copy)>"Copy"</MenuItem> })}
                        <MenuItem icon=Icon::Users on_press=show(dialogs.used_by)>"Who has it"</MenuItem>
                        {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=show(dialogs.remove)>"Remove"</MenuItem> })}
                    </Menu>
                })}
            </td>
        </tr>
    }
}
