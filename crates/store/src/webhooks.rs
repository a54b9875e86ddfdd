//! Webhooks: addresses to which events of an account are sent.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::outcome::{Update, expect_version};
use crate::page::{CHUNK, Page, Position, Rows, keyset};
use crate::schema::webhooks;
use crate::types::{Sql, many};
use crate::webhook_secrets::{self, FormerSecret};
use accord_domain::authorize::{Grant, ManageWebhooks};
use accord_domain::ids::{AccountId, WebhookId};
use accord_domain::webhook::{SwitchedOff, WebhookEvent};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// An address to which events are sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose events are sent.
    pub account_id: AccountId,
    /// Where to.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events, in the order of their declaration.
    pub events: Vec<WebhookEvent>,
    /// The secret that signs, encrypted.
    pub sealed_secret: Vec<u8>,
    /// Secrets from before rotations that are not erased yet, the newest first.
    pub former_secrets: Vec<FormerSecret>,
    /// Since when it is off.
    pub switched_off_at: Option<DateTime<Utc>>,
    /// Why it is off.
    pub switched_off_because: Option<SwitchedOff>,
    /// Since when every attempt has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// When the receiver took something last.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When an attempt failed last.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// What went wrong then; none once something succeeded.
    pub last_error: Option<String>,
    /// Counts every change that somebody made.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What somebody decides about a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookContent {
    /// Where to.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Since when and why it is off; none when it is on.
    pub switched_off: Option<(DateTime<Utc>, SwitchedOff)>,
    /// Since when every attempt has failed.
    pub failing_since: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
struct Row {
    id: WebhookId,
    account_id: AccountId,
    url: String,
    description: String,
    event_types: Value,
    sealed_secret: Vec<u8>,
    switched_off_at: Option<DateTime<Utc>>,
    switched_off_because: Option<SwitchedOff>,
    failing_since: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Webhook {
    fn of(row: Row, former_secrets: Vec<FormerSecret>) -> Self {
        // A word that another version wrote names nothing that this one could send.
        let words = row.event_types.as_array().into_iter().flatten();
        let mut events: Vec<WebhookEvent> = words
            .filter_map(|word| word.as_str()?.parse().ok())
            .collect();
        events.sort_unstable();
        Self {
            id: row.id,
            account_id: row.account_id,
            url: row.url,
            description: row.description,
            events,
            sealed_secret: row.sealed_secret,
            former_secrets,
            switched_off_at: row.switched_off_at,
            switched_off_because: row.switched_off_because,
            failing_since: row.failing_since,
            last_success_at: row.last_success_at,
            last_failure_at: row.last_failure_at,
            last_error: row.last_error,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn with_secrets(tx: &mut Conn<'_>, rows: Vec<Row>) -> Result<Vec<Webhook>, StoreError> {
    let ids: Vec<WebhookId> = rows.iter().map(|row| row.id).collect();
    let mut former = webhook_secrets::former_of(tx, &ids)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let former = former.remove(&row.id).unwrap_or_default();
            Webhook::of(row, former)
        })
        .collect())
}

fn with_its_secrets(tx: &mut Conn<'_>, row: Option<Row>) -> Result<Option<Webhook>, StoreError> {
    Ok(with_secrets(tx, row.into_iter().collect())?.pop())
}

fn words(events: &[WebhookEvent]) -> Value {
    events.iter().map(|event| event.as_str()).collect()
}

/// A page of the account's webhooks, by the time they were made.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    page: &Page,
) -> Result<Rows<Webhook>, StoreError> {
    let after = page.after_moment::<WebhookId>()?;
    let rows: Vec<Row> = on!(tx, |c| {
        let query = webhooks::table
            .filter(webhooks::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        keyset!(query, page, after, webhooks::created_at, webhooks::id)
            .select(Row::as_select())
            .load(c)
    })?;
    let rows = Rows::cut(rows, page, |row| Position::moment(&row.created_at, row.id));
    Ok(Rows {
        items: with_secrets(tx, rows.items)?,
        next: rows.next,
    })
}

/// How many the account has.
pub fn count(tx: &mut Conn<'_>, account: AccountId) -> Result<i64, StoreError> {
    on!(tx, |c| webhooks::table
        .filter(webhooks::account_id.eq(Sql(account)))
        .count()
        .get_result(c))
}

/// One of the account's.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: WebhookId,
) -> Result<Option<Webhook>, StoreError> {
    let row: Option<Row> = on!(tx, |c| webhooks::table
        .find(Sql(id))
        .filter(webhooks::account_id.eq(Sql(account)))
        .select(Row::as_select())
        .first(c)
        .optional())?;
    with_its_secrets(tx, row)
}

/// Those of the ids, whosever they are: for who sends.
pub fn by_ids(tx: &mut Conn<'_>, ids: &[WebhookId]) -> Result<Vec<Webhook>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<Row> = on!(tx, |c| webhooks::table
            .filter(webhooks::id.eq_any(many(ids)))
            .select(Row::as_select())
            .load(c))?;
        found.extend(with_secrets(tx, rows)?);
    }
    Ok(found)
}

