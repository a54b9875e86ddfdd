//! Streams of server-sent events: each a watch of the service, kept going for as long as its session
//! lives and its reader reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use accord_api_types::{Event, StreamEnd};
use accord_domain::ids::AccountId;
use accord_service::{Clock, Service, Watch};
use actix_web::web::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval_at, sleep_until};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::blocking::{Blocking, Door};
use crate::problem::ApiError;
use crate::routes::tasks::task;

/// Streams of one account at the same time. A browser has one for all of its tabs; but that a page was left
/// is noticed only when something can no longer be sent to it, so whoever goes from page to page by their
/// addresses leaves a few behind.
const MOST_STREAMS: usize = 100;
/// Pieces that wait for a reader at most.
const MOST_WAITING: usize = 16;
/// How long a piece may wait for its reader, who is then given up: they come back and go on.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often something is sent although nothing is new, so that nobody on the way closes the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the session is looked at although nothing is heard: it may have expired.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(60);
/// How soon to look again after the database could not be asked.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
/// What is committed within this time is looked at together.
const GATHER: Duration = Duration::from_millis(20);
/// How soon a reader shall come back, in milliseconds.
const RETRY: u32 = 2_000;

/// The open streams.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
    stopping: watch::Sender<bool>,
}

impl Streams {
    pub(crate) fn new() -> Self {
        Self {
            open: Arc::default(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Ends all streams, and those that are asked for later at once.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// A place for one more stream of the account.
    pub(crate) fn enter(&self, account: AccountId) -> Result<Place, ApiError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(account).or_default();
        if *count >= MOST_STREAMS {
            return Err(ApiError::rate_limited(HEARTBEAT.as_secs()));
        }
        *count += 1;
        Ok(Place {
            streams: self.clone(),
            account,
        })
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().sum()
    }

    #[cfg(test)]
    fn count(&self, account: AccountId) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&account).copied().unwrap_or_default()
    }
}

/// One of an account's streams. Dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    account: AccountId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.account);
            }
        }
    }
}

/// What a stream works with.
#[derive(Debug)]
pub(crate) struct Telling {
    service: Service,
    blocking: Blocking,
    clock: Clock,
    watch: Arc<tokio::sync::Mutex<Watch>>,
    place: Place,
}

impl Telling {
    pub(crate) fn new(
        service: Service,
        blocking: Blocking,
        clock: Clock,
        watch: Watch,
        place: Place,
    ) -> Self {
        Self {
            service,
            blocking,
            clock,
            watch: Arc::new(tokio::sync::Mutex::new(watch)),
            place,
        }
    }

    /// Begins: the first look is answered as any call is, so that whoever may not listen hears why.
    pub(crate) async fn begin(self) -> Result<mpsc::Receiver<Bytes>, ApiError> {
        let first = self.look().await?;
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let mut text = format!("retry: {RETRY}\n\n");
        text.push_str(&written(first));
        // The channel is empty, so there is room.
        let _ = sender.try_send(text.into());
        tokio::spawn(self.go_on(sender).in_current_span());
        Ok(receiver)
    }

    async fn look(&self) -> Result<Vec<accord_service::Event>, ApiError> {
        let watch = Arc::clone(&self.watch);
        self.blocking
            .run(Door::Watching, &self.service, move |service| {
                watch.blocking_lock().look(service)
            })
            .await
    }

