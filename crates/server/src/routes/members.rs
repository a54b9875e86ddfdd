use accord_api_types::{
    ErrorCode, Invite, MailState, MailStatus, Member, MembersQuery, Page, UpdateMember,
};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, MemberId, RoleId};
use accord_domain::text::DisplayName;
use accord_service::{
    MailOutcome, MailState as OutcomeState, MemberSort, MemberView, MembersFilter,
};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    AccountPath, IfMatchHeader, State, ThingPath, made, no_content, ok, versioned, whose_on,
};
use crate::caller::Scoped;
use crate::convert::{Fields, member_status, member_status_asked, share, share_drafts};
use crate::extract::{Ids, Json, Query};
use crate::limits::Kind;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::{Members, Read};
use crate::versions::IfMatch;

const BY_NAME: Sort = Sort::by_text("display_name");
const BY_TIME: Sort = Sort::by_time("invited_at");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("email"), BY_NAME, BY_TIME];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_members)
        .service(invite_member)
        .service(get_member)
        .service(update_member)
        .service(remove_member)
        .service(forget_member);
}

pub(super) fn member(view: &MemberView) -> Member {
    let record = &view.member;
    Member {
        id: record.id.into(),
        email: record.email.clone(),
        display_name: record.display_name.clone(),
        status: member_status(view.status),
        account_id: record.person_id.map(Into::into),
        invited_at: record.invited_at,
        invitation_expires_at: record.invitation_expires_at,
        accepted_at: record.accepted_at,
        suspended_at: record.suspended_at,
        ended_at: record.ended_at,
        shares: view.shares.iter().map(|one| share(one, view.now)).collect(),
        allowed_actions: view
            .allowed_actions
            .iter()
            .map(|action| (*action).to_owned())
            .collect(),
        invitation_mail: view.invitation_mail.as_ref().map(mail_status),
    }
}

fn mail_status(outcome: &MailOutcome) -> MailStatus {
    MailStatus {
        state: match outcome.state {
            OutcomeState::Queued => MailState::Queued,
            OutcomeState::Sent => MailState::Sent,
            OutcomeState::Retrying => MailState::Retrying,
            OutcomeState::GaveUp => MailState::GaveUp,
            OutcomeState::Kept => MailState::Kept,
        },
        at: outcome.at,
        error: outcome.error.clone(),
    }
}

pub(super) fn answer(view: &MemberView) -> HttpResponse {
    versioned(StatusCode::OK, view.member.version, &member(view))
}

pub(super) fn new_member(view: &MemberView) -> HttpResponse {
    let location = format!(
        "/api/v1/accounts/{}/members/{}",
        view.member.account_id, view.member.id
    );
    made(location, view.member.version, &member(view))
}

/// The account's members
///
/// The record of everybody who was ever invited, in any state. For the owner alone. With `role_id` it
/// says where a role is in use.
#[utoipa::path(
    operation_id = "list_members",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, MembersQuery),
    responses((status = 200, description = "A page of them.", body = Page<Member>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/members")]
async fn list_members(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    Query(query): Query<MembersQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let filter = MembersFilter {
        q: lists::search(query.q.as_deref())?,
        status: query.status.map(member_status_asked),
        role_id: query.role_id.map(RoleId),
        sort: match asked.sort {
            BY_NAME => MemberSort::DisplayName,
            BY_TIME => MemberSort::InvitedAt,
            _ => MemberSort::Email,
        },
    };
    let host = AccountId(path.0.account_id);
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_members(&caller.0, host, &filter, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| member(&view))))
}

/// Invite somebody
///
/// Makes a pending member and mails a link. What is shared counts from acceptance on. Where the
/// account has a record for the address or person already, in any state, the answer names it.
#[utoipa::path(
    operation_id = "invite_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(AccountPath),
    request_body = Invite,
    responses((status = 201, description = "The new member.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::RateLimited, ErrorCode::Forbidden, ErrorCode::EmailNotVerified, ErrorCode::CannotHost, ErrorCode::MemberExists,
        ErrorCode::OwnAccount
    ]))),
)]
#[post("/accounts/{account_id}/members")]
async fn invite_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<AccountPath>,
    Json(body): Json<Invite>,
) -> Answer {
    state.limit(Kind::Invite, &whose_on(&caller.0, path.0.account_id))?;
    let mut fields = Fields::default();
    let email = fields.take("/email", EmailAddress::parse(&body.email));
    let display_name = fields.take_optional("/display_name", body.display_name, |name| {
        DisplayName::parse(&name)
    });
    let shares = share_drafts(&mut fields, "/shares", body.shares);
    let built = match (email, display_name, shares) {
        (Some(email), Some(display_name), Some(shares)) => Some(accord_service::Invite {
            email,
            display_name,
            shares,
        }),
        _ => None,
    };
    let command = fields.finish(built)?;
    let host = AccountId(path.0.account_id);
    let recipient = command.email.key();
    let view = state
        .limit_successes(
            Kind::InviteTo,
            &recipient,
            state.run(move |service| service.invite_member(&caller.0, host, &command)),
        )
        .await?;
    Ok(new_member(&view))
}

/// A member
///
/// With their shares, and what the owner may do now.
#[utoipa::path(
    operation_id = "get_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath),
    responses((status = 200, description = "The member.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/members/{id}")]
async fn get_member(state: State, caller: Scoped<Read>, path: Ids<ThingPath>) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let view = state
        .run(move |service| service.get_member(&caller.0, host, id))
        .await?;
    Ok(answer(&view))
}

/// Change a member
///
/// A merge patch of the display name and the shares, in every state but `removed`.
#[utoipa::path(
    operation_id = "update_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    request_body = UpdateMember,
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[patch("/accounts/{account_id}/members/{id}")]
async fn update_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
    Json(body): Json<UpdateMember>,
) -> Answer {
    let mut fields = Fields::default();
    let display_name = fields.take_clearable("/display_name", body.display_name, |name| {
        DisplayName::parse(&name)
    });
    let shares = match body.shares {
        Some(shares) => share_drafts(&mut fields, "/shares", shares).map(Some),
        None => Some(None),
    };
    let built =
        display_name
            .zip(shares)
            .map(|(display_name, shares)| accord_service::UpdateMember {
                display_name,
                shares,
            });
    let command = fields.finish(built)?;
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let view = state
        .run(move |service| {
            if_match
                .attempt(|expected| service.update_member(&caller.0, host, id, &command, expected))
        })
        .await?;
    Ok(answer(&view))
}

/// Remove a member
///
/// Ends the collaboration and deletes its shares. The record stays, and is the answer.
#[utoipa::path(
    operation_id = "remove_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 200, description = "The member as it is now.", body = Member, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[delete("/accounts/{account_id}/members/{id}")]
async fn remove_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| service.remove_member(&caller.0, host, id, expected))
        })
        .await?;
    Ok(answer(&view))
}

/// Forget a member
///
/// Deletes the record of somebody whose collaboration ended, for good.
#[utoipa::path(
    operation_id = "forget_member",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["members"]), ("platform_token" = ["members"])),
    params(ThingPath, IfMatchHeader),
    responses((status = 204, description = "The record is gone.")),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition
    ]))),
)]
#[delete("/accounts/{account_id}/members/{id}/record")]
async fn forget_member(
    state: State,
    caller: Scoped<Members>,
    path: Ids<ThingPath>,
    if_match: IfMatch,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    state
        .run(move |service| {
            if_match.attempt(|expected| service.forget_member(&caller.0, host, id, expected))
        })
        .await?;
    Ok(no_content())
}
