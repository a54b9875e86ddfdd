use accord_api_types::{
    ErrorCode, ExplainQuery, ExplainedStep, Explanation, GrantingPolicy, MissingAccess, NamedRole,
};
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
use accord_service::{ExplainAccess, ExplanationView, StepView};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::environments::access_level;
use super::{State, ThingPath, ok};
use crate::caller::SignedIn;
use crate::convert::{ids, item, missing_thing, share, step_reason};
use crate::extract::{Ids, Query};
use crate::problem::Answer;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(explain_access);
}

/// Why a member may do something, or may not
///
/// The access-level rule step by step for one member, one environment and one action: each share, group and
/// category that it looked at, what became of it, by which roles and policies the action is granted, and
/// what is missing where it is not. The owner asks about every member, a member about themselves, and one
/// with `collaboration.manage` there about those who are listed there. What a caller may not know of (groups
/// that are not shared with them, others' shares beyond the environment) is left out or nameless.
#[utoipa::path(
    operation_id = "explain_access",
    tag = "access",
    security(("bearer" = [])),
    params(ThingPath, ExplainQuery),
    responses((status = 200, description = "The answer with its reasons.", body = Explanation)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/explain")]
async fn explain_access(
    state: State,
    caller: SignedIn,
    path: Ids<ThingPath>,
    Query(query): Query<ExplainQuery>,
) -> Answer {
    let (host, id) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let question = ExplainAccess {
        member_id: MemberId(query.member_id),
        action_id: query.action_id,
    };
    let view = state
        .run(move |service| service.explain_access(&caller.0, host, id, &question))
        .await?;
    Ok(ok(&explanation(view)))
}

fn explanation(view: ExplanationView) -> Explanation {
    let steps = view.steps.iter().map(|one| step(one, view.now)).collect();
    Explanation {
        allowed: view.allowed,
        access_level: access_level(view.access_level),
        steps,
        granted_by: view
            .granted_by
            .into_iter()
            .map(|policy| GrantingPolicy {
                role_id: policy.role_id.into(),
                role_name: policy.role_name,
                policy_id: policy.policy_id.into(),
                policy_name: policy.policy_name,
            })
            .collect(),
        missing: view.missing.map(|missing| MissingAccess {
            what: missing_thing(missing),
            sentence: missing.sentence().to_owned(),
        }),
    }
}

fn step(view: &StepView, now: chrono::DateTime<chrono::Utc>) -> ExplainedStep {
    let (via, via_name) = view.via.clone().unzip();
    ExplainedStep {
        level: access_level(view.step.level),
        item: view.item.map(item),
        item_name: view.item_name.clone(),
        via: via.map(Into::into),
        via_name,
        share: view.share.as_ref().map(|one| share(one, now)),
        role_ids: ids(view.step.role_ids.iter().copied()),
        roles: view
            .roles
            .iter()
            .map(|(id, name)| NamedRole {
                id: (*id).into(),
                name: name.clone(),
            })
            .collect(),
        counted: view.step.counted,
        why: step_reason(view.step.why),
        sentence: view.step.why.sentence().to_owned(),
    }
}
