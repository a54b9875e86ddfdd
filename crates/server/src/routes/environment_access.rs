use accord_api_types::{
    AccessRefusal, DirectRoles, EnvironmentAccess, EnvironmentAccessQuery, ErrorCode, NamedRole,
    Page, PageQuery, RefusalReason, ShareEnvironment, ShareableRole,
};
use accord_domain::delegation::{NotDelegated, Term};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
use accord_service::{
    DirectShare, EnvironmentAccessSort, EnvironmentAccessView, ShareWith, ShareableRoleView,
};
use actix_web::http::StatusCode;
use actix_web::{delete, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::environments::access_level;
use super::{IfMatchHeader, State, ThingPath, no_content, ok, versioned, whose_on};
use crate::caller::Scoped;
use crate::convert::{Fields, end_asked, ids, ids_asked, member_status, share};
use crate::extract::{Ids, Json, NoBody, Query};
use crate::limits::Kind;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::{Members, Read};
use crate::versions::IfMatch;

const BY_NAME: Sort = Sort::by_text("display_name");
const BY_STATUS: Sort = Sort::by_text("status");
const BY_LEVEL: Sort = Sort::by_text("access_level");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("email"), BY_NAME, BY_STATUS, BY_LEVEL];
pub(super) const ROLE_SORTS: &[Sort] = &[Sort::by_text("name")];

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
        .service(get_environment_access)
        .service(list_shareable_roles)
        .service(invite_to_environment)
        .service(set_direct_roles)
        .service(remove_direct_roles)
        .service(resend_environment_invitation);
}

fn environment_access(view: &EnvironmentAccessView) -> EnvironmentAccess {
    EnvironmentAccess {
        member_id: view.member.id.into(),
        email: view.member.email.clone(),
        display_name: view.member.display_name.clone(),
        status: member_status(view.status),
        account_disabled: view.account_disabled,
        access_level: access_level(view.access_level),
        role_ids: ids(view.role_ids.iter().copied()),
        policy_ids: ids(view.policy_ids.iter().copied()),
        action_ids: view.action_ids.iter().map(ToString::to_string).collect(),
        direct_share: view
            .direct_share
            .as_ref()
            .map(|direct| share(direct, view.now)),
        roles: view
            .role_names
            .iter()
            .map(|(id, name)| NamedRole {
                id: (*id).into(),
                name: name.clone(),
            })
            .collect(),
        refusals: view
            .refusals
            .iter()
            .map(|(action, why)| refusal(action, why))
            .collect(),
        allowed_actions: view
            .allowed_actions
            .iter()
            .map(|action| (*action).to_owned())
            .collect(),
    }
}

fn refusal(action: &str, why: &NotDelegated) -> AccessRefusal {
    AccessRefusal {
        action: action.to_owned(),
        reason: match why {
            NotDelegated::Own => RefusalReason::Own,
            NotDelegated::Holds { .. } => RefusalReason::Holds,
            NotDelegated::Asks { .. } => RefusalReason::Asks,
            NotDelegated::Gains { .. } => RefusalReason::Gains,
        },
        missing_action_ids: why.action_ids().iter().map(ToString::to_string).collect(),
        from: why.from(),
    }
}

fn shareable_role(view: &ShareableRoleView) -> ShareableRole {
    ShareableRole {
        id: view.role.id.into(),
        name: view.role.name.clone(),
        description: view.role.description.clone(),
        policies: view.role.policies.clone(),
        until: match view.term {
            Term::Unlimited => None,
            Term::Until(end) => Some(end),
        },
    }
}

/// Who has access to an environment
///
/// Every member who has access or, not being active, would have it; with the level that counts, and
/// the direct share if there is one. The owner asks, or a member with `collaboration.manage` there; each
/// row says what this caller may do about it, and what speaks against the rest. Sorted by `email`,
/// `display_name`, `status` or `access_level`.
#[utoipa::path(
    operation_id = "list_environment_access",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, EnvironmentAccessQuery),
    responses((status = 200, description = "A page of them.", body = Page<EnvironmentAccess>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/access")]
async fn list_environment_access(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<EnvironmentAccessQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let sort = match asked.sort {
        BY_NAME => EnvironmentAccessSort::DisplayName,
        BY_STATUS => EnvironmentAccessSort::Status,
        BY_LEVEL => EnvironmentAccessSort::AccessLevel,
        _ => EnvironmentAccessSort::Email,
    };
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let (q, page) = (lists::search(query.q.as_deref())?, asked.page.clone());
    let rows = state
        .run(move |service| {
            service.list_environment_access(&caller.0, host, id, q.as_deref(), sort, &page)
        })
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| {
        environment_access(&view)
    })))
}

