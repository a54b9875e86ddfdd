use accord_api_types::{ErrorCode, Page, TimelineEvent, TimelineQuery};
use accord_domain::ids::{AccountId, MemberId};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ThingPath, ok};
use crate::caller::Scoped;
use crate::convert::timeline_event;
use crate::extract::{Ids, Query};
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::Read;

// By text: what happened at one moment has an order, too.
pub(super) const SORTS: &[Sort] = &[Sort::by_text("at")];
const NEWEST_FIRST: &str = "-at";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_member_timeline);
}

/// What became of an invitation
///
/// Whether the mail was queued, handed to the mail server or not, and why; whether a person opened it;
/// how it was decided, that it expired or was sent again; and what followed. The newest first. For the
/// owner alone.
#[utoipa::path(
    operation_id = "list_member_timeline",
    tag = "members",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, TimelineQuery),
    responses((status = 200, description = "A page of what happened.", body = Page<TimelineEvent>)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/members/{id}/timeline")]
async fn list_member_timeline(
    state: State,
    caller: Scoped<Read>,
    path: Ids<ThingPath>,
    Query(query): Query<TimelineQuery>,
) -> Answer {
    let sort = query.sort.as_deref().unwrap_or(NEWEST_FIRST);
    let asked = lists::ask(query.limit, query.cursor.as_deref(), Some(sort), SORTS)?;
    let (host, id) = (AccountId(path.0.account_id), MemberId(path.0.id));
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.member_timeline(&caller.0, host, id, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |event| TimelineEvent {
        at: event.at,
        event: timeline_event(event.kind),
        detail: event.detail,
    })))
}
