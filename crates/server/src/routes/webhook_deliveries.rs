use accord_api_types::{
    ErrorCode, Page, WebhookAttempt, WebhookDeliveriesQuery, WebhookDelivery, WebhookDeliveryStatus,
};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_service::{AttemptView, DeliveryView};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{State, ThingPath, ok};
use crate::caller::Scoped;
use crate::convert::{delivery_status, delivery_status_asked};
use crate::extract::{Ids, NoBody, Query};
use crate::limits::Kind;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::{Read, Webhooks};

pub(super) const SORTS: &[Sort] = &[Sort::by_time("created_at")];
const NEWEST_FIRST: &str = "-created_at";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_webhook_deliveries)
        .service(redeliver_webhook)
        .service(test_webhook);
}

/// One delivery to a webhook of an account.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DeliveryPath {
    /// The account whose webhook it is.
    account_id: Uuid,
    /// The webhook.
    id: Uuid,
    /// The delivery.
    delivery_id: Uuid,
}

fn delivery(view: DeliveryView) -> WebhookDelivery {
    let DeliveryView {
        delivery: view,
        attempts,
    } = view;
    let status = delivery_status(view.status);
    WebhookDelivery {
        id: view.id.into(),
        payload: serde_json::from_str(&view.body).unwrap_or_default(),
        event_type: view.event_type,
        status,
        created_at: view.created_at,
        attempt_count: u32::try_from(view.attempts).unwrap_or_default(),
        attempts: attempts.into_iter().map(attempt).collect(),
        next_attempt_at: (status == WebhookDeliveryStatus::Pending).then_some(view.next_attempt_at),
        last_attempt_at: view.last_attempt_at,
        duration_ms: view.last_duration_ms.and_then(|ms| u64::try_from(ms).ok()),
        response_status: http_status(view.response_status),
        response_body: view.response_body,
        error: view.last_error,
    }
}

fn attempt(view: AttemptView) -> WebhookAttempt {
    WebhookAttempt {
        number: u32::try_from(view.number).unwrap_or_default(),
        ended_at: view.ended_at,
        duration_ms: u64::try_from(view.duration_ms).unwrap_or_default(),
        response_status: http_status(view.response_status),
        error: view.error,
    }
}

fn http_status(stored: Option<i32>) -> Option<u16> {
    stored.and_then(|status| u16::try_from(status).ok())
}

/// What was sent to a webhook
///
/// Each event with what became of it, every attempt and what the receiver answered last, the newest first.
/// What was delivered or given up is kept for 30 days, and of each webhook no more than the newest 1,000. At
/// most 10,000 wait for a webhook at a time: when more happens, the oldest of them are given up.
#[utoipa::path(
    operation_id = "list_webhook_deliveries",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, WebhookDeliveriesQuery),
    responses((status = 200, description = "A page of deliveries.", body = Page<WebhookDelivery>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/webhooks/{id}/deliveries")]
async fn list_webhook_deliveries(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<WebhookDeliveriesQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        Some(query.sort.as_deref().unwrap_or(NEWEST_FIRST)),
        SORTS,
    )?;
    let status = query.status.map(delivery_status_asked);
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_deliveries(&caller.0, host, id, status, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, delivery)))
}

/// Send something to a webhook again
///
/// Whatever became of it: at once, and with all attempts before it. The message keeps its `webhook-id`,
/// so that a receiver that has it already passes over it. One that is under way stays as it is. Not while
/// the webhook is switched off.
#[utoipa::path(
    operation_id = "redeliver_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(DeliveryPath),
    responses((status = 202, description = "The delivery, on its way.", body = WebhookDelivery)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified, ErrorCode::WebhookDisabled,
        ErrorCode::RateLimited
    ]))),
)]
#[post("/accounts/{account_id}/webhooks/{id}/deliveries/{delivery_id}/redeliver")]
async fn redeliver_webhook(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<DeliveryPath>,
    _body: NoBody,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let which = DeliveryId(path.0.delivery_id);
    let again = state.run(move |service| service.redeliver(&caller.0, host, id, which));
    let view = state
        .limit_successes(Kind::WebhookTry, &id.to_string(), again)
        .await?;
    Ok(HttpResponse::Accepted().json(delivery(view)))
}

/// Send a test to a webhook
///
/// A `webhook.test`, whatever events it asked to hear of, on the way that everything takes: the log tells
/// what came of it. Not while the webhook is switched off.
#[utoipa::path(
    operation_id = "test_webhook",
    tag = "webhooks",
    security(("bearer" = []), ("api_token" = ["webhooks"]), ("platform_token" = ["webhooks"])),
    params(ThingPath),
    responses((status = 202, description = "The delivery, on its way.", body = WebhookDelivery)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::EmailNotVerified, ErrorCode::WebhookDisabled,
        ErrorCode::RateLimited
    ]))),
)]
#[post("/accounts/{account_id}/webhooks/{id}/test")]
async fn test_webhook(
    state: State,
    caller: Scoped<Webhooks>,
    path: Ids<ThingPath>,
    _body: NoBody,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), WebhookId(path.0.id));
    let test = state.run(move |service| service.test_webhook(&caller.0, host, id));
    let view = state
        .limit_successes(Kind::WebhookTry, &id.to_string(), test)
        .await?;
    Ok(HttpResponse::Accepted().json(delivery(view)))
}
