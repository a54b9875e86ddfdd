//! Environment groups: named, coloured tags that nest.

mod contents;
mod dialogs;
mod form;
pub(crate) mod model;

use accord_api_types::{Group, GroupsQuery};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, SearchField, Skeleton, each, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
pub(crate) use dialogs::{GroupDialogs, GroupMenu};
use model::depth;

/// The account's groups, parents before children.
pub(crate) async fn all_groups(session: Session) -> accord_client::Result<Vec<Group>> {
    let (client, account_id) = (session.client(), session.account_id());
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .groups(
                    account_id,
                    &GroupsQuery {
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

/// The page.
#[component]
pub(crate) fn Groups() -> impl IntoView {
    let session = Session::current();
    let groups = Remote::new(move || all_groups(session)).follows(&[Topic::Groups]);
    let dialogs = GroupDialogs::new(Callback::new(move |()| groups.reload()));
    let add = Callback::new(move |()| dialogs.add(None));
    let looked_for = RwSignal::new(String::new());
    view! {
        <PageHeader
            title="Environment groups"
            lead="Tags that hold environments and nest. Share a group, and whoever gets it also gets what is put into it later."
        >
            <Button kind=ButtonKind::Primary icon=Icon::FolderPlus on_press=add>"New group"</Button>
        </PageHeader>
        {screen(
            groups,
            Skeleton::Rows(5),
            Vec::is_empty,
            move || view! {
                <Empty
                    icon=Icon::FolderTree
                    title="No groups yet"
                    text="Group environments by what belongs together, such as web/live, and share them in one go."
                >
                    <Button kind=ButtonKind::Primary icon=Icon::FolderPlus on_press=add>"New group"</Button>
                </Empty>
            },
            move |groups| {
                let list = Memo::new(move |_| {
                    let looked_for = looked_for.get().trim().to_lowercase();
                    groups.with(|groups| groups.iter().filter(|group| group.path.to_lowercase().contains(&looked_for)).cloned().collect::<Vec<_>>())
                });
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a group" value=looked_for/>
                        <span class="toolbar-end">{move || list.with(Vec::len)} " groups"</span>
                    </div>
                    <ul class="group-tree" aria-label="Environment groups">
                        {each(move || list.get(), |group| (group.id, group.path.clone(), group.color.clone(), group.environment_count), move |group| view! {
                            <GroupLine group=group dialogs=dialogs/>
                        }.into_any())}
                    </ul>
                }
            },
        )}
        {dialogs.view()}
    }
}

#[component]
fn GroupLine(group: Group, dialogs: GroupDialogs) -> impl IntoView {
    let count = match group.environment_count {
        0 => "empty".to_owned(),
        1 => "1 environment".to_owned(),
        count => format!("{count} environments"),
    };
    let depth = depth(&group).to_string();
    let parent = group
        .path
        .rsplit_once('/')
        .map(|(parent, _)| format!("{parent}/"));
    view! {
        <li class="group-line" style=("--depth", depth)>
            <span class="dot dot-large" aria-hidden="true" style=("--dot", group.color.clone())></span>
            <a class="group-name" href=format!("/environments?group={}", group.id)>
                {parent.map(|parent| view! { <span class="visually-hidden">{parent}</span> })}
                {group.name.clone()}
            </a>
            <span class="muted small">{count}</span>
            <span class="line-end"><GroupMenu group=group dialogs=dialogs/></span>
        </li>
    }
}
