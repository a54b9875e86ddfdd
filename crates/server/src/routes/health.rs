use accord_api_types::Health;
use actix_web::{HttpResponse, get};

use super::State;

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
