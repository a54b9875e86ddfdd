use accord_api_types::{Action, Page, PageQuery};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ok};
use crate::caller::SignedIn;
use crate::extract::Query;
use crate::lists::{self, Sort};
use crate::problem::Answer;

const SORTS: &[Sort] = &[Sort::by_text("catalogue")];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_actions);
}

/// The catalogue of actions
///
/// Everything that the platform lets people do, in the order of the catalogue. Policies are made of
/// these.
#[utoipa::path(
    operation_id = "list_actions",
    tag = "catalogue",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<Action>)),
)]
#[get("/actions")]
async fn list_actions(state: State, caller: SignedIn, Query(query): Query<PageQuery>) -> Answer {
    let asked = lists::ask(query.limit, query.cursor.as_deref(), None, SORTS)?;
    let page = asked.page.clone();
    let rows = state
        .run(move |service| service.list_actions(&caller.0, &page))
        .await?;
    Ok(ok(&lists::page(&asked, rows, |action| Action {
        id: action.id.to_string(),
        category: action.category,
        title: action.title,
        description: action.description,
    })))
}
