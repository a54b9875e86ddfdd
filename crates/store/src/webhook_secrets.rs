//! The secrets by which webhooks sign, encrypted: the present one, and former ones until their ends.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::CHUNK;
use crate::schema::{webhook_former_secrets as former, webhooks};
use crate::types::{Sql, many};
use crate::webhooks::Webhook;
use accord_domain::authorize::{Grant, ManageWebhooks};
use accord_domain::ids::WebhookId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// A secret from before a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerSecret {
    /// Encrypted.
    pub sealed: Vec<u8>,
    /// Until when it signs too.
    pub ends_at: DateTime<Utc>,
}

/// The secrets of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecrets {
    /// The one that signs, encrypted.
    pub secret: Vec<u8>,
    /// Those that sign too, and no others.
    pub former: Vec<FormerSecret>,
}

/// The former secrets of these webhooks, the newest first. A webhook without any is not in the answer.
pub(crate) fn former_of(
    tx: &mut Conn<'_>,
    ids: &[WebhookId],
) -> Result<HashMap<WebhookId, Vec<FormerSecret>>, StoreError> {
    let mut found: HashMap<WebhookId, Vec<FormerSecret>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(WebhookId, Vec<u8>, DateTime<Utc>)> = on!(tx, |c| former::table
            .filter(former::webhook_id.eq_any(many(ids)))
            .order((former::ends_at.desc(), former::sealed_secret.asc()))
            .select((former::webhook_id, former::sealed_secret, former::ends_at))
            .load(c))?;
        for (id, sealed, ends_at) in rows {
            let of_webhook = found.entry(id).or_default();
            of_webhook.push(FormerSecret { sealed, ends_at });
        }
    }
    Ok(found)
}

/// Gives one of the account's webhooks these secrets in place of those it has; none when it is gone.
pub fn replace(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageWebhooks>,
    id: WebhookId,
    secrets: &SealedSecrets,
    now: DateTime<Utc>,
) -> Result<Option<Webhook>, StoreError> {
    let account = grant.account_id();
    let found = on!(tx, |c| diesel::update(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::account_id.eq(Sql(account)))
    )
    .set((
        webhooks::sealed_secret.eq(&secrets.secret),
        webhooks::version.eq(webhooks::version + 1),
        webhooks::updated_at.eq(Sql(now)),
    ))
    .execute(c))?;
    if found == 0 {
        return Ok(None);
    }
    on!(tx, |c| diesel::delete(
        former::table.filter(former::webhook_id.eq(Sql(id)))
    )
    .execute(c))?;
    let rows: Vec<_> = secrets
        .former
        .iter()
        .map(|one| {
            (
                former::webhook_id.eq(Sql(id)),
                former::sealed_secret.eq(&one.sealed),
                former::ends_at.eq(Sql(one.ends_at)),
            )
        })
        .collect();
    on!(tx, |c| diesel::insert_into(former::table)
        .values(&rows)
        .execute(c))?;
    crate::webhooks::by_id(tx, account, id)
}

/// Erases the former secrets that do not sign any more.
pub fn erase_former(tx: &mut Conn<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        former::table.filter(former::ends_at.le(Sql(now)))
    )
    .execute(c))
}

/// The secrets of up to `limit` webhooks, whosever they are, by their ids, from the one after that.
pub fn after(
    tx: &mut Conn<'_>,
    after: Option<WebhookId>,
    limit: u32,
) -> Result<Vec<(WebhookId, SealedSecrets)>, StoreError> {
    let present: Vec<(WebhookId, Vec<u8>)> = on!(tx, |c| {
        let mut query = webhooks::table.into_boxed::<DB>();
        if let Some(after) = after {
            query = query.filter(webhooks::id.gt(Sql(after)));
        }
        query
            .order(webhooks::id.asc())
            .select((webhooks::id, webhooks::sealed_secret))
            .limit(i64::from(limit))
            .load(c)
    })?;
    let ids: Vec<WebhookId> = present.iter().map(|(id, _)| *id).collect();
    let mut former = former_of(tx, &ids)?;
    Ok(present
        .into_iter()
        .map(|(id, secret)| {
            let former = former.remove(&id).unwrap_or_default();
            (id, SealedSecrets { secret, former })
        })
        .collect())
}

/// Puts a secret that was sealed anew in the place of what it was sealed as before, wherever that still
/// stands. Nobody changed anything, so the version stays.
pub fn reseal(
    tx: &mut Conn<'_>,
    id: WebhookId,
    before: &[u8],
    sealed: &[u8],
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::sealed_secret.eq(before))
    )
    .set(webhooks::sealed_secret.eq(sealed))
    .execute(c))?;
    on!(tx, |c| diesel::update(
        former::table
            .filter(former::webhook_id.eq(Sql(id)))
            .filter(former::sealed_secret.eq(before))
    )
    .set(former::sealed_secret.eq(sealed))
    .execute(c)
    .map(drop))
}