/// Those of the account's that are on.
pub fn switched_on(tx: &mut Conn<'_>, account: AccountId) -> Result<Vec<Webhook>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| webhooks::table
        .filter(webhooks::account_id.eq(Sql(account)))
        .filter(webhooks::switched_off_at.is_null())
        .order((webhooks::created_at.asc(), webhooks::id.asc()))
        .select(Row::as_select())
        .load(c))?;
    with_secrets(tx, rows)
}

/// Adds a webhook to the account.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageWebhooks>,
    id: WebhookId,
    content: &WebhookContent,
    sealed_secret: &[u8],
    now: DateTime<Utc>,
) -> Result<Webhook, StoreError> {
    let row: Row = on!(tx, |c| diesel::insert_into(webhooks::table)
        .values((
            webhooks::id.eq(Sql(id)),
            webhooks::account_id.eq(Sql(grant.account_id())),
            webhooks::url.eq(&content.url),
            webhooks::description.eq(&content.description),
            webhooks::event_types.eq(words(&content.events)),
            webhooks::sealed_secret.eq(sealed_secret),
            webhooks::switched_off_at.eq(content.switched_off.map(|(at, _)| Sql(at))),
            webhooks::switched_off_because.eq(content.switched_off.map(|(_, why)| Sql(why))),
            webhooks::version.eq(1),
            webhooks::created_at.eq(Sql(now)),
            webhooks::updated_at.eq(Sql(now)),
        ))
        .returning(Row::as_returning())
        .get_result(c))?;
    Ok(Webhook::of(row, Vec::new()))
}

/// Changes one of the account's webhooks.
pub fn update(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageWebhooks>,
    id: WebhookId,
    content: &WebhookContent,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Webhook>, StoreError> {
    let version = version(tx, grant.account_id(), id)?;
    expect_version!(version, expected_version);
    let row: Option<Row> = on!(tx, |c| diesel::update(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::account_id.eq(Sql(grant.account_id())))
    )
    .set((
        webhooks::url.eq(&content.url),
        webhooks::description.eq(&content.description),
        webhooks::event_types.eq(words(&content.events)),
        webhooks::switched_off_at.eq(content.switched_off.map(|(at, _)| Sql(at))),
        webhooks::switched_off_because.eq(content.switched_off.map(|(_, why)| Sql(why))),
        webhooks::failing_since.eq(content.failing_since.map(Sql)),
        webhooks::version.eq(webhooks::version + 1),
        webhooks::updated_at.eq(Sql(now)),
    ))
    .returning(Row::as_returning())
    .get_result(c)
    .optional())?;
    Ok(with_its_secrets(tx, row)?.map_or(Update::Missing, Update::Done))
}

/// Deletes one of the account's webhooks, with all that was or shall be sent to it.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageWebhooks>,
    id: WebhookId,
) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::delete(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::account_id.eq(Sql(grant.account_id())))
    )
    .execute(c)
    .map(|count| count > 0))
}

/// Notes that the receiver took something.
pub fn note_success(
    tx: &mut Conn<'_>,
    id: WebhookId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(webhooks::table.find(Sql(id)))
        .set((
            webhooks::last_success_at.eq(Some(Sql(now))),
            webhooks::failing_since.eq(None::<Sql<DateTime<Utc>>>),
            webhooks::last_error.eq(None::<String>),
        ))
        .execute(c)
        .map(drop))
}

/// Notes that an attempt failed, and answers the webhook as it is then; none when it is gone.
pub fn note_failure(
    tx: &mut Conn<'_>,
    id: WebhookId,
    error: &str,
    now: DateTime<Utc>,
) -> Result<Option<Webhook>, StoreError> {
    on!(tx, |c| diesel::update(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::failing_since.is_null())
    )
    .set(webhooks::failing_since.eq(Some(Sql(now))))
    .execute(c))?;
    let row: Option<Row> = on!(tx, |c| diesel::update(webhooks::table.find(Sql(id)))
        .set((
            webhooks::last_failure_at.eq(Some(Sql(now))),
            webhooks::last_error.eq(Some(error)),
        ))
        .returning(Row::as_returning())
        .get_result(c)
        .optional())?;
    with_its_secrets(tx, row)
}

/// Switches a webhook off whose receiver does not answer as it should; none when it is gone, or off
/// already.
pub fn switch_off(
    tx: &mut Conn<'_>,
    id: WebhookId,
    because: SwitchedOff,
    now: DateTime<Utc>,
) -> Result<Option<Webhook>, StoreError> {
    let row: Option<Row> = on!(tx, |c| diesel::update(
        webhooks::table
            .find(Sql(id))
            .filter(webhooks::switched_off_at.is_null())
    )
    .set((
        webhooks::switched_off_at.eq(Some(Sql(now))),
        webhooks::switched_off_because.eq(Some(Sql(because))),
        webhooks::version.eq(webhooks::version + 1),
        webhooks::updated_at.eq(Sql(now)),
    ))
    .returning(Row::as_returning())
    .get_result(c)
    .optional())?;
    with_its_secrets(tx, row)
}

fn version(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: WebhookId,
) -> Result<Option<i64>, StoreError> {
    on!(tx, |c| webhooks::table
        .find(Sql(id))
        .filter(webhooks::account_id.eq(Sql(account)))
        .select(webhooks::version)
        .first(c)
        .optional())
}
