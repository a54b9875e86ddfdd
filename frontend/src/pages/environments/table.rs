use accord_api_types::{AccessLevel, Environment, Group, MembersQuery, Uuid};
use leptos::prelude::*;

use super::model::{COLUMNS, Owner, creator, made_by_members, may};
use crate::chunks::Part;
use crate::components::{
    AccessLevelTag, EnvironmentStatusTag, Glyph, GroupTag, Icon, Menu, MenuItem, MenuLink,
    RelativeTime, SortHead, SortedFrame, Sorting, each, orders,
};
use crate::listing::every_page;
use crate::remote::Remote;
use crate::session::Session;

/// The environments that were found.
#[component]
pub(super) fn EnvironmentTable(
    environments: Signal<Vec<Environment>>,
    groups: Signal<Vec<Group>>,
    owners: Signal<Vec<Owner>>,
    sort: RwSignal<String>,
    on_edit: Callback<Environment>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    // Members are asked for only where one of them made something.
    let wants_members = Memo::new(move |_| environments.with(|all| made_by_members(all)));
    let members = Remote::new(move || {
        let wanted = wants_members.get();
        async move {
            if wanted {
                members_by_account(session).await
            } else {
                Ok(Vec::new())
            }
        }
    });
    let names = Names {
        groups,
        owners,
        members: Signal::derive(move || members.data.get().unwrap_or_default()),
    };
    let removing = RwSignal::new(None::<Environment>);
    let asking = RwSignal::new(false);
    let ask = Callback::new(move |environment| {
        removing.set(Some(environment));
        asking.set(true);
    });
    let sorting = Sorting {
        columns: &COLUMNS,
        order: sort,
    };
    view! {
        <SortedFrame choices=orders(&COLUMNS) order=sort>
            <table class="table folds">
                <thead>
                    <tr>
                        <SortHead sorting=sorting column="name" words="Environment"/>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Groups"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Your access"</th>
                        <SortHead sorting=sorting column="created_at" words="Created"/>
                        <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {each(move || environments.get(), key_of, move |environment| view! {
                        <Row environment=environment names=names on_edit=on_edit on_remove=ask/>
                    }.into_any())}
                </tbody>
            </table>
        </SortedFrame>
        {Part::RemoveEnvironment { open: asking, environment: removing, on_removed }.view()}
    }
}

/// All that a row shows and does not follow by itself, and what its menu hands on.
fn key_of(one: &Environment) -> impl std::hash::Hash + use<> {
    (
        (one.id, one.updated_at, one.status, one.created_by),
        (one.name.clone(), one.display_name.clone()),
        (one.owner.id, one.owner.name.clone(), one.access_level),
        (one.group_ids.clone(), one.allowed_actions.clone()),
    )
}

/// What the ids in a row are called.
#[derive(Clone, Copy)]
struct Names {
    groups: Signal<Vec<Group>>,
    owners: Signal<Vec<Owner>>,
    /// By their accounts.
    members: Signal<Vec<(Uuid, String)>>,
}

async fn members_by_account(session: Session) -> accord_client::Result<Vec<(Uuid, String)>> {
    let (client, account_id) = (session.client(), session.account_id());
    let members = every_page(|limit, cursor| {
        let client = client.clone();
        let query = MembersQuery {
            limit,
            cursor,
            ..MembersQuery::default()
        };
        async move { client.members(account_id, &query).await }
    })
    .await?;
    Ok(members
        .into_iter()
        .filter_map(|member| {
            let name = member.display_name.unwrap_or(member.email);
            member.account_id.map(|account| (account, name))
        })
        .collect())
}

#[component]
fn Row(
    environment: Environment,
    names: Names,
    on_edit: Callback<Environment>,
    on_remove: Callback<Environment>,
) -> impl IntoView {
    let href = format!("/environments/{}/{}", environment.owner.id, environment.id);
    let (may_edit, may_delete) = (may(&environment, "edit"), may(&environment, "delete"));
    let owned = environment.access_level == AccessLevel::Owner;
    let owner_id = environment.owner.id;
    let owner_name = environment.owner.name.clone();
    let owner = move || {
        if owned {
            return "You".to_owned();
        }
        let label = |owners: &Vec<Owner>| {
            owners
                .iter()
                .find(|owner| owner.id == owner_id)
                .map(|owner| owner.label.clone())
        };
        names
            .owners
            .with(label)
            .unwrap_or_else(|| owner_name.clone())
    };
    let session = Session::current();
    let creator = {
        let environment = environment.clone();
        move || {
            names
                .members
                .with(|members| creator(&environment, session.account_id(), members))
        }
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
                    {move || names.groups.with(|groups| groups.iter().filter(|group| group_ids.contains(&group.id)).cloned().collect::<Vec<_>>()).into_iter().map(|group| view! {
                        <GroupTag path=group.path color=group.color href=format!("/environments?group={}", group.id)/>
                    }).collect_view()}
                </span>
            </td>
            <td data-label="Owner" class="cell-time">{owner}</td>
            <td data-label="Your access"><AccessLevelTag level=environment.access_level/></td>
            <td data-label="Created" class="cell-time">
                <span>
                    <RelativeTime at=environment.created_at/>
                    {move || creator().map(|creator| view! { <span class="cell-sub">"by " {creator}</span> })}
                </span>
            </td>
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
