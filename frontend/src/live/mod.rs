//! What happens elsewhere, as it happens. One tab holds the stream of events for all tabs of the
//! browser, and screens ask again for what an event concerns.

mod model;
mod tabs;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use accord_api_types::{Collaboration, Event, PageQuery, StreamEnd, Uuid};
use accord_client::Events;
use accord_client::tabs::{Turn, turn};
use futures_util::future::{Abortable, Either, abortable, select};
use futures_util::pin_mut;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::Toasts;
use crate::failure::Failure;
use crate::listing::every_page;
use crate::session::Session;
pub(crate) use model::Topic;
use model::{pause_before, topics_of, what_became};
use tabs::{Tabs, Word, chance, pause, until};

/// Events that come together are answered together.
const GATHER: Duration = Duration::from_millis(60);
/// The server says something at least every fifteen seconds; a stream that is silent for longer than
/// this is broken.
const SILENCE: Duration = Duration::from_secs(40);

/// The live part of the dashboard of one signed-in person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    session: Session,
    toasts: Toasts,
    /// Counts the changes of each topic.
    changes: StoredValue<Vec<(Topic, RwSignal<u32>)>>,
    /// Topics of events that were not passed on yet.
    gathered: StoredValue<BTreeSet<Topic>>,
    /// What the person knew of their collaborations when they were last looked at.
    collaborations: StoredValue<Option<Vec<Collaboration>>>,
}

impl Live {
    /// Begins to listen, until what is around is left.
    pub(crate) fn start() {
        let session = Session::current();
        let live = Self {
            session,
            toasts: Toasts::current(),
            changes: StoredValue::new(
                Topic::ALL
                    .iter()
                    .map(|topic| (*topic, RwSignal::new(0)))
                    .collect(),
            ),
            gathered: StoredValue::new(BTreeSet::new()),
            collaborations: StoredValue::new(None),
        };
        provide_context(live);
        let account = session.account_id();
        // What another tab hears is heard here too, and what it refreshes need not be refreshed here.
        let client = session.client();
        let tabs = Tabs::of(account, {
            let client = client.clone();
            move |word| match word {
                Word::Event(event) => live.hear(&event),
                Word::Token(token) => client.take_over(&token),
            }
        });
        client.tell_of_refreshes(Some(Arc::new(move |token: &str| tabs.give(token))));
        on_cleanup(move || client.tell_of_refreshes(None));
        let (listening, stop) = abortable(live.listen(account, tabs));
        spawn_local(finish(listening));
        on_cleanup(move || stop.abort());
    }

    /// Lets the effect that runs follow these topics.
    pub(crate) fn track(self, topics: &[Topic]) {
        self.changes.with_value(|changes| {
            for (topic, count) in changes {
                if topics.contains(topic) {
                    count.track();
                }
            }
        });
    }

    /// Waits for this tab's turn, and then holds the stream for all tabs.
    async fn listen(self, account: Uuid, tabs: Tabs) {
        let name = format!("accord-events-{account}");
        let mut held = turn(&name).await;
        let mut last_event_id: Option<String> = None;
        let mut failures = 0;
        loop {
            if is_lost(held.as_ref()) {
                // It is given back before another is waited for.
                held.take();
                held = turn(&name).await;
            }
            let client = self.session.client();
            match client.events(last_event_id.as_deref()).await {
                Ok(mut events) => {
                    while let Some(event) = next_of(&mut events).await {
                        if is_lost(held.as_ref()) {
                            break;
                        }
                        failures = 0;
                        let Some(event) = event else { continue };
                        tabs.tell(&event);
                        if is_end_of_session(&event) {
                            self.look_at_session().await;
                        } else {
                            self.hear(&event);
                        }
                    }
                    last_event_id = events.last_event_id().map(str::to_owned);
                }
                Err(error) => self.session.notice(&Failure::from(error)),
            }
            // Until the person has signed in again there is nothing to listen to.
            until(self.session.ended, false).await;
            pause(pause_before(failures, chance())).await;
            failures = failures.saturating_add(1);
        }
    }

    /// Something happened; screens that show it ask again.
    fn hear(self, event: &Event) {
        if is_end_of_session(event) {
            spawn_local(self.look_at_session());
            return;
        }
        let Some(first) = self.gathered.try_update_value(|gathered| {
            let first = gathered.is_empty();
            gathered.extend(topics_of(event));
            first && !gathered.is_empty()
        }) else {
            return;
        };
        if first {
            set_timeout(move || self.pass_on(), GATHER);
        }
    }

    fn pass_on(self) {
        let Some(topics) = self.gathered.try_update_value(std::mem::take) else {
            return;
        };
        if self.session.is_leaving() {
            return;
        }
        if topics.contains(&Topic::Account) {
            self.session.reload_account();
        }
        if topics.contains(&Topic::Collaborations) {
            self.look_at_collaborations();
        }
        let counts: Vec<RwSignal<u32>> = self.changes.with_value(|changes| {
            changes
                .iter()
                .filter(|(topic, _)| topics.contains(topic))
                .map(|(_, count)| *count)
                .collect()
        });
        for count in counts {
            count.update(|count| *count = count.wrapping_add(1));
        }
    }

    /// The session is said to be over; only the server knows.
    async fn look_at_session(self) {
        if let Err(error) = self.session.client().refresh().await {
            self.session.notice(&error.into());
        }
    }

    /// Tells the person what others changed about what is shared with them.
    fn look_at_collaborations(self) {
        let client = self.session.client();
        spawn_local(async move {
            let now = every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .collaborations(&PageQuery {
                            limit,
                            cursor,
                            ..PageQuery::default()
                        })
                        .await
                }
            })
            .await;
            // The next event, or the screen that shows them, makes up for a failure.
            let Ok(now) = now else { return };
            let before = self
                .collaborations
                .try_update_value(|known| known.replace(now.clone()))
                .flatten();
            for words in before
                .map(|before| what_became(&before, &now))
                .unwrap_or_default()
            {
                self.toasts.news(words);
            }
        });
    }
}

/// Another tab listens by now.
fn is_lost(turn: Option<&Turn>) -> bool {
    turn.is_some_and(|turn| !turn.is_held())
}

fn is_end_of_session(event: &Event) -> bool {
    matches!(event, Event::End { reason } if *reason == StreamEnd::SessionEnded)
}

/// Runs until it is given up; what it holds is let go then.
async fn finish<F: Future<Output = ()>>(listening: Abortable<F>) {
    // Being given up is how it ends.
    let _ = listening.await;
}

/// The next event or sign of life; nothing when the stream is over or broken.
async fn next_of(events: &mut Events) -> Option<Option<Event>> {
    let piece = events.piece();
    let silence = pause(SILENCE);
    pin_mut!(piece, silence);
    match select(piece, silence).await {
        Either::Left((piece, _)) => piece?.ok(),
        Either::Right(_) => None,
    }
}
