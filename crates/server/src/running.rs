//! Starting and stopping the server.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use accord_mail::Worker;
use accord_service::{Clock, LOOK_FOR_ENDS_EVERY, Parts, Randomness, SWEEP_EVERY, Service};
use accord_store::{Db, StoreError, Takeover};
use accord_webhooks::{Resolver, Sender};
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use utoipa_actix_web::AppExt as _;

use crate::blocking::Blocking;
use crate::dashboard::Dashboard;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::openapi::{self, PathTable};
use crate::problem::Answer;
use crate::request::surround;
use crate::settings::{PublicUrl, Settings};
use crate::state::App;
use crate::streams::Streams;
use crate::{dashboard, docs, mailbox, routes};

/// Readers on SQLite, connections on PostgreSQL.
const DATABASE_CONNECTIONS: u32 = 16;
/// The longest that the head of a request may take to arrive, so that slow callers hold nothing.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection waits for its next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests under way may go on when the program stops.
const STOP_PATIENCE_SECONDS: u64 = 20;
const MOST_CONNECTIONS_PER_WORKER: usize = 10_000;

/// Why the server does not start; each is a sentence for the operator.
#[derive(Debug)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    /// The database cannot be reached or migrated.
    Database(StoreError),
    /// The service found something in the database that does not fit.
    Service(accord_service::StartError),
    /// The server itself.
    Server(std::io::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listen { address, error } => {
                write!(
                    f,
                    "Accord cannot listen on {address} (ACCORD_LISTEN): {error}."
                )
            }
            Self::Database(error) => {
                write!(
                    f,
                    "The database (ACCORD_DATABASE_URL) cannot be used: {error}."
                )
            }
            Self::Service(error) => write!(f, "Accord cannot start on this database: {error}."),
            Self::Server(error) => write!(f, "The server cannot start: {error}."),
        }
    }
}

impl std::error::Error for StartError {}

/// A server that runs. Stop it, or it runs on.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    public_url: PublicUrl,
    service: Service,
    db: Db,
    streams: Streams,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    mail: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    webhooks: (oneshot::Sender<()>, JoinHandle<()>),
    chores: [JoinHandle<()>; 2],
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of its links.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.public_url.as_str()
    }

    /// The use cases behind it.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The database behind it.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Finishes the requests, mails and webhooks that are under way, and stops.
    pub async fn stop(self) {
        self.streams.stop();
        self.handle.stop(true).await;
        self.finish().await;
    }

    /// Stops at once: requests under way break off, as they do when a machine goes down.
    pub async fn abort(self) {
        self.streams.stop();
        self.handle.stop(false).await;
        self.finish().await;
    }

    async fn finish(self) {
        self.chores.iter().for_each(JoinHandle::abort);
        match self.server.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the server ended with an error"),
            Err(error) => tracing::error!(%error, "the server broke down"),
        }
        let workers = self.mail.map(|mail| ("mail", mail));
        for (which, (stop, worker)) in workers.into_iter().chain([("webhook", self.webhooks)]) {
            // A worker that is gone already needs no telling.
            let _ = stop.send(());
            if let Err(error) = worker.await {
                tracing::error!(%error, which, "a worker broke down");
            }
        }
    }
}

/// Connects to the database and brings its schema up to date.
///
/// # Errors
/// When it cannot be reached or migrated.
pub fn migrate(settings: &Settings) -> Result<Db, StartError> {
    let db = Db::connect(settings.database_url.reveal(), DATABASE_CONNECTIONS)
        .map_err(StartError::Database)?;
    db.migrate().map_err(StartError::Database)?;
    Ok(db)
}

/// The use cases on the migrated database.
///
/// # Errors
/// When the catalogue or the secrets do not fit what is stored.
pub fn open_service(
    settings: &Settings,
    db: Db,
    public_url: &PublicUrl,
    clock: Clock,
    randomness: Randomness,
    mail_queued: Arc<Notify>,
) -> Result<Service, StartError> {
    let mut decided = accord_service::Settings::new(public_url.to_string());
    decided.sign_up_open = settings.sign_up_open;
    decided.upgrade_open = settings.upgrade_open;
    decided.mail_server = settings.smtp.is_some();
    decided.share_reminder = settings.share_reminder;
    decided.webhook_addresses = settings.webhook_addresses.clone();
    decided.hashing_at_once = processors();
    Service::start(Parts {
        db,
        catalogue: settings.catalogue.clone(),
        keys: settings.keys.clone(),
        clock,
        randomness,
        settings: decided,
        mail_queued,
    })
    .map_err(StartError::Service)
}

