//! Times as people say them, with the exact one on hover.

use accord_api_types::{DateTime, Utc};
use leptos::prelude::*;
use std::time::Duration;

/// What time it is, good to half a minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(RwSignal<i64>);

impl Clock {
    /// Starts the clock of the app.
    pub(crate) fn start() {
        let clock = Self(RwSignal::new(now()));
        provide_context(clock);
        set_interval(move || clock.0.set(now()), Duration::from_secs(30));
    }
}

fn now() -> i64 {
    // Whole seconds since 1970 fit an i64 for longer than anybody will wait.
    #[allow(clippy::cast_possible_truncation)]
    let seconds = (js_sys::Date::now() / 1000.0) as i64;
    seconds
}

/// A moment, relative to now.
#[component]
pub(crate) fn RelativeTime(at: DateTime<Utc>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time datetime=at.to_rfc3339() title=exact(at)>
            {move || relative(at.timestamp() - clock.0.get())}
        </time>
    }
}

/// The moment in full, as the browser's language writes it.
fn exact(at: DateTime<Utc>) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64));
    date.to_locale_string("default", &js_sys::Object::new()).into()
}

/// Seconds from now, as people say it.
fn relative(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let far = seconds.abs();
    let (count, unit) = match far {
        0..45 => return if seconds > 0 { "in a moment".into() } else { "just now".into() },
        45..2_700 => ((far + MINUTE / 2) / MINUTE, "minute"),
        2_700..79_200 => ((far + HOUR / 2) / HOUR, "hour"),
        79_200..2_592_000 => ((far + DAY / 2) / DAY, "day"),
        2_592_000..31_104_000 => ((far + 15 * DAY) / (30 * DAY), "month"),
        _ => ((far + 182 * DAY) / (365 * DAY), "year"),
    };
    let count = count.max(1);
    let plural = if count == 1 { "" } else { "s" };
    if seconds > 0 { format!("in {count} {unit}{plural}") } else { format!("{count} {unit}{plural} ago") }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn moments_are_said_as_people_say_them() {
        assert_eq!(relative(0), "just now");
        assert_eq!(relative(20), "in a moment");
        assert_eq!(relative(-60), "1 minute ago");
        assert_eq!(relative(-3_600), "1 hour ago");
        assert_eq!(relative(-2 * 3_600 - 60), "2 hours ago");
        assert_eq!(relative(7 * 86_400 - 5), "in 7 days");
        assert_eq!(relative(-40 * 86_400), "1 month ago");
        assert_eq!(relative(-800 * 86_400), "2 years ago");
    }
}
