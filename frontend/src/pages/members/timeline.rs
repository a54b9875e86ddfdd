//! What became of the invitation, told line by line.

use accord_api_types::{Member, TimelineEvent, TimelineEventKind, TimelineQuery};
use leptos::prelude::*;

use crate::components::{Button, Empty, Glyph, Icon, RelativeTime, Skeleton, Tone, each, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

/// How much is shown at first: the newest.
const AT_FIRST: usize = 8;

/// The member's timeline; it is asked for again whenever the member is.
#[component]
pub(super) fn Timeline(member: Signal<Member>) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let events = Remote::new(move || {
        let (client, id) = (session.client(), member.with(|member| member.id));
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                let query = TimelineQuery {
                    limit,
                    cursor,
                    ..TimelineQuery::default()
                };
                async move { client.member_timeline(account_id, id, &query).await }
            })
            .await
        }
    })
    .follows(&[Topic::Members]);
    screen(
        events,
        Skeleton::Rows(3),
        Vec::is_empty,
        || view! { <Empty icon=Icon::Clock title="Nothing is recorded" text="What becomes of the invitation appears here."/> },
        move |events| view! { <Lines events=events/> },
    )
}

#[component]
fn Lines(events: Signal<Vec<TimelineEvent>>) -> impl IntoView {
    let whole = RwSignal::new(false);
    let hidden = move || events.with(Vec::len).saturating_sub(AT_FIRST);
    let shown = move || {
        let mut events = events.get();
        if !whole.get() {
            events.truncate(AT_FIRST);
        }
        events
    };
    view! {
        <ol class="card timeline">
            {each(shown, |event| (event.at, event.event.as_str(), event.detail.clone()), |event| view! { <Line event=event/> }.into_any())}
        </ol>
        {move || (!whole.get() && hidden() > 0).then(|| view! {
            <p class="list-more"><Button on_press=Callback::new(move |()| whole.set(true))>{format!("Show {} more", hidden())}</Button></p>
        })}
    }
}

#[component]
fn Line(event: TimelineEvent) -> impl IntoView {
    let (icon, tone, words) = words(event.event);
    let detail = event
        .detail
        .map(|detail| detail_in_words(event.event, &detail));
    view! {
        <li class="timeline-line">
            <span class="told-icon" data-tone=tone.as_str()><Glyph icon=icon size=14/></span>
            <span class="timeline-words">
                <span>{words}</span>
                {detail.map(|detail| view! { <span class="muted">{detail}</span> })}
            </span>
            <span class="muted timeline-time"><RelativeTime at=event.at/></span>
        </li>
    }
}

const fn words(event: TimelineEventKind) -> (Icon, Tone, &'static str) {
    match event {
        TimelineEventKind::Invited => (Icon::UserPlus, Tone::Info, "Invited"),
        TimelineEventKind::Reinvited => (Icon::UserPlus, Tone::Info, "Invited again"),
        TimelineEventKind::Resent => (
            Icon::Send,
            Tone::Info,
            "Invitation sent again: a new link, the old one is dead",
        ),
        TimelineEventKind::LinkMade => (
            Icon::Link,
            Tone::Info,
            "Link made to be copied: the one before is dead",
        ),
        TimelineEventKind::MailQueued => {
            (Icon::Mail, Tone::Info, "Mail written, waiting to be sent")
        }
        TimelineEventKind::MailKept => (
            Icon::Mail,
            Tone::Info,
            "Mail written; no mail server is set up, so it stays here. Copy the link instead",
        ),
        TimelineEventKind::MailDelayed => (
            Icon::Hourglass,
            Tone::Warn,
            "Mail not handed over yet; it is tried again",
        ),
        TimelineEventKind::MailSent => (Icon::Send, Tone::Good, "Mail handed to the mail server"),
        TimelineEventKind::MailGivenUp => (Icon::TriangleAlert, Tone::Bad, "Mail given up"),
        TimelineEventKind::Opened => (Icon::Eye, Tone::Good, "Invitation opened by a person"),
        TimelineEventKind::Expired => (Icon::Hourglass, Tone::Warn, "Invitation expired undecided"),
        TimelineEventKind::Accepted => (Icon::CircleCheck, Tone::Good, "Accepted"),
        TimelineEventKind::Rejected => (Icon::CircleX, Tone::Bad, "Rejected"),
        TimelineEventKind::Suspended => (Icon::CirclePause, Tone::Warn, "Suspended"),
        TimelineEventKind::Activated => (Icon::CirclePlay, Tone::Good, "Activated again"),
        TimelineEventKind::Left => (Icon::DoorOpen, Tone::Warn, "Left"),
        TimelineEventKind::Removed => (Icon::UserX, Tone::Bad, "Removed"),
    }
}

/// Why it did not work is the mail server's own sentence; everything else was done by somebody.
fn detail_in_words(event: TimelineEventKind, detail: &str) -> String {
    match event {
        TimelineEventKind::MailDelayed | TimelineEventKind::MailGivenUp => detail.to_owned(),
        _ => format!("by {detail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_happen_has_its_words() {
        let mut said: Vec<&str> = TimelineEventKind::ALL
            .iter()
            .map(|event| words(*event).2)
            .collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(
            said.len(),
            TimelineEventKind::ALL.len(),
            "two are said alike"
        );
    }

    #[test]
    fn a_person_did_it_or_a_server_says_why() {
        assert_eq!(
            detail_in_words(TimelineEventKind::Suspended, "Olga"),
            "by Olga"
        );
        assert_eq!(
            detail_in_words(TimelineEventKind::MailGivenUp, "550 no such user"),
            "550 no such user"
        );
    }
}
