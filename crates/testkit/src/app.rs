//! The real program in the test's own process: a free port, a fresh database, a clock that can be set.

use std::path::Path;
use std::time::Duration;

use accord_client::Client;
use accord_client::types::{AcceptInvitation, DateTime, SignIn, SignUp, Utc, Uuid, VerifyEmail};
use accord_domain::account::AccountKind;
use accord_domain::email::EmailAddress;
use accord_domain::ids::{ClaimId, CredentialId};
use accord_domain::text::DisplayName;
use accord_server::Running;
use accord_server::settings::{Options, PublicUrl, Settings, Switch};
use accord_service::{
    Clock, Credential, KeyOutcome, KeyedWrite, ProgramToken, Randomness, ServiceError,
};
use accord_store::idempotency::Claim;
use accord_store::webhook_deliveries::{self, NewDelivery};
use accord_store::{Db, StoreError};
use tempfile::TempDir;

use crate::clock::TestClock;
use crate::databases::{Backend, HeldDatabase, TestDatabase};
use crate::mailbox::{Mail, Post};
use crate::people::{PASSWORD, Person};
use crate::smtp::SmtpPeer;

/// A token of the platform, and a program that calls with it.
#[derive(Clone, Debug)]
pub struct PlatformToken {
    pub id: Uuid,
    pub secret: String,
    pub client: Client,
}

impl std::ops::Deref for PlatformToken {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A running Accord. It ends with the value, and its database with it.
#[derive(Debug)]
pub struct TestApp {
    /// The time that the server goes by.
    pub clock: TestClock,
    public_url: String,
    post: Post,
    options: Options,
    /// None while it is being restarted, or was stopped.
    running: Option<Running>,
    _folder: TempDir,
    _database: Option<TestDatabase>,
}

impl TestApp {
    /// Starts one that keeps mail in the development mailbox.
    pub async fn start(backend: Backend) -> Self {
        let database = TestDatabase::fresh(backend).await;
        Self::launch(database.url().to_owned(), Some(database), None, |_| {}).await
    }

    /// Starts one whose settings differ from what tests usually want.
    pub async fn start_with_settings(backend: Backend, change: impl FnOnce(&mut Options)) -> Self {
        let database = TestDatabase::fresh(backend).await;
        Self::launch(database.url().to_owned(), Some(database), None, change).await
    }

    /// Starts one that sends mail to this server.
    pub async fn start_with_mail_server(backend: Backend, peer: SmtpPeer) -> Self {
        let database = TestDatabase::fresh(backend).await;
        Self::launch(
            database.url().to_owned(),
            Some(database),
            Some(peer),
            |_| {},
        )
        .await
    }

    /// Starts one on a database of the test's own, which the test may take away.
    pub async fn start_on(database_url: &str) -> Self {
        Self::launch(database_url.to_owned(), None, None, |_| {}).await
    }

    /// The same, sending mail to this server.
    pub async fn start_on_with_mail_server(database_url: &str, peer: SmtpPeer) -> Self {
        Self::launch(database_url.to_owned(), None, Some(peer), |_| {}).await
    }

    async fn launch(
        database_url: String,
        database: Option<TestDatabase>,
        peer: Option<SmtpPeer>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the program's data");
        let clock = TestClock::default();
        let mut options = options(folder.path(), &database_url);
        if let Some(peer) = &peer {
            options.smtp_url = Some(peer.url().into());
            options.smtp_ca = Some(peer.ca_pem_path());
        }
        change(&mut options);
        let running = run(&options, &clock).await;
        // Should it be started again, then at the same address: links and tokens name it.
        options.listen = running.address().to_string();
        // Tests call it where it listens, also where its links name a proxy before it.
        let public_url = format!("http://{}", running.address());
        let post = match peer {
            Some(peer) => Post::Peer {
                peer: Box::new(peer),
                tokens_handed_out: Default::default(),
            },
            None => Post::Development(Client::new(&public_url)),
        };
        Self {
            clock,
            public_url,
            post,
            options,
            running: Some(running),
            _folder: folder,
            _database: database,
        }
    }

