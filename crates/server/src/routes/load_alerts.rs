use accord_api_types::{ErrorCode, LoadAlertOutcome, PostLoadAlert};
use accord_domain::ids::{AccountId, EnvironmentId};
use accord_domain::text::{AlertMessage, MetricName};
use accord_service::LoadAlert;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{State, ThingPath};
use crate::caller::Scoped;
use crate::convert::Fields;
use crate::extract::{Ids, Json};
use crate::limits::Kind;
use crate::problem::Answer;
use crate::scopes::Alerts;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(post_load_alert);
}

/// Post a load alert
///
/// For the platform, when an environment is under strain: the owner and each active member whose
/// effective roles there receive load alerts get a mail and a notification, as they chose. Whoever was
/// told of the same metric within 15 minutes gets no other: the repeat is counted in the notification.
/// Mail goes to proven addresses alone, and to one person of at most 10 metrics of an environment in that
/// time. A person is in `notified` if the alert, or its repeat, is anywhere for them to see.
#[utoipa::path(
    operation_id = "post_load_alert",
    tag = "environments",
    security(("bearer" = []), ("api_token" = ["alerts"]), ("platform_token" = ["alerts"])),
    params(ThingPath),
    request_body = PostLoadAlert,
    responses((status = 202, description = "Whom it reached.", body = LoadAlertOutcome)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::RateLimited]))),
)]
#[post("/accounts/{account_id}/environments/{id}/load-alerts")]
async fn post_load_alert(
    state: State,
    caller: Scoped<Alerts>,
    path: Ids<ThingPath>,
    Json(body): Json<PostLoadAlert>,
) -> Answer {
    let mut fields = Fields::default();
    let metric = fields.take("/metric", MetricName::parse(&body.metric));
    let message = fields.take_optional("/message", body.message, |text| AlertMessage::parse(&text));
    let alert = metric.zip(message).map(|(metric, message)| LoadAlert {
        metric,
        value: body.value,
        threshold: body.threshold,
        message,
    });
    let alert = fields.finish(alert)?;
    let (host, environment) = (AccountId(path.0.account_id), EnvironmentId(path.0.id));
    let post =
        state.run(move |service| service.post_load_alert(&caller.0, host, environment, &alert));
    let notified = state
        .limit_successes(Kind::LoadAlert, &environment.to_string(), post)
        .await?;
    Ok(HttpResponse::Accepted().json(LoadAlertOutcome {
        notified: u32::try_from(notified).unwrap_or(u32::MAX),
    }))
}
