//! Where use cases run: threads that may block on the database, apart from those that serve
//! connections, and not more of them than is good.

use std::sync::Arc;
use std::time::Duration;

use accord_api_types::ErrorCode;
use accord_service::{Service, ServiceError};
use accord_store::take_written;
use tokio::sync::Semaphore;

use crate::problem::ApiError;
use crate::revisions;

/// The longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Through which a use case comes in. Each has so many places, so that a crowd at one leaves room at the others.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// Most calls wait for the database.
    Calls,
    /// What hashes a password.
    Hashing,
    /// Looks of event streams: a change may concern many of them.
    Watching,
    /// Checks that are not answered from memory at once: they may wait for one large index to be made.
    Checking,
    /// What would come of a change: each works on a copy of the account's access index.
    Previewing,
}

/// The places behind each door.
#[derive(Clone, Debug)]
struct Places {
    calls: Arc<Semaphore>,
    hashing: Arc<Semaphore>,
    watching: Arc<Semaphore>,
    checking: Arc<Semaphore>,
    previewing: Arc<Semaphore>,
}

impl Places {
    fn behind(&self, door: Door) -> &Arc<Semaphore> {
        match door {
            Door::Calls => &self.calls,
            Door::Hashing => &self.hashing,
            Door::Watching => &self.watching,
            Door::Checking => &self.checking,
            Door::Previewing => &self.previewing,
        }
    }
}

/// Runs use cases.
#[derive(Clone, Debug)]
pub(crate) struct Blocking {
    places: Places,
    patience: Duration,
}

impl Blocking {
    pub(crate) fn new() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            places: Places {
                calls: places(64),
                hashing: places(16),
                watching: places(4),
                checking: places(16),
                previewing: places(4),
            },
            patience: PATIENCE,
        }
    }

    /// Runs a use case. Once begun it goes on to its end, even if the caller hangs up.
    pub(crate) async fn run<T, F>(
        &self,
        door: Door,
        service: &Service,
        work: F,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        let service = service.clone();
        self.enter(self.places.behind(door), move || work(&service))
            .await?
            .map_err(ApiError::from)
    }

    async fn enter<T, F>(&self, places: &Arc<Semaphore>, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = tokio::time::timeout(self.patience, Arc::clone(places).acquire_owned())
            .await
            .map_err(|_| {
                tracing::warn!("all places for calls are taken");
                ApiError::new(ErrorCode::Unavailable)
            })?
            .map_err(|_| ApiError::internal("the places for calls are closed"))?;
        let span = tracing::Span::current();
        let (outcome, written) = tokio::task::spawn_blocking(move || {
            let _place = place;
            // Whatever an earlier call left on this thread is not this one's.
            take_written();
            let outcome = span.in_scope(work);
            (outcome, take_written())
        })
        .await
        .map_err(|error| ApiError::internal(format!("a use case did not finish: {error}")))?;
        revisions::note(written);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_house_is_said_so() {
        let blocking = Blocking {
            patience: Duration::from_millis(20),
            ..Blocking::new()
        };
        let one = Arc::new(Semaphore::new(1));
        let held = Arc::clone(&one).acquire_owned().await.expect("a place");
        let refused = blocking
            .enter(&one, || ())
            .await
            .expect_err("no place is free");
        assert_eq!(refused.code(), ErrorCode::Unavailable);
        drop(held);
        blocking
            .enter(&one, || ())
            .await
            .expect("a place is free again");
    }

    #[test]
    fn a_crowd_at_one_door_leaves_room_at_the_others() {
        let places = Blocking::new().places;
        let doors = [
            Door::Calls,
            Door::Hashing,
            Door::Watching,
            Door::Checking,
            Door::Previewing,
        ];
        for (at, door) in doors.into_iter().enumerate() {
            for other in &doors[at + 1..] {
                assert!(!Arc::ptr_eq(places.behind(door), places.behind(*other)));
            }
        }
    }

    #[tokio::test]
    async fn a_defect_is_an_internal_error() {
        let failed = Blocking::new()
            .enter(&Arc::new(Semaphore::new(1)), || panic!("a defect"))
            .await
            .map(|(): ()| ())
            .expect_err("it panicked");
        assert_eq!(failed.code(), ErrorCode::Internal);
    }
}
