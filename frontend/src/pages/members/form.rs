use accord_api_types::{
    CopyMember, Environment, EnvironmentsQuery, ErrorCode, Group, Invite, Item, Member, Policy,
    Role, UpdateMember, Uuid,
};
use leptos::prelude::*;

use crate::components::share_editor::model::{
    ShareDraft, add_role, keep_existing, to_shares, tree,
};
use crate::components::{
    Button, ButtonKind, CancelButton, Dialog, DialogFooter, DialogSize, FailureNotice, FieldKind,
    GroupTools, ShareEditor, Skeleton, TextField, screen,
};
use crate::listing::every_page;
use crate::pages::auth::model::{check_email, checked};
use crate::pages::groups::{GroupDialogs, GroupMenu, all_groups};
use crate::pages::roles::model::summaries;
use crate::pages::roles::{RoleDialog, all_policies, all_roles};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// What the form is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Purpose {
    Invite,
    Edit(Member),
    /// The same shares for another address.
    Copy(Member),
}

/// What there is to share, and under which roles.
#[derive(Clone, Debug, PartialEq)]
struct Shareable {
    groups: Vec<Group>,
    environments: Vec<Environment>,
    roles: Vec<Role>,
    policies: Vec<Policy>,
}

async fn shareable(session: Session) -> accord_client::Result<Shareable> {
    let (client, account_id) = (session.client(), session.account_id());
    let environments = every_page(|limit, cursor| {
        let client = client.clone();
        let query = EnvironmentsQuery {
            limit,
            cursor,
            sort: Some("name".into()),
            ..EnvironmentsQuery::default()
        };
        async move { client.environments(account_id, &query).await }
    })
    .await?;
    Ok(Shareable {
        groups: all_groups(session).await?,
        environments,
        roles: all_roles(session).await?,
        policies: all_policies(session).await?,
    })
}

