//! An outbox with everything around it that a worker needs.

use accord_domain::ids::{AccountId, MailId, MemberId};
use accord_mail::outbox::queue;
use accord_mail::{LinkSealer, Message, SmtpSettings, SmtpTransport, Worker};
use accord_store::outbox::{Mail, recent};
use accord_store::{Db, Takeover};
use accord_testkit::databases::{Backend, TestDatabase};
use accord_testkit::smtp::SmtpPeer;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use uuid::Uuid;

pub(crate) const LINK: &str = "https://accord.example/reset-password/secret-token";

pub(crate) fn mail_id(number: u128) -> MailId {
    MailId(Uuid::from_u128(number))
}

pub(crate) fn reset_for(name: &str) -> Message {
    Message::PasswordReset { name: name.into() }
}

pub(crate) fn invitation() -> Message {
    Message::Invitation {
        owner_name: "Ann".into(),
        owner_email: "ann@example.com".into(),
        inviter_name: None,
        items: Vec::new(),
        expires_at: Utc.with_ymd_and_hms(2026, 11, 30, 9, 0, 0).unwrap(),
        display_name: None,
    }
}

fn connect(url: &str) -> Db {
    Db::connect(url, 6).expect("the test's database answers")
}

/// A database of its own, and a clock that stands still until it is told.
pub(crate) struct Office {
    pub(crate) db: Db,
    pub(crate) sealer: LinkSealer,
    now: Arc<Mutex<DateTime<Utc>>>,
    url: String,
    database: Option<Arc<TestDatabase>>,
}

impl Office {
    pub(crate) fn new(backend: Backend) -> Self {
        Self::on(TestDatabase::new(backend))
    }

    pub(crate) fn without_tables(backend: Backend) -> Self {
        Self::on(match backend {
            Backend::Sqlite => TestDatabase::empty_sqlite(),
            Backend::PostgreSql => TestDatabase::empty_postgres(),
        })
    }

    fn on(database: TestDatabase) -> Self {
        let office = Self::on_url(database.url());
        Self {
            database: Some(Arc::new(database)),
            ..office
        }
    }

    /// On a database that the test may take away.
    pub(crate) fn on_url(url: &str) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
        Self {
            db: connect(url),
            sealer: LinkSealer::new(&[b"a secret of thirty-two bytes and more"]),
            now: Arc::new(Mutex::new(start)),
            url: url.to_owned(),
            database: None,
        }
    }

    /// The same database and clock, as another instance of the program has them.
    pub(crate) fn second_connection(&self) -> Self {
        Self {
            db: connect(&self.url),
            sealer: self.sealer.clone(),
            now: self.now.clone(),
            url: self.url.clone(),
            database: self.database.clone(),
        }
    }

    pub(crate) fn worker(&self, peer: &SmtpPeer) -> Worker {
        let settings = SmtpSettings::parse(&peer.url()).unwrap();
        let settings = settings.with_authority(&peer.ca_pem()).unwrap();
        let sender = "Accord <accord@localhost>".parse().unwrap();
        let now = self.now.clone();
        Worker {
            db: self.db.clone(),
            sealer: self.sealer.clone(),
            transport: SmtpTransport::new(settings, sender).unwrap(),
            clock: Arc::new(move || *now.lock().unwrap()),
            wake: Arc::new(Notify::new()),
            public_url: "https://accord.example".into(),
            given_up: Arc::new(|_, _, _| Ok(())),
            takeover: Takeover::default(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    pub(crate) fn queue(&self, number: u128, to: &str, message: &Message, link: Option<&str>) {
        let (now, id) = (self.now(), mail_id(number));
        self.db
            .write(|tx| {
                queue(
                    tx,
                    &self.sealer,
                    now,
                    id,
                    to,
                    None,
                    None,
                    None,
                    message,
                    link,
                )
            })
            .unwrap();
    }

    pub(crate) fn queue_to_account(
        &self,
        number: u128,
        to: &str,
        account: AccountId,
        message: &Message,
        link: Option<&str>,
    ) {
        let (now, id) = (self.now(), mail_id(number));
        let recipient = Some(account);
        self.db
            .write(|tx| {
                queue(
                    tx,
                    &self.sealer,
                    now,
                    id,
                    to,
                    recipient,
                    None,
                    None,
                    message,
                    link,
                )
            })
            .unwrap();
    }

    /// An invitation of a member who has none that is open.
    pub(crate) fn queue_about_nobody(&self, number: u128, to: &str, message: &Message) {
        let (now, id) = (self.now(), mail_id(number));
        let (account, member) = (AccountId(Uuid::from_u128(7)), MemberId(Uuid::from_u128(8)));
        self.db
            .write(|tx| {
                queue(
                    tx,
                    &self.sealer,
                    now,
                    id,
                    to,
                    None,
                    Some(account),
                    Some(member),
                    message,
                    Some(LINK),
                )
            })
            .unwrap();
    }

    pub(crate) fn stored(&self, number: u128) -> Mail {
        let mut mails = self.all().into_iter();
        mails.find(|mail| mail.id == mail_id(number)).unwrap()
    }

    pub(crate) fn all(&self) -> Vec<Mail> {
        self.db.read(|tx| recent(tx, 1000)).unwrap()
    }
}