    /// The operator makes an account that may host; its address counts as verified.
    pub async fn operator_makes(&self, email: &str, name: &str) -> Person {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let address = EmailAddress::parse(email).expect("an address");
        let display_name = DisplayName::parse(name).expect("a name");
        let make =
            move || service.create_account(&address, &display_name, AccountKind::Billing, PASSWORD);
        let outcome = tokio::task::spawn_blocking(make).await;
        let account = outcome.expect("no panic").expect("an account");
        let person = Person {
            client: self.visitor(),
            id: account.id.into(),
            email: email.into(),
            name: name.into(),
            password: PASSWORD.into(),
        };
        self.signs_in(&person).await;
        person
    }

    /// The operator disables a person's account, or enables it again.
    pub async fn disables(&self, person: &Person, disabled: bool) {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let email = EmailAddress::parse(&person.email).expect("an address");
        let change = move || service.set_account_disabled(&email, disabled);
        let outcome = tokio::task::spawn_blocking(change).await;
        outcome.expect("no panic").expect("a known account");
    }

    /// The same by another process on the same database, as the command line is one.
    pub async fn disables_at_the_command_line(&self, person: &Person) {
        let email = EmailAddress::parse(&person.email).expect("an address");
        let (options, clock) = (self.options.clone(), self.clock.clone());
        let public_url = PublicUrl::parse(&self.public_url).expect("the address of the first");
        let change = move || {
            let randomness = Randomness::system();
            let settings = Settings::check(&options, &randomness).expect("settings");
            let url = options.database_url.as_ref().expect("it is set");
            let db = Db::connect(url.reveal(), 1).expect("it answers");
            let clock = Clock::from_fn(move || clock.now());
            let mail = std::sync::Arc::default();
            accord_server::open_service(&settings, db, &public_url, clock, randomness, mail)
                .expect("a service")
                .set_account_disabled(&email, true)
        };
        let outcome = tokio::task::spawn_blocking(change).await;
        outcome.expect("no panic").expect("a known account");
    }

    /// Cuts every connection by which instances hear each other, again and again, until it is aborted.
    #[must_use]
    pub fn cuts_channels(&self) -> tokio::task::JoinHandle<()> {
        const CUT_EVERY: Duration = Duration::from_millis(5);
        let url = self.options.database_url.as_ref().expect("it is set");
        let url = url.reveal().to_owned();
        tokio::spawn(async move {
            let mut cuts = tokio::time::interval(CUT_EVERY);
            loop {
                cuts.tick().await;
                let url = url.clone();
                let cut = move || crate::databases::cut_channels(&url).map_err(|e| e.to_string());
                let outcome = tokio::task::spawn_blocking(cut).await;
                outcome.expect("no panic").expect("the database answers");
            }
        })
    }

    /// The operator makes a token of the platform with these scopes, until that moment.
    pub async fn platform_token(
        &self,
        name: &str,
        scopes: &str,
        expires_at: Option<DateTime<Utc>>,
    ) -> PlatformToken {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let name = DisplayName::parse(name).expect("a name");
        let scopes = scopes.parse().expect("scopes");
        let make = move || service.create_platform_token(&name, scopes, expires_at);
        let outcome = tokio::task::spawn_blocking(make).await;
        let made = outcome.expect("no panic").expect("a token");
        PlatformToken {
            id: made.token.id.into(),
            client: self.with_token(made.secret.reveal()),
            secret: made.secret.reveal().to_owned(),
        }
    }

    /// The operator revokes it.
    pub async fn revokes(&self, token: &PlatformToken) {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let id = token.id.into();
        let outcome = tokio::task::spawn_blocking(move || service.revoke_platform_token(id)).await;
        outcome.expect("no panic").expect("a known token");
    }

