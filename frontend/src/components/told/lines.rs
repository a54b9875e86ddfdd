//! What stands below the title of a notification, line by line.

use accord_api_types::{AlertFacts, DateTime, Notification, NotificationItem, Utc};

pub(super) fn items(
    told: &Notification,
    line: impl Fn(&NotificationItem) -> String,
) -> Vec<String> {
    let mut lines: Vec<String> = told.params.items.iter().map(line).collect();
    if let Some(more) = told.params.more_items {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn until(item: &NotificationItem, day: impl Fn(DateTime<Utc>) -> String) -> String {
    match item.expires_at {
        Some(end) => format!(" until {}", day(end)),
        None => String::new(),
    }
}

pub(super) fn shared(item: &NotificationItem, day: impl Fn(DateTime<Utc>) -> String) -> String {
    format!(
        "{}: {}{}",
        item.item,
        item.roles.join(", "),
        until(item, day)
    )
}

pub(super) fn ending(
    item: &NotificationItem,
    over: bool,
    day: impl Fn(DateTime<Utc>) -> String,
) -> String {
    let whose = match &item.member_name {
        Some(member) => format!("{member}, "),
        None => String::new(),
    };
    let verb = if over { "ended" } else { "ends" };
    let at = item.expires_at.map(|end| format!(", {verb} {}", day(end)));
    format!(
        "{whose}{}: {}{}",
        item.item,
        item.roles.join(", "),
        at.unwrap_or_default()
    )
}

pub(super) fn changed(item: &NotificationItem, day: impl Fn(DateTime<Utc>) -> String) -> String {
    let before = item.roles_before.as_deref().unwrap_or_default();
    let (name, roles) = (&item.item, item.roles.join(", "));
    if item.roles.is_empty() {
        format!("{name}: not shared any more")
    } else if before.is_empty() {
        format!("{name}: new, {roles}{}", until(item, day))
    } else if before == item.roles.as_slice() {
        match item.expires_at {
            Some(end) => format!("{name}: {roles}, now until {}", day(end)),
            None => format!("{name}: {roles}, now without an end"),
        }
    } else {
        format!(
            "{name}: {roles} instead of {}{}",
            before.join(", "),
            until(item, day)
        )
    }
}

pub(super) fn alarm(environment: &str, alert: &AlertFacts) -> (String, Vec<String>) {
    let title = format!("{} of {environment} is at {}", alert.metric, alert.value);
    let mut lines = vec![format!("It should not pass {}.", alert.threshold)];
    lines.extend(alert.message.clone());
    if alert.times > 1 {
        lines.push(format!("Reported {} times.", alert.times));
    }
    (title, lines)
}
