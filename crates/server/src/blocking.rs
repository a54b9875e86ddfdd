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

/// Calls at the same time. Most of them wait for the database.
const PLACES: usize = 64;
/// Calls at the same time that hash a password, so that a crowd at the sign-in leaves room for others.
const HASHING_PLACES: usize = 16;
/// Looks of event streams at the same time, so that a change that concerns many leaves room for calls.
const WATCHING_PLACES: usize = 4;
/// Checks at the same time that are not answered from memory at once: where they wait for one large index to
/// be made, they leave room for calls.
const CHECKING_PLACES: usize = 16;
/// The longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs use cases.
#[derive(Clone, Debug)]
pub(crate) struct Blocking {
    places: Arc<Semaphore>,
    hashing_places: Arc<Semaphore>,
    watching_places: Arc<Semaphore>,
    checking_places: Arc<Semaphore>,
    patience: Duration,
}

impl Blocking {
    pub(crate) fn new() -> Self {
        Self::with(PLACES, HASHING_PLACES, PATIENCE)
    }

    fn with(places: usize, hashing_places: usize, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            hashing_places: Arc::new(Semaphore::new(hashing_places)),
            watching_places: Arc::new(Semaphore::new(WATCHING_PLACES)),
            checking_places: Arc::new(Semaphore::new(CHECKING_PLACES)),
            patience,
        }
    }

    /// Runs a use case. Once begun it goes on to its end, even if the caller hangs up.
    pub(crate) async fn run<T, F>(&self, service: &Service, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        let service = service.clone();
        self.enter(&self.places, move || work(&service))
            .await?
            .map_err(ApiError::from)
    }

    /// The same for a use case that hashes a password.
    pub(crate) async fn run_hashing<T, F>(&self, service: &Service, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        let service = service.clone();
        self.enter(&self.hashing_places, move || work(&service))
            .await?
            .map_err(ApiError::from)
    }

    /// The same for a look of an event stream.
    pub(crate) async fn run_watching<T, F>(&self, service: &Service, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        let service = service.clone();
        self.enter(&self.watching_places, move || work(&service))
            .await?
            .map_err(ApiError::from)
    }

    /// The same for checks.
    pub(crate) async fn run_checking<T, F>(&self, service: &Service, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        let service = service.clone();
        self.enter(&self.checking_places, move || work(&service))
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
        let blocking = Blocking::with(1, 1, Duration::from_millis(20));
        let held = Arc::clone(&blocking.places)
            .acquire_owned()
            .await
            .expect("a place");
        let refused = blocking
            .enter(&blocking.places, || ())
            .await
            .expect_err("no place is free");
        assert_eq!(refused.code(), ErrorCode::Unavailable);
        blocking
            .enter(&blocking.hashing_places, || ())
            .await
            .expect("another door is open");
        drop(held);
        blocking
            .enter(&blocking.places, || ())
            .await
            .expect("a place is free again");
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