    /// Leaves behind what a write with that key does when the program crashes in the middle of it.
    pub async fn breaks_off(&self, client: &Client, path: &str, key: &str, body: &str) {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let write = KeyedWrite {
            credential: self.credential_of(client).await,
            key: key.to_owned(),
            method: "POST".to_owned(),
            path: format!("/api/v1{path}"),
            sent: format!("\n{body}").into_bytes(),
        };
        let claimed = tokio::task::spawn_blocking(move || service.claim_key(&write)).await;
        let outcome = claimed.expect("no panic").expect("an outcome");
        assert!(matches!(outcome, KeyOutcome::CarryOut(_)), "{outcome:?}");
    }

    /// Forgets what writes with a key were answered, as happens when the program crashes after they were
    /// committed and before their answers are kept.
    pub async fn loses_kept_answers(&self) {
        self.changes_keys("status = NULL, headers = NULL, body = NULL, kept_bytes = 0")
            .await;
    }

    /// Lets each answer that is kept count as one of so many bytes.
    pub async fn lets_kept_answers_take(&self, bytes: i32) {
        self.changes_keys(&format!("kept_bytes = {bytes}")).await;
    }

    async fn changes_keys(&self, to: &str) {
        let url = self.options.database_url.as_ref().expect("it is set");
        let url = url.reveal().to_owned();
        let statement = format!("UPDATE idempotency_keys SET {to} WHERE status IS NOT NULL");
        let change = move || crate::databases::execute(&url, &statement).map_err(|e| e.to_string());
        let outcome = tokio::task::spawn_blocking(change).await;
        outcome.expect("no panic").expect("the database answers");
    }

    /// Leaves behind what so many writes do that this caller made with a key each.
    pub async fn used_keys(&self, client: &Client, count: u32) {
        let db = self.running.as_ref().expect("it runs").db().clone();
        let (credential, now) = (self.credential_of(client).await, self.clock.now());
        let claim = move |number: u32| Claim {
            key_hash: [credential.id().as_bytes(), &number.to_be_bytes()[..]].concat(),
            credential_id: CredentialId(credential.id()),
            body_hash: Vec::new(),
            claim_id: ClaimId(credential.id()),
            claimed_at: now,
            claimed_until: now + chrono::Duration::minutes(2),
            expires_at: now + chrono::Duration::hours(24),
        };
        let fill = move || {
            db.write(|tx| {
                (0..count).try_for_each(|number| {
                    accord_store::idempotency::claim(tx, &claim(number)).map(drop)
                })
            })
        };
        let outcome = tokio::task::spawn_blocking(fill).await;
        outcome.expect("no panic").expect("the keys are new");
    }

    async fn credential_of(&self, client: &Client) -> Credential {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let token = client.access_token().expect("signed in");
        let Some(program) = ProgramToken::parse(&token) else {
            let session = service.verify_access_token(&token);
            return Credential::Session(session.expect("a session"));
        };
        let found = tokio::task::spawn_blocking(move || service.find_token(&program)).await;
        let found = found.expect("no panic").expect("the database answers");
        found.expect("a known token")
    }

    /// Queues so many messages for a webhook, the oldest an hour ago, as they wait for a receiver that has not
    /// answered for long.
    pub async fn leaves_waiting(&self, owner: &Person, webhook: Uuid, count: i64) {
        let db = self.running.as_ref().expect("it runs").db().clone();
        let (account, since) = (owner.id, self.clock.now() - chrono::Duration::hours(1));
        let queue = move || {
            let randomness = Randomness::system();
            db.write(|tx| {
                for at in 0..count {
                    let moment = since + chrono::Duration::milliseconds(at);
                    let new = NewDelivery {
                        id: randomness.id(moment),
                        webhook_id: webhook.into(),
                        event_type: "role.created".into(),
                        body: "{}".into(),
                    };
                    webhook_deliveries::queue(tx, account.into(), &new, moment)?;
                }
                Ok::<_, StoreError>(())
            })
        };
        let outcome = tokio::task::spawn_blocking(queue).await;
        outcome.expect("no panic").expect("a known webhook");
    }

