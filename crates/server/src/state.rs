//! What every handler works with.

use std::sync::Arc;

use accord_domain::email::EmailAddress;
use accord_service::{
    AccountView, Clock, KeyClaim, Randomness, RequestInfo, Service, ServiceError,
};
use accord_store::Db;
use actix_web::web::Bytes;
use ipnet::IpNet;
use uuid::Uuid;

use crate::blocking::{Blocking, Door};
use crate::limits::{Kind, Limits, network_of};
use crate::metrics::Metrics;
use crate::openapi::PathTable;
use crate::problem::ApiError;
use crate::settings::PublicUrl;
use crate::streams::Streams;

/// The state of the application, shared by all of its threads.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) service: Service,
    pub(crate) db: Db,
    pub(crate) blocking: Blocking,
    pub(crate) limits: Arc<Limits>,
    pub(crate) streams: Streams,
    pub(crate) public_url: PublicUrl,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Networks from which the metrics may be read.
    pub(crate) metrics_from: Vec<IpNet>,
    pub(crate) metrics: Arc<Metrics>,
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
        self.run_at(Door::Calls, work).await
    }

    /// The same for a use case that comes in through that door.
    pub(crate) async fn run_at<T, F>(&self, door: Door, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        self.blocking.run(door, &self.service, work).await
    }

    /// The same for a use case that hashes a password.
    pub(crate) async fn run_hashing<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    {
        self.run_at(Door::Hashing, work).await
    }

    /// Counts a try from that network.
    pub(crate) fn limit_network(&self, kind: Kind, request: &RequestInfo) -> Result<(), ApiError> {
        self.limits.take(
            kind,
            &network_of(&request.network_address),
            self.clock.now(),
        )
    }

    /// Whether a try from that network is left, without counting one.
    pub(crate) fn check_network(&self, kind: Kind, request: &RequestInfo) -> Result<(), ApiError> {
        self.limits.check(
            kind,
            &network_of(&request.network_address),
            self.clock.now(),
        )
    }

    /// Counts a try for that account or address.
    pub(crate) fn limit(&self, kind: Kind, whose: &str) -> Result<(), ApiError> {
        self.limits.take(kind, whose, self.clock.now())
    }

    /// Counts a try to sign in, from that network and to that address. What is no address finds no
    /// account anyway.
    pub(crate) fn limit_sign_in(&self, email: &str, request: &RequestInfo) -> Result<(), ApiError> {
        self.limit_network(Kind::SignIn, request)?;
        let Ok(address) = EmailAddress::parse(email) else {
            return Ok(());
        };
        let network = network_of(&request.network_address);
        self.limits
            .take_sign_in(&address.key(), &network, self.clock.now())
    }

    /// Notes that somebody proved to be the account's person, from that network.
    pub(crate) fn is_here(&self, account: &AccountView, request: &RequestInfo) {
        let network = network_of(&request.network_address);
        self.limits
            .is_here(&account.email_key, &network, self.clock.now());
    }

    /// Counts what succeeds, so that nobody uses up another's tries by asking for what is refused.
    pub(crate) async fn limit_successes<T>(
        &self,
        kind: Kind,
        whose: &str,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        self.limits.check(kind, whose, self.clock.now())?;
        let done = work.await?;
        // Two at once may both have seen the last try; the later one has happened already.
        let _ = self.limits.take(kind, whose, self.clock.now());
        Ok(done)
    }

    /// The same, where nothing that is done is kept or counted.
    pub(crate) fn rehearsing(&self) -> Self {
        Self {
            service: self.service.rehearsing(),
            limits: Arc::new(Limits::new(false)),
            ..self.clone()
        }
    }

    /// The same, where what is done is noted as what the claim is for.
    pub(crate) fn carrying_out(&self, claim: &KeyClaim) -> Self {
        Self {
            service: self.service.carrying_out(claim),
            ..self.clone()
        }
    }

    pub(crate) fn new_id<T: From<Uuid>>(&self) -> T {
        self.randomness.id(self.clock.now())
    }
}
