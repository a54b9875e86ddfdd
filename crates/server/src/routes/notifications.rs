use accord_api_types::{
    AlertFacts, ChooseNotifications, ErrorCode, MarkNotificationsRead, Notification,
    NotificationItem, NotificationPage, NotificationParams, NotificationPreference,
    NotificationPreferences, NotificationsQuery, UnreadCount,
};
use accord_domain::ids::NotificationId;
use accord_domain::notification::Choice;
use accord_service::{MarkRead, NoticeItem, NoticeParams, PreferencesView, ReadUpTo};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{IfMatchHeader, State, ok, versioned};
use crate::caller::{Scoped, SignedIn};
use crate::convert::{ended_because, ids_asked, notification_kind, notification_kind_asked};
use crate::extract::{Json, Query};
use crate::lists::{self, Sort};
use crate::problem::{Answer, ApiError};
use crate::scopes::Read;
use crate::versions::IfMatch;

pub(super) const SORTS: &[Sort] = &[Sort::by_time("created_at")];
const NEWEST_FIRST: &str = "-created_at";
/// As many as a page holds.
const MOST_IDS: usize = accord_api_types::MAX_LIMIT as usize;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_notifications)
        .service(mark_notifications_read)
        .service(get_notification_preferences)
        .service(choose_notifications);
}

fn notification(told: accord_service::Notification) -> Notification {
    Notification {
        id: told.id.into(),
        kind: notification_kind(told.kind),
        params: params(NoticeParams::from_stored(&told.params)),
        account_id: told.host_id.map(Uuid::from),
        member_id: told.member_id.map(Uuid::from),
        environment_id: told.environment_id.map(Uuid::from),
        created_at: told.created_at,
        read_at: told.read_at,
    }
}

fn params(stored: NoticeParams) -> NotificationParams {
    let item = |item: NoticeItem| NotificationItem {
        item: item.item,
        roles: item.roles,
        expires_at: item.expires_at,
        member_name: item.member_name,
        roles_before: item.roles_before,
    };
    NotificationParams {
        owner_name: stored.owner_name,
        owner_email: stored.owner_email,
        member_name: stored.member_name,
        member_email: stored.member_email,
        items: stored.items.into_iter().map(item).collect(),
        more_items: Some(stored.more_items).filter(|more| *more > 0),
        ended_because: stored.ended_because.map(ended_because),
        environment_name: stored.environment_name,
        alert: stored.alert.map(|alert| AlertFacts {
            metric: alert.metric,
            value: alert.value,
            threshold: alert.threshold,
            message: alert.message,
            times: alert.times,
            last_at: alert.last_at,
        }),
        webhook_id: stored.webhook_id,
        webhook_url: stored.webhook_url,
        error: stored.error,
    }
}

fn count(unread: i64) -> u64 {
    u64::try_from(unread).unwrap_or_default()
}

/// What the caller was told
///
/// The newest first, for 90 days. Each is for its reader alone. Invitations are told to those who have
/// proven their address. `GET /events` says when there is something new.
#[utoipa::path(
    operation_id = "list_notifications",
    tag = "notifications",
    security(("bearer" = []), ("api_token" = ["read"])),
    params(NotificationsQuery),
    responses((status = 200, description = "A page of them, and how many are unread.", body = NotificationPage)),
)]
#[get("/notifications")]
async fn list_notifications(
    state: State,
    caller: Scoped<Read>,
    Query(query): Query<NotificationsQuery>,
) -> Answer {
    let sort = query.sort.as_deref().unwrap_or(NEWEST_FIRST);
    let asked = lists::ask(query.limit, query.cursor.as_deref(), Some(sort), SORTS)?;
    let page = asked.page.clone();
    let unread = query.unread.unwrap_or_default();
    let view = state
        .run(move |service| service.list_notifications(&caller.0, unread, &page))
        .await?;
    let page = lists::page(&asked, view.rows, notification);
    Ok(ok(&NotificationPage {
        items: page.items,
        next_cursor: page.next_cursor,
        unread_count: count(view.unread_count),
    }))
}

/// Say what was read
///
/// Some by their ids, or everything up to a notification or a time: pass what was on the screen, so
/// that nothing counts as read which came meanwhile. Saying it again changes nothing.
#[utoipa::path(
    operation_id = "mark_notifications_read",
    tag = "notifications",
    security(("bearer" = [])),
    request_body = MarkNotificationsRead,
    responses((status = 200, description = "How many are left.", body = UnreadCount)),
)]
#[post("/notifications/read")]
async fn mark_notifications_read(
    state: State,
    caller: SignedIn,
    Json(body): Json<MarkNotificationsRead>,
) -> Answer {
    let what = read_asked(body)?;
    let unread = state
        .run(move |service| service.mark_notifications_read(&caller.0, &what))
        .await?;
    Ok(ok(&UnreadCount {
        unread_count: count(unread),
    }))
}

