use accord_api_types::{
    CreateWebhook, ErrorCode, NewWebhook, Page, PageQuery, UpdateWebhook, Webhook, WebhookEventType,
};
use accord_domain::ids::{AccountId, WebhookId};
use accord_domain::text::Description;
use accord_domain::webhook::WebhookEvent;
use accord_service::{WebhookView, WebhookWithSecret};
use actix_web::http::StatusCode;
use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned};
use crate::caller::Scoped;
use crate::convert::{Fields, webhook_event, webhook_event_asked, webhook_off_because};
use crate::extract::{Ids, Json, NoBody, Query};
use crate::idempotency::secret;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::{Read, Webhooks};
use crate::versions::IfMatch;

pub(super) const SORTS: &[Sort] = &[Sort::by_time("created_at")];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_webhooks)
        .service(create_webhook)
        .service(get_webhook)
        .service(update_webhook)
        .service(delete_webhook)
        .service(rotate_webhook_secret);
}

fn webhook(view: &WebhookView) -> Webhook {
    let enabled = view.switched_off_at.is_none();
    let mut allowed_actions = vec!["edit".into(), "rotate_secret".into(), "delete".into()];
    if enabled {
        allowed_actions.push("test".into());
    }
    Webhook {
        id: view.id.into(),
        url: view.url.clone(),
        description: view.description.clone(),
        event_types: view.events.iter().copied().map(webhook_event).collect(),
        enabled,
        disabled_because: view.switched_off_because.map(webhook_off_because),
        disabled_at: view.switched_off_at,
        failing_since: view.failing_since,
        last_success_at: view.last_success_at,
        last_failure_at: view.last_failure_at,
        last_error: view.last_error.clone(),
        former_secret_until: view.former_secrets.iter().map(|one| one.ends_at).max(),
        created_at: view.created_at,
        updated_at: view.updated_at,
        allowed_actions,
    }
}

fn with_secret(made: &WebhookWithSecret) -> NewWebhook {
    NewWebhook {
        secret: made.secret.reveal(),
        webhook: webhook(&made.webhook),
    }
}

fn events_asked(types: Vec<WebhookEventType>) -> Vec<WebhookEvent> {
    types.into_iter().map(webhook_event_asked).collect()
}

/// The account's webhooks
///
/// The addresses to which events of the account are sent, by the Standard Webhooks specification. For
/// the owner alone; secrets are not among what is told.
#[utoipa::path(
    operation_id = "list_webhooks",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, PageQuery),
    responses((status = 200, description = "A page of them. Sorted by `created_at`.", body = Page<Webhook>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/webhooks")]
async fn list_webhooks(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_webhooks(&caller.0, host, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| webhook(&view))))
}

/// Add a webhook
///
/// From now on each event of the chosen types is sent to the URL: a POST with a signed JSON body
/// (`WebhookEvent`), queued in the transaction of what happened. Any status from 200 to 299 within 15
/// seconds is an acceptance; redirects are not followed. Whatever else happens is tried again after
/// 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours. The same message always has the same
/// `webhook-id`; a receiver passes over those that it has. A receiver that answers 410, or takes nothing
/// for five days, is switched off, and the owner hears of it. The answer holds the secret, this once. An
/// account has at most 20.
#[utoipa::path(
    operation_id = "create_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(AccountPath),
    request_body = CreateWebhook,
    responses((status = 201, description = "The new webhook, and its secret.", body = NewWebhook, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified, ErrorCode::TooManyWebhooks
    ]))),
)]
#[post("/accounts/{account_id}/webhooks")]
async fn create_webhook(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<AccountPath>,
    Json(body): Json<CreateWebhook>,
) -> Answer {
    let mut fields = Fields::default();
    let description = fields.take("/description", Description::parse(&body.description));
    let built = description.map(|description| accord_service::CreateWebhook {
        url: body.url,
        description,
        events: events_asked(body.event_types),
        enabled: body.enabled.unwrap_or(true),
    });
    let command = fields.finish(built)?;
    let host = AccountId(path.0.account_id);
    let new = state
        .run(move |service| service.create_webhook(&caller.0, host, &command))
        .await?;
    Ok(secret(made(
        format!("/api/v1/accounts/{host}/webhooks/{}", new.webhook.id),
        new.webhook.version,
        &with_secret(&new),
    )))
}

/// A webhook
///
/// Its settings and how it fares, without its secret.
#[utoipa::path(
    operation_id = "get_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The webhook.", body = Webhook, headers(("ETag" = String, description = "The version of its settings.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/webhooks/{id}")]
async fn get_webhook(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let view = state
        .run(move |service| service.get_webhook(&caller.0, host, id))
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &webhook(&view)))
}

/// Change a webhook
///
/// A merge patch. Switching it off gives up what waits to be sent; one that was switched off because of
/// its receiver is switched on again the same way. What happened in between is not sent later.
#[utoipa::path(
    operation_id = "update_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdateWebhook,
    responses((status = 200, description = "The webhook as it is now.", body = Webhook, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified
    ]))),
)]
#[patch("/accounts/{account_id}/webhooks/{id}")]
async fn update_webhook(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateWebhook>,
) -> Answer {
    let mut fields = Fields::default();
    let description = fields.take_optional("/description", body.description, |text| {
        Description::parse(&text)
    });
    let built = description.map(|description| accord_service::UpdateWebhook {
        url: body.url,
        description,
        events: body.event_types.map(events_asked),
        enabled: body.enabled,
    });
    let command = fields.finish(built)?;
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_webhook(&caller.0, host, id, &command, expected))
        })
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &webhook(&view)))
}

/// Delete a webhook
///
/// Nothing more is sent to it, and its log goes along. What is under way may still arrive.
#[utoipa::path(
    operation_id = "delete_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified
    ]))),
)]
#[delete("/accounts/{account_id}/webhooks/{id}")]
async fn delete_webhook(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    state
        .run(move |service| {
            if_match.attempt(|expected| service.delete_webhook(&caller.0, host, id, expected))
        })
        .await?;
    Ok(no_content())
}

/// Give a webhook another secret
///
/// When the old one may be known to somebody, or from time to time. For 24 hours the old one signs each message
/// too (the signatures are separated by spaces), so that the receiver can change over. Up to five former secrets
/// sign beside the present one, each to its own end: asking again because the answer was lost takes none away.
/// The answer holds the new secret, this once.
#[utoipa::path(
    operation_id = "rotate_webhook_secret",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(ThingPath),
    responses((status = 200, description = "The webhook, and its new secret.", body = NewWebhook, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified
    ]))),
)]
#[post("/accounts/{account_id}/webhooks/{id}/rotate-secret")]
async fn rotate_webhook_secret(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<ThingPath>,
    _body: NoBody,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let new = state
        .run(move |service| service.rotate_webhook_secret(&caller.0, host, id))
        .await?;
    Ok(secret(versioned(
        StatusCode::OK,
        new.webhook.version,
        &with_secret(&new),
    )))
}