    /// A program that calls with this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Client {
        let client = self.visitor();
        client.set_access_token(Some(token.to_owned()));
        client
    }

    /// Breaks the program off as a crash would, and starts it again on the same database.
    pub async fn crash_and_start_again(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort().await;
        }
        self.running = Some(run(&self.options, &self.clock).await);
    }

    /// Stops the program as an operator would, and starts it again on the same database.
    pub async fn stops_and_starts_again(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.running = Some(run(&self.options, &self.clock).await);
    }

    /// Stops the program, and starts it again on the same database with other settings.
    pub async fn starts_again_with_settings(&mut self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options);
        self.stops_and_starts_again().await;
    }

    /// Stops the program; the database stays.
    pub async fn stops(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Does now what the program does every hour by itself.
    ///
    /// # Errors
    /// The first step that failed.
    pub async fn sweeps(&self) -> Result<(), ServiceError> {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let swept = tokio::task::spawn_blocking(move || service.sweep()).await;
        swept.expect("no panic")
    }

    /// Tells now of shares that end soon or have ended, as the program does every few seconds by itself.
    pub async fn tells_of_share_ends(&self) {
        let service = self.running.as_ref().expect("it runs").service().clone();
        let told = tokio::task::spawn_blocking(move || service.tell_of_share_ends()).await;
        told.expect("no panic").expect("the database answers");
    }

    /// Changes something in the database as no program of ours would.
    pub async fn by_hand(&self, statements: &str) {
        let url = self.options.database_url.as_ref().expect("it is set");
        let (url, statements) = (url.reveal().to_owned(), statements.to_owned());
        let change =
            move || crate::databases::execute(&url, &statements).map_err(|error| error.to_string());
        let outcome = tokio::task::spawn_blocking(change).await;
        outcome
            .expect("no panic")
            .expect("statements that it takes");
    }

    /// Takes the right to write to the embedded database, as another process would.
    pub async fn holds_the_database(&self) -> HeldDatabase {
        let url = self.options.database_url.as_ref().expect("it is set");
        let url = url.reveal().to_owned();
        let hold = move || HeldDatabase::at(&url).map_err(|error| error.to_string());
        let held = tokio::task::spawn_blocking(hold).await;
        held.expect("no panic").expect("nobody else holds it")
    }

    /// Another instance of the program, with the same secret and mail server on the same database. Where
    /// there is a mail server, what it got is read at the first instance.
    pub async fn another_instance(&self) -> Self {
        self.another_instance_with_settings(|_| {}).await
    }

    /// The same with settings of its own.
    pub async fn another_instance_with_settings(&self, adjust: impl FnOnce(&mut Options)) -> Self {
        let secret = std::fs::read_to_string(self.options.data_dir.join("secret"))
            .expect("the secret that the first instance made");
        let database_url = self.options.database_url.as_ref().expect("it is set");
        Self::launch(database_url.reveal().to_owned(), None, None, |options| {
            options.secret = Some(secret.trim().into());
            options.smtp_url.clone_from(&self.options.smtp_url);
            options.smtp_ca.clone_from(&self.options.smtp_ca);
            adjust(options);
        })
        .await
    }

    /// The host and port that it listens at.
    #[must_use]
    pub fn listens_at(&self) -> &str {
        &self.options.listen
    }

    /// Where it is called, and, unless its settings say otherwise, what links in mail begin with.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn visitor(&self) -> Client {
        Client::new(self.public_url())
    }

    /// Somebody signs up and is signed in; their address is not verified yet.
    pub async fn sign_up(&self, email: &str, name: &str) -> Person {
        let client = self.visitor();
        let body = SignUp {
            email: email.into(),
            password: PASSWORD.into(),
            name: name.into(),
        };
        let account = client.sign_up(&body).await.expect("signed up").account;
        Person {
            client,
            id: account.id,
            email: account.email,
            name: account.name,
            password: PASSWORD.into(),
        }
    }

    /// Follows the link in the verification mail.
    pub async fn verify(&self, person: &Person) {
        let token = self.token_for(&person.email, "verify-email").await;
        person
            .verify_email(&VerifyEmail { token })
            .await
            .expect("verified");
    }

    /// Somebody with a verified account that may host: `{name}@example.com`.
    pub async fn owner(&self, name: &str) -> Person {
        let person = self.sign_up(&format!("{name}@example.com"), name).await;
        self.verify(&person).await;
        person
    }

    /// The person signs in anew, where their session has ended.
    pub async fn signs_in(&self, person: &Person) {
        let body = SignIn {
            email: person.email.clone(),
            password: person.password.clone(),
        };
        person.client.sign_in(&body).await.expect("signed in");
    }

    /// Somebody without an account accepts by the link, choosing a password.
    pub async fn accepts_as_new_person(&self, token: &str, name: &str, password: &str) -> Person {
        let client = self.visitor();
        let body = AcceptInvitation {
            password: Some(password.into()),
            name: Some(name.into()),
        };
        client
            .accept_invitation(token, &body)
            .await
            .expect("accepted");
        let account = client
            .account()
            .await
            .expect("signed in by it")
            .into_inner();
        Person {
            client,
            id: account.id,
            email: account.email,
            name: account.name,
            password: password.into(),
        }
    }

    /// All mail to this address so far, newest first.
    pub async fn mail_to(&self, address: &str) -> Vec<Mail> {
        self.post.to(address).await
    }

    /// The mail to this address whose subject holds this text.
    pub async fn mail_about(&self, address: &str, subject: &str) -> Mail {
        self.post.about(address, subject).await
    }

    /// The token of the newest link to that page of the dashboard that was mailed to this address.
    pub async fn token_for(&self, address: &str, page: &str) -> String {
        self.post.token(address, page).await
    }

    /// The token of the newest invitation to this address.
    pub async fn invitation_token_for(&self, address: &str) -> String {
        self.token_for(address, "invitations").await
    }

    /// The mail server, where there is one.
    #[must_use]
    pub fn mail_server(&self) -> Option<&SmtpPeer> {
        match &self.post {
            Post::Development(_) => None,
            Post::Peer { peer, .. } => Some(peer),
        }
    }

    /// The mail server, to be stopped and started again.
    pub fn mail_server_mut(&mut self) -> Option<&mut SmtpPeer> {
        match &mut self.post {
            Post::Development(_) => None,
            Post::Peer { peer, .. } => Some(peer),
        }
    }
}

