use leptos::prelude::*;

use super::{Glyph, Icon};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ButtonKind {
    /// The one thing this place is for.
    Primary,
    #[default]
    Secondary,
    /// Without an edge, among others of its kind.
    Ghost,
    /// What it does cannot be taken back easily.
    Danger,
}

impl ButtonKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Ghost => "ghost",
            Self::Danger => "danger",
        }
    }
}

/// A button; while busy it keeps its place and its focus but does nothing.
#[component]
pub(crate) fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] icon: Option<Icon>,
    /// Sends the form it stands in.
    #[prop(optional)]
    submit: bool,
    #[prop(optional)] wide: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Says more than the words on the button where those need their surroundings to be understood.
    #[prop(optional, into)]
    label: Option<String>,
    /// The focus begins here when the dialog around opens.
    #[prop(optional)]
    autofocus: bool,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button"
            class:wide=wide
            data-kind=kind.as_str()
            type=if submit { "submit" } else { "button" }
            autofocus=autofocus
            disabled=move || disabled.get()
            aria-disabled=move || busy.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            aria-label=label
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                } else if let Some(on_press) = on_press {
                    on_press.run(());
                }
            }
        >
            {icon.map(|icon| view! { <Glyph icon=icon/> })}
            <span class="button-text">{children()}</span>
            <span class="spinner" aria-hidden="true"></span>
        </button>
    }
}

/// A button that shows only a symbol; its name is spoken and shown on hover.
#[component]
pub(crate) fn IconButton(
    icon: Icon,
    #[prop(into)] label: String,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(into)] on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            class="button icon-button"
            data-kind="ghost"
            type="button"
            title=label.clone()
            aria-label=label
            disabled=move || disabled.get()
            on:click=move |_| on_press.run(())
        >
            <Glyph icon=icon/>
        </button>
    }
}
