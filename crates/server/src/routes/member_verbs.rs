//! What is done with a member as a whole: suspending, inviting again, copying.

use accord_api_types::{CopyMember, ErrorCode, InvitationLink, Member};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::text::DisplayName;
use accord_service::{Call, MemberView, Service, ServiceError};
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::members::{answer, new_member};
use super::{IfMatchHeader, State, ThingPath, ok, whose_on};
use crate::caller::Scoped;
use crate::convert::Fields;
use crate::extract::{Ids, Json, NoBody};
use crate::idempotency::secret;
use crate::limits::Kind;
use crate::problem::{Answer, ApiError};
use crate::scopes::Members;
use crate::versions::IfMatch;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(suspend_member)
        .service(activate_member)
        .service(resend_invitation)
        .service(reinvite_member)
        .service(copy_member)
        .service(copy_invitation_link);
}

type Verb = fn(&Service, &Call, AccountId, MemberId) -> Result<MemberView, ServiceError>;

async fn act(
    state: &State,
    caller: Scoped<Members>,
    path: &ThingPath,
    verb: Verb,
) -> Result<HttpResponse, ApiError> {
    let (host, id) = (AccountId(path.account_id), MemberId(path.id));
    let view = state
        .run(move |service| verb(service, &caller.0, host, id))
        .await?;
    Ok(answer(&view))
}

type VersionedVerb =
    fn(&Service, &Call, AccountId, MemberId, Option<i64>) -> Result<MemberView, ServiceError>;

async fn act_as_of(
    state: &State,
    caller: Scoped<Members>,
    path: &ThingPath,
    if_match: IfMatch,
    verb: VersionedVerb,
) -> Result<HttpResponse, ApiError> {
    let (host, id) = (AccountId(path.account_id), MemberId(path.id));
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| verb(service, &caller.0, host, id, expected))
        })
        .await?;
    Ok(answer(&view))
}

/// Counted by the address, as any invitation to it is, whatever record it has.
async fn invite_again(
    state: &State,
    caller: Scoped<Members>,
    path: &ThingPath,
    verb: Verb,
) -> Result<HttpResponse, ApiError> {
    let (host, id) = (AccountId(path.account_id), MemberId(path.id));
    let call = caller.0.clone();
    let recipient = state
        .run(move |service| service.invited_address(&call, host, id))
        .await?;
    state
        .limit_successes(Kind::InviteTo, &recipient, act(state, caller, path, verb))
        .await
}

/// Suspend a member
///
/// Takes an active member's access away for a while. They hear of it by mail. `If-Match` suspends them only
/// as they were when they were last looked at.
#[utoipa::path(
    operation_id = "suspend_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/suspend")]
async fn suspend_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    _body: NoBody,
) -> Answer {
    act_as_of(&state, caller, &path.0, if_match, Service::suspend_member).await
}

/// Activate a suspended member
///
/// Gives the access back. They hear of it by mail, so a member is not activated over and over; suspending
/// is always possible. `If-Match` takes a suspension back only if nothing has changed since.
#[utoipa::path(
    operation_id = "activate_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/activate")]
async fn activate_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    _body: NoBody,
) -> Answer {
    let member = path.0.id.to_string();
    state
        .limit_successes(
            Kind::Activate,
            &member,
            act_as_of(&state, caller, &path.0, if_match, Service::activate_member),
        )
        .await
}

/// Send the invitation again
///
/// A new link to somebody who has not decided; the old link stops working.
#[utoipa::path(
    operation_id = "resend_invitation",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath),
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/resend")]
async fn resend_invitation(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    _body: NoBody,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    invite_again(&state, caller, &path.0, Service::resend_invitation).await
}

/// Invite somebody again
///
/// After the collaboration ended. The shares that are left count again; a removed member has none.
#[utoipa::path(
    operation_id = "reinvite_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath),
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/reinvite")]
async fn reinvite_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    _body: NoBody,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    invite_again(&state, caller, &path.0, Service::reinvite_member).await
}

/// Copy a member
///
/// Invites another address with the same shares, but for those that ended.
#[utoipa::path(
    operation_id = "copy_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath),
    request_body = CopyMember,
    responses((status = 201, description = "The new member.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::MemberExists,
        ErrorCode::OwnAccount
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/copy")]
async fn copy_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    Json(body): Json<CopyMember>,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    let mut fields = Fields::default();
    let email = fields.take("/email", EmailAddress::parse(&body.email));
    let display_name = fields.take_optional("/display_name", body.display_name, |name| {
        DisplayName::parse(&name)
    });
    let built = email
        .zip(display_name)
        .map(|(email, display_name)| accord_service::CopyMember {
            email,
            display_name,
        });
    let command = fields.finish(built)?;
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let recipient = command.email.key();
    let view = state
        .limit_successes(
            Kind::InviteTo,
            &recipient,
            state.run(move |service| service.copy_member(&caller.0, host, id, &command)),
        )
        .await?;
    Ok(new_member(&view))
}

/// Make an invitation link to copy
///
/// Where no mail server is set up: a new link for somebody who has not decided, to be handed over by
/// other means; the old one stops working. It does not prove the address.
#[utoipa::path(
    operation_id = "copy_invitation_link",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath),
    responses((status = 200, description = "The link.", body = InvitationLink)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::IllegalTransition,
        ErrorCode::MailServerSet
    ]))),
)]
#[post("/accounts/{account_id}/members/{id}/link")]
async fn copy_invitation_link(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    _body: NoBody,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let url = state
        .run(move |service| service.copy_invitation_link(&caller.0, host, id))
        .await?;
    Ok(secret(ok(&InvitationLink { url })))
}
