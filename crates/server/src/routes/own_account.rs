//! What changes an account as a whole: another address, taking everything along, the end of it.

use accord_api_types::{
    AccountEmail, AccountExport, ChangeEmail, DeleteAccount, EndedCollaboration, ErrorCode,
    ExportedTask, PendingEmail,
};
use accord_domain::email::EmailAddress;
use accord_service::{AccountExport as ExportView, AddressView, StoredTask};
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::account::session_answer;
use super::api_tokens::api_token;
use super::collaborations::collaboration;
use super::environments::listed;
use super::groups::group;
use super::members::member;
use super::policies::policy;
use super::roles::role;
use super::{IfMatchHeader, State, accepted, no_content, ok, whose};
use crate::caller::{SignedIn, no_session_cookies};
use crate::convert::{Fields, account, member_status};
use crate::extract::Json;
use crate::limits::Kind;
use crate::problem::Answer;
use crate::versions::IfMatch;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_email)
        .service(change_email)
        .service(cancel_email_change)
        .service(export_account)
        .service(delete_account);
}

fn email(view: AddressView) -> AccountEmail {
    AccountEmail {
        email: view.account.email,
        verified: view.account.email_verified_at.is_some(),
        pending: view.pending.map(|pending| PendingEmail {
            email: pending.email,
            asked_at: pending.asked_at,
            expires_at: pending.expires_at,
        }),
    }
}

/// The caller's address
///
/// With the one that waits to be proven, if the caller asked for another.
#[utoipa::path(
    operation_id = "get_email",
    tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "The address.", body = AccountEmail)),
)]
#[get("/account/email")]
async fn get_email(state: State, caller: SignedIn) -> Answer {
    let view = state
        .run(move |service| service.get_address(&caller.0))
        .await?;
    Ok(ok(&email(view)))
}

/// Ask for another address
///
/// Asks for the password again, mails a link to the new address and tells the present one if it is
/// proven. The account keeps its address until the link is followed; asking again makes the link before
/// stop working, and so does another password. Invitations that wait for the person then get a new link,
/// at the new address. Whether that address has an account is never answered.
#[utoipa::path(
    operation_id = "change_email",
    tag = "account",
    security(("bearer" = [])),
    request_body = ChangeEmail,
    responses((status = 202, description = "Taken, whatever comes of it.")),
    extensions(("x-problem-codes" = json!([ErrorCode::WrongPassword, ErrorCode::RateLimited]))),
)]
#[post("/account/email")]
async fn change_email(state: State, caller: SignedIn, Json(body): Json<ChangeEmail>) -> Answer {
    let mut fields = Fields::default();
    let email = fields.take("/email", EmailAddress::parse(&body.email));
    let email = fields.finish(email)?;
    let own = whose(&caller.0);
    state.limit(Kind::OwnPassword, &own)?;
    let recipient = email.key();
    let password = body.password;
    let asked =
        state.run_hashing(move |service| service.change_address(&caller.0, &email, &password));
    // By the recipient, so that nobody's mailbox is filled; by the account, so that nobody's account is.
    state
        .limit_successes(
            Kind::MailTo,
            &own,
            state.limit_successes(Kind::MailTo, &recipient, asked),
        )
        .await?;
    Ok(accepted())
}

/// Keep the present address
///
/// Drops the address that waits to be proven, if one does: its link stops working.
#[utoipa::path(
    operation_id = "cancel_email_change",
    tag = "account",
    security(("bearer" = [])),
    responses((status = 204, description = "None waits.")),
)]
#[delete("/account/email")]
async fn cancel_email_change(state: State, caller: SignedIn) -> Answer {
    state
        .run(move |service| service.cancel_address_change(&caller.0))
        .await?;
    Ok(no_content())
}

