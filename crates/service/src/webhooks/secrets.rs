//! The secrets of webhooks: changing them, and keeping them sealed with what the program signs with now.

use accord_domain::authorize::ManageWebhooks;
use accord_domain::ids::{AccountId, WebhookId};
use accord_domain::webhook::{FORMER_SECRET_VALID_FOR, MOST_FORMER_SECRETS};
use accord_store::webhook_secrets::{self, FormerSecret, SealedSecrets};
use accord_store::{Db, StoreError, webhooks};
use accord_webhooks::{SealError, SecretSealer, WebhookSecret};

use super::WebhookWithSecret;
use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError};
use crate::tasks::Happening;

/// Webhooks whose secrets are sealed anew in one transaction.
const RESEALED_AT_ONCE: u32 = 100;

impl Service {
    /// Gives a webhook another secret, and tells it this once. For a day those before sign too, each to its own
    /// end, so that receivers can change over without losing anything, and who asks again because the answer
    /// was lost takes nothing away.
    ///
    /// # Errors
    /// Hidden when it is not there.
    pub fn rotate_webhook_secret(
        &self,
        call: &Call,
        host: AccountId,
        id: WebhookId,
    ) -> Result<WebhookWithSecret> {
        let secret = WebhookSecret::new(self.randomness.bytes());
        let webhook =
            self.change_hosting::<ManageWebhooks, _>(call, host, |tx, stage, grant| {
                let now = stage.now;
                let before = webhooks::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
                // One that cannot be opened any more cannot sign either: this is the way out of that.
                let signed = self.webhook_sealer.open(id, &before.sealed_secret).is_ok();
                let last = signed.then(|| FormerSecret {
                    sealed: before.sealed_secret.clone(),
                    ends_at: now + FORMER_SECRET_VALID_FOR,
                });
                let earlier = before.former_secrets.iter().cloned();
                let secrets = SealedSecrets {
                    secret: self.seal_webhook_secret(id, &secret)?,
                    former: last
                        .into_iter()
                        .chain(earlier.filter(|one| now < one.ends_at))
                        .take(MOST_FORMER_SECRETS)
                        .collect(),
                };
                let webhook = webhook_secrets::replace(tx, grant, id, &secrets, now)?
                    .ok_or(ServiceError::HIDDEN)?;
                let happening =
                    Happening::new("webhook.rotate_secret").item("webhook", id, &webhook.url);
                let actor = stage.party.actor(&call.request);
                self.record(tx, host, actor, happening, now)?;
                Ok(webhook)
            })?;
        Ok(WebhookWithSecret { webhook, secret })
    }

    pub(super) fn seal_webhook_secret(
        &self,
        id: WebhookId,
        secret: &WebhookSecret,
    ) -> Result<Vec<u8>> {
        self.webhook_sealer
            .seal(id, secret)
            .map_err(ServiceError::internal)
    }
}

/// Seals with the program's first secret what a former one had sealed, so that the former one can go. What none
/// opens stays as it is: its secret has to be rotated. Answers how many were sealed.
pub(crate) fn seal_anew(db: &Db, sealer: &SecretSealer) -> Result<usize, StoreError> {
    let mut last = None;
    let mut sealed_anew = 0_usize;
    loop {
        let batch = db.read(|tx| webhook_secrets::after(tx, last, RESEALED_AT_ONCE))?;
        let mut changed: Vec<(WebhookId, &[u8], Vec<u8>)> = Vec::new();
        for (id, secrets) in &batch {
            let former = secrets.former.iter().map(|one| &one.sealed);
            for sealed in std::iter::once(&secrets.secret).chain(former) {
                match sealer.resealed(*id, sealed) {
                    Ok(None) => {}
                    Ok(Some(anew)) => changed.push((*id, sealed, anew)),
                    Err(SealError::NotOpened) => {
                        tracing::warn!(webhook = %id, "{}", SealError::NotOpened);
                    }
                    Err(error) => return Err(StoreError::Internal(error.to_string())),
                }
            }
        }
        if !changed.is_empty() {
            db.write(|tx| {
                for (id, before, anew) in &changed {
                    webhook_secrets::reseal(tx, *id, before, anew)?;
                }
                Ok::<_, StoreError>(())
            })?;
            sealed_anew += changed.len();
        }
        match batch.last() {
            Some((id, _)) => last = Some(*id),
            None => break,
        }
    }
    if sealed_anew > 0 {
        tracing::info!(
            sealed_anew,
            "secrets of webhooks were sealed with the program's first secret"
        );
    }
    Ok(sealed_anew)
}
