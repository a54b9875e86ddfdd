//! What is kept for a while only, and then deleted: each instance looks from time to time.

use accord_domain::notification::KEPT_FOR;
use accord_store::{
    StoreError, account_tokens, idempotency, notifications, outbox, sessions, webhook_deliveries,
    webhook_secrets,
};
use chrono::Duration;

use crate::Service;
use crate::error::Result;
use crate::webhooks::seal_anew;

/// How often to look.
pub const SWEEP_EVERY: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// For so long a link in a mail that was used, or has ended, still says what became of it.
const DEAD_LINKS_KEPT_FOR: Duration = Duration::days(30);
/// For so long a refresh token that was used is recognised when it is presented again, and ends its
/// session; later ones are refused like any unknown one.
const USED_REFRESH_TOKENS_KEPT_FOR: Duration = Duration::days(2);
/// For so long a mail that was sent or given up stays in a member's timeline. Longer than notifications
/// are kept would tell of things that nobody can look up any more.
const FINISHED_MAIL_KEPT_FOR: Duration = KEPT_FOR;
/// For so long it is told what was sent to a webhook and what came of it, and of each webhook no more than
/// the newest so many.
const FINISHED_DELIVERIES_KEPT_FOR: Duration = Duration::days(30);
const FINISHED_DELIVERIES_KEPT: u32 = 1_000;

impl Service {
    /// Deletes what has been kept for long enough, and seals anew what a former secret of the program had
    /// sealed. Safe with several instances at once. A step that fails keeps none of the others from theirs.
    ///
    /// # Errors
    /// The first step that failed; the next sweep makes up for it.
    pub fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        // One short transaction each: nobody waits for all of it.
        let steps = [
            self.db.write(|tx| {
                sessions::delete_over(tx, now - self.settings.session_lifetime)?;
                sessions::delete_used_refresh_tokens(tx, now - USED_REFRESH_TOKENS_KEPT_FOR)
            }),
            self.db
                .write(|tx| account_tokens::delete_over(tx, now - DEAD_LINKS_KEPT_FOR)),
            self.db.write(|tx| idempotency::delete_over(tx, now)),
            self.db
                .write(|tx| outbox::delete_finished(tx, now - FINISHED_MAIL_KEPT_FOR)),
            self.db
                .write(|tx| notifications::delete_all_older(tx, now - KEPT_FOR)),
            self.db.write(|tx| {
                webhook_deliveries::delete_finished(tx, now - FINISHED_DELIVERIES_KEPT_FOR)?;
                webhook_deliveries::keep_newest(tx, FINISHED_DELIVERIES_KEPT)
            }),
            self.db.write(|tx| webhook_secrets::erase_former(tx, now)),
            self.seal_secrets_anew(),
        ];
        let failed = steps
            .into_iter()
            .filter_map(|step: std::result::Result<usize, StoreError>| step.err());
        let mut first = None;
        for error in failed {
            tracing::error!(%error, "a step of the sweep failed");
            first.get_or_insert(error);
        }
        first.map_or(Ok(()), |error| Err(error.into()))
    }

    /// An instance that knows the former secret alone may seal with it long after the first one changed.
    fn seal_secrets_anew(&self) -> std::result::Result<usize, StoreError> {
        if self.webhook_sealer.rotates() {
            seal_anew(&self.db, &self.webhook_sealer)
        } else {
            Ok(0)
        }
    }
}
