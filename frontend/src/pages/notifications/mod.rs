//! Notifications: everything that the person was told, and how they choose to be told.

mod preferences;

use accord_api_types::{Notification, NotificationPage, NotificationsQuery, Uuid};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, Column, Empty, Icon, IconButton, PageHeader, Select, Skeleton, Told, each,
    order_asked_for, orders, screen,
};
use crate::notices::{FOLLOWED, Notices};
use crate::remote::Remote;
use crate::session::Session;

pub(crate) use preferences::NotificationPreferences;

/// How many more are shown at a time.
const STEP: u32 = 50;

/// What the notifications can be sorted by.
const COLUMNS: [Column; 1] = [Column {
    name: "created_at",
    up: "Oldest first",
    down: "Newest first",
    down_first: true,
}];

/// The page.
#[component]
pub(crate) fn Notifications() -> impl IntoView {
    let session = Session::current();
    let notices = Notices::current();
    let (which, order) = (kept_in_address("which"), kept_in_address("sort"));
    let steps = RwSignal::new(1_u32);
    let shown = Remote::new(move || {
        notices.turn.track();
        let (client, steps) = (session.client(), steps.get());
        let unread = which.with(|which| which == "unread").then_some(true);
        let sort = order.with(|order| order_asked_for(&COLUMNS, order));
        async move {
            let mut whole = NotificationPage {
                items: Vec::new(),
                next_cursor: None,
                unread_count: 0,
            };
            for _ in 0..steps {
                let query = NotificationsQuery {
                    limit: Some(STEP),
                    cursor: whole.next_cursor.take(),
                    unread,
                    sort: Some(sort.clone()),
                };
                let page = client.notifications(&query).await?;
                whole.items.extend(page.items);
                whole.unread_count = page.unread_count;
                whole.next_cursor = page.next_cursor;
                if whole.next_cursor.is_none() {
                    break;
                }
            }
            Ok::<_, accord_client::Error>(whole)
        }
    })
    .follows(FOLLOWED);
    notices.also_in(shown);
    let mark_all = Callback::new(move |()| notices.mark_all(shown));
    let choices = vec![
        (String::new(), "All".to_owned()),
        ("unread".to_owned(), "Unread".to_owned()),
    ];
    view! {
        <PageHeader title="Notifications" lead="What happened to you and to what you share, for 90 days.">
            <a class="button" data-kind="secondary" href="/settings/notifications">"Preferences"</a>
            {move || (notices.unread() > 0).then(|| view! { <Button icon=Icon::Check on_press=mark_all>"Mark all as read"</Button> })}
        </PageHeader>
        <div class="toolbar">
            <Select label="Which notifications" bare=true value=which choices=choices/>
            <Select label="Order" bare=true value=order choices=orders(&COLUMNS)/>
            <span class="toolbar-end" role="status">{move || unread_in_words(notices.unread())}</span>
        </div>
        {screen(
            shown,
            Skeleton::Rows(5),
            |page| page.items.is_empty(),
            move || {
                let (title, text) = if which.with(|which| which == "unread") {
                    ("Nothing is unread", "You have read everything that you were told.")
                } else {
                    ("You were told nothing yet", "When somebody invites you, joins or leaves, or an environment is under strain, you see it here.")
                };
                view! { <Empty icon=Icon::Bell title=title text=text/> }
            },
            move |page| view! { <List page=page steps=steps/> },
        )}
    }
}

#[component]
fn List(page: Signal<NotificationPage>, steps: RwSignal<u32>) -> impl IntoView {
    let notices = Notices::current();
    let on_read = Callback::new(move |id: Uuid| notices.mark(id));
    let more = Callback::new(move |()| steps.update(|steps| *steps += 1));
    view! {
        <ul class="card told-list">
            {each(move || page.get().items, |told| (told.id, told.read_at.is_some(), told.params.alert.as_ref().map(|alert| alert.times)), move |told| view! {
                <Line told=told on_read=on_read/>
            }.into_any())}
        </ul>
        {move || page.with(|page| page.next_cursor.is_some()).then(|| view! {
            <p class="list-more"><Button on_press=more>"Show more"</Button></p>
        })}
    }
}

#[component]
fn Line(told: Notification, on_read: Callback<Uuid>) -> impl IntoView {
    let (id, unread) = (told.id, told.read_at.is_none());
    view! {
        <Told told=told on_read=on_read tools=move || unread.then(|| view! {
            <IconButton icon=Icon::Check label="Mark as read" on_press=Callback::new(move |()| on_read.run(id))/>
        })/>
    }
}

fn unread_in_words(unread: u64) -> String {
    match unread {
        0 => "All read".to_owned(),
        unread => format!("{unread} unread"),
    }
}
