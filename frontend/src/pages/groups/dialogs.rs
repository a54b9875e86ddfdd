use accord_api_types::{Group, MembersQuery, PreviewKind};
use leptos::prelude::*;

use super::all_groups;
use super::contents::ContentsDialog;
use super::form::GroupForm;
use super::model::{losers, subgroups};
use crate::components::{
    ConfirmDialog, Dialog, DialogSize, Glyph, Icon, Menu, MenuItem, Skeleton, Toasts, screen,
};
use crate::listing::{every_page, in_words};
use crate::live::Topic;
use crate::pages::preview::{AccessPreviews, change};
use crate::remote::Remote;
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
                self.on_changed.try_run(());
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
                <AccessPreviews changes=Signal::derive(move || self.target.with(|group| {
                    group.iter().map(|group| change::deletion(PreviewKind::GroupDeletion, group.id)).collect()
                }))/>
            </ConfirmDialog>
        }
    }
}

/// What goes with a group, and what stays.
#[component]
fn RemovalLoss(target: RwSignal<Option<Group>>) -> impl IntoView {
    let session = Session::current();
    let Some(group) = target.get_untracked() else {
        return ().into_any();
    };
    let loss = Remote::new(move || {
        let group = group.clone();
        async move { loss_of(session, &group).await }
    })
    .follows(&[Topic::Groups, Topic::Members]);
    screen(
        loss,
        Skeleton::Rows(2),
        |_| false,
        || (),
        |loss: Signal<Loss>| {
            move || {
                let Loss {
                    subgroups,
                    members,
                    environments,
                } = loss.get();
                let nobody = members.is_empty();
                view! {
                    <dl class="loss">
                        {(!subgroups.is_empty()).then(|| view! {
                            <div>
                                <dt>{in_words(subgroups.len(), "subgroup")} " inside it, removed with it"</dt>
                                <dd><Named names=subgroups/></dd>
                            </div>
                        })}
                        <div>
                            <dt>{if nobody { "Nobody loses anything" } else { "Lose what they have through it" }}</dt>
                            <dd>{if nobody { "No share names it or what is inside it.".into_any() } else { view! { <Named names=members/> }.into_any() }}</dd>
                        </div>
                        <div>
                            <dt>"Stays"</dt>
                            <dd>{match environments {
                                0 => "It holds no environments.".to_owned(),
                                count => format!("{}: they only lose the tag.", in_words(count, "environment")),
                            }}</dd>
                        </div>
                    </dl>
                }
            }
        },
    )
    .into_any()
}

/// What removing a group takes along.
#[derive(Clone, Debug, PartialEq)]
struct Loss {
    subgroups: Vec<String>,
    members: Vec<String>,
    /// How many environments lie in what goes; one that lies in several counts in each.
    environments: u64,
}

async fn loss_of(session: Session, group: &Group) -> accord_client::Result<Loss> {
    let (client, account_id) = (session.client(), session.account_id());
    let all = all_groups(session).await?;
    // As it is by now; one that is gone is lost as it was.
    let group = all.iter().find(|one| one.id == group.id).unwrap_or(group);
    let below = subgroups(&all, group);
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
    let going = [vec![group.clone()], below.clone()].concat();
    Ok(Loss {
        subgroups: below.into_iter().map(|group| group.path).collect(),
        members: losers(&members, &going)
            .into_iter()
            .map(|(name, paths)| format!("{name} ({})", paths.join(", ")))
            .collect(),
        environments: going.iter().map(|group| group.environment_count).sum(),
    })
}

/// A few names, and how many more there are.
#[component]
fn Named(mut names: Vec<String>) -> impl IntoView {
    const NAMED: usize = 8;
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    view! {
        {names.join(", ")}
        {(more > 0).then(|| format!(" and {more} more"))}
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
