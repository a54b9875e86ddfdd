use accord_domain::notification::{Choice, NotificationKind, Preferences};
use accord_mail::WayOut;
use accord_store::notification_preferences::{self, Stored};
use accord_store::{Conn, accounts};

use crate::Service;
use crate::call::{Call, Person};
use crate::error::{Invalid, Result, ServiceError};

/// How somebody chose to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferencesView {
    pub preferences: Preferences,
    pub version: i64,
}

impl From<Stored> for PreferencesView {
    fn from(stored: Stored) -> Self {
        Self {
            preferences: stored.preferences,
            version: stored.version,
        }
    }
}

/// What the way out in a mail leads out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayOutView {
    pub kind: NotificationKind,
    /// Whether such mail is still sent.
    pub mailed: bool,
}

impl Service {
    /// How the caller chose to be told.
    ///
    /// # Errors
    /// When not signed in.
    pub fn notification_preferences(&self, call: &Call) -> Result<PreferencesView> {
        self.db.read(|tx| {
            let account = Person::of(tx, call, self.clock.now())?.account;
            Ok(notification_preferences::of(tx, account.id)?.into())
        })
    }

    /// Takes over how the caller wants to be told; what is not named stays.
    ///
    /// # Errors
    /// [`ServiceError::Stale`]; a kind that is not optional, or a way that it never takes.
    pub fn choose_notifications(
        &self,
        call: &Call,
        choices: &[(NotificationKind, Choice)],
        expected_version: Option<i64>,
    ) -> Result<PreferencesView> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let own = call.account_id(tx, now)?;
            accounts::lock(tx, own)?;
            let account = Person::of(tx, call, now)?.account;
            let stored = notification_preferences::of(tx, account.id)?;
            if expected_version.is_some_and(|expected| expected != stored.version) {
                return Err(ServiceError::Stale);
            }
            let mut preferences = stored.preferences.clone();
            let mut refused = Vec::new();
            for (kind, choice) in choices {
                let by_mail = Choice {
                    dashboard: None,
                    ..*choice
                };
                let shown = Choice {
                    email: None,
                    ..*choice
                };
                for (way, choice) in [("email", by_mail), ("dashboard", shown)] {
                    if let Err(error) = preferences.choose(*kind, choice) {
                        refused.push(Invalid {
                            pointer: format!("/{kind}/{way}"),
                            detail: error.to_string(),
                        });
                    }
                }
            }
            if !refused.is_empty() {
                return Err(ServiceError::Invalid(refused));
            }
            if preferences == stored.preferences {
                return Ok(stored.into());
            }
            let version = notification_preferences::set(tx, account.id, &preferences, now)?;
            Ok(PreferencesView {
                preferences,
                version,
            })
        })
    }

    /// What the way out in a mail leads out of. Looking changes nothing: mail scanners open everything.
    ///
    /// # Errors
    /// Hidden when the link was not made here, or its account is gone.
    pub fn way_out(&self, token: &str) -> Result<WayOutView> {
        self.db.read(|tx| self.presented_way_out(tx, token))
    }

    /// Stops mail of the kind that the link is about. Nobody need be signed in; doing it again changes
    /// nothing.
    ///
    /// # Errors
    /// Hidden when the link was not made here, or its account is gone.
    pub fn leave_by_way_out(&self, token: &str) -> Result<WayOutView> {
        let WayOut { account, kind } = self.read_way_out(token)?;
        self.db.write(|tx| {
            accounts::lock(tx, account)?.ok_or(ServiceError::HIDDEN)?;
            let mut preferences = notification_preferences::of(tx, account)?.preferences;
            if preferences.mails(kind) {
                let no_mail = Choice {
                    email: Some(false),
                    dashboard: None,
                };
                preferences
                    .choose(kind, no_mail)
                    .map_err(ServiceError::internal)?;
                notification_preferences::set(tx, account, &preferences, self.clock.now())?;
            }
            self.presented_way_out(tx, token)
        })
    }

    fn read_way_out(&self, token: &str) -> Result<WayOut> {
        self.sealer
            .ways_out()
            .read(token)
            .ok_or(ServiceError::HIDDEN)
    }

    fn presented_way_out(&self, tx: &mut Conn<'_>, token: &str) -> Result<WayOutView> {
        let WayOut { account, kind } = self.read_way_out(token)?;
        accounts::by_id(tx, account)?.ok_or(ServiceError::HIDDEN)?;
        let preferences = notification_preferences::of(tx, account)?.preferences;
        Ok(WayOutView {
            kind,
            mailed: preferences.mails(kind),
        })
    }
}
