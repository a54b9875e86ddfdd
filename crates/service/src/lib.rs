//! Use cases, one file each: open the transaction, load, ask the domain, write, record, queue mail.
//!
//! Everything here is synchronous and blocks on the database; the server calls it from a pool of
//! blocking threads. No HTTP and no SQL.

mod access;
mod accounts;
mod call;
mod collaborations;
mod decisions;
mod draft_access;
mod environments;
mod error;
mod groups;
mod host_snapshots;
mod hosting;
mod idempotency;
mod invitations;
mod load_alerts;
mod members;
mod notifications;
mod paging;
mod platform_tokens;
mod policies;
mod preview;
mod record;
mod roles;
mod security;
mod shares;
mod standing;
mod sweep;
mod tasks;
mod watch;
mod webhooks;

use std::sync::Arc;

use accord_domain::catalogue::Catalogue;
use accord_domain::sharing::REMINDED_BEFORE_END;
use accord_mail::LinkSealer;
use accord_store::Db;
use accord_webhooks::{AddressGuard, SecretSealer};
use chrono::Duration;

pub use access::{AccessSort, EffectiveAccessView};
pub use accord_store::notifications::Notification;
pub use accord_store::tasks::{Task as StoredTask, TaskFilter};
pub use accord_store::{Order, Page, Position, Rows};
pub use accounts::sign_up::SignUp;
pub use accounts::{
    AccountExport, AccountView, AddressView, ApiTokenSort, ApiTokenView, CreateApiToken,
    EndedCollaboration, MadeApiToken, PendingAddress, SessionSort, SessionView, SignedInView,
};
pub use call::{Call, Credential, RequestInfo};
pub use collaborations::{CollaborationSort, CollaborationView};
pub use decisions::{
    Check, CheckAccess, CheckAnswers, CheckMode, CheckResult, IndexFigures, Subject,
};
pub use draft_access::{DraftAccessView, DraftShares};
pub use environments::{
    CreateEnvironment, DirectShare, EnvironmentAccessSort, EnvironmentAccessView,
    EnvironmentFilter, EnvironmentSort, EnvironmentView, ExplainAccess, ExplanationView,
    GrantingPolicy, OwnerView, ShareWith, ShareableRoleView, StepView, UpdateEnvironment,
    VisibleFilter,
};
pub use error::{Invalid, InvitationState, Result, ServiceError, UsedBy};
pub use groups::{CreateGroup, GroupSort, GroupView, NewGroupPlace, UpdateGroup};
pub use idempotency::{KeptAnswer, KeyClaim, KeyOutcome, KeyedWrite};
pub use invitations::{AcceptedInvitation, InvitationOffer, InvitationView, NewAccountChoice};
pub use load_alerts::LoadAlert;
pub use members::{
    CopyMember, Invite, MailOutcome, MailState, MemberShares, MemberSort, MemberView,
    MembersFilter, ShareSort, TimelineEvent, TimelineEventKind, UpdateMember,
};
pub use notifications::{
    AlertFacts, EndedBecause, LOOK_FOR_ENDS_EVERY, MarkRead, NoticeItem, NoticeParams,
    NotificationsView, PreferencesView, ReadUpTo, WayOutView,
};
pub use platform_tokens::{MadePlatformToken, PlatformTokenView};
pub use policies::{ActionSort, CreatePolicy, PolicyView, UpdatePolicy};
pub use preview::{Change, Detach, PreviewView, StateChange};
pub use record::{TaskOrigin, TaskToken, TaskView};
pub use roles::{CreateRole, RoleView, UpdateRole};
pub use security::access_tokens::SessionCredential;
pub use security::program_tokens::{ProgramToken, TokenKind};
pub use security::randomness::{Clock, Randomness};
pub use security::secret_tokens::SecretToken;
pub use security::signing_keys::{MIN_SECRET_BYTES, SigningKeys, SigningKeysError};
pub use shares::{DescribedShare, RoleSummary};
pub use standing::{OutboxView, WebhooksView};
pub use sweep::SWEEP_EVERY;
pub use watch::{Event, Watch};
pub use webhooks::{
    AttemptView, CreateWebhook, DeliveryView, UpdateWebhook, WebhookView, WebhookWithSecret,
};

use decisions::Decisions;
use host_snapshots::HostSnapshots;
use security::access_tokens::AccessTokens;
use security::passwords::Passwords;
use security::program_tokens::TokenMemory;

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of every link in mail, and the issuer of access tokens.
    pub public_url: String,
    /// Whether anybody may sign up, or only invited people.
    pub sign_up_open: bool,
    /// Whether a `member` account may make itself `billing`.
    pub upgrade_open: bool,
    /// Whether mail leaves through a mail server. Without one, links are copied.
    pub mail_server: bool,
    pub access_token_lifetime: Duration,
    pub session_lifetime: Duration,
    pub invitation_lifetime: Duration,
    pub verification_lifetime: Duration,
    pub password_reset_lifetime: Duration,
    /// How long before a share ends by itself its people are reminded; half of its time where that is shorter.
    pub share_reminder: Duration,
    /// Which addresses webhooks may reach.
    pub webhook_addresses: AddressGuard,
    /// Passwords hashed at the same time; each takes 19 MiB.
    pub hashing_at_once: usize,
    /// Bytes that the access indexes in memory may take; the least used accounts' go first.
    pub index_bytes: usize,
}

