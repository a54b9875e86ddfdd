//! Settings, Shared by me, Policies: the sets of actions that roles are made of.

mod draft;
mod form;
mod model;
mod remove;

use accord_api_types::{Action, Policy, PolicyKind, Role};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Menu, MenuItem, PageHeader, SearchField, Select,
    Skeleton, Toasts, each, screen,
};
use crate::listing::in_words;
use crate::live::Topic;
use crate::pages::catalogue::by_category;
use crate::pages::roles::model::{in_order, name_orders};
use crate::pages::roles::{all_actions, all_policies, all_roles};
use crate::remote::Remote;
use crate::session::Session;
use crate::undo::say_done;
use form::{PolicyDialog, Saved};
use model::{holders, sections};
use remove::RemoveDialog;

/// The page.
#[component]
pub(crate) fn Policies() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let policies = Remote::new(move || async move {
        Ok::<_, accord_client::Error>(Whole {
            policies: all_policies(session).await?,
            actions: all_actions(session).await?,
            roles: all_roles(session).await?,
        })
    })
    .follows(&[Topic::Policies, Topic::Roles]);
    let actions = Signal::derive(move || {
        let actions = |whole: &Option<Whole>| whole.as_ref().map(|whole| whole.actions.clone());
        policies.data.with(actions).unwrap_or_default()
    });
    let roles = Signal::derive(move || {
        let roles = |whole: &Option<Whole>| whole.as_ref().map(|whole| whole.roles.clone());
        policies.data.with(roles).unwrap_or_default()
    });
    let (looked_for, kind) = (kept_in_address("q"), kept_in_address("kind"));
    let order = kept_in_address("sort");
    let (editing, copied) = (RwSignal::new(None::<Policy>), RwSignal::new(None::<Policy>));
    let (form_open, remove_open) = (RwSignal::new(false), RwSignal::new(false));
    let open_form = move |policy, from| {
        editing.set(policy);
        copied.set(from);
        form_open.set(true);
    };
    let add = Callback::new(move |()| open_form(None, None));
    let edit = Callback::new(move |policy| open_form(Some(policy), None));
    let copy = Callback::new(move |policy| open_form(None, Some(policy)));
    let remove = Callback::new(move |policy| {
        editing.set(Some(policy));
        remove_open.set(true);
    });
    view! {
        <PageHeader title="Policies" lead="Named sets of actions, which roles are made of. The system's come with the platform and stay as they are; you can add your own.">
            <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New policy"</Button>
        </PageHeader>
        {screen(
            policies,
            Skeleton::Rows(6),
            |whole| whole.policies.is_empty(),
            || view! { <Empty icon=Icon::ListChecks title="No policies" text="A policy names some actions, so that roles can hold them together."/> },
            move |data| {
                let list = Memo::new(move |_| data.with(|whole| {
                    looked_for.with(|looked_for| kind.with(|kind| {
                        let sections = sections(&whole.policies, &whole.actions, looked_for, kind);
                        order.with(|order| sections.into_iter().map(|(area, policies)| (area, in_order(policies, order))).collect::<Vec<_>>())
                    }))
                }));
                let count = move || list.with(|list| list.iter().map(|(_, policies)| policies.len()).sum::<usize>());
                let clear = Callback::new(move |()| { looked_for.set(String::new()); kind.set(String::new()); });
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a policy or an action" value=looked_for/>
                        <Select label="Kind" bare=true value=kind choices=Signal::derive(kinds)/>
                        <Select label="Order" bare=true value=order choices=Signal::derive(name_orders)/>
                        <span class="toolbar-end" aria-live="polite">{move || if count() == 1 { "1 policy".to_owned() } else { format!("{} policies", count()) }}</span>
                    </div>
                    {each(move || list.get(), |(area, policies)| (area.clone(), policies.iter().map(|policy| (policy.id, policy.updated_at)).collect::<Vec<_>>()), move |(area, policies)| view! {
                        <section class="policy-area" aria-label=area>
                            <h2>{area.clone()}</h2>
                            <ul class="policy-list">
                                {policies.into_iter().map(|policy| view! { <PolicyLine policy=policy actions=actions roles=roles on_edit=edit on_copy=copy on_remove=remove/> }).collect_view()}
                            </ul>
                        </section>
                    }.into_any())}
                    {move || list.with(Vec::is_empty).then(|| if kind.with(|kind| kind == PolicyKind::Custom.as_str()) && looked_for.with(String::is_empty) {
                        view! {
                            <Empty icon=Icon::ListChecks title="No policies of your own" text="Put together some actions from the catalogue where none of the system's policies fits.">
                                <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New policy"</Button>
                            </Empty>
                        }.into_any()
                    } else {
                        view! {
                            <Empty icon=Icon::Search title="Nothing like that" text="No policy matches what you look for: neither by name nor by an action in it.">
                                <Button on_press=clear>"Clear the search"</Button>
                            </Empty>
                        }.into_any()
                    })}
                }
            },
        )}
        <PolicyDialog
            open=form_open
            policy=editing
            copied=copied
            actions=actions
            on_saved=Callback::new(move |Saved { policy, reverse }| {
                let words = format!("Policy {} saved.", policy.name);
                say_done(toasts, session, words, reverse);
                policies.reload();
            })
        />
        <RemoveDialog open=remove_open policy=editing roles=roles on_removed=Callback::new(move |()| policies.reload())/>
    }
}

