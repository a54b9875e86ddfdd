use accord_api_types::{Action, Page};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ok};
use crate::caller::SignedIn;
use crate::problem::Answer;

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
    responses((status = 200, description = "All actions.", body = Page<Action>)),
)]
#[get("/actions")]
async fn list_actions(state: State, caller: SignedIn) -> Answer {
    // The catalogue is in memory; the question is only whether the session lives.
    state
        .run(move |service| service.get_account(&caller.0))
        .await?;
    let actions = state
        .service
        .catalogue()
        .actions
        .iter()
        .map(|action| Action {
            id: action.id.to_string(),
            category: action.category.clone(),
            title: action.title.clone(),
            description: action.description.clone(),
        });
    Ok(ok(&Page::whole(actions.collect())))
}
