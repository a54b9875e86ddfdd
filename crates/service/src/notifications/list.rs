use accord_domain::ids::NotificationId;
use accord_domain::notification::NotificationKind;
use accord_store::accounts::Account;
use accord_store::notifications::{self, Notification, NotificationFilter, ReadUntil};
use accord_store::{Conn, Page, Rows};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::call::{Call, Person};
use crate::error::{Invalid, Result, ServiceError};

/// A page of what somebody was told.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationsView {
    pub rows: Rows<Notification>,
    /// How many they have not read, on whatever page.
    pub unread_count: i64,
}

/// What somebody says that they have read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkRead {
    /// These.
    These(Vec<NotificationId>),
    /// Everything up to there.
    AllUntil(ReadUpTo),
}

/// Up to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadUpTo {
    /// This one and those before it.
    Notification(NotificationId),
    /// What was there at that moment.
    Moment(DateTime<Utc>),
}

impl Service {
    /// A page of what the caller was told. Invitations are told to proven addresses alone.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_notifications(
        &self,
        call: &Call,
        unread: bool,
        page: &Page,
    ) -> Result<NotificationsView> {
        self.db.read(|tx| {
            let account = Person::of(tx, call, self.clock.now())?.account;
            let without = hidden_from(&account);
            let filter = NotificationFilter { unread, without };
            Ok(NotificationsView {
                rows: notifications::page(tx, account.id, filter, page)?,
                unread_count: notifications::unread_count(tx, account.id, without)?,
            })
        })
    }

    /// Notes what the caller has read, and answers how many are left. Saying it again changes nothing.
    ///
    /// # Errors
    /// An id of none of the caller's notifications; nothing is noted then.
    pub fn mark_notifications_read(&self, call: &Call, what: &MarkRead) -> Result<i64> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let account = Person::of(tx, call, now)?.account;
            match what {
                MarkRead::These(ids) => {
                    refuse_unknown(tx, &account, ids)?;
                    notifications::mark_read(tx, account.id, ids, now)?;
                }
                MarkRead::AllUntil(until) => {
                    let until = match *until {
                        ReadUpTo::Moment(moment) => ReadUntil::Moment(moment),
                        ReadUpTo::Notification(id) => {
                            let last = notifications::by_id(tx, account.id, id)?
                                .ok_or_else(|| unknown("/all_until".to_owned()))?;
                            ReadUntil::Notification(last.created_at, last.id)
                        }
                    };
                    notifications::mark_read_until(tx, account.id, until, now)?;
                }
            }
            Ok(notifications::unread_count(
                tx,
                account.id,
                hidden_from(&account),
            )?)
        })
    }
}

fn refuse_unknown(tx: &mut Conn<'_>, account: &Account, ids: &[NotificationId]) -> Result<()> {
    let known = notifications::known(tx, account.id, ids)?
        .into_iter()
        .collect();
    crate::error::refuse_unknown(ids, &known, "/ids", NO_SUCH)
}

fn unknown(pointer: String) -> ServiceError {
    ServiceError::Invalid(vec![Invalid {
        pointer,
        detail: NO_SUCH.to_owned(),
    }])
}

const NO_SUCH: &str = "There is no such notification here.";

/// Only an account with a verified address sees invitations.
fn hidden_from(account: &Account) -> Option<NotificationKind> {
    account
        .email_verified_at
        .is_none()
        .then_some(NotificationKind::InvitationReceived)
}
