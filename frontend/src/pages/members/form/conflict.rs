use accord_api_types::Member;
use accord_client::Versioned;
use leptos::prelude::*;

use super::merge::{Change, Content, changes};
use super::state::Form;
use crate::components::share_editor::tree::Tree;
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
            .with_untracked(|base| changes(&base.content, &after, &form.content()));
        let clashing = found.iter().any(|(_, clashes)| *clashes);
        let lines = found
            .into_iter()
            .map(|(change, clashes)| {
                let words = in_words(form, change);
                let own = clashes.then_some(" You changed this too.");
                view! { <li>{words}{own}</li> }
            })
            .collect_view();
        Some(view! {
            <Notice tone=Tone::Warn>
                <div class="conflict">
                    <p class="strong">"Somebody else changed this member while you were at it. Nothing of yours was saved yet, or lost."</p>
                    <ul class="conflict-list">{lines}</ul>
                    {clashing.then_some(view! { <p>"Where both changed the same, bringing it together keeps yours."</p> })}
                    <div class="conflict-choice">
                        <Button kind=ButtonKind::Primary on_press=Callback::new(move |()| form.bring_together())>"Take over these changes"</Button>
                        <Button on_press=Callback::new(move |()| form.start_again())>"Drop mine and start from theirs"</Button>
                    </div>
                </div>
            </Notice>
        })
    }
}

fn in_words(form: Form, change: Change) -> String {
    match change {
        Change::Name(name) if name.is_empty() => "The display name was taken away.".into(),
        Change::Name(name) => format!("The display name is {name} now."),
        Change::Share(item, share) => {
            let name = form
                .tree
                .with_untracked(|tree| name_in(tree, item))
                .unwrap_or_else(|| "An item that is gone".into());
            match share {
                None => format!("{name} is not shared any more."),
                Some(share) => {
                    let roles = form.role_names(&share.role_ids);
                    let end = match (share.expires_at, share.ended) {
                        (None, _) => "",
                        (Some(_), true) => ", and has ended",
                        (Some(_), false) => ", with an end",
                    };
                    format!("{name} is shared as {roles}{end}.")
                }
            }
        }
    }
}

fn name_in(tree: &Tree, item: accord_api_types::Item) -> Option<String> {
    tree.lines
        .iter()
        .find(|line| line.key.item == item)
        .map(|line| line.full_name.clone())
}

impl Form {
    /// Their changes, and mine on top of them.
    fn bring_together(self) {
        self.take_over(super::merge::merged);
    }

    /// Their state alone.
    fn start_again(self) {
        self.take_over(|_, after, _| after.clone());
    }

    fn take_over(self, whole: impl FnOnce(&Content, &Content, &Content) -> Content) {
        let Some(theirs) = self.theirs.get_untracked() else {
            return;
        };
        let after = Content::of(&theirs);
        let whole = self
            .base
            .with_untracked(|base| whole(&base.content, &after, &self.content()));
        self.set_base(&theirs);
        self.show(whole);
        self.theirs.set(None);
        self.submission.failure.set(None);
    }

    /// The member came anew from the server. What was removed on the way here is no surprise; whatever
    /// else differs is somebody else's doing.
    pub(super) fn arrived(self, fresh: &Versioned<Member>) {
        let first = self.base.with_untracked(|base| base.etag.is_none());
        let same = self.base.with_untracked(|base| base.etag == fresh.etag);
        if same {
            return;
        }
        let after = Content::of(fresh);
        let items = self.tree.with_untracked(|tree| tree.items());
        let mut before = self.base.with_untracked(|base| base.content.clone());
        before.shares.retain(|share| items.contains(&share.item));
        let surprising = !changes(&before, &after, &self.content()).is_empty();
        if first {
            // The list that the form was opened from may have been older.
            let whole = super::merge::merged(&before, &after, &self.content());
            self.set_base(fresh);
            self.show(whole);
        } else if surprising {
            self.theirs.set(Some(fresh.clone()));
        } else {
            self.set_base(fresh);
        }
    }
}