    /// Tells what is new until the session or the reader is gone, or the server stops.
    async fn go_on(self, sender: mpsc::Sender<Bytes>) {
        let mut stopping = self.place.streams.stopping.subscribe();
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        let mut look_at = self.next_look().await;
        loop {
            let piece = tokio::select! {
                biased;
                () = sender.closed() => return,
                () = stopped(&mut stopping) => {
                    let end = Event::End { reason: StreamEnd::Stopping };
                    // Whoever cannot take it any more comes back all the same.
                    let _ = sender.try_send(piece_of(None, &end).into());
                    return;
                }
                open = self.stirred() => {
                    if !open {
                        return;
                    }
                    tokio::time::sleep(GATHER).await;
                    self.news(&mut look_at).await
                }
                () = sleep_until(look_at) => self.news(&mut look_at).await,
                _ = heartbeat.tick() => Ok(":\n\n".to_owned()),
            };
            let (piece, over) = match piece {
                Ok(piece) => (piece, false),
                Err(piece) => (piece, true),
            };
            if !piece.is_empty() && sender.send_timeout(piece.into(), PATIENCE).await.is_err() {
                tracing::debug!("a reader of events is too slow, or gone");
                return;
            }
            if over {
                return;
            }
        }
    }

    async fn stirred(&self) -> bool {
        self.watch.lock().await.stirred().await
    }

    /// What is new, as text; as an error, the last piece.
    async fn news(&self, look_at: &mut Instant) -> Result<String, String> {
        match self.look().await {
            Ok(events) => {
                *look_at = self.next_look().await;
                Ok(written(events))
            }
            Err(error) if error.is_not_signed_in() => {
                let end = Event::End {
                    reason: StreamEnd::SessionEnded,
                };
                Err(piece_of(None, &end))
            }
            Err(_) => {
                *look_at = Instant::now() + AFTER_A_FAILURE;
                Ok(String::new())
            }
        }
    }

    async fn next_look(&self) -> Instant {
        let due = self.watch.lock().await.due();
        let until_due = due.map(|due| (due - self.clock.now()).to_std().unwrap_or_default());
        Instant::now() + until_due.map_or(LOOK_AT_LEAST_EVERY, |wait| wait.min(LOOK_AT_LEAST_EVERY))
    }
}

/// Waits until the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender lives as long as the streams do.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn written(events: Vec<accord_service::Event>) -> String {
    events
        .into_iter()
        .map(|event| {
            let (id, event) = travelling(event);
            piece_of(id, &event)
        })
        .collect()
}

/// The event as it travels, with the id by which a reader goes on from it.
fn travelling(event: accord_service::Event) -> (Option<Uuid>, Event) {
    use accord_service::Event as E;
    match event {
        E::Ready(id) => (Some(id), Event::Ready),
        E::Account => (None, Event::Account),
        E::Notification => (None, Event::Notification),
        E::Collaborations => (None, Event::Collaborations),
        E::Invitations => (None, Event::Invitations),
        E::Access(account) => {
            let account_id = account.into();
            (None, Event::Access { account_id })
        }
        E::Task(account, view) => {
            let task = Box::new(task(*view));
            let account_id = account.into();
            (Some(task.id), Event::Task { account_id, task })
        }
        E::Missed => (None, Event::Missed),
    }
}

/// An event in the form of the HTML standard. JSON has no line breaks outside of its escapes, so one
/// line of data is always enough.
fn piece_of(id: Option<Uuid>, event: &Event) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("event: {}\n{id}data: {data}\n\n", event.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_only_so_many_streams() {
        let streams = Streams::new();
        let (ada, bob) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let mut places: Vec<Place> = (0..MOST_STREAMS)
            .map(|_| streams.enter(ada).expect("room"))
            .collect();
        let refused = streams.enter(ada).expect_err("no room");
        assert_eq!(refused.code(), accord_api_types::ErrorCode::RateLimited);
        streams.enter(bob).expect("room for others");
        places.pop();
        places.push(streams.enter(ada).expect("room again"));
        drop(places);
        assert_eq!((streams.count(ada), streams.count(bob)), (0, 0));
    }

    #[test]
    fn an_event_is_one_paragraph() {
        let id = Uuid::from_u128(7);
        let event = Event::Access { account_id: id };
        assert_eq!(
            piece_of(Some(id), &event),
            format!(
                "event: access\nid: {id}\ndata: {{\"type\":\"access\",\"account_id\":\"{id}\"}}\n\n"
            )
        );
        assert!(piece_of(None, &Event::Ready).starts_with("event: ready\ndata: {"));
    }
}
