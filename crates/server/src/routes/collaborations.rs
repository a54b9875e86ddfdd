use accord_api_types::{
    Collaboration, EffectiveAccess, EffectiveAccessQuery, ErrorCode, Page, PageQuery,
    PlacesToCreate, SharedItem, UpdateCollaboration,
};
use accord_domain::ids::MemberId;
use accord_domain::text::DisplayName;
use accord_service::{
    Call, CollaborationSort, CollaborationView, DescribedShare, RoleSummary, Service, ServiceError,
};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

use super::member_access::{ask_access, effective_access};
use super::{IfMatchHeader, OwnPath, State, ok, versioned};
use crate::caller::{Scoped, SignedIn};
use crate::convert::{Fields, ids, item, member_status, summary};
use crate::extract::{Ids, Json, NoBody, Query};
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::Read;
use crate::versions::IfMatch;

const BY_OWNER: Sort = Sort::by_text("owner_name");
const BY_STATUS: Sort = Sort::by_text("status");
pub(super) const SORTS: &[Sort] = &[Sort::by_time("invited_at"), BY_OWNER, BY_STATUS];
const NEWEST_FIRST: Option<&str> = Some("-invited_at");

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_collaborations)
        .service(get_collaboration)
        .service(update_collaboration)
        .service(accept_collaboration)
        .service(reject_collaboration)
        .service(leave_collaboration)
        .service(list_collaboration_access);
}

pub(super) fn shared_item(described: &DescribedShare, now: DateTime<Utc>) -> SharedItem {
    SharedItem {
        item: item(described.share.item),
        item_name: described.item_name.clone(),
        roles: described.roles.iter().map(role_summary).collect(),
        expires_at: described.share.expires_at,
        ended: described.share.ended(now),
    }
}

fn role_summary(role: &RoleSummary) -> accord_api_types::RoleSummary {
    accord_api_types::RoleSummary {
        id: role.id.into(),
        name: role.name.clone(),
        description: role.description.clone(),
        policies: role.policies.clone(),
    }
}

pub(super) fn collaboration(view: &CollaborationView) -> Collaboration {
    let record = &view.member;
    Collaboration {
        id: record.id.into(),
        owner: summary(view.owner.id, &view.owner.name, &view.owner.email),
        label: record.label.clone(),
        status: member_status(view.status),
        invited_at: record.invited_at,
        invitation_expires_at: record.invitation_expires_at,
        accepted_at: record.accepted_at,
        suspended_at: record.suspended_at,
        shares: view
            .shares
            .iter()
            .map(|described| shared_item(described, view.now))
            .collect(),
        may_create: PlacesToCreate {
            root: view.may_create.root,
            group_ids: ids(view.may_create.groups.iter().copied()),
        },
        allowed_actions: view
            .allowed_actions
            .iter()
            .map(|action| (*action).to_owned())
            .collect(),
    }
}

fn answer(view: &CollaborationView) -> HttpResponse {
    versioned(StatusCode::OK, view.member.version, &collaboration(view))
}

/// Shared with Me
///
/// The caller's invitations and collaborations, active and suspended, the newest first. Invitations to
/// an address are seen only when it is proven. Sorted by `invited_at`, `owner_name` or `status`.
#[utoipa::path(
    operation_id = "list_collaborations",
    tag = "collaborations",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Collaboration>)),
)]
#[get("/collaborations")]
async fn list_collaborations(
    state: State,
    caller: Scoped<Read>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref().or(NEWEST_FIRST),
        SORTS,
    )?;
    let sort = match asked.sort {
        BY_OWNER => CollaborationSort::OwnerName,
        BY_STATUS => CollaborationSort::Status,
        _ => CollaborationSort::InvitedAt,
    };
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_collaborations(&caller.0, sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| collaboration(&view))))
}

/// A collaboration
///
/// Who shares what with the caller, with which roles. A suspended one is shown without its shares.
#[utoipa::path(
    operation_id = "get_collaboration",
    tag = "collaborations",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(OwnPath),
    responses((status = 200, description = "The collaboration.", body = Collaboration, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified]))),
)]
#[get("/collaborations/{id}")]
async fn get_collaboration(state: State, caller: Scoped<Read>, path: Ids<OwnPath>) -> Answer {
    let id = MemberId(path.0.id);
    let view = state
        .run(move |service| service.get_collaboration(&caller.0, id))
        .await?;
    Ok(answer(&view))
}

