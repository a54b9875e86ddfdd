use accord_api_types::{
    CreateGroup, ErrorCode, Group, GroupEnvironments, GroupsQuery, Page, UpdateGroup,
};
use accord_domain::ids::{AccountId, GroupId};
use accord_domain::text::{Color, GroupName, group_path};
use accord_service::{GroupSort, GroupView, NewGroupPlace};
use actix_web::http::StatusCode;
use actix_web::{delete, get, patch, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned};
use crate::caller::Scoped;
use crate::convert::{Fields, ids_asked};
use crate::extract::{Ids, Json, Query};
use crate::lists::{self, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Environments, Read};
use crate::versions::IfMatch;

const BY_NAME: Sort = Sort::by_text("name");
const BY_TIME: Sort = Sort::by_time("created_at");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("path"), BY_NAME, BY_TIME];
/// More levels than anybody makes in one call by intention.
const DEEPEST_PATH: usize = 50;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_groups)
        .service(create_group)
        .service(get_group)
        .service(update_group)
        .service(delete_group)
        .service(set_group_environments);
}

pub(super) fn group(view: &GroupView) -> Group {
    Group {
        id: view.group.id.into(),
        name: view.group.name.clone(),
        color: view.group.color.clone(),
        parent_id: view.parent_id.map(Into::into),
        path: view.path.clone(),
        environment_count: view.environment_count,
        updated_at: view.group.updated_at,
        allowed_actions: if view.editable {
            vec!["edit".into(), "delete".into()]
        } else {
            Vec::new()
        },
    }
}

/// The account's groups
///
/// In the order of the tree unless another is asked for. A member sees those that are shared with
/// them, and everything below.
#[utoipa::path(
    operation_id = "list_groups",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, GroupsQuery),
    responses((status = 200, description = "A page of them.", body = Page<Group>)),
)]
#[get("/accounts/{account_id}/groups")]
async fn list_groups(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<GroupsQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let sort = match asked.sort {
        BY_NAME => GroupSort::Name,
        BY_TIME => GroupSort::CreatedAt,
        _ => GroupSort::Path,
    };
    let q = lists::search(query.q.as_deref())?;
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_groups(&caller.0, host, q.as_deref(), sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| group(&view))))
}

fn create_command(body: CreateGroup) -> Result<accord_service::CreateGroup, ApiError> {
    let mut fields = Fields::default();
    let color = fields.take_optional("/color", body.color, |color| Color::parse(&color));
    let place = match (body.name, body.path) {
        (Some(name), None) => {
            fields
                .take("/name", GroupName::parse(&name))
                .map(|name| NewGroupPlace::Named {
                    name,
                    parent_id: body.parent_id.map(GroupId),
                })
        }
        (None, Some(path)) => {
            if body.parent_id.is_some() {
                fields.refuse(
                    "/parent_id",
                    "A path begins at the root, so it goes without this.",
                );
            }
            fields
                .take("/path", group_path(&path))
                .filter(|names| {
                    let shallow = names.len() <= DEEPEST_PATH;
                    if !shallow {
                        fields.refuse(
                            "/path",
                            format!("This is too deep: at most {DEEPEST_PATH} levels."),
                        );
                    }
                    shallow
                })
                .map(NewGroupPlace::Path)
        }
        (Some(_), Some(_)) => {
            fields.refuse("/path", "Give either a name or a path.");
            None
        }
        (None, None) => {
            fields.refuse("/name", "Give either a name or a path.");
            None
        }
    };
    let built = place
        .zip(color)
        .map(|(place, color)| accord_service::CreateGroup { place, color });
    fields.finish(built)
}

/// Make a group
///
/// By `name`, with `parent_id` unless it is to be a root; or by `path`, which makes what is missing on
/// the way and answers the last one, also when nothing was missing.
#[utoipa::path(
    operation_id = "create_group",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(AccountPath),
    request_body = CreateGroup,
    responses((status = 201, description = "The new group.", body = Group, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken]))),
)]
#[post("/accounts/{account_id}/groups")]
async fn create_group(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<AccountPath>,
    Json(body): Json<CreateGroup>,
) -> Answer {
    let command = create_command(body)?;
    let host = AccountId(path.0.account_id);
    let view = state
        .run(move |service| service.create_group(&caller.0, host, &command))
        .await?;
    Ok(made(
        format!("/api/v1/accounts/{host}/groups/{}", view.group.id),
        view.group.version,
        &group(&view),
    ))
}

/// A group
///
/// With its path and the number of environments directly in it.
#[utoipa::path(
    operation_id = "get_group",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The group.", body = Group, headers(("ETag" = String, description = "Its version.")))),
)]
#[get("/accounts/{account_id}/groups/{id}")]
async fn get_group(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), GroupId(path.0.id));
    let view = state
        .run(move |service| service.get_group(&caller.0, host, id))
        .await?;
    Ok(versioned(StatusCode::OK, view.group.version, &group(&view)))
}

/// Rename, recolour or move a group
///
/// A merge patch; `parent_id: null` moves it to the root. Moving it can change what members may do.
#[utoipa::path(
    operation_id = "update_group",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdateGroup,
    responses((status = 200, description = "The group as it is now.", body = Group, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::NameTaken, ErrorCode::GroupCycle
    ]))),
)]
#[patch("/accounts/{account_id}/groups/{id}")]
async fn update_group(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateGroup>,
) -> Answer {
    let command = update_asked(body)?;
    let (host, id) = (AccountId(path.0.account_id), GroupId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_group(&caller.0, host, id, &command, expected))
        })
        .await?;
    Ok(versioned(StatusCode::OK, view.group.version, &group(&view)))
}

/// Delete a group
///
/// Its subgroups and all shares of them go with it; environments stay.
#[utoipa::path(
    operation_id = "delete_group",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost]))),
)]
#[delete("/accounts/{account_id}/groups/{id}")]
async fn delete_group(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), GroupId(path.0.id));
    state
        .run(move |service| {
            if_match.attempt(|expected| service.delete_group(&caller.0, host, id, expected))
        })
        .await?;
    Ok(no_content())
}

/// Say which environments a group holds
///
/// Replaces those it held. An environment may be in several groups.
#[utoipa::path(
    operation_id = "set_group_environments",
    tag = "groups",
    security(("bearer" = []), ("api_token" = ["environments"]), ("platform_token" = ["environments"])),
    params(ThingPath, IfMatchHeader),
    request_body = GroupEnvironments,
    responses((status = 200, description = "The group as it is now.", body = Group, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost]))),
)]
#[put("/accounts/{account_id}/groups/{id}/environments")]
async fn set_group_environments(
    state: State,
    caller: Scoped<Environments>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<GroupEnvironments>,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), GroupId(path.0.id));
    let environment_ids = ids_asked(body.environment_ids);
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| {
                service.set_group_environments(&caller.0, host, id, &environment_ids, expected)
            })
        })
        .await?;
    Ok(versioned(StatusCode::OK, view.group.version, &group(&view)))
}

/// The change as it was asked for.
pub(super) fn update_asked(body: UpdateGroup) -> Result<accord_service::UpdateGroup, ApiError> {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", body.name, |name| GroupName::parse(&name));
    let color = fields.take_optional("/color", body.color, |color| Color::parse(&color));
    let built = name
        .zip(color)
        .map(|(name, color)| accord_service::UpdateGroup {
            name,
            color,
            parent_id: body.parent_id.map(|parent| parent.map(GroupId)),
        });
    fields.finish(built)
}
