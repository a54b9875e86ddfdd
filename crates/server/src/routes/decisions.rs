use accord_api_types::{
    Check, CheckAccess, CheckAnswers, CheckResult, ErrorCode, ExplainQuery, ExplainedStep,
    Explanation, GrantingPolicy, MAX_CHECK_ACTIONS, MAX_CHECKS, MissingAccess, NamedRole,
};
use accord_domain::catalogue::{ActionId, Catalogue};
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId};
use accord_service::{ExplainAccess, ExplanationView, Service, StepView, Subject};
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::environments::access_level;
use super::{State, ThingPath, ok};
use crate::blocking::Door;
use crate::caller::Scoped;
use crate::convert::{Fields, check_mode_asked, ids, item, missing_thing, share, step_reason};
use crate::extract::{Ids, Json, Query};
use crate::problem::{Answer, ApiError};
use crate::scopes::{Checks, Read};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(explain_access).service(check_access);
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
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(ThingPath, ExplainQuery),
    responses((status = 200, description = "The answer with its reasons.", body = Explanation)),
    extensions(("x-problem-codes" = json!([ErrorCode::Forbidden]))),
)]
#[get("/accounts/{account_id}/environments/{id}/explain")]
async fn explain_access(
    state: State,
    caller: Scoped<Read>,
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

/// May these accounts do these actions?
///
/// Up to 1,000 decisions in one request, answered in order and from memory: for each a subject by account or by
/// address, an environment, actions, and whether `all` of them are needed or `any` will do. Ask before every
/// operation that the platform carries out. A platform token asks about everybody on any environment. An owner asks about everybody on their own environments, and
/// everybody about themselves on any; whatever else is asked about is answered as if it did not exist: not
/// allowed, level `none`. An answer is never older than a write that was answered here before, and lags by no
/// more than a tenth of a second behind one that was answered elsewhere; with `at_least_revision` not even that.
#[utoipa::path(
    operation_id = "check_access",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["checks"]), ("platform_token" = ["checks"])),
    request_body = CheckAccess,
    responses((status = 200, description = "The answers, in the order of the checks.", body = CheckAnswers)),
    extensions(("x-problem-codes" = json!([ErrorCode::RevisionAhead]))),
)]
#[post("/checks")]
async fn check_access(
    state: State,
    caller: Scoped<Checks>,
    Json(body): Json<CheckAccess>,
) -> Answer {
    let command = checks_asked(body, state.service.catalogue())?;
    let answers = match state.service.check_at_once(&caller.0, &command) {
        Some(answers) => answers,
        None => {
            let check = move |service: &Service| service.check(&caller.0, &command);
            state.run_at(Door::Checking, check).await?
        }
    };
    Ok(ok(&CheckAnswers {
        results: answers
            .results
            .into_iter()
            .map(|result| CheckResult {
                allowed: result.allowed,
                access_level: access_level(result.access_level),
                missing_action_ids: result
                    .missing_action_ids
                    .into_iter()
                    .map(String::from)
                    .collect(),
            })
            .collect(),
        revision: answers.revision,
    }))
}

fn checks_asked(
    body: CheckAccess,
    catalogue: &Catalogue,
) -> Result<accord_service::CheckAccess, ApiError> {
    let mut fields = Fields::default();
    if body.checks.len() > MAX_CHECKS {
        fields.refuse("/checks", format!("At most {MAX_CHECKS} at once."));
        return fields.finish(None);
    }
    let checks: Vec<Option<accord_service::Check>> = body
        .checks
        .into_iter()
        .enumerate()
        .map(|(index, check)| {
            check_asked(&mut fields, &format!("/checks/{index}"), check, catalogue)
        })
        .collect();
    let checks: Option<Vec<_>> = checks.into_iter().collect();
    let checks = fields.finish(checks)?;
    Ok(accord_service::CheckAccess {
        checks,
        at_least_revision: body.at_least_revision,
    })
}

fn check_asked(
    fields: &mut Fields,
    at: &str,
    check: Check,
    catalogue: &Catalogue,
) -> Option<accord_service::Check> {
    let subject = match (check.subject.account_id, check.subject.email) {
        (Some(id), None) => Some(Subject::Account(AccountId(id))),
        (None, Some(email)) => fields
            .take(format!("{at}/subject/email"), EmailAddress::parse(&email))
            .map(|email| Subject::Email(email.key())),
        (Some(_), Some(_)) | (None, None) => {
            fields.refuse(
                format!("{at}/subject"),
                "Either an account's id or an address.",
            );
            None
        }
    };
    let asked = check.action_ids.len();
    if asked == 0 || asked > MAX_CHECK_ACTIONS {
        fields.refuse(
            format!("{at}/action_ids"),
            format!("At least one action, at most {MAX_CHECK_ACTIONS}."),
        );
        return None;
    }
    let action_ids: Vec<Option<ActionId>> = check
        .action_ids
        .iter()
        .enumerate()
        .map(|(index, id)| {
            let known = ActionId::parse(id)
                .ok()
                .filter(|action| catalogue.contains(action));
            let known = known.ok_or("The catalogue has no such action.");
            fields.take(format!("{at}/action_ids/{index}"), known)
        })
        .collect();
    Some(accord_service::Check {
        subject: subject?,
        environment_id: EnvironmentId(check.environment_id),
        action_ids: action_ids.into_iter().collect::<Option<_>>()?,
        mode: check_mode_asked(check.mode),
    })
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
