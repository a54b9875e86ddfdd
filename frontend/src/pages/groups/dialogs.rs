use accord_api_types::Group;
use leptos::prelude::*;

use super::all_groups;
use super::contents::ContentsDialog;
use super::form::GroupForm;
use super::model::subgroups;
use crate::components::{ConfirmDialog, Dialog, DialogSize, Glyph, Icon, Menu, MenuItem, Toasts};
use crate::session::Session;
use crate::submission::Submission;

/// What the group form is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Purpose {
    /// A new group, below another or at the root.
    Add(Option<Group>),
    Edit(Group),
}

/// The dialogs that change groups; for the page of groups and for the invite form alike.
#[derive(Clone, Copy)]
pub(crate) struct GroupDialogs {
    form_open: RwSignal<bool>,
    purpose: RwSignal<Purpose>,
    dirty: RwSignal<bool>,
    contents_open: RwSignal<bool>,
    remove_open: RwSignal<bool>,
    pub(super) target: RwSignal<Option<Group>>,
    removal: Submission,
    session: Session,
    toasts: Toasts,
    pub(super) on_changed: Callback<()>,
}

impl GroupDialogs {
    pub(crate) fn new(on_changed: Callback<()>) -> Self {
        Self {
            form_open: RwSignal::new(false),
            purpose: RwSignal::new(Purpose::Add(None)),
            dirty: RwSignal::new(false),
            contents_open: RwSignal::new(false),
            remove_open: RwSignal::new(false),
            target: RwSignal::new(None),
            removal: Submission::new(),
            session: Session::current(),
            toasts: Toasts::current(),
            on_changed,
        }
    }

    /// Adds a group, below `parent` or at the root.
    pub(crate) fn add(self, parent: Option<Group>) {
        self.purpose.set(Purpose::Add(parent));
        self.form_open.set(true);
    }

    fn edit(self, group: Group) {
        self.purpose.set(Purpose::Edit(group));
        self.form_open.set(true);
    }

    fn choose_environments(self, group: Group) {
        self.target.set(Some(group));
        self.contents_open.set(true);
    }

    fn ask_to_remove(self, group: Group) {
        self.target.set(Some(group));
        self.remove_open.set(true);
    }

    fn remove(self) {
        let Some(group) = self.target.get_untracked() else {
            return;
        };
        let (client, account_id) = (self.session.client(), self.session.account_id());
        self.removal.send(
            async move { client.delete_group(account_id, group.id, None).await },
            move |()| {
                self.remove_open.set(false);
                self.toasts.done(format!("Group {} removed.", group.path));
                self.on_changed.run(());
            },
        );
    }

    /// The dialogs themselves, to be put outside of any form.
    pub(crate) fn view(self) -> impl IntoView {
        let title = Signal::derive(move || match self.purpose.get() {
            Purpose::Add(None) => "New group".to_owned(),
            Purpose::Add(Some(parent)) => format!("New group in {}", parent.path),
            Purpose::Edit(group) => format!("Edit {}", group.path),
        });
        let name = move || {
            self.target.with(|group| {
                group
                    .as_ref()
                    .map(|group| group.path.clone())
                    .unwrap_or_default()
            })
        };
        view! {
            <Dialog open=self.form_open title=title size=DialogSize::Small dirty=self.dirty>
                <GroupForm open=self.form_open purpose=self.purpose.get_untracked() dirty=self.dirty on_changed=self.on_changed/>
            </Dialog>
            <ContentsDialog open=self.contents_open target=self.target on_changed=self.on_changed/>
            <ConfirmDialog
                open=self.remove_open
                title=Signal::derive(move || format!("Remove {}?", name()))
                action="Remove group"
                danger=true
                submission=self.removal
                on_confirm=Callback::new(move |()| self.remove())
            >
                <RemovalLoss target=self.target/>
            </ConfirmDialog>
        }
    }
}

/// What goes with a group.
#[component]
fn RemovalLoss(target: RwSignal<Option<Group>>) -> impl IntoView {
    let session = Session::current();
    let groups = crate::remote::Remote::new(move || all_groups(session));
    view! {
        <p>
            {move || {
                let below = target.with(|group| {
                    let group = group.as_ref()?;
                    groups.data.with(|groups| groups.as_ref().map(|groups| subgroups(groups, group)))
                });
                match below {
                    Some(0) => "Everything shared through it ends. Its environments stay.".to_owned(),
                    Some(1) => "Its subgroup goes with it, and everything shared through either ends. Environments stay.".to_owned(),
                    Some(count) => format!("Its {count} subgroups go with it, and everything shared through them ends. Environments stay."),
                    None => "Its subgroups go with it, and everything shared through them ends. Environments stay.".to_owned(),
                }
            }}
        </p>
    }
}

/// The gear of a group.
#[component]
pub(crate) fn GroupMenu(
    group: Group,
    dialogs: GroupDialogs,
    #[prop(optional, into)] passed_over: Signal<bool>,
) -> impl IntoView {
    let may = |action: &str| {
        group
            .allowed_actions
            .iter()
            .any(|allowed| allowed == action)
    };
    let (may_edit, may_delete) = (may("edit"), may("delete"));
    let label = format!("Change group {}", group.path);
    let stored = StoredValue::new(group);
    (may_edit || may_delete).then(|| {
        view! {
            <Menu label=label class="row-menu" passed_over=passed_over trigger=|| view! { <Glyph icon=Icon::Settings size=14/> }>
                {may_edit.then(|| view! {
                    <MenuItem icon=Icon::FolderPlus on_press=Callback::new(move |()| dialogs.add(Some(stored.get_value())))>"Add a group inside"</MenuItem>
                    <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| dialogs.edit(stored.get_value()))>"Edit"</MenuItem>
                    <MenuItem icon=Icon::Box on_press=Callback::new(move |()| dialogs.choose_environments(stored.get_value()))>"Choose environments"</MenuItem>
                })}
                {may_delete.then(|| view! {
                    <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| dialogs.ask_to_remove(stored.get_value()))>"Remove"</MenuItem>
                })}
            </Menu>
        }
    })
}
