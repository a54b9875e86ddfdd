//! The development mailbox: what would have been sent, where no mail server is set up.

use crate::outbox::rendered;
use crate::seal::LinkSealer;
use accord_domain::ids::MailId;
use accord_store::{Conn, StoreError};
use chrono::{DateTime, Utc};

/// A mail as its recipient would see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StoredMail {
    /// Its id.
    pub id: MailId,
    /// To whom it goes.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
    /// When it was sent, or, as nothing sends it here, written.
    pub sent_at: DateTime<Utc>,
}

/// The newest mails, newest first, with their links in them; of all, or of those to one address.
pub fn recent(
    tx: &mut Conn<'_>,
    sealer: &LinkSealer,
    public_url: &str,
    to: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredMail>, StoreError> {
    let mails = match to {
        Some(to) => accord_store::outbox::recent_to(tx, to, limit)?,
        None => accord_store::outbox::recent(tx, limit)?,
    };
    let shown = mails
        .into_iter()
        .filter_map(|mail| match rendered(&mail, sealer, public_url) {
            Ok(words) => Some(StoredMail {
                id: mail.id,
                to: mail.recipient,
                subject: words.subject,
                text: words.text,
                html: words.html,
                sent_at: mail.sent_at.unwrap_or(mail.created_at),
            }),
            Err(error) => {
                tracing::warn!(mail = %mail.id, %error, "a stored mail cannot be shown");
                None
            }
        });
    Ok(shown.collect())
}
