//! Settings, Shared by me, Members.

mod access;
mod actions;
mod form;
mod found;
mod link;
mod list;
mod model;
mod page;
mod row_menu;
mod timeline;

use accord_api_types::Member;
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, SearchField, Select, Skeleton, Toasts, screen,
};
use crate::live::Topic;
use crate::session::Session;
use crate::undo::say_done;
use actions::{AskFirst, Became, MemberActions, NotDone};
use form::{MemberFormDialog, Purpose, Sent};
use found::{Found, reader, show};
use link::LinkDialog;
use list::MemberTable;
use model::{name_all, query, status_choices};
pub(crate) use page::MemberPage;
use row_menu::RowMenu;

/// The page.
#[component]
pub(crate) fn Members() -> impl IntoView {
    let session = Session::current();
    let looked_for = kept_in_address("q");
    let status = kept_in_address("status");
    let sort = kept_in_address("sort");
    let reader = reader(session, move || {
        looked_for.with(|text| status.with(|status| sort.with(|sort| query(text, status, sort))))
    });
    let members = reader.remote.follows(&[Topic::Members]);
    let narrowed =
        move || !looked_for.with(|text| text.trim().is_empty()) || !status.with(String::is_empty);
    let show_all = Callback::new(move |()| {
        looked_for.set(String::new());
        status.set(String::new());
    });
    let actions = MemberActions::new(Callback::new(move |became: Vec<Became>| {
        show(reader, &became);
    }));
    let tools = MemberTools::new(Callback::new(move |()| members.reload()));
    let menu = tools.menu();
    let invite = Callback::new(move |()| tools.open(Purpose::Invite));
    view! {
        <PageHeader title="Members" lead="The people you share environments with, and what they may do.">
            <Button kind=ButtonKind::Primary icon=Icon::UserPlus on_press=invite>"Invite"</Button>
        </PageHeader>
        <div class="toolbar">
            <SearchField label="Find a member" value=looked_for/>
            <Select label="Status" bare=true value=status choices=Signal::derive(status_choices)/>
            <span class="toolbar-end" aria-live="polite">
                {move || members.data.with(|found| found.as_ref().map(|found| found.in_words("member", "members")))}
            </span>
        </div>
        <NotDone actions=actions/>
        {screen(
            members,
            Skeleton::Rows(6),
            |found: &Found| found.items.is_empty(),
            move || {
                if narrowed() {
                    view! {
                        <Empty icon=Icon::Search title="Nobody like that" text="No member matches what you look for.">
                            <Button on_press=show_all>"Show all members"</Button>
                        </Empty>
                    }
                    .into_any()
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
            move |found| view! { <MemberTable found=found reader=reader sort=sort actions=actions menu=menu/> },
        )}
        {tools.view()}
        <AskFirst actions=actions/>
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
    session: Session,
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
            session: Session::current(),
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
        let on_saved = Callback::new(move |sent: Sent| {
            let Sent {
                purpose,
                members,
                reverse,
            } = sent;
            let words = match purpose {
                Purpose::Edit(_) => format!("Saved {}.", name_all(&members)),
                Purpose::Invite | Purpose::Copy(_) if members.len() > 1 => {
                    format!("Invited {} people.", members.len())
                }
                Purpose::Invite | Purpose::Copy(_) => format!("Invited {}.", name_all(&members)),
            };
            say_done(self.toasts, self.session, words, reverse);
            self.on_changed.try_run(());
        });
        view! {
            <MemberFormDialog open=self.form_open purpose=self.purpose on_saved=on_saved/>
            <LinkDialog open=self.link_open member=self.linked/>
        }
    }
}