/// Take everything along
///
/// All that is kept of the caller's account, as a file: the person, their sessions and collaborations
/// (of those that ended, no more than when and how), what the account hosts, and the newest ten
/// thousand entries of the record.
#[utoipa::path(
    operation_id = "export_account",
    tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "The file.", body = AccountExport)),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[get("/account/export")]
async fn export_account(state: State, caller: SignedIn) -> Answer {
    let credential = caller.0.credential;
    state.limit(Kind::Export, &whose(&caller.0))?;
    let view = state
        .run(move |service| service.export_account(&caller.0))
        .await?;
    let name = format!("accord-account-{}.json", view.at.format("%Y-%m-%d"));
    let export = exported(view, |session| {
        session_answer(session, credential.session_id())
    });
    Ok(HttpResponse::Ok()
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .json(export))
}

fn exported(
    view: ExportView,
    session: impl Fn(accord_service::SessionView) -> accord_api_types::Session,
) -> AccountExport {
    let own = view.account.id;
    AccountExport {
        exported_at: view.at,
        account: account(&view.account),
        sessions: view.sessions.into_iter().map(session).collect(),
        api_tokens: view
            .api_tokens
            .iter()
            .map(|token| api_token(token, view.at))
            .collect(),
        collaborations: view.collaborations.iter().map(collaboration).collect(),
        ended_collaborations: view
            .ended_collaborations
            .iter()
            .map(|ended| EndedCollaboration {
                id: ended.member.id.into(),
                status: member_status(ended.status),
                invited_at: ended.member.invited_at,
                invitation_expires_at: ended.member.invitation_expires_at,
                accepted_at: ended.member.accepted_at,
                ended_at: ended.member.ended_at,
            })
            .collect(),
        policies: view.policies.iter().map(policy).collect(),
        roles: view.roles.iter().map(role).collect(),
        groups: view.groups.iter().map(group).collect(),
        environments: view.environments.iter().map(listed).collect(),
        members: view.members.iter().map(member).collect(),
        tasks: view
            .tasks
            .into_iter()
            .map(|task| {
                let of_own_account = task.account_id == own;
                exported_task(task, of_own_account)
            })
            .collect(),
        tasks_complete: view.tasks_complete,
    }
}

fn exported_task(task: StoredTask, of_own_account: bool) -> ExportedTask {
    ExportedTask {
        id: task.id.into(),
        at: task.at,
        account_id: task.account_id.into(),
        actor_id: task.actor_id.map(Into::into),
        actor_name: task.actor_name,
        action: task.action,
        member_id: task.member_id.map(Into::into),
        environment_id: task.environment_id.map(Into::into),
        item: task.item,
        before: task.before.filter(|_| of_own_account),
        after: task.after.filter(|_| of_own_account),
        means: task.means,
        network_address: task.network_address,
    }
}

/// Delete the caller's account
///
/// For good, with everything that it owns; asks for the password again. The account leaves the
/// collaborations that it takes part in, and those that it hosts end: their members hear of it. The
/// address may sign up anew.
#[utoipa::path(
    operation_id = "delete_account",
    tag = "account",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body = DeleteAccount,
    responses((status = 204, description = "It is gone, and nobody is signed in to it.")),
    extensions(("x-problem-codes" = json!([ErrorCode::WrongPassword, ErrorCode::RateLimited]))),
)]
#[delete("/account")]
async fn delete_account(
    state: State,
    caller: SignedIn,
    if_match: IfMatch,
    Json(body): Json<DeleteAccount>,
) -> Answer {
    state.limit(Kind::OwnPassword, &whose(&caller.0))?;
    state
        .run_hashing(move |service| {
            if_match.attempt(|expected| service.delete_account(&caller.0, &body.password, expected))
        })
        .await?;
    let mut answer = no_content();
    // A cookie that cannot be written is refused by the browser alone; its session is over anyway.
    for cookie in no_session_cookies(state.public_url.is_secure()) {
        let _ = answer.add_cookie(&cookie);
    }
    Ok(answer)
}
