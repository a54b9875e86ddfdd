//! A text to be copied, with a way for browsers that do not let a page do it.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::{Button, ButtonKind, Icon, next_id};

/// What is said when the clipboard is out of reach.
const BY_HAND: &str = "The browser did not let it be copied. It is selected: copy it by hand.";

/// A text that is selected when it gets the focus, and a button that copies it.
#[component]
pub(crate) fn CopyField(
    label: &'static str,
    text: String,
    /// What to do with it.
    #[prop(into)]
    advice: String,
    /// What is said once it is copied.
    said_when_copied: &'static str,
    /// It was copied, by the button or by hand.
    #[prop(optional, into)]
    on_copied: Option<Callback<()>>,
) -> impl IntoView {
    let id = next_id("copy");
    let advice_id = format!("{id}-advice");
    let field = NodeRef::<html::Textarea>::new();
    let select = move || {
        if let Some(field) = field.try_get_untracked().flatten() {
            // Some browsers select without it, but then copy nothing.
            let _ = field.focus();
            field.select();
        }
    };
    let stored = StoredValue::new(text.clone());
    let copied = RwSignal::new(false);
    // What lies behind an open dialog is not read out: this is said in it.
    let said = RwSignal::new("");
    let tell = move || {
        if let Some(on_copied) = on_copied {
            on_copied.try_run(());
        }
    };
    let copy = Callback::new(move |()| {
        let text = stored.get_value();
        spawn_local(async move {
            if put_on_clipboard(&text).await {
                tell();
                copied.try_set(true);
                said.try_set(said_when_copied);
            } else {
                select();
                said.try_set(BY_HAND);
            }
        });
    });
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <textarea
                class="input to-copy"
                id=id
                node_ref=field
                rows="2"
                readonly=true
                autofocus=true
                spellcheck="false"
                autocomplete="off"
                aria-describedby=advice_id.clone()
                on:focus=move |_| select()
                on:copy=move |_| tell()
                prop:value=text
            ></textarea>
            <p class="field-hint" id=advice_id>{advice}</p>
        </div>
        <Button kind=ButtonKind::Primary wide=true icon=Icon::Copy on_press=copy>
            {move || if copied.get() { "Copied" } else { "Copy" }}
        </Button>
        <p class="copy-said muted small" role="status">{said}</p>
    }
}

/// Whether the browser let it be done. Without TLS it has no clipboard for pages.
async fn put_on_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    if js_sys::Reflect::has(&navigator, &"clipboard".into()) != Ok(true) {
        return false;
    }
    let writing = navigator.clipboard().write_text(text);
    JsFuture::from(writing).await.is_ok()
}
