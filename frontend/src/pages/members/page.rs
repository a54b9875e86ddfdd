use accord_api_types::{
    EffectiveAccess, MailState, MailStatus, Member, MemberStatus, PageQuery, Uuid,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::MemberTools;
use super::actions::{AskFirst, MemberActions};
use super::form::Purpose;
use super::model::{may, name, verbs};
use super::row_menu::icon;
use super::timeline::Timeline;
use crate::components::{
    AccessLevelTag, Button, Empty, Glyph, Icon, MemberStatusTag, Notice, PageHeader, RelativeTime,
    RoleTags, Section, Skeleton, Tone, each, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

/// One member: where they stand, and what they may do where.
#[component]
pub(crate) fn MemberPage() -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params.with(|params| {
            params
                .get("member_id")
                .and_then(|id| id.parse::<Uuid>().ok())
                .unwrap_or_default()
        })
    });
    let member = Remote::new(move || {
        let (client, id) = (session.client(), id.get());
        async move {
            client
                .member(account_id, id)
                .await
                .map(accord_client::Versioned::into_inner)
        }
    })
    .follows(&[Topic::Members]);
    view! {
        <p class="crumbs"><a href="/settings/members"><Glyph icon=Icon::ChevronLeft size=14/>"Members"</a></p>
        {screen(member, Skeleton::Page, |_| false, || (), move |member_signal| {
            let reload = Callback::new(move |()| member.reload());
            view! { <Details member=member_signal reload=reload/> }
        })}
    }
}

#[component]
fn Details(member: Signal<Member>, reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let access = Remote::new(move || {
        let (client, id) = (session.client(), member.with(|member| member.id));
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .member_access(
                            account_id,
                            id,
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
    let actions = MemberActions::new(Callback::new(move |_| reload.run(())));
    let tools = MemberTools::new(reload);
    let menu = tools.menu();
    view! {
        <PageHeader title=Signal::derive(move || member.with(name))>
            {move || {
                let current = member.get();
                let stored = StoredValue::new(current.clone());
                view! {
                    {may(&current, "link").then(|| view! {
                        <Button icon=Icon::Link on_press=Callback::new(move |()| menu.show_link.run(stored.get_value()))>"Copy link"</Button>
                    })}
                    {may(&current, "copy").then(|| view! {
                        <Button icon=Icon::Copy on_press=Callback::new(move |()| tools.open(Purpose::Copy(stored.get_value())))>"Copy"</Button>
                    })}
                    {verbs(&current).into_iter().map(|verb| view! {
                        <Button icon=icon(verb) on_press=Callback::new(move |()| actions.start(verb, vec![std::sync::Arc::new(stored.get_value())]))>{verb.label()}</Button>
                    }).collect_view()}
                    {may(&current, "edit").then(|| view! {
                        <Button kind=crate::components::ButtonKind::Primary icon=Icon::Pencil on_press=Callback::new(move |()| tools.open(Purpose::Edit(stored.get_value())))>"Edit"</Button>
                    })}
                }
            }}
        </PageHeader>
        {move || view! { <Facts member=member.get()/> }}
        <Section title="What became of the invitation" lead="From the invitation to what followed, the newest first.">
            <Timeline member=member/>
        </Section>
        <Section title="What they may do where" lead="As it is decided when they act; for a member who is not active, as it would be.">
            {screen(
                access,
                Skeleton::Rows(4),
                Vec::is_empty,
                || view! { <Empty icon=Icon::Box title="No environments" text="As soon as there are environments, you see here which of them this member reaches."/> },
                |access| view! { <AccessTable access=access/> },
            )}
        </Section>
        {tools.view()}
        <AskFirst actions=actions/>
    }
}

#[component]
fn Facts(member: Member) -> impl IntoView {
    let ended = member.ended_at.map(|at| ("Ended", at));
    let suspended = member
        .suspended_at
        .filter(|_| member.status == MemberStatus::Suspended)
        .map(|at| ("Suspended", at));
    let link_ends = member
        .invitation_expires_at
        .filter(|_| matches!(member.status, MemberStatus::Pending | MemberStatus::Expired))
        .map(|at| ("Invitation ends", at));
    let times = [
        Some(("Invited", member.invited_at)),
        link_ends,
        member.accepted_at.map(|at| ("Joined", at)),
        suspended,
        ended,
    ];
    view! {
        {member.invitation_mail.and_then(mail_trouble)}
        <dl class="card facts">
            <div><dt>"Status"</dt><dd><MemberStatusTag status=member.status/></dd></div>
            <div><dt>"E-mail address"</dt><dd>{member.email}</dd></div>
            {times.into_iter().flatten().map(|(words, at)| view! {
                <div><dt>{words}</dt><dd><RelativeTime at=at/></dd></div>
            }).collect_view()}
        </dl>
    }
}

/// Says when mail to the member does not get through.
fn mail_trouble(mail: MailStatus) -> Option<impl IntoView> {
    let words = match mail.state {
        MailState::GaveUp => "The last mail to this member could not be delivered.",
        MailState::Retrying => {
            "The last mail to this member was not delivered yet; it is tried again."
        }
        MailState::Queued | MailState::Sent | MailState::Kept => return None,
    };
    Some(view! {
        <Notice tone=Tone::Warn>
            <p>{words} {mail.error.map(|error| format!(" The mail server said: {error}"))}</p>
        </Notice>
    })
}

#[component]
fn AccessTable(access: Signal<Vec<EffectiveAccess>>) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    view! {
        <div class="table-frame">
            <table class="table folds">
                <thead>
                    <tr>
                        <th scope="col">"Environment"</th>
                        <th scope="col">"Access level"</th>
                        <th scope="col">"Roles"</th>
                        <th scope="col">"Actions"</th>
                    </tr>
                </thead>
                <tbody>
                    {each(move || access.get(), |one| (one.environment_id, one.access_level, one.role_ids.clone(), one.action_ids.len()), move |one| view! {
                        <tr>
                            <td class="cell-name"><a href=format!("/environments/{account_id}/{}", one.environment_id)>{one.environment_name}</a></td>
                            <td data-label="Access level"><AccessLevelTag level=one.access_level/></td>
                            <td data-label="Roles"><RoleTags names=one.role_names/></td>
                            <td data-label="Actions" class="cell-time" title=one.action_ids.join(", ")>{one.action_ids.len()}</td>
                        </tr>
                    }.into_any())}
                </tbody>
            </table>
        </div>
    }
}
