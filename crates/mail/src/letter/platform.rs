//! What the platform and its programs have to say about what somebody owns.

use accord_domain::load_alerts::QUIET_FOR;
use accord_domain::text::{MAX_ALERT_CHARS, MAX_METRIC_CHARS, MAX_NAME_CHARS};

use super::{Letter, Ways, owner};
use crate::typed::shown_within;

/// As much of a URL as a letter shows.
const MOST_URL_CHARS: usize = 200;

/// What the platform says of an environment.
pub(super) struct LoadAlert<'a> {
    pub(super) owner_name: &'a str,
    pub(super) environment_name: &'a str,
    pub(super) metric: &'a str,
    pub(super) value: f64,
    pub(super) threshold: f64,
    pub(super) message: Option<&'a str>,
    pub(super) path: &'a str,
}

pub(super) fn load_alert(alert: &LoadAlert<'_>, ways: &Ways<'_>) -> Letter {
    let LoadAlert {
        value, threshold, ..
    } = alert;
    // The domain bounds both; the subject stays one that a list of mails can show, whatever is stored.
    let metric = shown_within(alert.metric, MAX_METRIC_CHARS);
    let environment = shown_within(alert.environment_name, MAX_NAME_CHARS);
    let owner = owner(alert.owner_name);
    let mut paragraphs = vec![format!(
        "{metric} of {environment} is at {value}; it should not pass {threshold}."
    )];
    let message = alert.message;
    paragraphs.extend(message.map(|message| shown_within(message, MAX_ALERT_CHARS)));
    Letter {
        subject: format!("Load alert: {metric} of {environment} is at {value}"),
        heading: format!("{environment} is under strain"),
        paragraphs,
        button: ways.to_page("Open Environment", alert.path),
        notes: vec![format!(
            "Repeats within {} minutes are counted in the dashboard and not mailed.",
            QUIET_FOR.num_minutes()
        )],
        reason: format!(
            "You get this mail because {environment} belongs to {owner} and you receive its load alerts."
        ),
        ..Letter::default()
    }
}

pub(super) fn webhook_switched_off(url: &str, error: &str, path: &str, ways: &Ways<'_>) -> Letter {
    Letter {
        subject: "A webhook of yours was switched off".into(),
        heading: "A webhook was switched off".into(),
        paragraphs: vec![
            format!(
                "What happens on your account is no longer sent to {}: the receiver is gone, or took \
                 nothing for five days.",
                shown_within(url, MOST_URL_CHARS)
            ),
            format!("The last attempt: {}", shown_within(error, MAX_ALERT_CHARS)),
        ],
        button: ways.to_page("Open Webhook", path),
        notes: vec![
            "Once the receiver is well again, switch the webhook on, and send anew from its log what it missed \
             shortly before. What happened since is not sent later."
                .into(),
        ],
        reason: "You get this mail because the webhook belongs to your account.".into(),
        ..Letter::default()
    }
}
