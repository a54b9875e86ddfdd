use accord_api_types::ServiceInfo;
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ok};
use crate::problem::Answer;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_service).service(get_openapi);
}

/// What this server offers
///
/// What a client needs to know before anybody is signed in: whether people may sign up, and whether
/// mail is sent or links are copied.
#[utoipa::path(
    operation_id = "get_service",
    tag = "service",
    responses((status = 200, description = "What it offers.", body = ServiceInfo)),
)]
#[get("/service")]
async fn get_service(state: State) -> Answer {
    let settings = state.service.settings();
    Ok(ok(&ServiceInfo {
        sign_up_open: settings.sign_up_open,
        upgrade_open: settings.upgrade_open,
        mail_server: settings.mail_server,
        development_mailbox: state.development_mailbox,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}

/// This document
///
/// What the API is, in the words of OpenAPI. The repository holds a copy, and `/docs` shows it.
#[utoipa::path(
    operation_id = "get_openapi",
    tag = "service",
    responses((status = 200, description = "The document.", body = serde_json::Value)),
)]
#[get("/openapi.json")]
async fn get_openapi(state: State) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(state.document.clone())
}