fn read_asked(body: MarkNotificationsRead) -> Result<MarkRead, ApiError> {
    match (body.ids, body.all_until) {
        (Some(ids), None) if ids.len() <= MOST_IDS => Ok(MarkRead::These(ids_asked(ids))),
        (Some(_), None) => Err(ApiError::invalid_at(
            "/ids",
            format!("At most {MOST_IDS} at once."),
        )),
        (None, Some(until)) => up_to(&until)
            .map(MarkRead::AllUntil)
            .ok_or_else(|| ApiError::invalid_at("/all_until", "Expected an id or a time.")),
        (Some(_), Some(_)) | (None, None) => Err(ApiError::invalid_at(
            "",
            "Expected either ids or all_until.",
        )),
    }
}

fn up_to(text: &str) -> Option<ReadUpTo> {
    if let Ok(id) = text.parse::<Uuid>() {
        return Some(ReadUpTo::Notification(NotificationId(id)));
    }
    let moment: DateTime<Utc> = DateTime::parse_from_rfc3339(text).ok()?.into();
    lists::is_storable(&moment).then_some(ReadUpTo::Moment(moment))
}

fn preferences(view: &PreferencesView) -> HttpResponse {
    let body = NotificationPreferences::of(|kind| {
        let kind = notification_kind_asked(kind);
        let ways = view.preferences.ways(kind);
        NotificationPreference {
            email: ways.email,
            dashboard: ways.dashboard,
            optional: kind.optional(),
        }
    });
    versioned(StatusCode::OK, view.version, &body)
}

/// How the caller hears of things
///
/// For each kind of thing: by mail, in the dashboard, or neither; what is not optional cannot be turned
/// off. Mail obeys this when it is written.
#[utoipa::path(
    operation_id = "get_notification_preferences",
    tag = "notifications",
    security(("bearer" = [])),
    responses((status = 200, description = "The preferences.", body = NotificationPreferences, headers(("ETag" = String, description = "Their version.")))),
)]
#[get("/account/notification-preferences")]
async fn get_notification_preferences(state: State, caller: SignedIn) -> Answer {
    let view = state
        .run(move |service| service.notification_preferences(&caller.0))
        .await?;
    Ok(preferences(&view))
}

/// Choose how to hear of things
///
/// A merge patch: kinds and ways that are missing stay. Turning off what is not optional is refused, and
/// then nothing changes.
#[utoipa::path(
    operation_id = "choose_notifications",
    tag = "notifications",
    security(("bearer" = [])),
    params(IfMatchHeader),
    request_body = ChooseNotifications,
    responses((status = 200, description = "The preferences as they are now.", body = NotificationPreferences, headers(("ETag" = String, description = "Their version.")))),
    extensions(("x-problem-codes" = json!([ErrorCode::ValidationFailed]))),
)]
#[patch("/account/notification-preferences")]
async fn choose_notifications(
    state: State,
    caller: SignedIn,
    if_match: IfMatch,
    Json(body): Json<ChooseNotifications>,
) -> Answer {
    let choices: Vec<_> = body
        .chosen()
        .into_iter()
        .map(|(kind, choice)| {
            let choice = Choice {
                email: choice.email,
                dashboard: choice.dashboard,
            };
            (notification_kind_asked(kind), choice)
        })
        .collect();
    let view = state
        .run(move |service| {
            if_match.attempt(|expected| service.choose_notifications(&caller.0, &choices, expected))
        })
        .await?;
    Ok(preferences(&view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_named_by_ids_or_by_a_place() {
        let id = Uuid::from_u128(7);
        let asked = |ids: Option<Vec<Uuid>>, all_until: Option<&str>| {
            read_asked(MarkNotificationsRead {
                ids,
                all_until: all_until.map(str::to_owned),
            })
        };
        let until = |text: &str| asked(None, Some(text)).ok();
        let expected = MarkRead::AllUntil(ReadUpTo::Notification(NotificationId(id)));
        assert_eq!(until(&id.to_string()), Some(expected));
        assert!(matches!(
            until("2026-11-24T12:00:00+02:00"),
            Some(MarkRead::AllUntil(ReadUpTo::Moment(_)))
        ));
        for wrong in ["", "yesterday", "2026-11-24", "99999-01-01T00:00:00Z"] {
            assert_eq!(until(wrong), None, "{wrong}");
        }
        assert!(asked(Some(vec![id; MOST_IDS]), None).is_ok());
        assert!(asked(Some(vec![id; MOST_IDS + 1]), None).is_err());
        assert!(asked(None, None).is_err());
        assert!(asked(Some(Vec::new()), Some(&id.to_string())).is_err());
    }
}
