//! Between messages and the outbox's rows: queued with the link sealed, read back with it opened.

use crate::message::{Message, UnreadableMessage};
use crate::render::{Rendered, render};
use crate::seal::{LinkSealer, SealError};
use crate::way_out::WayOut;
use accord_domain::ids::{AccountId, MailId, MemberId};
use accord_store::outbox::{Mail, NewMail, enqueue};
use accord_store::{Conn, StoreError};
use chrono::{DateTime, Utc};

/// Why a mail could not be queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The link could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The caller's mistake: each message either needs a link or has none.
    #[error(
        "A mail of the kind \"{0}\" was queued without its link, or with one that it has no place for."
    )]
    LinkMismatch(&'static str),
}

/// Writes a mail into the outbox, in the caller's transaction. Wake the worker after the commit.
#[allow(clippy::too_many_arguments)] // each is one column of the row
pub fn queue(
    tx: &mut Conn<'_>,
    sealer: &LinkSealer,
    now: DateTime<Utc>,
    id: MailId,
    to: &str,
    recipient_id: Option<AccountId>,
    account_id: Option<AccountId>,
    member_id: Option<MemberId>,
    message: &Message,
    link: Option<&str>,
) -> Result<(), QueueError> {
    if message.carries_link() != link.is_some() {
        return Err(QueueError::LinkMismatch(message.kind()));
    }
    let mail = NewMail {
        id,
        account_id,
        member_id,
        kind: message.kind().to_owned(),
        recipient: to.to_owned(),
        params: message.params(),
        sealed_link: link.map(|link| sealer.seal(id, link)).transpose()?,
        recipient_id,
    };
    Ok(enqueue(tx, &mail, now)?)
}

/// Why a stored mail cannot be put into words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unrenderable {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error("The mail's template failed: {0}.")]
    Template(#[from] askama::Error),
}

/// Puts a stored mail into words.
pub(crate) fn rendered(
    mail: &Mail,
    sealer: &LinkSealer,
    public_url: &str,
) -> Result<Rendered, Unrenderable> {
    let message = Message::from_stored(&mail.kind, &mail.params)?;
    let sealed = mail.sealed_link.as_deref();
    let link = sealed
        .map(|sealed| sealer.open(mail.id, sealed))
        .transpose()?;
    // Nobody is asked to leave what they cannot leave, or what goes to an address and not to an account.
    let kind = message.notification_kind();
    let way_out = mail
        .recipient_id
        .filter(|_| kind.mail_is_optional())
        .map(|account| sealer.ways_out().link(WayOut { account, kind }, public_url))
        .transpose()?;
    Ok(render(
        &message,
        link.as_deref(),
        way_out.as_deref(),
        public_url,
    )?)
}
