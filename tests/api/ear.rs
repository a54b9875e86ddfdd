//! Somebody who listens to what is new for them.

use std::time::Duration;

use accord_client::Events;
use accord_client::types::{Event, StreamEnd, Task};
use accord_testkit::Person;

/// Much less than a stream waits before it looks by itself: what comes within it was heard.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(10);

/// Somebody who listens.
pub(crate) struct Ear {
    pub(crate) events: Events,
    pub(crate) heard: Vec<Event>,
}

impl Ear {
    /// Listens from now on.
    pub(crate) async fn of(person: &Person) -> Self {
        Self::from(person, None).await
    }

    pub(crate) async fn from(person: &Person, last_event_id: Option<&str>) -> Self {
        let events = person.events(last_event_id).await.expect("a stream");
        let mut ear = Self {
            events,
            heard: Vec::new(),
        };
        assert_eq!(ear.next().await, Some(Event::Ready), "what it begins with");
        ear
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let next = tokio::time::timeout(AT_ONCE, self.events.next()).await;
        let event = next
            .unwrap_or_else(|_| panic!("nothing more came after {:#?}", self.heard))
            .map(|event| event.expect("an event"));
        self.heard.extend(event.clone());
        event
    }

    /// Waits for an event, and answers what came before it.
    pub(crate) async fn hears(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut before = Vec::new();
        loop {
            match self.next().await {
                Some(event) if is_it(&event) => return before,
                Some(event) => before.push(event),
                None => panic!("the stream ended before: {what}"),
            }
        }
    }

    /// Waits for an entry of the record.
    pub(crate) async fn hears_of(&mut self, action: &str) -> Task {
        loop {
            match self.next().await {
                Some(Event::Task { task, .. }) if task.action == action => return *task,
                Some(_) => {}
                None => panic!("the stream ended before {action}"),
            }
        }
    }

    pub(crate) async fn ends(mut self, because: StreamEnd) {
        let end = Event::End { reason: because };
        self.hears("the end", |event| *event == end).await;
        assert_eq!(self.next().await, None, "it is closed");
    }
}

pub(crate) fn is_access(owner: &Person) -> impl Fn(&Event) -> bool {
    let account_id = owner.id;
    move |event| *event == Event::Access { account_id }
}
