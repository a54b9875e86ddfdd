use accord_api_types::{
    ApiToken, CreateApiToken, ErrorCode, NewApiToken, Page, PageQuery, TokenScope,
};
use accord_domain::ids::ApiTokenId;
use accord_domain::text::DisplayName;
use accord_domain::token::TokenScopes;
use accord_service::{ApiTokenSort, ApiTokenView};
use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{OwnPath, State, no_content, ok};
use crate::caller::SignedIn;
use crate::convert::{Fields, end_asked};
use crate::extract::{Ids, Json, Query};
use crate::idempotency::secret;
use crate::lists::{self, Sort};
use crate::problem::Answer;

const BY_NAME: &str = "name";
pub(super) const SORTS: &[Sort] = &[Sort::by_time("created_at"), Sort::by_text(BY_NAME)];
const NEWEST_FIRST: Option<&str> = Some("-created_at");

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_api_tokens)
        .service(create_api_token)
        .service(get_api_token)
        .service(revoke_api_token);
}

pub(super) fn api_token(view: &ApiTokenView, now: DateTime<Utc>) -> ApiToken {
    ApiToken {
        id: view.id.into(),
        name: view.name.clone(),
        hint: view.hint.clone(),
        scopes: view
            .scopes
            .iter()
            .filter_map(|scope| scope.as_str().parse::<TokenScope>().ok())
            .collect(),
        created_at: view.created_at,
        expires_at: view.expires_at,
        expired: view.ended(now),
        last_used_at: view.last_used_at,
    }
}

/// The caller's API tokens
///
/// What programs call with for this account, the newest first, those that have ended included until they
/// are revoked. Sorted by `created_at` or `name`. The secrets are shown when they are made, and never again.
#[utoipa::path(
    operation_id = "list_api_tokens",
    tag = "account",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<ApiToken>)),
)]
#[get("/account/tokens")]
async fn list_api_tokens(state: State, caller: SignedIn, Query(query): Query<PageQuery>) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref().or(NEWEST_FIRST),
        SORTS,
    )?;
    let sort = match asked.sort.name {
        BY_NAME => ApiTokenSort::Name,
        _ => ApiTokenSort::CreatedAt,
    };
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_api_tokens(&caller.0, sort, &page))
        .await?;
    let now = state.clock.now();
    Ok(ok(&lists::page(&asked, rows, |view| api_token(&view, now))))
}

/// Make an API token
///
/// For a program that shall call for this account. What it may do is the caller's to do, as far as the
/// scopes go; what manages the account itself stays the caller's alone. The answer holds the secret, once.
/// Needs a proven address; a mail tells the caller that there is a new token. A new password by the mailed
/// link ends all tokens.
#[utoipa::path(
    operation_id = "create_api_token",
    tag = "account",
    security(("bearer" = [])),
    request_body = CreateApiToken,
    responses((status = 201, description = "The token and its secret.", body = NewApiToken)),
    extensions(("x-problem-codes" = json!([ErrorCode::EmailNotVerified, ErrorCode::TooManyTokens]))),
)]
#[post("/account/tokens")]
async fn create_api_token(
    state: State,
    caller: SignedIn,
    Json(body): Json<CreateApiToken>,
) -> Answer {
    let mut fields = Fields::default();
    let name = fields.take("/name", DisplayName::parse(&body.name));
    let expires_at = end_asked(&mut fields, "/expires_at", body.expires_at);
    let scopes: Result<TokenScopes, _> = body
        .scopes
        .iter()
        .map(|scope| scope.as_str().parse())
        .collect();
    let scopes = fields.take("/scopes", scopes);
    let command = name
        .zip(scopes)
        .zip(expires_at)
        .map(
            |((name, scopes), expires_at)| accord_service::CreateApiToken {
                name,
                scopes,
                expires_at,
            },
        );
    let command = fields.finish(command)?;
    let made = state
        .run(move |service| service.create_api_token(&caller.0, &command))
        .await?;
    let place = format!(
        "{}/account/tokens/{}",
        accord_api_types::BASE_PATH,
        made.token.id
    );
    let answer = HttpResponse::Created()
        .insert_header((header::LOCATION, place))
        .json(NewApiToken {
            secret: made.secret.reveal().to_owned(),
            token: api_token(&made.token, state.clock.now()),
        });
    Ok(secret(answer))
}

/// An API token of the caller
///
/// Without its secret, which is shown when it is made and never again.
#[utoipa::path(
    operation_id = "get_api_token",
    tag = "account",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 200, description = "The token.", body = ApiToken)),
)]
#[get("/account/tokens/{id}")]
async fn get_api_token(state: State, caller: SignedIn, path: Ids<OwnPath>) -> Answer {
    let id = ApiTokenId(path.0.id);
    let view = state
        .run(move |service| service.get_api_token(&caller.0, id))
        .await?;
    Ok(ok(&api_token(&view, state.clock.now())))
}

/// Revoke an API token
///
/// It is refused from the next request on, and is not listed any more.
#[utoipa::path(
    operation_id = "revoke_api_token",
    tag = "account",
    security(("bearer" = [])),
    params(OwnPath),
    responses((status = 204, description = "It is no token any more.")),
)]
#[delete("/account/tokens/{id}")]
async fn revoke_api_token(state: State, caller: SignedIn, path: Ids<OwnPath>) -> Answer {
    let id = ApiTokenId(path.0.id);
    state
        .run(move |service| service.revoke_api_token(&caller.0, id))
        .await?;
    Ok(no_content())
}