/// One member's access to an environment
///
/// As the list has it, with the version that direct roles are changed for. A member with
/// `collaboration.manage` there asks about those whom the list shows, the owner about everybody.
#[utoipa::path(
    operation_id = "get_environment_access",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(CollaboratorPath),
    responses((status = 200, description = "The member's access.", body = EnvironmentAccess, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/access/{member_id}")]
async fn get_environment_access(
    state: State,
    caller: Scoped<Read>,
    path: Ids<CollaboratorPath>,
) -> Answer {
    let (host, id, member) = scene(&path.0);
    let view = state
        .run(move |service| service.environment_access_of(&caller.0, host, id, member))
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.member.version,
        &environment_access(&view),
    ))
}

/// The roles that may be given on an environment
///
/// All roles of the account for its owner. For a member with `collaboration.manage` there, those whose
/// actions they have themselves, and until when they have them: nobody gives what they lack.
#[utoipa::path(
    operation_id = "list_shareable_roles",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, PageQuery),
    responses((status = 200, description = "A page of them, by name.", body = Page<ShareableRole>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/shareable-roles")]
async fn list_shareable_roles(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        ROLE_SORTS,
    )?;
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_shareable_roles(&caller.0, host, id, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| shareable_role(&view))))
}

/// Invite somebody to an environment
///
/// Makes a pending member with roles on this environment and mails a link in the owner's name. Somebody
/// who has a record already is named in the answer, and is shared with by their id. A member with
/// `collaboration.manage` there may invite too, with roles that they could give; of the account's other
/// members they learn nothing: one who has no access here yet is shared with as a new address would be.
#[utoipa::path(
    operation_id = "invite_to_environment",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
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
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    Json(body): Json<ShareEnvironment>,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
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
/// this environment while there are any. A member with `collaboration.manage` there may do it to others
/// whom they see here, as long as neither the roles before nor those after hold an action that they lack,
/// and nobody gains one thereby, now or when an end passes.
#[utoipa::path(
    operation_id = "set_direct_roles",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
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
    caller: Scoped<Members>,
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
/// The member's other shares count there again. A member with `collaboration.manage` there may do it to
/// others, as long as the roles hold no action that they lack and nobody gains one thereby; where these
/// were all that an open invitation carries, it is withdrawn.
#[utoipa::path(
    operation_id = "remove_direct_roles",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(CollaboratorPath, IfMatchHeader),
    responses((status = 204, description = "They are gone.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[delete("/accounts/{account_id}/environments/{id}/access/{member_id}")]
async fn remove_direct_roles(
    state: State,
    caller: Scoped<Members>,
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

/// Mail an invitation to an environment again
///
/// Makes a new link for somebody with direct roles there who has not decided; the old one dies. The owner
/// may for everybody; a member with `collaboration.manage` there may where these roles are all that the
/// invitation carries, and are theirs to give.
#[utoipa::path(
    operation_id = "resend_environment_invitation",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(CollaboratorPath),
    responses((status = 200, description = "The member's access.", body = EnvironmentAccess, headers(("ETag" = String, description = "The member's version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost,
        ErrorCode::IllegalTransition
    ]))),
)]
#[post("/accounts/{account_id}/environments/{id}/access/{member_id}/resend")]
async fn resend_environment_invitation(
    state: State,
    caller: Scoped<Members>,
    path: Ids<CollaboratorPath>,
    _body: NoBody,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    let (host, id, member) = scene(&path.0);
    let call = caller.0.clone();
    let recipient = state
        .run(move |service| service.invited_address_of_environment(&call, host, id, member))
        .await?;
    let view = state
        .limit_successes(
            Kind::InviteTo,
            &recipient,
            state.run(move |service| service.resend_to_environment(&caller.0, host, id, member)),
        )
        .await?;
    Ok(versioned(
        StatusCode::OK,
        view.member.version,
        &environment_access(&view),
    ))
}

fn scene(path: &CollaboratorPath) -> (AccountId, EnvironmentId, MemberId) {
    (
        AccountId(path.account_id),
        EnvironmentId(path.id),
        MemberId(path.member_id),
    )
}