/// Name a collaboration
///
/// A merge patch of the caller's own label for it, which nobody else sees; `null` clears it.
#[utoipa::path(
    operation_id = "update_collaboration",
    tag = "collaborations",
    security(("bearer" = [])),
    params(OwnPath, IfMatchHeader),
    request_body = UpdateCollaboration,
    responses((status = 200, description = "The collaboration as it is now.", body = Collaboration, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified]))),
)]
#[patch("/collaborations/{id}")]
async fn update_collaboration(
    state: State,
    caller: SignedIn,
    path: Ids<OwnPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateCollaboration>,
) -> Answer {
    let mut fields = Fields::default();
    let label = fields.take_clearable("/label", body.label, |label| DisplayName::parse(&label));
    let label = fields.finish(label)?;
    let id = MemberId(path.0.id);
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| {
                service.label_collaboration(
                    &caller.0,
                    id,
                    label.as_ref().map(Option::as_ref),
                    expected,
                )
            })
        })
        .await?;
    Ok(answer(&view))
}

type Verb = fn(&Service, &Call, MemberId) -> Result<CollaborationView, ServiceError>;

async fn act(state: &State, caller: SignedIn, path: &OwnPath, verb: Verb) -> Answer {
    let id = MemberId(path.id);
    let view = state
        .run(move |service| verb(service, &caller.0, id))
        .await?;
    Ok(answer(&view))
}

/// Accept an invitation
///
/// To the caller's proven address. What is shared is there at once.
#[utoipa::path(
    operation_id = "accept_collaboration",
    tag = "collaborations",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 200, description = "The collaboration as it is now.", body = Collaboration, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified, ErrorCode::IllegalTransition]))),
)]
#[post("/collaborations/{id}/accept")]
async fn accept_collaboration(
    state: State,
    caller: SignedIn,
    path: Ids<OwnPath>,
    _body: NoBody,
) -> Answer {
    act(&state, caller, &path.0, Service::accept_collaboration).await
}

/// Reject an invitation
///
/// To the caller's proven address. The owner hears of it.
#[utoipa::path(
    operation_id = "reject_collaboration",
    tag = "collaborations",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 200, description = "The collaboration as it ended.", body = Collaboration, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified, ErrorCode::IllegalTransition]))),
)]
#[post("/collaborations/{id}/reject")]
async fn reject_collaboration(
    state: State,
    caller: SignedIn,
    path: Ids<OwnPath>,
    _body: NoBody,
) -> Answer {
    act(&state, caller, &path.0, Service::reject_collaboration).await
}

/// Leave a collaboration
///
/// Ends it from the member's side; its environments are gone at once. The owner can invite again.
#[utoipa::path(
    operation_id = "leave_collaboration",
    tag = "collaborations",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 200, description = "The collaboration as it ended.", body = Collaboration, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified, ErrorCode::IllegalTransition]))),
)]
#[post("/collaborations/{id}/leave")]
async fn leave_collaboration(
    state: State,
    caller: SignedIn,
    path: Ids<OwnPath>,
    _body: NoBody,
) -> Answer {
    act(&state, caller, &path.0, Service::leave_collaboration).await
}

/// What the caller may do in a collaboration
///
/// The environments that are shared with them, each with the level that counts and the roles and
/// actions that follow. Sorted by `environment_name` or `access_level`, the nearest level first.
#[utoipa::path(
    operation_id = "list_collaboration_access",
    tag = "collaborations",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(OwnPath, EffectiveAccessQuery),
    responses((status = 200, description = "A page of it.", body = Page<EffectiveAccess>)),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified]))),
)]
#[get("/collaborations/{id}/access")]
async fn list_collaboration_access(
    state: State,
    caller: Scoped<Read>,
    path: Ids<OwnPath>,
    Query(query): Query<EffectiveAccessQuery>,
) -> Answer {
    let (q, sort, asked) = ask_access(&query)?;
    let id = MemberId(path.0.id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.collaboration_access(&caller.0, id, q.as_deref(), sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| {
        effective_access(&view)
    })))
}
