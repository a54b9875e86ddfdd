use accord_api_types::WebhookEventType;
use leptos::prelude::*;

use super::form::Form;
use super::merge::{Change, Content, changes, merged};
use super::model::event_words;
use crate::components::{Button, ButtonKind, Notice, Tone};

/// Says what somebody else changed while the form was open, and lets the person choose. Nothing was
/// saved, and nothing typed is lost by looking.
#[component]
pub(super) fn Conflict(form: Form) -> impl IntoView {
    move || {
        let theirs = form.theirs.get()?;
        let after = Content::of(&theirs);
        let found = form
            .base
            .with_untracked(|base| changes(&base.content, &after, &untrack(|| form.content())));
        let clashing = found.iter().any(|(_, clashes)| *clashes);
        let lines = found
            .into_iter()
            .map(|(change, clashes)| {
                let own = clashes.then_some(" You changed this too.");
                view! { <li>{in_words(change)}{own}</li> }
            })
            .collect_view();
        Some(view! {
            <Notice tone=Tone::Warn>
                <div class="conflict">
                    <p class="strong">"Somebody else changed this webhook while you were at it. Nothing of yours was saved yet, or lost."</p>
                    <ul class="conflict-list">{lines}</ul>
                    {clashing.then_some(view! { <p>"Where both changed the same, bringing it together keeps yours."</p> })}
                    <div class="conflict-choice">
                        <Button kind=ButtonKind::Primary on_press=Callback::new(move |()| form.take_over(merged))>"Take over these changes"</Button>
                        <Button on_press=Callback::new(move |()| form.take_over(|_, after, _| after.clone()))>"Drop mine and start from theirs"</Button>
                    </div>
                </div>
            </Notice>
        })
    }
}

fn in_words(change: Change) -> String {
    match change {
        Change::Url(url) => format!("The address is {url} now."),
        Change::Description(text) if text.is_empty() => "The description was taken away.".into(),
        Change::Description(text) => format!("The description is “{text}” now."),
        Change::Events(added, taken_out) => {
            let added = listed("It is told of more", &added);
            let taken_out = listed("It is not told any more of", &taken_out);
            added
                .into_iter()
                .chain(taken_out)
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

fn listed(words: &str, events: &[WebhookEventType]) -> Option<String> {
    let names: Vec<&str> = events.iter().map(|event| event_words(*event).1).collect();
    (!names.is_empty()).then(|| format!("{words}: {}.", names.join(", ")))
}

impl Form {
    fn take_over(self, whole: impl FnOnce(&Content, &Content, &Content) -> Content) {
        let Some(theirs) = self.theirs.get_untracked() else {
            return;
        };
        let after = Content::of(&theirs);
        let mine = untrack(|| self.content());
        let whole = self
            .base
            .with_untracked(|base| whole(&base.content, &after, &mine));
        self.set_base(&theirs);
        self.show(whole);
        self.theirs.set(None);
        self.submission.failure.set(None);
    }
}
