use accord_api_types::{AccessLevel, Environment, Group};
use leptos::prelude::*;

use super::model::may;
use crate::components::{
    AccessLevelTag, ConfirmDialog, EnvironmentStatusTag, Glyph, GroupTag, Icon, Menu, MenuItem,
    MenuLink, Toasts, each,
};
use crate::pages::groups::model::tags;
use crate::session::Session;
use crate::submission::Submission;

/// The environments that were found.
#[component]
pub(super) fn EnvironmentTable(
    environments: Signal<Vec<Environment>>,
    groups: Signal<Vec<Group>>,
    on_edit: Callback<Environment>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let removing = RwSignal::new(None::<Environment>);
    let asking = RwSignal::new(false);
    let ask = Callback::new(move |environment| {
        removing.set(Some(environment));
        asking.set(true);
    });
    view! {
        <div class="table-frame">
            <table class="table folds">
                <thead>
                    <tr>
                        <th scope="col">"Environment"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Groups"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Your access"</th>
                        <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {each(move || environments.get(), |one| (one.id, one.updated_at, one.group_ids.clone(), one.access_level, one.allowed_actions.len()), move |environment| view! {
                        <Row environment=environment groups=groups on_edit=on_edit on_remove=ask/>
                    }.into_any())}
                </tbody>
            </table>
        </div>
        <RemoveEnvironment open=asking environment=removing on_removed=on_removed/>
    }
}

#[component]
fn Row(
    environment: Environment,
    groups: Signal<Vec<Group>>,
    on_edit: Callback<Environment>,
    on_remove: Callback<Environment>,
) -> impl IntoView {
    let href = format!("/environments/{}/{}", environment.owner.id, environment.id);
    let (may_edit, may_delete) = (may(&environment, "edit"), may(&environment, "delete"));
    let owned = environment.access_level == AccessLevel::Owner;
    let owner = if owned {
        "You".to_owned()
    } else {
        environment.owner.name.clone()
    };
    let group_ids = environment.group_ids.clone();
    let label = format!("What to do with {}", environment.name);
    let stored = StoredValue::new(environment.clone());
    let menu_href = href.clone();
    view! {
        <tr>
            <td class="cell-name">
                <a href=href>{environment.name}</a>
                {environment.display_name.map(|name| view! { <span class="cell-sub">{name}</span> })}
            </td>
            <td data-label="Status"><EnvironmentStatusTag status=environment.status/></td>
            <td data-label="Groups">
                <span class="tags">
                    {move || groups.with(|groups| tags(groups, &group_ids)).into_iter().map(|(path, color)| view! {
                        <GroupTag path=path color=color/>
                    }).collect_view()}
                </span>
            </td>
            <td data-label="Owner" class="cell-time">{owner}</td>
            <td data-label="Your access"><AccessLevelTag level=environment.access_level/></td>
            <td class="cell-end">
                <Menu label=label trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                    <MenuLink icon=Icon::Users href=menu_href.clone()>"Who has access"</MenuLink>
                    {may_edit.then(|| view! { <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| on_edit.run(stored.get_value()))>"Edit"</MenuItem> })}
                    {may_delete.then(|| view! { <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| on_remove.run(stored.get_value()))>"Remove"</MenuItem> })}
                </Menu>
            </td>
        </tr>
    }
}

/// Asks, and removes.
#[component]
pub(crate) fn RemoveEnvironment(
    open: RwSignal<bool>,
    environment: RwSignal<Option<Environment>>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let name = move || {
        environment.with(|environment| {
            environment
                .as_ref()
                .map(|one| one.name.clone())
                .unwrap_or_default()
        })
    };
    let remove = Callback::new(move |()| {
        let Some(one) = environment.get_untracked() else {
            return;
        };
        let client = session.client();
        submission.send(
            async move { client.delete_environment(one.owner.id, one.id, None).await },
            move |()| {
                open.set(false);
                toasts.done(format!("Environment {} removed.", one.name));
                on_removed.run(());
            },
        );
    });
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || format!("Remove {}?", name()))
            action="Remove environment"
            danger=true
            submission=submission
            on_confirm=remove
        >
            <p>"It is deleted here for good, and everything shared directly on it ends. What runs on the platform is the platform's own affair."</p>
        </ConfirmDialog>
    }
}
