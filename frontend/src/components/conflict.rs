use leptos::prelude::*;

use super::dom::focus_form;
use super::{Button, ButtonKind, Notice, Tone};
use crate::editing::Change;

/// Items of one change that are named.
const MOST_ITEMS: usize = 8;

/// Says what somebody else changed while a form was open, and lets the person choose. Nothing was saved, and
/// nothing typed is lost by looking.
#[component]
pub(crate) fn ConflictNotice(
    /// What the form is about, in a word.
    what: &'static str,
    changes: Vec<Change>,
    /// Their changes, and mine on top of them.
    on_bring_together: Callback<()>,
    /// Their state alone.
    on_start_again: Callback<()>,
) -> impl IntoView {
    // The notice goes with the choice, and the focus would with it.
    let and_back = |choice: Callback<()>| {
        Callback::new(move |()| {
            choice.run(());
            focus_form();
        })
    };
    let clashing = changes.iter().any(|change| change.clashes);
    let lines = changes
        .into_iter()
        .map(|mut change| {
            let more = change.items.len().saturating_sub(MOST_ITEMS);
            if more > 1 {
                change.items.truncate(MOST_ITEMS);
                change.items.push(format!("and {more} more"));
            }
            let own = change.clashes.then_some(" You changed this too.");
            view! {
                <li>
                    {change.words}{own}
                    {(!change.items.is_empty()).then(|| view! {
                        <ul class="conflict-items">
                            {change.items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view()}
                        </ul>
                    })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Notice tone=Tone::Warn>
            <div class="conflict" tabindex="-1">
                <p class="strong" role="alert">{format!("Somebody else changed this {what} while you were at it. Nothing of yours was saved yet, or lost.")}</p>
                <ul class="conflict-list">{lines}</ul>
                {clashing.then_some(view! { <p>"Where both changed the same, bringing it together keeps yours."</p> })}
                <div class="conflict-choice">
                    <Button kind=ButtonKind::Primary on_press=and_back(on_bring_together)>"Take over these changes"</Button>
                    <Button on_press=and_back(on_start_again)>"Drop mine and start from theirs"</Button>
                </div>
            </div>
        </Notice>
    }
}
