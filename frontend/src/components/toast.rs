//! Short news of what was done, said once and spoken politely; with a way back where there is one.

use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

use super::{Glyph, Icon, IconButton, Tone, each};

/// How long a toast stays: long enough to read it and to reach its button.
const STAYS: Duration = Duration::from_secs(8);

#[derive(Clone)]
struct Toast {
    id: u32,
    words: String,
    tone: Tone,
    undo: Option<Undo>,
}

/// Outlives the page on which it was offered.
type Undo = Arc<dyn Fn() + Send + Sync>;

/// Where screens say what was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl std::fmt::Debug for Toast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl Toasts {
    pub(crate) fn start() -> Self {
        let toasts = Self {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// It worked.
    pub(crate) fn done(self, words: impl Into<String>) {
        self.show(words.into(), Tone::Good, None);
    }

    /// Somebody else did something.
    pub(crate) fn news(self, words: impl Into<String>) {
        self.show(words.into(), Tone::Info, None);
    }

    /// It worked, and can be taken back.
    pub(crate) fn done_with_undo(
        self,
        words: impl Into<String>,
        undo: impl Fn() + Send + Sync + 'static,
    ) {
        self.show(words.into(), Tone::Good, Some(Arc::new(undo)));
    }

    /// It did not work, and no form is there to say so.
    pub(crate) fn failed(self, words: impl Into<String>) {
        self.show(words.into(), Tone::Bad, None);
    }

    /// Taking it back did not work, and may at another try.
    pub(crate) fn failed_with_undo(
        self,
        words: impl Into<String>,
        undo: impl Fn() + Send + Sync + 'static,
    ) {
        self.show(words.into(), Tone::Bad, Some(Arc::new(undo)));
    }

    fn show(self, words: String, tone: Tone, undo: Option<Undo>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| {
            // A few at most: older news is read or missed.
            let extra = shown.len().saturating_sub(2);
            shown.drain(..extra);
            shown.push(Toast {
                id,
                words,
                tone,
                undo,
            });
        });
        self.hide_later(id);
    }

    /// What is pointed at, or has the focus, is being read or about to be pressed.
    fn hide_later(self, id: u32) {
        set_timeout(
            move || {
                let held = document().query_selector(".toasts:hover, .toasts:focus-within");
                if matches!(held, Ok(Some(_))) {
                    self.hide_later(id);
                } else {
                    self.hide(id);
                }
            },
            STAYS,
        );
    }

    fn hide(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// The corner where toasts appear; a popover, so that it lies above everything else.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::current();
    let region = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let any = toasts.shown.with(|shown| !shown.is_empty());
        if let Some(region) = region.get() {
            // Hiding and showing again lifts it above a dialog that was opened meanwhile.
            let _ = region.hide_popover();
            if any {
                let _ = region.show_popover();
            }
        }
    });
    view! {
        <div class="toasts" popover="manual" node_ref=region role="region" aria-label="Notices">
            <div role="status" aria-live="polite">
                {each(move || toasts.shown.get(), |toast| toast.id, move |toast| view! {
                    <div class="toast" data-tone=toast.tone.as_str()>
                        <Glyph icon=if toast.tone == Tone::Bad { Icon::TriangleAlert } else { Icon::CircleCheck }/>
                        <p>{toast.words}</p>
                        {toast.undo.map(|undo| view! {
                            <button class="toast-undo" type="button" on:click=move |_| { toasts.hide(toast.id); undo(); }>"Undo"</button>
                        })}
                        <IconButton icon=Icon::X label="Dismiss" on_press=Callback::new(move |()| toasts.hide(toast.id))/>
                    </div>
                }.into_any())}
            </div>
        </div>
    }
}
