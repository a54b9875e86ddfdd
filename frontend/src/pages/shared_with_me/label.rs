use accord_api_types::{UpdateCollaboration, Uuid};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, Dialog, DialogFooter, DialogSize, FailureNotice, TextField,
};
use crate::session::Session;
use crate::submission::Submission;

/// The member's own name for a collaboration.
#[component]
pub(super) fn LabelDialog(
    open: RwSignal<bool>,
    id: Uuid,
    #[prop(into)] owner: Signal<String>,
    /// As it is stored now.
    #[prop(into)]
    label: Signal<Option<String>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let stored = label;
    let label = RwSignal::new(String::new());
    // What the person began with, whatever becomes of it elsewhere.
    let before = StoredValue::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            submission.failure.set(None);
            before.set_value(stored.get_untracked().unwrap_or_default());
            label.set(before.get_value());
        }
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = label.get_untracked().trim().to_owned();
        let body = UpdateCollaboration {
            label: Some((!text.is_empty()).then_some(text)),
        };
        let client = session.client();
        submission.send(
            async move { client.update_collaboration(id, &body, None).await },
            move |_| {
                open.set(false);
                reload.try_run(());
            },
        );
    };
    let dirty = Signal::derive(move || {
        open.get() && label.with(|label| before.with_value(|before| label != before))
    });
    view! {
        <Dialog open=open title="Name it for yourself" size=DialogSize::Small dirty=dirty>
            <form novalidate=true on:submit=send>
                <div class="dialog-body">
                    <FailureNotice failure=submission.failure shown_by_fields=&["/label"]/>
                    <TextField
                        label="Your name for it"
                        value=label
                        optional=true
                        hint=format!("Only you see it. Without one it is called {}.", owner.get_untracked())
                        error=submission.at("/label")
                        autofocus=true
                    />
                </div>
                <DialogFooter>
                    <Button kind=ButtonKind::Primary submit=true busy=submission.busy>"Save"</Button>
                </DialogFooter>
            </form>
        </Dialog>
    }
}
