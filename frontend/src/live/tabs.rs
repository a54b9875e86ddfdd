//! The tabs of one browser among each other, and waiting.

use std::time::Duration;

use accord_api_types::{Event, Uuid};
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

/// What one tab tells the others.
#[derive(Debug)]
pub(super) enum Word {
    Event(Event),
    /// The access token that a refresh has brought.
    Token(String),
}

/// The name under which an access token is told.
const TOKEN: &str = "access_token";

impl Word {
    fn read(text: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        match value.get(TOKEN).and_then(serde_json::Value::as_str) {
            Some(token) => Some(Self::Token(token.to_owned())),
            None => serde_json::from_value(value).ok().map(Self::Event),
        }
    }
}

/// Kept as long as other tabs are heard.
type Ear = StoredValue<(BroadcastChannel, Closure<dyn Fn(MessageEvent)>), LocalStorage>;

/// The way to the other tabs in which the same account is signed in. A browser without one has streams
/// in all tabs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tabs(Option<Ear>);

impl Tabs {
    /// Hears what the other tabs tell, until what is around is left.
    pub(super) fn of(account: Uuid, hear: impl Fn(Word) + 'static) -> Self {
        let Ok(channel) = BroadcastChannel::new(&format!("accord-events-{account}")) else {
            return Self(None);
        };
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let text = message.data().as_string();
            if let Some(word) = text.and_then(|text| Word::read(&text)) {
                hear(word);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let ear = StoredValue::new_local((channel, on_message));
        on_cleanup(move || {
            ear.try_with_value(|(channel, _)| {
                channel.set_onmessage(None);
                channel.close();
            });
        });
        Self(Some(ear))
    }

    /// Tells the other tabs of an event.
    pub(super) fn tell(self, event: &Event) {
        if let Ok(text) = serde_json::to_string(event) {
            self.say(&text);
        }
    }

    /// Gives the other tabs the access token that a refresh has brought.
    pub(super) fn give(self, token: &str) {
        self.say(&serde_json::json!({ TOKEN: token }).to_string());
    }

    fn say(self, text: &str) {
        if let Some(ear) = self.0 {
            ear.try_with_value(|(channel, _)| {
                // A channel that is closed has nobody to tell.
                let _ = channel.post_message(&JsValue::from_str(text));
            });
        }
    }
}

/// Waits.
pub(super) async fn pause(time: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                // A resolver of a promise has nothing that can fail.
                let _ = resolve.call0(&JsValue::UNDEFINED);
            },
            time,
        );
    });
    // Nothing rejects it.
    let _ = JsFuture::from(promise).await;
}

/// Waits until a signal has this value. A signal that is gone has every value.
pub(super) async fn until(signal: RwSignal<bool>, value: bool) {
    const LOOK_EVERY: Duration = Duration::from_millis(250);
    while signal.try_get_untracked().is_some_and(|now| now != value) {
        pause(LOOK_EVERY).await;
    }
}

/// A number between 0 and 1, another one each time.
pub(super) fn chance() -> f64 {
    js_sys::Math::random()
}
