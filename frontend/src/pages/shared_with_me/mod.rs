//! Settings, Shared with me: the collaborations that others host and the person takes part in.

mod card;
mod join;
mod joined;
mod label;
mod later;
mod model;
mod waiting;

use accord_api_types::{Collaboration, MemberStatus, PageQuery};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, Empty, Icon, PageHeader, SearchField, Section, Select, Skeleton, each, order_asked_for,
    orders, screen,
};
use crate::listing::{every_page, in_words};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use card::CollaborationCard;
pub(crate) use join::JoinDialog;
pub(crate) use joined::Added;
use joined::AddedDialog;
use model::{COLUMNS, found};
pub(crate) use waiting::WaitingInvitations;

/// All that is shared with the person, and the invitations that wait, in this order.
async fn all_collaborations(
    session: Session,
    order: &str,
) -> accord_client::Result<Vec<Collaboration>> {
    let client = session.client();
    let order = order_asked_for(&COLUMNS, order);
    every_page(|limit, cursor| {
        let (client, order) = (client.clone(), order.clone());
        async move {
            client
                .collaborations(&PageQuery {
                    limit,
                    cursor,
                    sort: Some(order),
                })
                .await
        }
    })
    .await
}

/// The page.
#[component]
pub(crate) fn SharedWithMe() -> impl IntoView {
    let session = Session::current();
    let (looked_for, order) = (kept_in_address("q"), kept_in_address("sort"));
    let collaborations = Remote::new(move || {
        session.shared.track();
        let order = order.get();
        async move { all_collaborations(session, &order).await }
    })
    .follows(&[Topic::Collaborations, Topic::Environments, Topic::Groups]);
    // What stands here need not be asked about again.
    Effect::new(move |_| {
        collaborations
            .data
            .with(|all| later::put_off(all.as_deref().unwrap_or_default()));
    });
    let joined = RwSignal::new(None::<Collaboration>);
    let joined_open = RwSignal::new(false);
    let on_joined = Callback::new(move |collaboration| {
        joined.set(Some(collaboration));
        joined_open.set(true);
        collaborations.reload();
    });
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
                    text="When somebody invites you to their environments, the invitation appears here and in your mailbox."
                />
            },
            move |collaborations| {
                let found = Memo::new(move |_| looked_for.with(|text| collaborations.with(|all| found(all, text))));
                let clear = Callback::new(move |()| looked_for.set(String::new()));
                view! {
                    <div class="toolbar">
                        <SearchField label="Find an owner or something shared" value=looked_for/>
                        <Select label="Order" bare=true value=order choices=orders(&COLUMNS)/>
                        <span class="toolbar-end" aria-live="polite">{move || in_words(found.with(Vec::len), "collaboration")}</span>
                    </div>
                    {move || found.with(Vec::is_empty).then(|| view! {
                        <Empty icon=Icon::Search title="Nothing like that" text="Nothing that is shared with you matches what you look for: neither by its owner nor by what is shared.">
                            <Button on_press=clear>"Clear the search"</Button>
                        </Empty>
                    })}
                    <Part
                        title="Waiting for your answer"
                        all=found.into()
                        belongs=|collaboration| collaboration.status == MemberStatus::Pending
                        reload=reload
                        on_joined=on_joined
                    />
                    <Part
                        title="Collaborations"
                        all=found.into()
                        belongs=|collaboration| collaboration.status != MemberStatus::Pending
                        reload=reload
                        on_joined=on_joined
                    />
                }
            },
        )}
        <AddedDialog open=joined_open joined=joined/>
    }
}

#[component]
fn Part(
    title: &'static str,
    all: Signal<Vec<Collaboration>>,
    belongs: fn(&Collaboration) -> bool,
    reload: Callback<()>,
    on_joined: Callback<Collaboration>,
) -> impl IntoView {
    let some = Memo::new(move |_| all.with(|all| all.iter().any(belongs)));
    // A card follows what becomes of its collaboration, so that a dialog in it stays as it is.
    let card = move |first: Collaboration| {
        let id = first.id;
        let collaboration = Memo::new(move |before: Option<&Collaboration>| {
            let now = all.with(|all| all.iter().find(|one| one.id == id).cloned());
            now.or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        });
        view! { <CollaborationCard id=id collaboration=collaboration reload=reload on_joined=on_joined/> }
            .into_any()
    };
    move || {
        some.get().then(|| {
            view! {
                <Section title=title>
                    <div class="stack">
                        {each(move || all.get().into_iter().filter(belongs).collect::<Vec<_>>(), |collaboration| collaboration.id, card)}
                    </div>
                </Section>
            }
        })
    }
}