/// Invites somebody, or changes or copies what a member has.
#[component]
pub(super) fn MemberFormDialog(
    open: RwSignal<bool>,
    purpose: RwSignal<Purpose>,
    on_saved: Callback<(Purpose, Member)>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match purpose.get() {
        Purpose::Invite => "Invite a member".to_owned(),
        Purpose::Edit(member) => format!("Edit {}", super::model::name(&member)),
        Purpose::Copy(member) => format!("Share the same as {}", super::model::name(&member)),
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Large dirty=dirty>
            <MemberForm open=open purpose=purpose.get_untracked() dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn MemberForm(
    open: RwSignal<bool>,
    purpose: Purpose,
    dirty: RwSignal<bool>,
    on_saved: Callback<(Purpose, Member)>,
) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let things = Remote::new(move || shareable(session));

    let (email_before, name_before, shares_before) = match &purpose {
        Purpose::Invite => (String::new(), String::new(), Vec::new()),
        Purpose::Edit(member) => (
            member.email.clone(),
            member.display_name.clone().unwrap_or_default(),
            drafts(member, true),
        ),
        Purpose::Copy(member) => (String::new(), String::new(), drafts(member, false)),
    };
    let editing = matches!(purpose, Purpose::Edit(_));
    let email = RwSignal::new(email_before.clone());
    let name = RwSignal::new(name_before.clone());
    let draft = RwSignal::new(shares_before.clone());
    let shares_before = StoredValue::new(shares_before);
    Effect::new(move |_| {
        let shares_same = draft.with(|draft| shares_before.with_value(|before| draft == before));
        let same = email.with(|email| *email == email_before)
            && name.with(|name| *name == name_before)
            && shares_same;
        dirty.set(!same);
    });

    // A role or a group made on the way leaves everything else as it is.
    let role_open = RwSignal::new(false);
    let role_for = RwSignal::new(None::<Item>);
    let policies = Signal::derive(move || {
        things.data.with(|things| {
            things
                .as_ref()
                .map(|things| things.policies.clone())
                .unwrap_or_default()
        })
    });
    let on_create_role = Callback::new(move |item| {
        role_for.set(Some(item));
        role_open.set(true);
    });
    let on_role_saved = Callback::new(move |role: Role| {
        if let Some(item) = role_for.get_untracked() {
            draft.update(|draft| add_role(draft, item, role.id));
        }
        things.data.update(|things| {
            if let Some(things) = things {
                things.roles.push(role);
            }
        });
    });
    let group_dialogs = GroupDialogs::new(Callback::new(move |()| things.reload()));
    let group_tools: GroupTools = std::sync::Arc::new(move |id| {
        let group = things.data.with_untracked(|things| {
            things
                .as_ref()?
                .groups
                .iter()
                .find(|group| group.id == id)
                .cloned()
        });
        group
            .map(|group| view! { <GroupMenu group=group dialogs=group_dialogs/> })
            .into_any()
    });
    Effect::new(move |_| {
        let rows = things.data.with(|things| {
            things
                .as_ref()
                .map(|things| tree(&things.groups, &things.environments))
        });
        if let Some(rows) = rows {
            draft.update(|draft| keep_existing(draft, &rows));
        }
    });

    let send = {
        move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            let typed = Typed {
                email: email.get_untracked().trim().to_owned(),
                display_name: Some(name.get_untracked().trim().to_owned())
                    .filter(|name| !name.is_empty()),
                shares: draft.get_untracked(),
                shares_touched: shares_before
                    .with_value(|before| draft.with_untracked(|draft| draft != before)),
            };
            if let Err(failure) = checked([check_email("/email", &typed.email)]) {
                return submission.fail(failure);
            }
            let client = session.client();
            let (for_call, for_news) = (purpose.clone(), purpose.clone());
            submission.send(
                async move { save(&client, account_id, for_call, typed).await },
                move |member| {
                    open.set(false);
                    on_saved.run((for_news, member));
                },
            );
        }
    };
    let existing = move || {
        submission.failure.with(|failure| {
            let failure = failure
                .as_ref()
                .filter(|failure| failure.code() == Some(ErrorCode::MemberExists))?;
            failure.context()?.member_id
        })
    };
    let group_tools = StoredValue::new(group_tools);
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure shown_by_fields=&["/email", "/display_name"]/>
                {move || existing().map(|id| view! {
                    <p><a href=format!("/settings/members/{id}")>"Open the record that exists"</a></p>
                })}
                <div class="field-pair">
                    <TextField
                        label="E-mail address"
                        kind=FieldKind::Email
                        autocomplete="off"
                        value=email
                        error=submission.at("/email")
                        readonly=editing
                        autofocus=!editing
                    />
                    <TextField
                        label="Display name"
                        value=name
                        optional=true
                        error=submission.at("/display_name")
                        autofocus=editing
                    />
                </div>
                {screen(things, Skeleton::Rows(5), |_| false, || (), move |things| {
                    let rows = Signal::derive(move || things.with(|things| tree(&things.groups, &things.environments)));
                    let roles = Signal::derive(move || things.with(|things| summaries(&things.roles, &things.policies)));
                    view! {
                        <ShareEditor rows=rows roles=roles draft=draft on_create_role=on_create_role group_tools=group_tools.get_value()/>
                    }
                })}
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if editing { "Save changes" } else { "Send invitation" }}
                </Button>
            </DialogFooter>
        </form>
        <RoleDialog open=role_open role=Signal::derive(|| None) policies=policies on_saved=on_role_saved/>
        {group_dialogs.view()}
    }
}

struct Typed {
    email: String,
    display_name: Option<String>,
    shares: Vec<ShareDraft>,
    shares_touched: bool,
}

async fn save(
    client: &accord_client::Client,
    account_id: Uuid,
    purpose: Purpose,
    typed: Typed,
) -> accord_client::Result<Member> {
    let saved = match purpose {
        // A copy of untouched shares is the server's to make: it knows which ended meanwhile.
        Purpose::Copy(member) if !typed.shares_touched => {
            let body = CopyMember {
                email: typed.email,
                display_name: typed.display_name,
            };
            client.copy_member(account_id, member.id, &body).await?
        }
        Purpose::Invite | Purpose::Copy(_) => {
            let body = Invite {
                email: typed.email,
                display_name: typed.display_name,
                shares: to_shares(&typed.shares),
            };
            client.invite(account_id, &body).await?
        }
        Purpose::Edit(member) => {
            let body = UpdateMember {
                display_name: Some(typed.display_name),
                shares: typed.shares_touched.then(|| to_shares(&typed.shares)),
            };
            client
                .update_member(account_id, member.id, &body, None)
                .await?
        }
    };
    Ok(saved.into_inner())
}

/// A member's shares as a draft; a copy goes without the ended ones.
fn drafts(member: &Member, with_ended: bool) -> Vec<ShareDraft> {
    member
        .shares
        .iter()
        .filter(|share| with_ended || !share.ended)
        .cloned()
        .map(ShareDraft::from)
        .collect()
}
