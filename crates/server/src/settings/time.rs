//! Lengths of time as they are written in settings.

use chrono::Duration;

use super::SettingError;

const SHARE_REMINDER: &str = "ACCORD_SHARE_REMINDER";
const LONGEST_REMINDER: Duration = Duration::days(365);

/// How long before an end people are reminded.
pub(super) fn share_reminder(typed: &str) -> Result<Duration, SettingError> {
    hours_or_days(typed)
        .filter(|time| *time >= Duration::hours(1) && *time <= LONGEST_REMINDER)
        .ok_or_else(|| {
            let reason = format!("{typed:?} is not a time from 1h to 365d, such as 12h or 7d");
            SettingError::new(SHARE_REMINDER, reason)
        })
}

/// `12h` or `7d`.
fn hours_or_days(typed: &str) -> Option<Duration> {
    let typed = typed.trim();
    let (number, unit) = typed.split_at_checked(typed.len().checked_sub(1)?)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    match unit {
        "h" => Duration::try_hours(number),
        "d" => Duration::try_days(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_come_hours_or_days_before() {
        for (typed, hours) in [("1h", 1), (" 36h ", 36), ("3d", 72), ("365d", 365 * 24)] {
            assert_eq!(share_reminder(typed), Ok(Duration::hours(hours)), "{typed}");
        }
        let refused = [
            "",
            "d",
            "3",
            "3 days",
            "-1d",
            "+1d",
            "0h",
            "0d",
            "366d",
            "8761h",
            "1.5d",
            "3D",
            "3m",
            "3é",
            "99999999999999999999d",
            "9223372036854775807d",
        ];
        for typed in refused {
            let error = share_reminder(typed).expect_err(typed);
            assert_eq!(error.setting(), SHARE_REMINDER);
        }
    }
}
