//! Who was told lately of which metric of which environment.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::load_alert_windows;
use crate::types::Sql;
use accord_domain::ids::{AccountId, EnvironmentId, NotificationId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A time in which one person is not told again of one metric of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = load_alert_windows)]
pub struct Window {
    /// Of which environment.
    pub environment_id: EnvironmentId,
    /// Who was told.
    pub account_id: AccountId,
    /// Of what.
    pub metric: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Where repeats are counted; none where it is gone, or they were told by mail alone.
    pub notification_id: Option<NotificationId>,
}

/// The environment's windows, whoever's they are.
pub fn windows(tx: &mut Conn<'_>, environment: EnvironmentId) -> Result<Vec<Window>, StoreError> {
    on!(tx, |c| load_alert_windows::table
        .filter(load_alert_windows::environment_id.eq(Sql(environment)))
        .select(Window::as_select())
        .load(c))
}

/// Opens a window. There is none for the same.
pub fn open(tx: &mut Conn<'_>, window: &Window) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(load_alert_windows::table)
        .values((
            load_alert_windows::environment_id.eq(Sql(window.environment_id)),
            load_alert_windows::account_id.eq(Sql(window.account_id)),
            load_alert_windows::metric.eq(&window.metric),
            load_alert_windows::opened_at.eq(Sql(window.opened_at)),
            load_alert_windows::notification_id.eq(window.notification_id.map(Sql)),
        ))
        .execute(c)
        .map(drop))
}

/// Closes the environment's windows that were opened at that moment or before.
pub fn close_opened_until(
    tx: &mut Conn<'_>,
    environment: EnvironmentId,
    until: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        load_alert_windows::table
            .filter(load_alert_windows::environment_id.eq(Sql(environment)))
            .filter(load_alert_windows::opened_at.le(Sql(until)))
    )
    .execute(c))
}
