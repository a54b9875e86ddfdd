use accord_api_types::{
    DeleteQuery, DirectRoles, ErrorCode, GroupEnvironments, MemberStateChange, MemberStateVerb,
    Preview, PreviewAccess, PreviewChange, PreviewItem, PreviewKind, PreviewTotals, Shares,
    UpdateEnvironment, UpdateGroup, UpdatePolicy, UpdateRole,
};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_service::{Change, Detach, DirectShare, PreviewView, StateChange};
use actix_web::post;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::environments::access_level;
use super::{AccountPath, IfMatchHeader, State, environments, groups, ok, policies, roles};
use crate::blocking::Door;
use crate::caller::Scoped;
use crate::convert::{Fields, end_asked, ids_asked, share_drafts};
use crate::extract::{Ids, Json, parse_part};
use crate::problem::{Answer, ApiError};
use crate::scopes::Read;
use crate::versions::IfMatch;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(preview_change);
}

/// What a change would do
///
/// Before it is saved: which members would gain and lose which actions on which environments. Any single change
/// to a role, a policy, a group, an environment's groups, a member's shares or state, and deletions. It is made
/// by the code that would save it and taken back, so that it is refused as the write would be, `If-Match`
/// included; an `id` that is not there is an invalid value. The first 200 differences are listed and all are
/// counted.
#[utoipa::path(
    operation_id = "preview_change",
    tag = "access",
    security(("bearer" = []), ("api_token" = ["read"]), ("platform_token" = ["read"])),
    params(AccountPath, IfMatchHeader),
    request_body = PreviewAccess,
    responses((status = 200, description = "Who would gain and lose what.", body = Preview)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::Forbidden, ErrorCode::CannotHost, ErrorCode::IllegalTransition, ErrorCode::NameTaken,
        ErrorCode::InUse, ErrorCode::SystemPolicy, ErrorCode::GroupCycle
    ]))),
)]
#[post("/accounts/{account_id}/preview")]
async fn preview_change(
    state: State,
    caller: Scoped<Read>,
    path: Ids<AccountPath>,
    if_match: IfMatch,
    Json(body): Json<PreviewAccess>,
) -> Answer {
    let change = change_asked(body.change)?;
    let host = AccountId(path.0.account_id);
    let view = state
        .run_at(Door::Previewing, move |service| {
            if_match.attempt(|expected| service.preview(&caller.0, host, &change, expected))
        })
        .await?;
    Ok(ok(&preview(view)))
}

fn preview(view: PreviewView) -> Preview {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Preview {
        items: view
            .items
            .into_iter()
            .map(|(item, member_name, environment_name)| PreviewItem {
                member_id: item.member_id.into(),
                member_name,
                environment_id: item.environment_id.into(),
                environment_name,
                level_before: access_level(item.level_before),
                level_after: access_level(item.level_after),
                gained: item.gained.into_iter().map(String::from).collect(),
                lost: item.lost.into_iter().map(String::from).collect(),
            })
            .collect(),
        next_cursor: None,
        totals: PreviewTotals {
            members: count(view.found.members),
            environments: count(view.found.environments),
            pairs: count(view.found.pairs),
            complete: view.found.complete,
        },
    }
}

fn change_asked(change: PreviewChange) -> Result<Change, ApiError> {
    let PreviewChange {
        kind,
        id,
        member_id,
        to,
    } = change;
    let about_one_member = matches!(
        kind,
        PreviewKind::DirectRoles | PreviewKind::DirectRolesRemoval
    );
    let member = match member_id {
        Some(id) if about_one_member => MemberId(id),
        None if !about_one_member => MemberId(id),
        Some(_) => {
            return Err(ApiError::invalid_at(
                "/change/member_id",
                "This kind of change is not about one member.",
            ));
        }
        None => {
            return Err(ApiError::invalid_at(
                "/change/member_id",
                "This field is required.",
            ));
        }
    };
    sent(kind, id, member, to).map_err(|error| error.within("/change/to"))
}

/// The change with what its write would be sent; errors point into that.
fn sent(
    kind: PreviewKind,
    id: uuid::Uuid,
    member: MemberId,
    to: Option<Value>,
) -> Result<Change, ApiError> {
    Ok(match kind {
        PreviewKind::Role => {
            Change::Role(RoleId(id), roles::update_asked(read::<UpdateRole>(to)?)?)
        }
        PreviewKind::RoleDeletion => Change::DeleteRole(RoleId(id), detach(to)?),
        PreviewKind::Policy => {
            let to = policies::update_asked(read::<UpdatePolicy>(to)?)?;
            Change::Policy(PolicyId(id), to)
        }
        PreviewKind::PolicyDeletion => Change::DeletePolicy(PolicyId(id), detach(to)?),
        PreviewKind::Group => {
            Change::Group(GroupId(id), groups::update_asked(read::<UpdateGroup>(to)?)?)
        }
        PreviewKind::GroupDeletion => {
            nothing(to.as_ref())?;
            Change::DeleteGroup(GroupId(id))
        }
        PreviewKind::GroupEnvironments => {
            let to: GroupEnvironments = read(to)?;
            Change::GroupEnvironments(GroupId(id), ids_asked(to.environment_ids))
        }
        PreviewKind::Environment => {
            let to = environments::update_asked(read::<UpdateEnvironment>(to)?)?;
            Change::Environment(EnvironmentId(id), to)
        }
        PreviewKind::EnvironmentDeletion => {
            nothing(to.as_ref())?;
            Change::DeleteEnvironment(EnvironmentId(id))
        }
        PreviewKind::Shares => {
            let to: Shares = read(to)?;
            let mut fields = Fields::default();
            let shares = share_drafts(&mut fields, "/shares", to.shares);
            Change::Shares(MemberId(id), fields.finish(shares)?)
        }
        PreviewKind::DirectRoles => {
            let to: DirectRoles = read(to)?;
            let mut fields = Fields::default();
            let expires_at = end_asked(&mut fields, "/expires_at", to.expires_at);
            let share = DirectShare {
                role_ids: ids_asked(to.role_ids),
                expires_at: fields.finish(expires_at)?,
            };
            Change::DirectRoles(EnvironmentId(id), member, share)
        }
        PreviewKind::DirectRolesRemoval => {
            nothing(to.as_ref())?;
            Change::RemoveDirectRoles(EnvironmentId(id), member)
        }
        PreviewKind::MemberState => {
            let MemberStateChange { verb } = read(to)?;
            let change = match verb {
                MemberStateVerb::Suspend => StateChange::Suspend,
                MemberStateVerb::Activate => StateChange::Activate,
                MemberStateVerb::Remove => StateChange::Remove,
            };
            Change::MemberState(MemberId(id), change)
        }
    })
}

fn read<T: DeserializeOwned>(to: Option<Value>) -> Result<T, ApiError> {
    parse_part(to.unwrap_or_else(|| json!({})))
}

fn detach(to: Option<Value>) -> Result<Detach, ApiError> {
    let DeleteQuery { detach } = read(to)?;
    Ok(Detach(detach.unwrap_or_default()))
}

fn nothing(to: Option<&Value>) -> Result<(), ApiError> {
    match to {
        None => Ok(()),
        Some(to) if *to == json!({}) => Ok(()),
        Some(_) => Err(ApiError::invalid_at("", "Nothing is sent to delete it.")),
    }
}
