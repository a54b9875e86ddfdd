use accord_api_types::{Group, Member, MembersQuery, Role, Uuid};
use leptos::prelude::*;

use super::model::places;
use crate::components::{Dialog, MemberStatusTag, Person, Skeleton, each, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::groups::all_groups;
use crate::remote::Remote;
use crate::session::Session;

/// Who has a role, and on what.
#[component]
pub(super) fn UsedByDialog(open: RwSignal<bool>, role: RwSignal<Option<Role>>) -> impl IntoView {
    let title = Signal::derive(move || {
        role.with(|role| {
            format!(
                "Who has {}",
                role.as_ref().map_or("the role", |role| role.name.as_str())
            )
        })
    });
    view! {
        <Dialog open=open title=title>
            <div class="dialog-body">
                {role.get_untracked().map(|role| view! { <UsedBy role=role.id/> })}
            </div>
        </Dialog>
    }
}

/// The members with a share that carries this role; each leads to the member.
#[component]
pub(super) fn UsedBy(role: Uuid) -> impl IntoView {
    let session = Session::current();
    let users = Remote::new(move || users_of(session, role)).follows(&[
        Topic::Members,
        Topic::Roles,
        Topic::Groups,
    ]);
    screen(
        users,
        Skeleton::Rows(3),
        |(members, _)| members.is_empty(),
        || view! { <p class="muted">"Nobody has it at the moment."</p> },
        move |found: Signal<(Vec<Member>, Vec<Group>)>| {
            let lines = move || {
                found.with(|(members, groups)| {
                    let members = members.iter();
                    members
                        .map(|member| (member.clone(), places(member, role, groups).join(" · ")))
                        .collect::<Vec<_>>()
                })
            };
            view! {
                <ul class="users">
                    {each(lines, |(member, on)| (member.id, member.status, member.display_name.clone(), member.email.clone(), on.clone()), move |(member, on)| view! {
                        <li>
                            <Person name=member.display_name email=member.email href=format!("/settings/members/{}", member.id)/>
                            <span class="user-where muted small">{on}</span>
                            <MemberStatusTag status=member.status/>
                        </li>
                    }.into_any())}
                </ul>
            }
        },
    )
}

async fn users_of(
    session: Session,
    role: Uuid,
) -> accord_client::Result<(Vec<Member>, Vec<Group>)> {
    let (client, account_id) = (session.client(), session.account_id());
    let members = every_page(|limit, cursor| {
        let client = client.clone();
        let query = MembersQuery {
            limit,
            cursor,
            role_id: Some(role),
            ..MembersQuery::default()
        };
        async move { client.members(account_id, &query).await }
    })
    .await?;
    Ok((members, all_groups(session).await?))
}
