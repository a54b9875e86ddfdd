use accord_api_types::{
    Account, ChangePassword, ErrorCode, Page, PageQuery, Session, UpdateAccount,
};
use accord_domain::ids::SessionId;
use accord_domain::password::check_password_length;
use accord_domain::text::DisplayName;
use accord_service::{AccountView, SessionSort, SessionView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{IfMatchHeader, OwnPath, State, no_content, ok, versioned, whose};
use crate::caller::{Scoped, SignedIn};
use crate::convert::{Fields, account};
use crate::extract::{Ids, Json, NoBody, Query};
use crate::limits::Kind;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::Read;
use crate::versions::IfMatch;

const BY_BEGIN: Sort = Sort::by_time("created_at");
pub(super) const SESSION_SORTS: &[Sort] = &[Sort::by_time("last_used_at"), BY_BEGIN];
const LAST_USED_FIRST: Option<&str> = Some("-last_used_at");

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_account)
        .service(update_account)
        .service(upgrade_account)
        .service(change_password)
        .service(list_sessions)
        .service(get_session)
        .service(end_other_sessions)
        .service(end_session);
}

fn answer(view: &AccountView) -> HttpResponse {
    versioned(StatusCode::OK, view.version, &account(view))
}

/// The caller's account
///
/// Who is signed in.
#[utoipa::path(
    operation_id = "get_account",
    tag = "account",
    security(("bearer" = []), ("api_token" = ["read"])),
    responses((status = 200, description = "The account.", body = Account, headers(("ETag" = String, description = "Its version.")))),
)]
#[get("/account")]
async fn get_account(state: State, caller: Scoped<Read>) -> Answer {
    let view = state
        .run(move |service| service.get_account(&caller.0))
        .await?;
    Ok(answer(&view))
}

/// Change the caller's account
///
/// A merge patch: a missing field stays.
#[utoipa::path(
    operation_id = "update_account",
    tag = "account",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body = UpdateAccount,
    responses((status = 200, description = "The account as it is now.", body = Account, headers(("ETag" = String, description = "Its version.")))),
)]
#[patch("/account")]
async fn update_account(
    state: State,
    caller: SignedIn,
    if_match: IfMatch,
    Json(body): Json<UpdateAccount>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take_optional("/name", body.name, |name| DisplayName::parse(&name));
    let name = fields.finish(name)?;
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| service.update_account(&caller.0, name.as_ref(), expected))
        })
        .await?;
    Ok(answer(&view))
}

/// Let the caller's account host
///
/// Makes an account of kind `member` one of kind `billing`, which can share things of its own. One that
/// is stays as it is.
#[utoipa::path(
    operation_id = "upgrade_account",
    tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "The account as it is now.", body = Account, headers(("ETag" = String, description = "Its version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::UpgradeClosed, ErrorCode::EmailNotVerified]))),
)]
#[post("/account/upgrade")]
async fn upgrade_account(state: State, caller: SignedIn, _body: NoBody) -> Answer {
    let view = state
        .run(move |service| service.upgrade_account(&caller.0))
        .await?;
    Ok(answer(&view))
}

/// Change the caller's password
///
/// Asks for the current one again, and ends all other sessions.
#[utoipa::path(
    operation_id = "change_password",
    tag = "account",
    security(("bearer" = [])),
    request_body = ChangePassword,
    responses((status = 204, description = "The new password counts.")),
    extensions(("x-problem-codes" = json!([ErrorCode::WrongPassword, ErrorCode::RateLimited]))),
)]
#[post("/account/password")]
async fn change_password(
    state: State,
    caller: SignedIn,
    Json(body): Json<ChangePassword>,
) -> Answer {
    state.limit(Kind::OwnPassword, &whose(&caller.0))?;
    let mut fields = Fields::default();
    let new = fields.take(
        "/new_password",
        check_password_length(&body.new_password).map(|()| body.new_password),
    );
    let new = fields.finish(new)?;
    let current = body.current_password;
    state
        .run_hashing(move |service| service.change_password(&caller.0, &current, &new))
        .await?;
    Ok(no_content())
}

/// The caller's sessions
///
/// Every browser and program that is signed in, the last used first. Sorted by `last_used_at` or
/// `created_at`.
#[utoipa::path(
    operation_id = "list_sessions",
    tag = "account",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Session>)),
)]
#[get("/account/sessions")]
async fn list_sessions(state: State, caller: SignedIn, Query(query): Query<PageQuery>) -> Answer {
    let own = caller.0.credential.session_id();
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref().or(LAST_USED_FIRST),
        SESSION_SORTS,
    )?;
    let sort = match asked.sort {
        BY_BEGIN => SessionSort::CreatedAt,
        _ => SessionSort::LastUsedAt,
    };
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_sessions(&caller.0, sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |session| {
        session_answer(session, own)
    })))
}

pub(super) fn session_answer(session: SessionView, own: Option<SessionId>) -> Session {
    Session {
        current: Some(session.id) == own,
        id: session.id.into(),
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        network_address: session.network_address,
    }
}

/// A session of the caller
///
/// Where and when it began, and when it was last used. One that ended is not there.
#[utoipa::path(
    operation_id = "get_session",
    tag = "account",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 200, description = "The session.", body = Session)),
)]
#[get("/account/sessions/{id}")]
async fn get_session(state: State, caller: SignedIn, path: Ids<OwnPath>) -> Answer {
    let own = caller.0.credential.session_id();
    let id = SessionId(path.0.id);
    let session = state
        .run(move |service| service.get_session(&caller.0, id))
        .await?;
    Ok(ok(&session_answer(session, own)))
}

/// End all other sessions
///
/// Signs the caller out everywhere but here.
#[utoipa::path(
    operation_id = "end_other_sessions",
    tag = "account",
    security(("bearer" = [])),
    responses((status = 204, description = "They ended.")),
)]
#[delete("/account/sessions")]
async fn end_other_sessions(state: State, caller: SignedIn) -> Answer {
    state
        .run(move |service| service.end_other_sessions(&caller.0))
        .await?;
    Ok(no_content())
}

/// End a session
///
/// Its access token is refused from the next request on. It may be this session.
#[utoipa::path(
    operation_id = "end_session",
    tag = "account",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 204, description = "It ended.")),
)]
#[delete("/account/sessions/{id}")]
async fn end_session(state: State, caller: SignedIn, path: Ids<OwnPath>) -> Answer {
    let id = SessionId(path.0.id);
    state
        .run(move |service| service.end_session(&caller.0, id))
        .await?;
    Ok(no_content())
}