/// Waits until something has become true that no answer announces; fails when it never does.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    const LOOK_EVERY: Duration = Duration::from_millis(25);
    const PATIENCE: Duration = Duration::from_secs(60);
    let wait = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        while !holds().await {
            looks.tick().await;
        }
    };
    if tokio::time::timeout(PATIENCE, wait).await.is_err() {
        panic!("waited in vain: {what}");
    }
}

async fn run(options: &Options, clock: &TestClock) -> Running {
    let randomness = Randomness::system();
    let settings = Settings::check(options, &randomness).expect("settings that can be used");
    let clock = clock.clone();
    accord_server::start(settings, Clock::from_fn(move || clock.now()), randomness)
        .await
        .unwrap_or_else(|error| panic!("the app does not start: {error}"))
}

fn options(folder: &Path, database_url: &str) -> Options {
    Options {
        listen: "127.0.0.1:0".into(),
        data_dir: folder.to_owned(),
        database_url: Some(database_url.into()),
        mail_from: "Accord <accord@example.com>".into(),
        rate_limits: Switch::Off,
        // Receivers of tests listen on this machine.
        webhook_allowed_networks: Some("127.0.0.1".into()),
        log: "warn".into(),
        metrics_from: "127.0.0.0/8,::1".into(),
        ..Options::default()
    }
}

/// Runs each of these stories, `async fn(TestApp)`, as two tests: on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$story($crate::TestApp::start($crate::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgresql() {
                super::$story($crate::TestApp::start($crate::Backend::PostgreSql).await).await;
            }
        }
    )+};
}
