//! Environment groups: named, coloured tags that nest.

mod contents;
mod dialogs;
mod draft;
mod form;
pub(crate) mod model;
mod tree;

use accord_api_types::{Group, GroupsQuery, Uuid};
use leptos::prelude::*;

use crate::components::{Button, ButtonKind, Empty, Icon, PageHeader, Skeleton, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
pub(crate) use dialogs::{GroupDialogs, GroupMenu};
use tree::Tree;

/// The account's groups, parents before children.
pub(crate) async fn all_groups(session: Session) -> accord_client::Result<Vec<Group>> {
    groups_of(session, session.account_id()).await
}

/// An owner's groups, as far as the person may know of them.
pub(crate) async fn groups_of(
    session: Session,
    owner_id: Uuid,
) -> accord_client::Result<Vec<Group>> {
    let client = session.client();
    every_page(|limit, cursor| {
        let client = client.clone();
        let query = GroupsQuery {
            limit,
            cursor,
            ..GroupsQuery::default()
        };
        async move { client.groups(owner_id, &query).await }
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
            move |groups| view! { <Tree groups=groups dialogs=dialogs/> },
        )}
        {dialogs.view()}
    }
}
