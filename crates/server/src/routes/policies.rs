use accord_api_types::{
    CreatePolicy, DeleteQuery, ErrorCode, Page, PoliciesQuery, Policy, PolicyKind, UpdatePolicy,
};
use accord_domain::ids::{AccountId, PolicyId};
use accord_domain::text::{Description, Name};
use accord_service::PolicyView;
use actix_web::http::StatusCode;
use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned};
use crate::caller::Scoped;
use crate::convert::Fields;
use crate::extract::{Ids, Json, Query};
use crate::lists::{self, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Read, Roles};
use crate::versions::IfMatch;

pub(super) const SORTS: &[Sort] = &[Sort::by_text("name")];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_policies)
        .service(create_policy)
        .service(get_policy)
        .service(update_policy)
        .service(delete_policy);
}

pub(super) fn policy(view: &PolicyView) -> Policy {
    let own = view.account_id.is_some();
    Policy {
        id: view.id.into(),
        name: view.name.clone(),
        description: view.description.clone(),
        kind: if own {
            PolicyKind::Custom
        } else {
            PolicyKind::System
        },
        action_ids: view.action_ids.iter().map(ToString::to_string).collect(),
        updated_at: view.updated_at,
        allowed_actions: if own {
            vec!["edit".into(), "delete".into()]
        } else {
            Vec::new()
        },
    }
}

/// The account's policies
///
/// Those it can make roles of: the system's, and its own. For the owner alone.
#[utoipa::path(
    operation_id = "list_policies",
    tag = "policies",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, PoliciesQuery),
    responses((status = 200, description = "A page of them.", body = Page<Policy>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/policies")]
async fn list_policies(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<PoliciesQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let q = lists::search(query.q.as_deref())?;
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_policies(&caller.0, host, q.as_deref(), &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| policy(&view))))
}

/// Make a policy
///
/// A named set of actions of the catalogue. Its name is also not that of a system policy.
#[utoipa::path(
    operation_id = "create_policy",
    tag = "policies",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(AccountPath),
    request_body = CreatePolicy,
    responses((status = 201, description = "The new policy.", body = Policy, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[post("/accounts/{account_id}/policies")]
async fn create_policy(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<AccountPath>,
    Json(body): Json<CreatePolicy>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take("/name", Name::parse(&body.name));
    let description = fields.take("/description", Description::parse(&body.description));
    let built = name
        .zip(description)
        .map(|(name, description)| accord_service::CreatePolicy {
            name,
            description,
            action_ids: body.action_ids,
        });
    let command = fields.finish(built)?;
    let host = AccountId(path.0.account_id);
    let view = state
        .run(move |service| service.create_policy(&caller.0, host, &command))
        .await?;
    Ok(made(
        format!("/api/v1/accounts/{host}/policies/{}", view.id),
        view.version,
        &policy(&view),
    ))
}

/// A policy
///
/// One of the system's or of the account's own.
#[utoipa::path(
    operation_id = "get_policy",
    tag = "policies",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The policy.", body = Policy, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/policies/{id}")]
async fn get_policy(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), PolicyId(path.0.id));
    let view = state
        .run(move |service| service.get_policy(&caller.0, host, id))
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &policy(&view)))
}

/// Change a policy
///
/// A merge patch. What roles with it allow changes at once.
#[utoipa::path(
    operation_id = "update_policy",
    tag = "policies",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdatePolicy,
    responses((status = 200, description = "The policy as it is now.", body = Policy, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken, ErrorCode::SystemPolicy
    ]))),
)]
#[patch("/accounts/{account_id}/policies/{id}")]
async fn update_policy(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdatePolicy>,
) -> Answer {
    let command = update_asked(body)?;
    let (host, id) = (AccountId(path.0.account_id), PolicyId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_policy(&caller.0, host, id, &command, expected))
        })
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &policy(&view)))
}

/// Delete a policy
///
/// One that roles hold is deleted only with `?detach=true`, which takes it out of them.
#[utoipa::path(
    operation_id = "delete_policy",
    tag = "policies",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(ThingPath, DeleteQuery, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::SystemPolicy, ErrorCode::InUse
    ]))),
)]
#[delete("/accounts/{account_id}/policies/{id}")]
async fn delete_policy(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<ThingPath>,
    Query(query): Query<DeleteQuery>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), PolicyId(path.0.id));
    let detach = query.detach.unwrap_or_default();
    state
        .run(move |service| {
            if_match
                .attempt(|expected| service.delete_policy(&caller.0, host, id, detach, expected))
        })
        .await?;
    Ok(no_content())
}

/// The change as it was asked for.
pub(super) fn update_asked(body: UpdatePolicy) -> Result<accord_service::UpdatePolicy, ApiError> {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", body.name, |name| Name::parse(&name));
    let description = fields.take_optional("/description", body.description, |text| {
        Description::parse(&text)
    });
    let built = name
        .zip(description)
        .map(|(name, description)| accord_service::UpdatePolicy {
            name,
            description,
            action_ids: body.action_ids,
        });
    fields.finish(built)
}
