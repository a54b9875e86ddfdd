use accord_api_types::{
    CopyRole, CreateRole, DeleteQuery, ErrorCode, Page, Role, RolesQuery, UpdateRole,
};
use accord_domain::ids::{AccountId, RoleId};
use accord_domain::text::{Description, Name};
use accord_service::RoleView;
use actix_web::http::StatusCode;
use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned};
use crate::caller::Scoped;
use crate::convert::{Fields, ids, ids_asked};
use crate::extract::{Ids, Json, Query};
use crate::lists::{self, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Read, Roles};
use crate::versions::IfMatch;

pub(super) const SORTS: &[Sort] = &[Sort::by_text("name")];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_roles)
        .service(create_role)
        .service(get_role)
        .service(update_role)
        .service(delete_role)
        .service(copy_role);
}

pub(super) fn role(view: &RoleView) -> Role {
    Role {
        id: view.id.into(),
        name: view.name.clone(),
        description: view.description.clone(),
        policy_ids: ids(view.policy_ids.iter().copied()),
        receive_load_alerts: view.receive_load_alerts,
        share_count: view.share_count.unsigned_abs(),
        member_count: view.member_count.unsigned_abs(),
        updated_at: view.updated_at,
        allowed_actions: ["edit", "copy", "delete"].map(str::to_owned).to_vec(),
    }
}

/// The account's roles
///
/// For the owner alone.
#[utoipa::path(
    operation_id = "list_roles",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, RolesQuery),
    responses((status = 200, description = "A page of them.", body = Page<Role>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/roles")]
async fn list_roles(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<RolesQuery>,
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
        .run(move |service| service.list_roles(&caller.0, host, q.as_deref(), &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| role(&view))))
}

/// Make a role
///
/// A named set of policies, which shares then carry.
#[utoipa::path(
    operation_id = "create_role",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(AccountPath),
    request_body = CreateRole,
    responses((status = 201, description = "The new role.", body = Role, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[post("/accounts/{account_id}/roles")]
async fn create_role(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<AccountPath>,
    Json(body): Json<CreateRole>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take("/name", Name::parse(&body.name));
    let description = fields.take("/description", Description::parse(&body.description));
    let built = name
        .zip(description)
        .map(|(name, description)| accord_service::CreateRole {
            name,
            description,
            policy_ids: ids_asked(body.policy_ids),
            receive_load_alerts: body.receive_load_alerts,
        });
    let command = fields.finish(built)?;
    let host = AccountId(path.0.account_id);
    let view = state
        .run(move |service| service.create_role(&caller.0, host, &command))
        .await?;
    Ok(made(
        format!("/api/v1/accounts/{host}/roles/{}", view.id),
        view.version,
        &role(&view),
    ))
}

/// A role
///
/// With the number of shares that carry it, and of the members whose shares these are.
#[utoipa::path(
    operation_id = "get_role",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The role.", body = Role, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/roles/{id}")]
async fn get_role(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), RoleId(path.0.id));
    let view = state
        .run(move |service| service.get_role(&caller.0, host, id))
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &role(&view)))
}

/// Change a role
///
/// A merge patch. What members with it may do changes at once.
#[utoipa::path(
    operation_id = "update_role",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdateRole,
    responses((status = 200, description = "The role as it is now.", body = Role, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[patch("/accounts/{account_id}/roles/{id}")]
async fn update_role(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateRole>,
) -> Answer {
    let command = update_asked(body)?;
    let (host, id) = (AccountId(path.0.account_id), RoleId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_role(&caller.0, host, id, &command, expected))
        })
        .await?;
    Ok(versioned(StatusCode::OK, view.version, &role(&view)))
}

/// Delete a role
///
/// One that shares carry is deleted only with `?detach=true`, which takes it out of them; a share that
/// is left without roles goes with it.
#[utoipa::path(
    operation_id = "delete_role",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(ThingPath, DeleteQuery, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::InUse]))),
)]
#[delete("/accounts/{account_id}/roles/{id}")]
async fn delete_role(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<ThingPath>,
    Query(query): Query<DeleteQuery>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), RoleId(path.0.id));
    let detach = query.detach.unwrap_or_default();
    state
        .run(move |service| {
            if_match.attempt(|expected| service.delete_role(&caller.0, host, id, detach, expected))
        })
        .await?;
    Ok(no_content())
}

/// Copy a role
///
/// Makes a role with the same policies under another name.
#[utoipa::path(
    operation_id = "copy_role",
    tag = "roles",
    security(("bearer" = []), ("api_token" = ["roles"]), ("platform_token" = ["roles"])),
    params(ThingPath),
    request_body = CopyRole,
    responses((status = 201, description = "The new role.", body = Role, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[post("/accounts/{account_id}/roles/{id}/copy")]
async fn copy_role(
    state: State,
    caller: Scoped<Roles>,
    path: Ids<ThingPath>,
    Json(body): Json<CopyRole>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take("/name", Name::parse(&body.name));
    let name = fields.finish(name)?;
    let (host, id) = (AccountId(path.0.account_id), RoleId(path.0.id));
    let view = state
        .run(move |service| service.copy_role(&caller.0, host, id, &name))
        .await?;
    Ok(made(
        format!("/api/v1/accounts/{host}/roles/{}", view.id),
        view.version,
        &role(&view),
    ))
}

/// The change as it was asked for.
pub(super) fn update_asked(body: UpdateRole) -> Result<accord_service::UpdateRole, ApiError> {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", body.name, |name| Name::parse(&name));
    let description = fields.take_optional("/description", body.description, |text| {
        Description::parse(&text)
    });
    let built = name
        .zip(description)
        .map(|(name, description)| accord_service::UpdateRole {
            name,
            description,
            policy_ids: body.policy_ids.map(ids_asked),
            receive_load_alerts: body.receive_load_alerts,
        });
    fields.finish(built)
}
