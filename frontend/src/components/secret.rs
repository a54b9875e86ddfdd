//! A secret that is shown this once.

use leptos::prelude::*;

use super::{Button, CopyField, Dialog, DialogFooter, Notice, Parting, Tone};

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
    let done = Callback::new(move |()| {
        unsaved.set(false);
        open.set(false);
    });
    let on_copied = Callback::new(move |()| {
        unsaved.try_set(false);
    });
    view! {
        <div class="dialog-body">
            <Notice tone=Tone::Warn>
                <p>"This is the only time that it is shown. Copy it now: nobody can look it up later, not even you."</p>
            </Notice>
            <CopyField
                label=secret.label
                text=secret.text
                advice=secret.advice
                said_when_copied="Copied: keep it where the program finds it."
                on_copied=on_copied
            />
        </div>
        <DialogFooter>
            <Button on_press=done>"I have saved it"</Button>
        </DialogFooter>
    }
}
