//! What every handler works with.

use std::sync::Arc;

use accord_service::{Clock, Randomness, Service, ServiceError};
use accord_store::Db;
use actix_web::web::Bytes;
use ipnet::IpNet;
use uuid::Uuid;

use crate::blocking::Blocking;
use crate::openapi::PathTable;
use crate::problem::ApiError;
use crate::settings::PublicUrl;

/// The state of the application, shared by all of its threads.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) service: Service,
    pub(crate) db: Db,
    pub(crate) blocking: Blocking,
    pub(crate) public_url: PublicUrl,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Whether the development mailbox is served, to this machine alone.
    pub(crate) development_mailbox: bool,
    /// The OpenAPI document as it is served.
    pub(crate) document: Bytes,
    /// Which methods each path has.
    pub(crate) paths: Arc<PathTable>,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
}

impl App {
    /// Runs a use case on a thread that may block.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        self.blocking.run(&self.service, work).await
    }

    /// The same for a use case that hashes a password.
    pub(crate) async fn run_hashing<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        self.blocking.run_hashing(&self.service, work).await
    }

    pub(crate) fn new_id<T: From<Uuid>>(&self) -> T {
        self.randomness.id(self.clock.now())
    }
}
