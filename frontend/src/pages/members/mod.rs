//! Settings, Shared by me, Members.

mod actions;
mod form;
mod link;
mod list;
mod model;
mod page;
mod row_menu;

use accord_api_types::{Member, MembersQuery, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, SearchField, Select, Skeleton, Toasts, screen,
};
use crate::remote::Remote;
use crate::session::Session;
use actions::{AskFirst, MemberActions};
use form::{MemberFormDialog, Purpose};
use link::LinkDialog;
use list::MemberTable;
use model::{name, status_choices};
pub(crate) use page::MemberPage;
use row_menu::RowMenu;

/// Members on a page of the list.
const PAGE: u32 = 100;

/// The page.
#[component]
pub(crate) fn Members() -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let looked_for = RwSignal::new(String::new());
    let status = RwSignal::new(String::new());
    let sort = RwSignal::new("email".to_owned());
    let query = move |cursor| MembersQuery {
        limit: Some(PAGE),
        cursor,
        q: Some(looked_for.get().trim().to_owned()).filter(|text| !text.is_empty()),
        sort: Some(sort.get()),
        status: status.with(|status| status.parse().ok()),
    };
    let members = Remote::new(move || {
        let (client, query) = (session.client(), query(None));
        async move { client.members(account_id, &query).await }
    });
    let narrowed =
        move || !looked_for.with(|text| text.trim().is_empty()) || !status.with(String::is_empty);
    let actions = MemberActions::new(Callback::new(move |()| members.reload()));
    let tools = MemberTools::new(Callback::new(move |()| members.reload()));
    let menu = tools.menu();
    let invite = Callback::new(move |()| tools.open(Purpose::Invite));
    let more = Callback::new(move |()| {
        let cursor = members
            .data
            .with_untracked(|page| page.as_ref().and_then(|page| page.next_cursor.clone()));
        let (client, query) = (session.client(), untrack(|| query(cursor)));
        spawn_local(async move {
            match client.members(account_id, &query).await {
                Ok(next) => {
                    members.data.try_update(|page| {
                        if let Some(page) = page {
                            page.items.extend(next.items);
                            page.next_cursor = next.next_cursor;
                        }
                    });
                }
                Err(error) => {
                    members.failure.try_set(Some(error.into()));
                }
            }
        });
    });
    view! {
        <PageHeader title="Members" lead="The people you share environments with, and what they may do.">
            <Button kind=ButtonKind::Primary icon=Icon::UserPlus on_press=invite>"Invite"</Button>
        </PageHeader>
        <div class="toolbar">
            <SearchField label="Find a member" value=looked_for/>
            <Select label="Status" bare=true value=status choices=Signal::derive(status_choices)/>
            <span class="toolbar-end" aria-live="polite">
                {move || members.data.with(|page| page.as_ref().map(count))}
            </span>
        </div>
        {screen(
            members,
            Skeleton::Rows(6),
            |page: &Page<Member>| page.items.is_empty(),
            move || {
                if narrowed() {
                    view! { <Empty icon=Icon::Search title="Nobody like that" text="No member matches what you look for."/> }.into_any()
                } else {
                    view! {
                        <Empty
                            icon=Icon::Users
                            title="Nobody yet"
                            text="Invite people by e-mail, choose what to share with them, and under which roles. They decide whether to join."
                        >
                            <Button kind=ButtonKind::Primary icon=Icon::UserPlus on_press=invite>"Invite"</Button>
                        </Empty>
                    }
                    .into_any()
                }
            },
            move |page| {
                let list = Signal::derive(move || page.with(|page| page.items.clone()));
                let has_more = Memo::new(move |_| page.with(|page| page.next_cursor.is_some()));
                view! {
                    <MemberTable members=list sort=sort actions=actions menu=menu/>
                    {move || has_more.get().then(|| view! { <p class="list-more"><Button on_press=more>"Show more"</Button></p> })}
                }
            },
        )}
        {tools.view()}
        <AskFirst actions=actions/>
    }
}

fn count(page: &Page<Member>) -> String {
    match (page.items.len(), page.next_cursor.is_some()) {
        (1, false) => "1 member".into(),
        (count, false) => format!("{count} members"),
        (count, true) => format!("first {count} members"),
    }
}

/// The form and the link dialog, shared by the list and a member's own page.
#[derive(Clone, Copy)]
struct MemberTools {
    form_open: RwSignal<bool>,
    purpose: RwSignal<Purpose>,
    link_open: RwSignal<bool>,
    linked: RwSignal<Option<Member>>,
    toasts: Toasts,
    on_changed: Callback<()>,
}

impl MemberTools {
    fn new(on_changed: Callback<()>) -> Self {
        Self {
            form_open: RwSignal::new(false),
            purpose: RwSignal::new(Purpose::Invite),
            link_open: RwSignal::new(false),
            linked: RwSignal::new(None),
            toasts: Toasts::current(),
            on_changed,
        }
    }

    fn open(self, purpose: Purpose) {
        self.purpose.set(purpose);
        self.form_open.set(true);
    }

    fn menu(self) -> RowMenu {
        RowMenu {
            open_form: Callback::new(move |purpose| self.open(purpose)),
            show_link: Callback::new(move |member| {
                self.linked.set(Some(member));
                self.link_open.set(true);
            }),
        }
    }

    fn view(self) -> impl IntoView {
        let on_saved = Callback::new(move |(purpose, member): (Purpose, Member)| {
            self.toasts.done(match purpose {
                Purpose::Edit(_) => format!("Saved {}.", name(&member)),
                Purpose::Invite | Purpose::Copy(_) => format!("Invited {}.", name(&member)),
            });
            self.on_changed.run(());
        });
        view! {
            <MemberFormDialog open=self.form_open purpose=self.purpose on_saved=on_saved/>
            <LinkDialog open=self.link_open member=self.linked/>
        }
    }
}
