//! Times as people say them, with the exact one on hover.

use accord_api_types::{DateTime, Utc};
use leptos::prelude::*;

use super::field::show_in;
use super::{Button, Icon, IconButton};
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

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
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
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    thread_local! {
        // The browser takes longer to make one than to draw the rest of a row.
        static IN_FULL: js_sys::Function = in_full().format();
    }
    #[allow(clippy::cast_precision_loss)]
    let milliseconds = wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64);
    let words = IN_FULL
        .with(|in_full| in_full.call1(&wasm_bindgen::JsValue::UNDEFINED, &milliseconds))
        .ok();
    // A moment beyond what browsers can say is written as programs do.
    words
        .and_then(|words| words.as_string())
        .unwrap_or_else(|| at.to_rfc3339())
}

/// The day and the time, in the browser's own language and zone.
fn in_full() -> js_sys::Intl::DateTimeFormat {
    let options = js_sys::Object::new();
    for part in ["year", "month", "day", "hour", "minute", "second"] {
        // Setting a field of a new object does not fail.
        let _ = js_sys::Reflect::set(&options, &part.into(), &"numeric".into());
    }
    js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &options)
}

/// The day alone, for where there is little room.
pub(crate) fn short_date(at: DateTime<Utc>) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(
        at.timestamp_millis() as f64
    ));
    let options = js_sys::Object::new();
    for (part, length) in [("day", "numeric"), ("month", "short"), ("year", "numeric")] {
        // Setting a field of a new object does not fail.
        let _ = js_sys::Reflect::set(&options, &part.into(), &length.into());
    }
    date.to_locale_date_string("default", &options).into()
}

/// An end that may be set: a quiet button, and the browser's own picker once there is one.
#[component]
pub(crate) fn DateTimeField(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<Option<DateTime<Utc>>>,
    #[prop(optional, into)] ended: Signal<bool>,
    on_change: Callback<Option<DateTime<Utc>>>,
    /// Words on the button, where there is room for them.
    #[prop(optional)]
    words: Option<&'static str>,
) -> impl IntoView {
    let shown = RwSignal::new(value.get_untracked().is_some());
    let input_label = label.clone();
    move || {
        if shown.get() {
            let input = NodeRef::<leptos::html::Input>::new();
            show_in(input, move || {
                value.get().map(local_text).unwrap_or_default()
            });
            view! {
                <span class="end-field">
                    {move || ended.get().then(|| view! { <span class="end-note">"Ended"</span> })}
                    <input
                        class="input"
                        type="datetime-local"
                        node_ref=input
                        aria-label=input_label.clone()
                        on:change=move |event| on_change.run(from_local_text(&event_target_value(&event)))
                    />
                    <IconButton
                        icon=Icon::X
                        label="Without an end"
                        on_press=Callback::new(move |()| { on_change.run(None); shown.set(false); })
                    />
                </span>
            }
            .into_any()
        } else if let Some(words) = words {
            view! { <div><Button icon=Icon::Clock on_press=Callback::new(move |()| shown.set(true))>{words}</Button></div> }
                .into_any()
        } else {
            view! { <IconButton icon=Icon::Clock label=label.clone() on_press=Callback::new(move |()| shown.set(true))/> }.into_any()
        }
    }
}

/// A moment as `datetime-local` wants it, in the browser's own zone.
pub(super) fn local_text(at: DateTime<Utc>) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(
        at.timestamp_millis() as f64
    ));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// What `datetime-local` gives, as a moment.
pub(crate) fn from_local_text(text: &str) -> Option<DateTime<Utc>> {
    let millis = js_sys::Date::new(&wasm_bindgen::JsValue::from_str(text)).get_time();
    // Nothing, or half a date, is not a number.
    #[allow(clippy::cast_possible_truncation)]
    let millis = millis.is_finite().then_some(millis as i64)?;
    DateTime::from_timestamp_millis(millis)
}

/// Seconds from now, as people say it.
fn relative(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let far = seconds.abs();
    let (count, unit) = match far {
        0..45 => {
            return if seconds > 0 {
                "in a moment".into()
            } else {
                "just now".into()
            };
        }
        45..2_700 => ((far + MINUTE / 2) / MINUTE, "minute"),
        2_700..79_200 => ((far + HOUR / 2) / HOUR, "hour"),
        79_200..3_888_000 => ((far + DAY / 2) / DAY, "day"),
        3_888_000..31_104_000 => ((far + 15 * DAY) / (30 * DAY), "month"),
        _ => ((far + 182 * DAY) / (365 * DAY), "year"),
    };
    let count = count.max(1);
    let plural = if count == 1 { "" } else { "s" };
    if seconds > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
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
        // Thirty days, and the half a minute by which the clock may be behind.
        assert_eq!(relative(30 * 86_400 + 30), "in 30 days");
        assert_eq!(relative(-40 * 86_400), "40 days ago");
        assert_eq!(relative(-50 * 86_400), "2 months ago");
        assert_eq!(relative(-800 * 86_400), "2 years ago");
    }
}
