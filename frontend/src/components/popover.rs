use leptos::prelude::*;

use super::floating::{Floating, Manner};

const MANNER: Manner = Manner {
    role: "dialog",
    class: "menu popover",
    stops: "a[href], button:not([disabled])",
    round: false,
    // A press on a link in it is no reason to look for it again.
    first_focused: false,
    // Whoever goes somewhere by a link in it is done with it.
    closed_by: "a[href]",
};

/// A button that opens a small window. What is in it is drawn while it is open.
#[component]
pub(crate) fn Popover(
    /// What the button is called now.
    #[prop(into)]
    label: Signal<String>,
    /// What the window is called.
    title: &'static str,
    #[prop(into)] trigger: ViewFn,
    /// Called when it opens.
    on_open: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Floating
            manner=MANNER
            label=label
            title=Signal::stored(title.to_owned())
            trigger=trigger
            trigger_class=String::new()
            on_open=on_open
            children=children
        />
    }
}
