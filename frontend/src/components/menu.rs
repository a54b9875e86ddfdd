use leptos::prelude::*;

use super::floating::{Floating, Manner};
use super::{Glyph, Icon};

const MANNER: Manner = Manner {
    role: "menu",
    class: "menu",
    stops: "[role=\"menuitem\"]:not([disabled])",
    round: true,
    first_focused: true,
    closed_by: "[role=\"menuitem\"]",
};

/// A button that opens a menu. `trigger` is what the button shows; `label` is what it is called.
#[component]
pub(crate) fn Menu(
    #[prop(into)] label: String,
    #[prop(into)] trigger: ViewFn,
    #[prop(optional)] class: &'static str,
    /// In a list that the tab key goes through by one line alone: whether this is not that line.
    #[prop(optional, into)]
    passed_over: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let label = Signal::stored(label);
    view! {
        <Floating
            manner=MANNER
            label=label
            title=label
            trigger=trigger
            trigger_class=class.to_owned()
            passed_over=passed_over
            children=children
        />
    }
}

/// Something to do, in a menu.
#[component]
pub(crate) fn MenuItem(
    icon: Icon,
    #[prop(optional)] danger: bool,
    #[prop(into)] on_press: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <button class="menu-item" class:danger=danger type="button" role="menuitem" tabindex="-1" on:click=move |_| on_press.run(())>
            <Glyph icon=icon/>
            {children()}
        </button>
    }
}

/// Somewhere to go, in a menu.
#[component]
pub(crate) fn MenuLink(
    icon: Icon,
    #[prop(into)] href: String,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="menu-item" href=href role="menuitem" tabindex="-1">
            <Glyph icon=icon/>
            {children()}
        </a>
    }
}