impl Settings {
    /// The defaults, for that public URL.
    #[must_use]
    pub fn new(public_url: String) -> Self {
        Self {
            public_url,
            sign_up_open: true,
            upgrade_open: true,
            mail_server: false,
            access_token_lifetime: Duration::minutes(5),
            session_lifetime: Duration::days(30),
            invitation_lifetime: Duration::days(7),
            verification_lifetime: Duration::days(2),
            password_reset_lifetime: Duration::hours(1),
            share_reminder: REMINDED_BEFORE_END,
            webhook_addresses: AddressGuard::default(),
            hashing_at_once: 2,
            index_bytes: 512 * 1024 * 1024,
        }
    }
}

/// What the service works with; everything it cannot decide for itself is passed in.
#[derive(Debug)]
pub struct Parts {
    pub db: Db,
    pub catalogue: Catalogue,
    pub keys: SigningKeys,
    pub clock: Clock,
    pub randomness: Randomness,
    pub settings: Settings,
    /// Woken after a commit that queued mail.
    pub mail_queued: Arc<tokio::sync::Notify>,
}

/// The use cases. Clones share everything.
#[derive(Clone, Debug)]
pub struct Service {
    db: Db,
    catalogue: Arc<Catalogue>,
    access_tokens: AccessTokens,
    token_memory: Arc<TokenMemory>,
    passwords: Passwords,
    sealer: LinkSealer,
    webhook_sealer: SecretSealer,
    clock: Clock,
    randomness: Randomness,
    settings: Arc<Settings>,
    mail_queued: Arc<tokio::sync::Notify>,
    host_snapshots: Arc<HostSnapshots>,
    decisions: Arc<Decisions>,
}

/// Why the service cannot start; each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Store(#[from] accord_store::StoreError),
    #[error("the catalogue lacks actions that policies in the database use: {}", .0.join(", "))]
    ActionsMissing(Vec<String>),
    #[error(
        "the secret is not one that this database knows; give the former secret too, after the new one"
    )]
    UnknownSecret,
    #[error("{0}")]
    Hashing(String),
}

impl Service {
    /// Brings the database's system policies in line with the catalogue and checks that the secrets
    /// are the database's. The database is migrated already.
    ///
    /// # Errors
    /// When the database fails, the catalogue lacks an action in use, or the secrets are not its own.
    pub fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            db,
            catalogue,
            keys,
            clock,
            randomness,
            settings,
            mail_queued,
        } = parts;
        let now = clock.now();
        let secrets: Vec<&[u8]> = keys.iter().map(|key| key.secret.as_slice()).collect();
        let webhook_sealer = SecretSealer::new(&secrets);
        let known = db.read(|tx| accord_store::meta::get(tx, SECRET_ID_KEY))?;
        if known.is_some_and(|known| keys.find(&known).is_some() && known != keys.signing().id) {
            // Before it is noted that another secret signs: from then on nobody needs the former one.
            webhooks::seal_anew(&db, &webhook_sealer)?;
        }
        db.write(|tx| -> Result<(), StartError> {
            let known = accord_store::meta::get(tx, SECRET_ID_KEY)?;
            match known {
                Some(known) if keys.find(&known).is_none() => {
                    return Err(StartError::UnknownSecret);
                }
                Some(known) if known == keys.signing().id => {}
                _ => accord_store::meta::set(tx, SECRET_ID_KEY, &keys.signing().id)?,
            }
            accord_store::catalogue::sync(tx, &catalogue, || randomness.id(now), now)?;
            let missing: Vec<String> = accord_store::catalogue::actions_in_use(tx)?
                .into_iter()
                .filter(|action| !catalogue.contains(action))
                .map(|action| action.as_str().to_owned())
                .collect();
            if missing.is_empty() {
                Ok(())
            } else {
                Err(StartError::ActionsMissing(missing))
            }
        })?;
        let passwords = Passwords::new(randomness.clone(), settings.hashing_at_once)
            .map_err(|error| StartError::Hashing(error.to_string()))?;
        let decisions = Arc::new(Decisions::new(settings.index_bytes));
        let observer = Arc::downgrade(&decisions);
        db.observe(observer);
        Ok(Self {
            sealer: LinkSealer::new(&secrets),
            webhook_sealer,
            access_tokens: AccessTokens::new(
                keys.clone(),
                settings.public_url.clone(),
                settings.access_token_lifetime,
            ),
            token_memory: Arc::default(),
            db,
            catalogue: Arc::new(catalogue),
            passwords,
            clock,
            randomness,
            settings: Arc::new(settings),
            mail_queued,
            host_snapshots: Arc::default(),
            decisions,
        })
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The platform's actions and system policies.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Seals and opens the links of stored mail.
    #[must_use]
    pub fn link_sealer(&self) -> &LinkSealer {
        &self.sealer
    }

    /// Opens the secrets of webhooks.
    #[must_use]
    pub fn webhook_sealer(&self) -> &SecretSealer {
        &self.webhook_sealer
    }

    /// Who a valid access token names. Whether the session lives is checked in each use case.
    #[must_use]
    pub fn verify_access_token(&self, token: &str) -> Option<SessionCredential> {
        self.access_tokens.verify(token, self.clock.now())
    }

    /// Fails unless the database answers.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when it does not.
    pub fn ready(&self) -> Result<()> {
        Ok(self.db.ping()?)
    }

    fn link(&self, page: &str, token: &SecretToken) -> String {
        format!(
            "{}/{page}/{}",
            self.settings.public_url.trim_end_matches('/'),
            token.reveal()
        )
    }

    fn wake_mail_worker(&self) {
        self.mail_queued.notify_one();
    }
}

const SECRET_ID_KEY: &str = "secret_id";
