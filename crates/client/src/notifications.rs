//! What the caller is told, and how they choose to be told.

use accord_api_types::{
    ChooseNotifications, LoadAlertOutcome, MailWayOut, MarkNotificationsRead, NotificationPage,
    NotificationPreferences, NotificationsQuery, Page, PostLoadAlert, TimelineEvent, TimelineQuery,
    UnreadCount,
};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// What the caller was told, the newest first.
    pub async fn notifications(&self, query: &NotificationsQuery) -> Result<NotificationPage> {
        self.get(&["notifications"]).query(query).read().await
    }

    /// Says what the caller has read.
    pub async fn mark_notifications_read(
        &self,
        body: &MarkNotificationsRead,
    ) -> Result<UnreadCount> {
        self.post(&["notifications", "read"])
            .body(body)
            .read()
            .await
    }

    /// How the caller hears of each kind of thing.
    pub async fn notification_preferences(&self) -> Result<Versioned<NotificationPreferences>> {
        self.get(&["account", "notification-preferences"])
            .read_versioned()
            .await
    }

    /// Changes how the caller hears of things.
    pub async fn choose_notifications(
        &self,
        body: &ChooseNotifications,
        if_match: Option<&str>,
    ) -> Result<Versioned<NotificationPreferences>> {
        self.patch(&["account", "notification-preferences"])
            .body(body)
            .if_match(if_match)
            .read_versioned()
            .await
    }

    /// What the way out in a mail leads out of. Asking changes nothing.
    pub async fn mail_way_out(&self, token: &str) -> Result<MailWayOut> {
        self.get(&["unsubscribe", token]).read().await
    }

    /// Stops mail of that kind; nobody need be signed in.
    pub async fn unsubscribe(&self, token: &str) -> Result<MailWayOut> {
        self.post(&["unsubscribe", token]).read().await
    }

    /// Says that an environment is under strain.
    pub async fn post_load_alert(
        &self,
        account_id: Uuid,
        environment_id: Uuid,
        body: &PostLoadAlert,
    ) -> Result<LoadAlertOutcome> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "environments",
            &environment_id.to_string(),
            "load-alerts",
        ])
        .body(body)
        .read()
        .await
    }

    /// What became of a member's invitations and collaboration, the newest first.
    pub async fn member_timeline(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &TimelineQuery,
    ) -> Result<Page<TimelineEvent>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            "timeline",
        ])
        .query(query)
        .read()
        .await
    }
}
