//! The operations of the API, one file per resource. Registering one documents it too.

mod account;
mod api_tokens;
mod auth;
mod catalogue;
mod collaborations;
mod decisions;
mod environment_access;
mod environments;
mod events;
mod groups;
mod health;
mod invitations;
mod load_alerts;
mod member_access;
mod member_timeline;
mod member_verbs;
mod members;
mod notifications;
mod own_account;
mod policies;
mod previews;
mod roles;
mod service_info;
pub(crate) mod tasks;
mod unsubscribe;
mod visible_environments;
mod webhook_deliveries;
mod webhooks;

use accord_api_types::{BASE_PATH, ErrorCode};
use accord_service::Call;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) use unsubscribe::configure_one_click;

use crate::body::gather;
use crate::idempotency::remember;
use crate::lists::Sort;
use crate::problem::{Answer, ApiError};
use crate::recognise::recognise;
use crate::revisions;
use crate::state::App;
use crate::versions::etag;

/// The state, as handlers take it.
type State = web::Data<App>;

/// The orders in which a list can be asked for.
pub(crate) fn orders_of(operation_id: &str) -> Option<&'static [Sort]> {
    Some(match operation_id {
        "list_actions" => catalogue::SORTS,
        "list_api_tokens" => api_tokens::SORTS,
        "list_collaborations" => collaborations::SORTS,
        "list_collaboration_access" | "list_member_access" => member_access::ACCESS_SORTS,
        "list_environment_access" => environment_access::SORTS,
        "list_environments" => environments::SORTS,
        "list_groups" => groups::SORTS,
        "list_member_shares" => member_access::SHARE_SORTS,
        "list_member_timeline" => member_timeline::SORTS,
        "list_members" => members::SORTS,
        "list_notifications" => notifications::SORTS,
        "list_policies" => policies::SORTS,
        "list_roles" => roles::SORTS,
        "list_sessions" => account::SESSION_SORTS,
        "list_shareable_roles" => environment_access::ROLE_SORTS,
        "list_tasks" => tasks::SORTS,
        "list_visible_environments" => visible_environments::SORTS,
        "list_webhook_deliveries" => webhook_deliveries::SORTS,
        "list_webhooks" => webhooks::SORTS,
        _ => return None,
    })
}

/// The account in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AccountPath {
    /// The account whose things these are.
    account_id: Uuid,
}

/// A thing of an account.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ThingPath {
    /// The account whose thing it is.
    account_id: Uuid,
    /// The thing.
    id: Uuid,
}

/// Something that is the caller's.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OwnPath {
    /// The thing.
    id: Uuid,
}

/// The version that a write is made for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents the header that `IfMatch` reads")]
struct IfMatchHeader {
    /// The `ETag` that the change is based on; the write is refused when it is not the stored one.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// Registers everything that is documented.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(health::live)
        .service(health::ready)
        .service(health::metrics)
        .service(
            scope::scope(BASE_PATH)
                .wrap(from_fn(revisions::tell))
                .wrap(from_fn(remember))
                .wrap(from_fn(recognise))
                .wrap(from_fn(gather))
                .configure(operations)
                .default_service(web::to(no_operation)),
        );
}

fn operations(config: &mut ServiceConfig<'_>) {
    config
        // Routes are tried in their order, and checks are asked for before everything that a platform does.
        .configure(decisions::configure)
        .configure(service_info::configure)
        .configure(auth::configure)
        .configure(account::configure)
        .configure(own_account::configure)
        .configure(api_tokens::configure)
        .configure(catalogue::configure)
        .configure(policies::configure)
        .configure(roles::configure)
        .configure(groups::configure)
        .configure(environments::configure)
        .configure(visible_environments::configure)
        .configure(environment_access::configure)
        .configure(previews::configure)
        .configure(load_alerts::configure)
        .configure(members::configure)
        .configure(member_verbs::configure)
        .configure(member_access::configure)
        .configure(member_timeline::configure)
        .configure(collaborations::configure)
        .configure(invitations::configure)
        .configure(tasks::configure)
        .configure(events::configure)
        .configure(notifications::configure)
        .configure(webhooks::configure)
        .configure(webhook_deliveries::configure)
        .configure(unsubscribe::configure);
}

/// What no operation took: a path that is not there, or a method that its path does not have.
pub(crate) async fn no_operation(request: HttpRequest, state: State) -> Answer {
    Err(match state.paths.allow(request.path()) {
        Some(allow) => ApiError::method_not_allowed(allow.to_owned()),
        None => ApiError::new(ErrorCode::NotFound),
    })
}

/// Under what the tries of whoever calls are counted.
fn whose(call: &Call) -> String {
    let credential = &call.credential;
    match credential.account_id() {
        Some(account) => account.to_string(),
        None => credential.id().to_string(),
    }
}

/// The same for what the platform does on one account after another: they count for each by itself.
fn whose_on(call: &Call, host: Uuid) -> String {
    match call.credential.account_id() {
        Some(_) => whose(call),
        None => host.to_string(),
    }
}

fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

/// A resource with its version.
fn versioned(status: StatusCode, version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header(etag(version))
        .json(body)
}

/// A new resource with its version and its place.
fn made(location: String, version: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header(etag(version))
        .insert_header((header::LOCATION, location))
        .json(body)
}
