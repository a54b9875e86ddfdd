use accord_api_types::{
    DraftAccess, DraftShares, EffectiveAccess, EffectiveAccessQuery, ErrorCode, Page, PageQuery,
    Share, Shares,
};
use accord_domain::ids::{AccountId, MemberId};
use accord_service::{AccessSort, DraftAccessView, EffectiveAccessView, ShareSort};
use actix_web::http::StatusCode;
use actix_web::{get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::environments::access_level;
use super::{AccountPath, IfMatchHeader, State, ThingPath, ok, versioned};
use crate::caller::Scoped;
use crate::convert::{Fields, ids, share, share_drafts};
use crate::extract::{Ids, Json, Query};
use crate::lists::{self, Asked, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Members, Read};
use crate::versions::IfMatch;

const BY_END: Sort = Sort::by_text("expires_at");
pub(super) const SHARE_SORTS: &[Sort] = &[Sort::by_text("created_at"), BY_END];
const BY_LEVEL: Sort = Sort::by_text("access_level");
pub(super) const ACCESS_SORTS: &[Sort] = &[Sort::by_text("environment_name"), BY_LEVEL];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_shares)
        .service(set_shares)
        .service(list_member_access)
        .service(draft_access);
}

pub(super) fn effective_access(view: &EffectiveAccessView) -> EffectiveAccess {
    EffectiveAccess {
        environment_id: view.environment_id.into(),
        environment_name: view.environment_name.clone(),
        access_level: access_level(view.access_level),
        role_ids: ids(view.role_ids.iter().copied()),
        role_names: view.role_names.clone(),
        action_ids: view.action_ids.iter().map(ToString::to_string).collect(),
    }
}

/// What is looked for, the order, and the page of effective access that was asked for.
pub(super) fn ask_access(
    query: &EffectiveAccessQuery,
) -> Result<(Option<String>, AccessSort, Asked), ApiError> {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        ACCESS_SORTS,
    )?;
    let sort = match asked.sort {
        BY_LEVEL => AccessSort::AccessLevel,
        _ => AccessSort::EnvironmentName,
    };
    Ok((lists::search(query.q.as_deref())?, sort, asked))
}

/// A member's shares
///
/// What is shared with them, with which roles, and until when. Ended ones stay listed until they are
/// dropped or extended. Sorted by `created_at` or `expires_at`; who has no end comes last.
#[utoipa::path(
    operation_id = "list_member_shares",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Share>, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/members/{id}/shares")]
async fn list_shares(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SHARE_SORTS,
    )?;
    let sort = match asked.sort {
        BY_END => ShareSort::ExpiresAt,
        _ => ShareSort::CreatedAt,
    };
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let page = asked.page.clone();
    let view = state
        .run(move |service| service.list_member_shares(&caller.0, host, id, sort, &page))
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.version,
        &lists::page(&asked, view.shares, |one| share(&one, view.now)),
    ))
}

/// Say what is shared with a member
///
/// Replaces all of their shares, in every state but `removed`. Each item once, each with at least one
/// role.
#[utoipa::path(
    operation_id = "set_member_shares",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    request_body = Shares,
    responses((status = 200, description = "All shares as they are now.", body = Page<Share>, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[put("/accounts/{account_id}/members/{id}/shares")]
async fn set_shares(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<Shares>,
) -> Answer {
    let mut fields = Fields::default();
    let shares = share_drafts(&mut fields, "/shares", body.shares);
    let command = accord_service::UpdateMember {
        display_name: None,
        shares: Some(fields.finish(shares)?),
    };
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_member(&caller.0, host, id, &command, expected))
        })
        .await?;
    let shares = view.shares.iter().map(|one| share(one, view.now)).collect();
    Ok(versioned(
        StatusCode::OK,
        view.member.version,
        &Page::<Share>::whole(shares),
    ))
}

/// A member's effective access
///
/// Every environment of the account with the level that counts for the member now and the roles and
/// actions that follow; `none` where they have no access. Sorted by `environment_name` or
/// `access_level`, the nearest level first.
#[utoipa::path(
    operation_id = "list_member_access",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, EffectiveAccessQuery),
    responses((status = 200, description = "A page of it.", body = Page<EffectiveAccess>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/members/{id}/access")]
async fn list_member_access(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<EffectiveAccessQuery>,
) -> Answer {
    let (q, sort, asked) = ask_access(&query)?;
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.member_access(&caller.0, host, id, q.as_deref(), sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| {
        effective_access(&view)
    })))
}

fn draft_result(view: DraftAccessView) -> DraftAccess {
    DraftAccess {
        access_level: access_level(view.access_level),
        role_ids: ids(view.role_ids),
        role_names: view.role_names,
        action_ids: view.action_ids.iter().map(ToString::to_string).collect(),
        environment_ids: ids(view.environment_ids),
    }
}

/// What shares would give
///
/// For a form that is being filled in: the access to every environment of the account that an active
/// member with these shares would have, by the rule that decides when they act. Environments with the
/// same level and roles come together, so that the answer stays small and is always whole. Nothing is
/// saved; shares that could not be saved are refused as they would be then.
#[utoipa::path(
    operation_id = "draft_access",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath),
    request_body = DraftShares,
    responses((status = 200, description = "The distinct results, the highest level first.", body = Page<DraftAccess>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[post("/accounts/{account_id}/draft-access")]
async fn draft_access(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Json(body): Json<DraftShares>,
) -> Answer {
    let mut fields = Fields::default();
    let shares = share_drafts(&mut fields, "/shares", body.shares);
    let draft = accord_service::DraftShares {
        shares: fields.finish(shares)?,
        member_id: body.member_id.map(MemberId),
    };
    let host = AccountId(path.0.account_id);
    let results = state
        .run(move |service| service.draft_access(&caller.0, host, &draft))
        .await?;
    Ok(ok(&Page::whole(
        results.into_iter().map(draft_result).collect(),
    )))
}
