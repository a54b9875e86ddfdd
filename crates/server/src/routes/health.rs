use accord_api_types::{ErrorCode, Health};
use accord_service::RequestInfo;
use actix_web::{HttpRequest, HttpResponse, get};

use super::State;
use crate::caller::Anybody;
use crate::metrics::{Figures, may_read};
use crate::problem::{Answer, ApiError};

fn health(status: &str, reason: Option<&str>) -> Health {
    Health {
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
    }
}

/// Whether the program is alive
///
/// For an orchestrator that restarts what does not answer. Asks nothing of the database.
#[utoipa::path(
    operation_id = "live",
    tag = "service",
    responses((status = 200, description = "It is.", body = Health)),
)]
#[get("/livez")]
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(health("ok", None))
}

/// Whether the program can serve
///
/// For a load balancer: the database answers. While it does not, requests are better sent elsewhere.
#[utoipa::path(
    operation_id = "ready",
    tag = "service",
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "The database cannot be reached.", body = Health),
    ),
)]
#[get("/readyz")]
pub(super) async fn ready(state: State) -> HttpResponse {
    match state.run(|service| service.ready()).await {
        Ok(()) => HttpResponse::Ok().json(health("ok", None)),
        Err(_) => HttpResponse::ServiceUnavailable().json(health(
            "unavailable",
            Some("the database cannot be reached"),
        )),
    }
}

/// What the program does, in numbers
///
/// For Prometheus, in its text format: requests by operation and status with their latency, the outbox, webhooks
/// and what waits for them, connections to the database, whether commits of other instances are heard as they
/// happen, open event streams, the access indexes in memory. No name, address or id is told. Answered to the networks of `ACCORD_METRICS_FROM` alone, which are this machine unless said otherwise; to
/// others it is not there.
#[utoipa::path(
    operation_id = "metrics",
    tag = "service",
    responses((status = 200, description = "The numbers.", body = String, content_type = "text/plain")),
    extensions(("x-problem-codes" = json!([ErrorCode::NotFound]))),
)]
#[get("/metrics")]
pub(super) async fn metrics(state: State, caller: Anybody, request: HttpRequest) -> Answer {
    let RequestInfo {
        network_address, ..
    } = &caller.0;
    if !may_read(&request, &state, network_address) {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let (outbox, webhooks) = state
        .run(|service| Ok((service.outbox_now()?, service.webhooks_now()?)))
        .await?;
    let figures = Figures {
        outbox,
        webhooks,
        pool: state.db.pool_state(),
        hears_others: state.db.hears_others(),
        streams: state.streams.open(),
        indexes: state.service.index_figures(),
    };
    let page = state
        .metrics
        .page(&figures)
        .map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(page))
}
