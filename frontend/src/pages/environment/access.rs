use accord_api_types::{EnvironmentAccess, MemberStatus, PageQuery, ShareableRole, Uuid};
use leptos::prelude::*;

use super::model::{may, name, role_names, why_not};
use super::removal::RemovalDialog;
use super::share::{ShareDialog, Shared, Target};
use crate::components::{
    AccessLevelTag, Button, Empty, FailureNotice, Glyph, Icon, MemberStatusTag, Menu, MenuItem,
    Person, RelativeTime, RoleTags, Section, Skeleton, Toasts, each, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::why::{Question, Whose, Why, WhyLink};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::say_done;

/// Members, where their access comes from, and direct sharing.
#[component]
pub(super) fn WhoHasAccess(
    owner_id: Uuid,
    environment_id: Uuid,
    #[prop(into)] environment_name: Signal<String>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let access = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .environment_access(
                            owner_id,
                            environment_id,
                            &PageQuery {
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
    })
    .follows(&[Topic::Access]);
    let roles = Remote::new(move || shareable_roles(session, owner_id, environment_id))
        .follows(&[Topic::Roles, Topic::Access]);
    let choices = Signal::derive(move || roles.data.get().unwrap_or_default());
    let why = Why::new(move |id| {
        access.data.with(|all| {
            let who = all.iter().flatten().find(|one| one.member_id == id)?;
            Some(Question {
                owner_id,
                environment_id,
                environment_name: environment_name.get(),
                member_id: id,
                whose: Whose::Of(name(who)),
                held: who.action_ids.clone(),
                counts: who.status == MemberStatus::Active && !who.account_disabled,
                on_members_page: false,
            })
        })
    });
    let open = RwSignal::new(false);
    let target = RwSignal::new(None::<Target>);
    let share = move |who: Option<EnvironmentAccess>| {
        target.set(Some(Target {
            owner_id,
            environment_id,
            who,
        }));
        open.set(true);
    };
    let removing = RwSignal::new(None::<Target>);
    let asking = RwSignal::new(false);
    let resending = Submission::new();
    let resend = Callback::new(move |who: EnvironmentAccess| {
        let client = session.client();
        resending.send(
            async move {
                client
                    .resend_environment_invitation(owner_id, environment_id, who.member_id)
                    .await
                    .map(|_| who)
            },
            move |who| toasts.done(format!("Invitation sent again to {}.", who.email)),
        );
    });
    let edit = Callback::new(move |who| share(Some(who)));
    let ask = Callback::new(move |who| {
        removing.set(Some(Target {
            owner_id,
            environment_id,
            who: Some(who),
        }));
        asking.set(true);
    });
    let add = Callback::new(move |()| share(None));
    view! {
        <Section
            title="Collaboration"
            lead="Who has access to this environment, and where it comes from."
            actions=move || view! { <Button icon=Icon::UserPlus on_press=add>"Share"</Button> }
        >
            <FailureNotice failure=resending.failure shown_by_fields=&[]/>
            {screen(
                access,
                Skeleton::Rows(4),
                Vec::is_empty,
                move || view! {
                    <Empty icon=Icon::Users title="Only you" text="Nobody else has access. Share this environment directly, or through its groups.">
                        <Button icon=Icon::UserPlus on_press=add>"Share"</Button>
                    </Empty>
                },
                move |access| view! {
                    <div class="table-frame">
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Member"</th>
                                    <th scope="col">"Status"</th>
                                    <th scope="col">"Access level"</th>
                                    <th scope="col">"Roles"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(move || access.get(), |one| format!("{one:?}"), move |one| view! {
                                    <Row access=one on_edit=edit on_remove=ask on_resend=resend/>
                                }.into_any())}
                            </tbody>
                        </table>
                    </div>
                },
            )}
        </Section>
        {why.view()}
        <ShareDialog
            open=open
            target=target
            roles=choices
            on_saved=Callback::new(move |Shared { whom, reverse }| {
                let words = format!("Shared with {whom}.");
                say_done(toasts, session, words, reverse);
                access.reload();
            })
        />
        <RemovalDialog open=asking target=removing on_removed=Callback::new(move |()| access.reload())/>
    }
}

#[component]
fn Row(
    access: EnvironmentAccess,
    on_edit: Callback<EnvironmentAccess>,
    on_remove: Callback<EnvironmentAccess>,
    on_resend: Callback<EnvironmentAccess>,
) -> impl IntoView {
    let (may_edit, may_remove) = (may(&access, "edit"), may(&access, "remove"));
    let (may_resend, withdraws) = (may(&access, "resend"), may(&access, "withdraw"));
    let (names, why_not) = (role_names(&access), why_not(&access));
    let shared_directly = access.direct_share.is_some();
    let end = access
        .direct_share
        .as_ref()
        .and_then(|share| share.expires_at.map(|at| (share.ended, at)));
    let label = format!("What to do with {}", name(&access));
    let why_label = format!("Access of {}", name(&access));
    let stored = StoredValue::new(access.clone());
    view! {
        <tr>
            <td class="cell-name"><Person name=access.display_name email=access.email/></td>
            <td data-label="Status">
                <MemberStatusTag status=access.status/>
                {access.account_disabled.then(|| view! { <span class="cell-sub">"account disabled: no access now"</span> })}
            </td>
            <td data-label="Access level">
                <span>
                    <AccessLevelTag level=access.access_level/>
                    <WhyLink about=access.member_id label=why_label/>
                </span>
                {end.map(|(ended, at)| view! {
                    <span class="cell-sub">{if ended { "direct share ended " } else { "ends " }}<RelativeTime at=at/></span>
                })}
            </td>
            <td data-label="Roles">
                <RoleTags names=names/>
                {why_not.map(|why| view! { <span class="cell-sub">{why}</span> })}
            </td>
            <td class="cell-end">
                {(may_edit || may_remove || may_resend).then(|| view! {
                    <Menu label=label trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                        {may_edit.then(|| view! {
                            <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| on_edit.run(stored.get_value()))>
                                {if shared_directly { "Change direct roles" } else { "Give direct roles" }}
                            </MenuItem>
                        })}
                        {may_resend.then(|| view! {
                            <MenuItem icon=Icon::Send on_press=Callback::new(move |()| on_resend.run(stored.get_value()))>"Send the invitation again"</MenuItem>
                        })}
                        {may_remove.then(|| view! {
                            <MenuItem icon=Icon::Trash danger=true on_press=Callback::new(move |()| on_remove.run(stored.get_value()))>
                                {if withdraws { "Withdraw invitation" } else { "Remove direct access" }}
                            </MenuItem>
                        })}
                    </Menu>
                })}
            </td>
        </tr>
    }
}

/// The roles that the caller may give here.
async fn shareable_roles(
    session: Session,
    owner_id: Uuid,
    environment_id: Uuid,
) -> accord_client::Result<Vec<ShareableRole>> {
    let client = session.client();
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .shareable_roles(
                    owner_id,
                    environment_id,
                    &PageQuery {
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
