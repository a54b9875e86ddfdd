//! Settings, Shared with me: the collaborations that others host and the person takes part in.

mod card;
mod label;

use accord_api_types::{Collaboration, MemberStatus, PageQuery};
use leptos::prelude::*;

use crate::components::{Empty, Icon, PageHeader, Section, Skeleton, each, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use card::CollaborationCard;

/// The page.
#[component]
pub(crate) fn SharedWithMe() -> impl IntoView {
    let session = Session::current();
    let collaborations = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .collaborations(&PageQuery {
                            limit,
                            cursor,
                            ..Default::default()
                        })
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Collaborations]);
    let reload = Callback::new(move |()| collaborations.reload());
    view! {
        <PageHeader title="Shared with me" lead="What other accounts share with you, and the invitations that wait for your answer."/>
        {screen(
            collaborations,
            Skeleton::Card,
            Vec::is_empty,
            || view! {
                <Empty
                    icon=Icon::Inbox
                    title="Nothing is shared with you"
                    text="When somebody invites you, the invitation appears here and in your mailbox."
                />
            },
            move |collaborations| view! {
                <Part
                    title="Waiting for your answer"
                    all=collaborations
                    belongs=|collaboration| collaboration.status == MemberStatus::Pending
                    reload=reload
                />
                <Part
                    title="Collaborations"
                    all=collaborations
                    belongs=|collaboration| collaboration.status != MemberStatus::Pending
                    reload=reload
                />
            },
        )}
    }
}

#[component]
fn Part(
    title: &'static str,
    all: Signal<Vec<Collaboration>>,
    belongs: fn(&Collaboration) -> bool,
    reload: Callback<()>,
) -> impl IntoView {
    let some = Memo::new(move |_| all.with(|all| all.iter().any(belongs)));
    move || {
        some.get().then(|| {
            view! {
                <Section title=title>
                    <div class="stack">
                        {each(move || all.get().into_iter().filter(belongs).collect::<Vec<_>>(), |collaboration| (collaboration.id, collaboration.status.as_str(), collaboration.label.clone(), collaboration.shares.len()), move |collaboration| view! {
                            <CollaborationCard collaboration=collaboration reload=reload/>
                        }.into_any())}
                    </div>
                </Section>
            }
        })
    }
}
