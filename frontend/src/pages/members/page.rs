use accord_api_types::{MailState, MailStatus, Member, MemberStatus, Uuid};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::MemberTools;
use super::access::WhatWhere;
use super::actions::{AskFirst, MemberActions};
use super::form::Purpose;
use super::model::{may, name, verbs};
use super::row_menu::icon;
use super::timeline::Timeline;
use crate::address::record_of_member;
use crate::components::{
    Button, Glyph, Icon, MemberStatusTag, Notice, PageHeader, RelativeTime, Section, Skeleton,
    Tone, screen,
};
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
    let actions = MemberActions::new(Callback::new(move |_| reload.run(())));
    let tools = MemberTools::new(reload);
    let menu = tools.menu();
    let record = move || member.with(|member| record_of_member(member.id));
    view! {
        <PageHeader title=Signal::derive(move || member.with(name))>
            <a class="button" data-kind="secondary" href=record><Glyph icon=Icon::ListChecks/>"Record"</a>
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
        <WhatWhere member=member/>
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
