use accord_api_types::{Action, Page, PageQuery};
use accord_service::ActionSort;
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ok};
use crate::caller::Scoped;
use crate::extract::Query;
use crate::lists::{self, Sort};
use crate::problem::Answer;
use crate::scopes::Read;

const BY_ID: Sort = Sort::by_text("id");
const BY_TITLE: Sort = Sort::by_text("title");
pub(super) const SORTS: &[Sort] = &[Sort::by_text("catalogue"), BY_ID, BY_TITLE];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_actions);
}

/// The catalogue of actions
///
/// Everything that the platform lets people do. Policies are made of these. Sorted by `catalogue`
/// (the order in which the operator lists them), `id` or `title`.
#[utoipa::path(
    operation_id = "list_actions",
    tag = "catalogue",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Action>)),
)]
#[get("/actions")]
async fn list_actions(
    state: State,
    caller: Scoped<Read>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let asked = lists::ask(
        query.limit,
        query.cursor.as_deref(),
        query.sort.as_deref(),
        SORTS,
    )?;
    let sort = match asked.sort {
        BY_ID => ActionSort::Id,
        BY_TITLE => ActionSort::Title,
        _ => ActionSort::Catalogue,
    };
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_actions(&caller.0, sort, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |action| Action {
        id: action.id.to_string(),
        category: action.category,
        title: action.title,
        description: action.description,
    })))
}