/// Starts the server and the workers that send mail and webhooks. Several can run in one process.
///
/// # Errors
/// When the address cannot be listened on or the database not be used.
pub async fn start(
    settings: Settings,
    clock: Clock,
    randomness: Randomness,
) -> Result<Running, StartError> {
    // The libraries ask for one provider of cryptography in the process; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listen_error = |error| StartError::Listen {
        address: settings.listen,
        error,
    };
    let listener = TcpListener::bind(settings.listen).map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let public_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| PublicUrl::of_address(address));

    let mail_queued = Arc::new(Notify::new());
    let opening = {
        let (settings, public_url) = (settings.clone(), public_url.clone());
        let (clock, randomness, mail_queued) =
            (clock.clone(), randomness.clone(), Arc::clone(&mail_queued));
        tokio::task::spawn_blocking(move || {
            let db = migrate(&settings)?;
            let service = open_service(
                &settings,
                db.clone(),
                &public_url,
                clock,
                randomness,
                mail_queued,
            )?;
            Ok((db, service))
        })
    };
    let (db, service) = opening
        .await
        .map_err(|error| StartError::Server(std::io::Error::other(error)))??;

    let mail = settings.smtp.clone().map(|transport| {
        let (stop, stopped) = oneshot::channel();
        let worker = Worker {
            db: db.clone(),
            sealer: service.link_sealer().clone(),
            transport,
            clock: {
                let clock = clock.clone();
                Arc::new(move || clock.now())
            },
            wake: mail_queued,
            public_url: public_url.to_string(),
            given_up: {
                let service = service.clone();
                Arc::new(move |tx, mail, now| service.mail_given_up(tx, mail, now))
            },
            takeover: Takeover::default(),
        };
        let until_stopped = async {
            let _ = stopped.await;
        };
        (stop, tokio::spawn(worker.run(until_stopped)))
    });

    let chores = [
        tokio::spawn(now_and_then(service.clone(), SWEEP_EVERY, |service| {
            service.sweep()
        })),
        tokio::spawn(now_and_then(
            service.clone(),
            LOOK_FOR_ENDS_EVERY,
            Service::tell_of_share_ends,
        )),
    ];
    let webhooks = {
        let (stop, stopped) = oneshot::channel();
        let worker = accord_webhooks::Worker {
            db: db.clone(),
            sealer: service.webhook_sealer().clone(),
            sender: Sender::new(
                settings.webhook_addresses.clone(),
                Resolver::system(),
                settings.webhook_authorities.clone(),
            ),
            clock: {
                let clock = clock.clone();
                Arc::new(move || clock.now())
            },
            switched_off: {
                let service = service.clone();
                Arc::new(move |tx, webhook, now| service.webhook_switched_off(tx, webhook, now))
            },
            takeover: Takeover::default(),
        };
        let until_stopped = async {
            let _ = stopped.await;
        };
        (stop, tokio::spawn(worker.run(until_stopped)))
    };

    let streams = Streams::new();
    let document = openapi::document();
    let state = web::Data::new(App {
        service: service.clone(),
        db: db.clone(),
        blocking: Blocking::new(),
        limits: Arc::new(Limits::new(settings.rate_limits)),
        streams: streams.clone(),
        development_mailbox: settings.smtp.is_none() && public_url.is_loopback(),
        public_url: public_url.clone(),
        trusted_proxies: settings.trusted_proxies,
        metrics_from: settings.metrics_from,
        metrics: Arc::new(
            Metrics::new(&document)
                .map_err(|error| StartError::Server(std::io::Error::other(error)))?,
        ),
        paths: Arc::new(PathTable::new(&document)),
        document: openapi::pretty(&document).into(),
        clock,
        randomness,
    });
    say_where(&state, address);
    let server = serve(listener, state).map_err(StartError::Server)?;
    let handle = server.handle();
    Ok(Running {
        address,
        public_url,
        service,
        db,
        streams,
        handle,
        server: tokio::spawn(server),
        mail,
        webhooks,
        chores,
    })
}

/// Does something again and again. What one round leaves behind, because the database was away or the
/// program stopped, the next one takes.
async fn now_and_then(
    service: Service,
    pause: Duration,
    chore: fn(&Service) -> accord_service::Result<()>,
) {
    loop {
        let service = service.clone();
        match tokio::task::spawn_blocking(move || chore(&service)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a chore is left for the next round"),
            Err(error) => tracing::error!(%error, "a chore broke down"),
        }
        tokio::time::sleep(pause).await;
    }
}

fn serve(listener: TcpListener, state: web::Data<App>) -> std::io::Result<actix_web::dev::Server> {
    let dashboard = web::Data::new(Dashboard::from_environment());
    Ok(HttpServer::new(move || {
        let (app, _) = ActixApp::new()
            .into_utoipa_app()
            .configure(routes::configure)
            .split_for_parts();
        app.app_data(state.clone())
            .app_data(dashboard.clone())
            .configure(docs::configure)
            .configure(mailbox::configure)
            .configure(routes::configure_one_click)
            .default_service(web::to(anything_else))
            .wrap(from_fn(surround))
    })
    .workers(processors().max(2))
    .max_connections(MOST_CONNECTIONS_PER_WORKER)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(HEAD_PATIENCE)
    .shutdown_timeout(STOP_PATIENCE_SECONDS)
    .disable_signals()
    .listen(listener)?
    .run())
}

/// What no route took: the API says so in its own words, everything else is the dashboard's.
async fn anything_else(
    request: HttpRequest,
    state: web::Data<App>,
    dashboard: web::Data<Dashboard>,
) -> Answer {
    let path = request.path();
    let ours = [
        "/api", "/dev", "/docs", "/errors", "/livez", "/readyz", "/metrics",
    ];
    let is_ours = ours.iter().any(|ours| {
        path.strip_prefix(ours)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if is_ours {
        return routes::no_operation(request, state).await;
    }
    let page: HttpResponse = dashboard::serve(request, dashboard).await;
    Ok(page)
}

fn say_where(state: &App, address: SocketAddr) {
    tracing::info!(%address, public_url = %state.public_url, "Accord listens");
    if !state.public_url.is_secure() && !state.public_url.is_loopback() {
        tracing::warn!(
            "NO TLS: passwords and sessions can be read on their way to {}. Put a proxy that speaks TLS in \
             front, and set ACCORD_PUBLIC_URL to its https address.",
            state.public_url
        );
    }
    if state.development_mailbox {
        tracing::warn!(
            "NO MAIL SERVER IS SET UP: e-mail stays in the database, and this machine can read it at \
             {}/dev/mailbox. Set ACCORD_SMTP_URL to send it.",
            state.public_url
        );
    } else if !state.service.settings().mail_server {
        tracing::warn!(
            "NO MAIL SERVER IS SET UP: e-mail stays in the database. Set ACCORD_SMTP_URL to send it."
        );
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}
