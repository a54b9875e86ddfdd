use accord_api_types::{
    DirectRoles, EnvironmentAccess, ErrorCode, Page, PageQuery, ShareEnvironment,
};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
use accord_service::{DirectShare, EnvironmentAccessView, ShareWith};
use actix_web::http::StatusCode;
use actix_web::{delete, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::environments::access_level;
use super::{IfMatchHeader, State, ThingPath, no_content, ok, versioned};
use crate::caller::SignedIn;
use crate::convert::{Fields, end_asked, ids, ids_asked, member_status, share};
use crate::extract::{Ids, Json, Query};
use crate::limits::Kind;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::versions::IfMatch;

const SORTS: &[Sort] = &[Sort::by_text("email")];

/// A member, seen from an environment.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CollaboratorPath {
    /// The account whose environment it is.
    account_id: Uuid,
    /// The environment.
    id: Uuid,
    /// The member.
    member_id: Uuid,
}

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_environment_access)
        .service(invite_to_environment)
        .service(set_direct_roles)
        .service(remove_direct_roles);
}

fn environment_access(view: &EnvironmentAccessView) -> EnvironmentAccess {
    EnvironmentAccess {
        member_id: view.member.id.into(),
        email: view.member.email.clone(),
        display_name: view.member.display_name.clone(),
        status: member_status(view.status),
        access_level: access_level(view.access_level),
        role_ids: ids(view.role_ids.iter().copied()),
        policy_ids: ids(view.policy_ids.iter().copied()),
        action_ids: view.action_ids.iter().map(ToString::to_string).collect(),
        direct_share: view
            .direct_share
            .as_ref()
            .map(|direct| share(direct, view.now)),
        allowed_actions: view
            .allowed_actions
            .iter()
            .map(|action| (*action).to_owned())
            .collect(),
    }
}

/// Who has access to an environment
///
/// Every member who has access or, not being active, would have it; with the level that counts, and
/// the direct share if there is one.
#[utoipa::path(
    operation_id = "list_environment_access",
    tag = "access",
    security(("bearer" = [])),
    params(ThingPath, PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<EnvironmentAccess>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/access")]
async fn list_environment_access(
    state: State,
    caller: SignedIn,
    path: Ids<ThingPath>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(query.limit, query.cursor.as_deref(), None, SORTS)?;
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_environment_access(&caller.0, host, id, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| {
        environment_access(&view)
    })))
}

/// Invite somebody to an environment
///
/// Makes a pending member with roles on this environment and mails a link. Somebody who has a record
/// already is named in the answer, and is shared with by their id.
#[utoipa::path(
    operation_id = "invite_to_environment",
    tag = "access",
    security(("bearer" = [])),
    params(ThingPath),
    request_body = ShareEnvironment,
    responses((status = 201, description = "The new member's access.", body = EnvironmentAccess, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::MemberExists,
        ErrorCode::OwnAccount
    ]))),
)]
#[post("/accounts/{account_id}/environments/{id}/access")]
async fn invite_to_environment(
    state: State,
    caller: SignedIn,
    path: Ids<ThingPath>,
    Json(body): Json<ShareEnvironment>,
) -> Answer {
    state.limit(Kind::Invite, &caller.0.credential.account_id.to_string())?;
    let mut fields = Fields::default();
    let email = fields.take("/email", EmailAddress::parse(&body.email));
    let expires_at = end_asked(&mut fields, "/expires_at", body.expires_at);
    let built = email.zip(expires_at).map(|(email, expires_at)| ShareWith {
        email,
        share: DirectShare {
            role_ids: ids_asked(body.role_ids),
            expires_at,
        },
    });
    let command = fields.finish(built)?;
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let recipient = command.email.key();
    let view = state
        .limit_successes(
            Kind::InviteTo,
            &recipient,
            state.run(move |service| service.invite_to_environment(&caller.0, host, id, &command)),
        )
        .await?;
    Ok(versioned(
        StatusCode::CREATED,
        view.member.version,
        &environment_access(&view),
    ))
}

/// Give a member direct roles on an environment
///
/// In place of those they had on it. Direct roles count alone: the member's other shares do not reach
/// this environment while there are any.
#[utoipa::path(
    operation_id = "set_direct_roles",
    tag = "access",
    security(("bearer" = [])),
    params(CollaboratorPath, IfMatchHeader),
    request_body = DirectRoles,
    responses((status = 200, description = "The member's access as it is now.", body = EnvironmentAccess, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[put("/accounts/{account_id}/environments/{id}/access/{member_id}")]
async fn set_direct_roles(
    state: State,
    caller: SignedIn,
    path: Ids<CollaboratorPath>,
    if_match: IfMatch,
    Json(body): Json<DirectRoles>,
) -> Answer {
    let mut fields = Fields::default();
    let expires_at = end_asked(&mut fields, "/expires_at", body.expires_at);
    let command = DirectShare {
        role_ids: ids_asked(body.role_ids),
        expires_at: fields.finish(expires_at)?,
    };
    let (host, id, member) = scene(&path.0);
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| {
                service.share_environment(&caller.0, host, id, member, &command, expected)
            })
        })
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.member.version,
        &environment_access(&view),
    ))
}

/// Take a member's direct roles on an environment away
///
/// The member's other shares count there again.
#[utoipa::path(
    operation_id = "remove_direct_roles",
    tag = "access",
    security(("bearer" = [])),
    params(CollaboratorPath, IfMatchHeader),
    responses((status = 204, description = "They are gone.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[delete("/accounts/{account_id}/environments/{id}/access/{member_id}")]
async fn remove_direct_roles(
    state: State,
    caller: SignedIn,
    path: Ids<CollaboratorPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id, member) = scene(&path.0);
    state
        .run(move |service| {
            if_match.attempt(|expected| {
                service.unshare_environment(&caller.0, host, id, member, expected)
            })
        })
        .await?;
    Ok(no_content())
}

fn scene(path: &CollaboratorPath) -> (AccountId, EnvironmentId, MemberId) {
    (
        AccountId(path.account_id),
        EnvironmentId(path.id),
        MemberId(path.member_id),
    )
}
