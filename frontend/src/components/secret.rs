//! A secret that is shown this once.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::{Button, ButtonKind, Dialog, DialogFooter, Icon, Notice, Parting, Tone, next_id};

/// What is shown, and what it is for.
#[derive(Clone, PartialEq)]
pub(crate) struct Secret {
    pub(crate) title: String,
    /// What the secret is called.
    pub(crate) label: &'static str,
    /// What to do with it.
    pub(crate) advice: String,
    pub(crate) text: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

/// What is said when the clipboard is out of reach.
const BY_HAND: &str = "The browser did not let it be copied. It is selected: copy it by hand.";

const PARTING: Parting = Parting {
    question: "Close without the secret? It is never shown again.",
    stay: "Stay here",
    leave: "Close",
};

/// Shows a secret while there is one. Until it was copied, closing asks first, and so does the browser.
#[component]
pub(crate) fn SecretDialog(secret: RwSignal<Option<Secret>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let unsaved = RwSignal::new(false);
    Effect::new(move |_| {
        let shown = secret.with(Option::is_some);
        unsaved.set(shown);
        open.set(shown);
    });
    // Closed, it is kept nowhere.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            secret.set(None);
        }
        now
    });
    let title = Signal::derive(move || {
        secret.with(|secret| {
            secret
                .as_ref()
                .map(|secret| secret.title.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <Dialog open=open title=title dirty=unsaved parting=PARTING guards_page=true>
            {secret.get_untracked().map(|secret| view! { <Shown secret=secret open=open unsaved=unsaved/> })}
        </Dialog>
    }
}

#[component]
fn Shown(secret: Secret, open: RwSignal<bool>, unsaved: RwSignal<bool>) -> impl IntoView {
    let id = next_id("secret");
    let advice_id = format!("{id}-advice");
    let field = NodeRef::<html::Textarea>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let text = StoredValue::new(secret.text.clone());
    let copied = RwSignal::new(false);
    // What lies behind an open dialog is not read out: this is said in it.
    let said = RwSignal::new("");
    let copy = Callback::new(move |()| {
        let by_hand = move || {
            select();
            said.try_set(BY_HAND);
        };
        let navigator = window().navigator();
        // Without TLS a browser has no clipboard for pages.
        if js_sys::Reflect::has(&navigator, &"clipboard".into()) != Ok(true) {
            return by_hand();
        }
        let writing = navigator.clipboard().write_text(&text.get_value());
        spawn_local(async move {
            match JsFuture::from(writing).await {
                Ok(_) => {
                    unsaved.try_set(false);
                    copied.try_set(true);
                    said.try_set("Copied: keep it where the program finds it.");
                }
                Err(_) => by_hand(),
            }
        });
    });
    let done = Callback::new(move |()| {
        unsaved.set(false);
        open.set(false);
    });
    view! {
        <div class="dialog-body">
            <Notice tone=Tone::Warn>
                <p>"This is the only time that it is shown. Copy it now: nobody can look it up later, not even you."</p>
            </Notice>
            <div class="field">
                <label class="field-label" for=id.clone()>{secret.label}</label>
                <textarea
                    class="input secret"
                    id=id
                    node_ref=field
                    rows="2"
                    readonly=true
                    autofocus=true
                    spellcheck="false"
                    autocomplete="off"
                    aria-describedby=advice_id.clone()
                    on:focus=move |_| select()
                    on:copy=move |_| unsaved.set(false)
                    prop:value=secret.text
                ></textarea>
                <p class="field-hint" id=advice_id>{secret.advice}</p>
            </div>
            <Button kind=ButtonKind::Primary wide=true icon=Icon::Copy on_press=copy>
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </Button>
            <p class="secret-said muted small" role="status">{said}</p>
        </div>
        <DialogFooter>
            <Button on_press=done>"I have saved it"</Button>
        </DialogFooter>
    }
}
