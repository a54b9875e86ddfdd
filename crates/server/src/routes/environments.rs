use accord_api_types::{
    AccessLevel, CreateEnvironment, Environment, EnvironmentsQuery, ErrorCode, Page,
    UpdateEnvironment,
};
use accord_domain::access::AccessLevel as Level;
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId};
use accord_domain::text::{DisplayName, Name};
use accord_service::{EnvironmentFilter, EnvironmentSort, EnvironmentView};
use actix_web::http::StatusCode;
use actix_web::{delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned};
use crate::caller::Scoped;
use crate::convert::{
    Fields, environment_status, environment_status_asked, ids, ids_asked, summary,
};
use crate::extract::{Ids, Json, Query};
use crate::lists::{self, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Environments, Read};
use crate::versions::IfMatch;

const BY_TIME: Sort = Sort::by_time("created_at");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("name"), BY_TIME];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_environments)
        .service(create_environment)
        .service(get_environment)
        .service(update_environment)
        .service(delete_environment);
}

pub(super) const fn access_level(level: Level) -> AccessLevel {
    match level {
        Level::Owner => AccessLevel::Owner,
        Level::Direct => AccessLevel::Direct,
        Level::Group => AccessLevel::Group,
        Level::Base => AccessLevel::Base,
        Level::None => AccessLevel::None,
    }
}

/// As a list tells of it: without the actions, which would make most of a long page.
pub(super) fn listed(view: &EnvironmentView) -> Environment {
    Environment {
        action_ids: None,
        ..environment(view)
    }
}

fn environment(view: &EnvironmentView) -> Environment {
    let EnvironmentView {
        environment,
        owner,
        access_level: level,
        group_ids,
        action_ids,
        allowed_actions,
    } = view;
    Environment {
        id: environment.id.into(),
        name: environment.name.clone(),
        display_name: environment.display_name.clone(),
        status: environment_status(environment.status),
        group_ids: ids(group_ids.iter().copied()),
        owner: summary(owner.id, &owner.name, &owner.email),
        created_by: environment.created_by.map(Into::into),
        access_level: access_level(*level),
        created_at: environment.created_at,
        updated_at: environment.updated_at,
        allowed_actions: allowed_actions
            .iter()
            .map(|action| (*action).to_owned())
            .collect(),
        action_ids: Some(action_ids.iter().map(ToString::to_string).collect()),
    }
}

/// The account's environments
///
/// All of them for its owner; those that are shared with an active member.
#[utoipa::path(
    operation_id = "list_environments",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, EnvironmentsQuery),
    responses((status = 200, description = "A page of them.", body = Page<Environment>)),
)]
#[get("/accounts/{account_id}/environments")]
async fn list_environments(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<EnvironmentsQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let filter = EnvironmentFilter {
        q: lists::search(query.q.as_deref())?,
        group_id: query.group_id.map(GroupId),
        status: query.status.map(environment_status_asked),
        sort: if asked.sort == BY_TIME {
            EnvironmentSort::CreatedAt
        } else {
            EnvironmentSort::Name
        },
    };
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_environments(&caller.0, host, &filter, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| listed(&view))))
}

/// Make an environment
///
/// It belongs to the account, whoever makes it. A member needs `environment.create`: from the
/// *Environments* category, or from every group that is named.
#[utoipa::path(
    operation_id = "create_environment",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(AccountPath),
    request_body = CreateEnvironment,
    responses((status = 201, description = "The new environment.", body = Environment, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[post("/accounts/{account_id}/environments")]
async fn create_environment(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<AccountPath>,
    Json(body): Json<CreateEnvironment>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take("/name", Name::parse(&body.name));
    let display_name = fields.take_optional("/display_name", body.display_name, |name| {
        DisplayName::parse(&name)
    });
    let built =
        name.zip(display_name)
            .map(|(name, display_name)| accord_service::CreateEnvironment {
                name,
                display_name,
                status: body
                    .status
                    .map_or(EnvironmentStatus::Running, environment_status_asked),
                group_ids: ids_asked(body.group_ids),
            });
    let command = fields.finish(built)?;
    let host = AccountId(path.0.account_id);
    let view = state
        .run(move |service| service.create_environment(&caller.0, host, &command))
        .await?;
    let location = format!(
        "/api/v1/accounts/{host}/environments/{}",
        view.environment.id
    );
    Ok(made(
        location,
        view.environment.version,
        &environment(&view),
    ))
}

/// An environment
///
/// As the caller sees it, with what they may do with it.
#[utoipa::path(
    operation_id = "get_environment",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The environment.", body = Environment, headers(("ETag" = String, description = "Its version.")))),
)]
#[get("/accounts/{account_id}/environments/{id}")]
async fn get_environment(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let view = state
        .run(move |service| service.get_environment(&caller.0, host, id))
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.environment.version,
        &environment(&view),
    ))
}

/// Change an environment
///
/// A merge patch. A member needs `environment.edit` there; the groups are the owner's alone.
#[utoipa::path(
    operation_id = "update_environment",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdateEnvironment,
    responses((status = 200, description = "The environment as it is now.", body = Environment, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[patch("/accounts/{account_id}/environments/{id}")]
async fn update_environment(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateEnvironment>,
) -> Answer {
    let command = update_asked(body)?;
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| {
                service.update_environment(&caller.0, host, id, &command, expected)
            })
        })
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.environment.version,
        &environment(&view),
    ))
}

/// Delete an environment
///
/// Its shares go with it. A member needs `environment.delete` there.
#[utoipa::path(
    operation_id = "delete_environment",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost]))),
)]
#[delete("/accounts/{account_id}/environments/{id}")]
async fn delete_environment(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    state
        .run(move |service| {
            if_match.attempt(|expected| service.delete_environment(&caller.0, host, id, expected))
        })
        .await?;
    Ok(no_content())
}

/// The change as it was asked for.
pub(super) fn update_asked(
    body: UpdateEnvironment,
) -> Result<accord_service::UpdateEnvironment, ApiError> {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", body.name, |name| Name::parse(&name));
    let display_name = fields.take_clearable("/display_name", body.display_name, |name| {
        DisplayName::parse(&name)
    });
    let built =
        name.zip(display_name)
            .map(|(name, display_name)| accord_service::UpdateEnvironment {
                name,
                display_name,
                status: body.status.map(environment_status_asked),
                group_ids: body.group_ids.map(ids_asked),
            });
    fields.finish(built)
}