/// Policies, with what they are made of and what holds them.
#[derive(Clone, Debug, PartialEq)]
struct Whole {
    policies: Vec<Policy>,
    actions: Vec<Action>,
    roles: Vec<Role>,
}

fn kinds() -> Vec<(String, String)> {
    [
        ("", "Every kind"),
        (PolicyKind::System.as_str(), "The system's"),
        (PolicyKind::Custom.as_str(), "Your own"),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .to_vec()
}

#[component]
fn PolicyLine(
    policy: Policy,
    actions: Signal<Vec<Action>>,
    roles: Signal<Vec<Role>>,
    on_edit: Callback<Policy>,
    on_copy: Callback<Policy>,
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
    let count = in_words(policy.action_ids.len(), "action");
    let label = format!("What to do with {}", policy.name);
    let (id, ids) = (policy.id, policy.action_ids);
    let holding = Memo::new(move |_| roles.with(|roles| holders(roles, id)));
    let used = move || match holding.with(Vec::len) {
        0 => "not in use".to_owned(),
        count => format!("in {}", in_words(count, "role")),
    };
    view! {
        <li class="policy">
            <details>
                <summary>
                    <Glyph icon=Icon::ChevronRight size=14/>
                    <span class="policy-words">
                        <span class="strong">{policy.name}</span>
                        <span class="muted small">{policy.description}</span>
                    </span>
                    <span class="muted small policy-count">{count} " · " {used}</span>
                </summary>
                <div class="policy-content">
                    {move || actions.with(|actions| by_category(actions, &ids)).into_iter().map(|(category, actions)| view! {
                        <h3>{category}</h3>
                        <ul class="policy-actions">
                            {actions.into_iter().map(|action| view! {
                                <li><span>{action.title}</span> <code class="muted">{action.id}</code> <p class="muted">{action.description}</p></li>
                            }).collect_view()}
                        </ul>
                    }).collect_view()}
                    {move || (!holding.with(Vec::is_empty)).then(|| view! {
                        <p class="policy-holders">
                            <span class="muted">"In the roles "</span>
                            {holding.get().into_iter().map(|role| view! {
                                <a class="tag" href=format!("/settings/roles?q={}", js_sys::encode_uri_component(&role.name))><span class="tag-words">{role.name.clone()}</span></a>
                            }).collect_view()}
                        </p>
                    })}
                </div>
            </details>
            <Menu label=label trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                {may_edit.then(|| view! { <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| on_edit.run(stored.get_value()))>"Edit"</MenuItem> })}
                <MenuItem icon=Icon::Copy on_press=Callback::new(move |()| on_copy.run(stored.get_value()))>"Copy"</MenuItem>
                {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| on_remove.run(stored.get_value()))>"Remove"</MenuItem> })}
            </Menu>
        </li>
    }
}
