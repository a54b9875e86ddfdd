use accord_api_types::{Environment, Page, VisibleEnvironmentsQuery};
use accord_domain::ids::{AccountId, GroupId};
use accord_service::{EnvironmentSort, VisibleFilter};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::environments::listed;
use super::{State, ok};
use crate::caller::Scoped;
use crate::convert::environment_status_asked;
use crate::extract::Query;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::Read;

const BY_TIME: Sort = Sort::by_time("created_at");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("name"), BY_TIME];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_visible_environments);
}

/// Everything that the caller sees
///
/// The caller's own environments and those that others share with them, each with its owner and where
/// the access comes from.
#[utoipa::path(
    operation_id = "list_visible_environments",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(VisibleEnvironmentsQuery),
    responses((status = 200, description = "A page of them.", body = Page<Environment>)),
)]
#[get("/environments")]
async fn list_visible_environments(
    state: State,
    caller: Scoped<Read>,
    Query(query): Query<VisibleEnvironmentsQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let filter = VisibleFilter {
        q: lists::search(query.q.as_deref())?,
        owner_id: query.owner_id.map(AccountId),
        group_id: query.group_id.map(GroupId),
        status: query.status.map(environment_status_asked),
        sort: if asked.sort == BY_TIME {
            EnvironmentSort::CreatedAt
        } else {
            EnvironmentSort::Name
        },
    };
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_visible_environments(&caller.0, &filter, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |view| listed(&view))))
}
