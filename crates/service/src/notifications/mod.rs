//! What people are told of, in the dashboard and by mail: written in the transaction of what happened,
//! by the ways that they chose, and never to who did it.

mod collaborations;
mod list;
mod lost_shares;
mod preferences;
mod share_ends;

use accord_domain::ids::{AccountId, EnvironmentId, MemberId, NotificationId};
use accord_domain::notification::{KEPT_FOR, NotificationKind};
use accord_mail::Message;
use accord_store::accounts::Account;
use accord_store::notifications::{self, Notification};
use accord_store::{Conn, notification_preferences};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Service;
use crate::error::{Result, ServiceError};
use crate::shares::DescribedShare;

pub(crate) use collaborations::invited_account;
pub use list::{MarkRead, NotificationsView, ReadUpTo};
pub use preferences::{PreferencesView, WayOutView};
pub use share_ends::LOOK_FOR_ENDS_EVERY;

/// The most shared items that one notification names; of further ones it gives the number.
const MOST_ITEMS: usize = 20;

/// What the words of a notification are made of, and nothing that its recipient may not know. Each kind
/// has its own; names are as they were then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeParams {
    /// Who shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_email: Option<String>,
    /// How the owner calls the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_email: Option<String>,
    /// What is shared, or what changed about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<NoticeItem>,
    /// How many further items there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_items: u32,
    /// Why a collaboration ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<EndedBecause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertFacts>,
    /// The webhook it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<Uuid>,
    /// Where a webhook sends to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// Why a mail was given up, or a webhook switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A shared item: what there is on it now and, where it changed, what there was before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeItem {
    /// A group's path, an environment's name, or the category's title.
    pub item: String,
    /// Names of the roles; none where it is not shared any more.
    pub roles: Vec<String>,
    /// Whose it is, where the owner is told of several members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Names of the roles before, where they changed; none where it was not shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles_before: Option<Vec<String>>,
}

/// Why a collaboration, or an invitation to one, is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBecause {
    /// The owner removed the member.
    Removed,
    /// The owner took the invitation back.
    Withdrawn,
    /// The account that shared was deleted.
    HostGone,
}

/// A load alert, and how often it was repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertFacts {
    pub metric: String,
    /// The newest value.
    pub value: f64,
    pub threshold: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How often, the first time included.
    pub times: u32,
    /// When it was repeated last.
    pub last_at: DateTime<Utc>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it so
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl NoticeParams {
    /// About somebody who shares.
    pub(crate) fn of_owner(owner: &Account) -> Self {
        Self {
            owner_name: Some(owner.name.clone()),
            owner_email: Some(owner.email.clone()),
            ..Self::default()
        }
    }

    /// With these items, as many as there is room for.
    pub(crate) fn with_items(mut self, mut items: Vec<NoticeItem>) -> Self {
        let more = items.len().saturating_sub(MOST_ITEMS);
        items.truncate(MOST_ITEMS);
        self.more_items = u32::try_from(more).unwrap_or(u32::MAX);
        self.items = items;
        self
    }

    /// What was stored; a stored form that this program does not know says nothing.
    #[must_use]
    pub fn from_stored(params: &serde_json::Value) -> Self {
        serde_json::from_value(params.clone()).unwrap_or_default()
    }

    pub(crate) fn to_stored(&self) -> Result<serde_json::Value> {
        serde_json::to_value(self).map_err(ServiceError::internal)
    }
}

/// The shares as a notification lists them.
pub(crate) fn notice_items(described: &[DescribedShare]) -> Vec<NoticeItem> {
    described
        .iter()
        .map(|line| NoticeItem {
            item: line.item_name.clone(),
            roles: role_names(line),
            expires_at: line.share.expires_at,
            member_name: None,
            roles_before: None,
        })
        .collect()
}

fn role_names(line: &DescribedShare) -> Vec<String> {
    let mut names: Vec<String> = line.roles.iter().map(|role| role.name.clone()).collect();
    names.sort();
    names
}

/// What somebody shall be told, before it is known whom and when.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub kind: NotificationKind,
    pub params: NoticeParams,
    /// The account that shares.
    pub host: AccountId,
    pub member: Option<MemberId>,
    pub environment: Option<EnvironmentId>,
    /// The same by mail, where it is mailed.
    pub mail: Option<Message>,
}

impl Notice {
    pub(crate) fn new(kind: NotificationKind, host: AccountId, params: NoticeParams) -> Self {
        Self {
            kind,
            params,
            host,
            member: None,
            environment: None,
            mail: None,
        }
    }

    pub(crate) fn member(mut self, id: MemberId) -> Self {
        self.member = Some(id);
        self
    }

    pub(crate) fn environment(mut self, id: EnvironmentId) -> Self {
        self.environment = Some(id);
        self
    }

    pub(crate) fn mail(mut self, message: Message) -> Self {
        self.mail = Some(message);
        self
    }
}

impl Service {
    /// Tells somebody, by the ways that they chose.
    pub(crate) fn tell(
        &self,
        tx: &mut Conn<'_>,
        to: &Account,
        notice: &Notice,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let preferences = notification_preferences::of(tx, to.id)?.preferences;
        if preferences.shows(notice.kind) {
            self.show(tx, to.id, notice, now)?;
        }
        match &notice.mail {
            Some(message) => self.queue_mail_to_account(tx, to, message, None, now),
            None => Ok(()),
        }
    }

    /// Puts it into somebody's dashboard, and drops there what is older than is kept.
    pub(crate) fn show(
        &self,
        tx: &mut Conn<'_>,
        to: AccountId,
        notice: &Notice,
        now: DateTime<Utc>,
    ) -> Result<NotificationId> {
        notifications::delete_older(tx, to, now - KEPT_FOR)?;
        let notification = Notification {
            id: self.randomness.id(now),
            account_id: to,
            kind: notice.kind,
            params: notice.params.to_stored()?,
            host_id: Some(notice.host),
            member_id: notice.member,
            environment_id: notice.environment,
            created_at: now,
            read_at: None,
        };
        notifications::insert(tx, &notification)?;
        Ok(notification.id)
    }
}
