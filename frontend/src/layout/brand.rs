use leptos::prelude::*;

use crate::components::ThemeSwitch;

/// The name and the mark: two circles that share.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <span class="brand">
            <svg class="brand-mark" width="24" height="24" viewBox="0 0 32 32" fill="none" stroke-width="2.8" aria-hidden="true">
                <circle cx="12.2" cy="16" r="7.2" stroke="currentColor"></circle>
                <circle class="brand-second" cx="19.8" cy="16" r="7.2"></circle>
            </svg>
            "Accord"
        </span>
    }
}

/// A page that is one card: signing in, an invitation, a link from a mail.
#[component]
pub(crate) fn CardPage(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] lead: Signal<Option<String>>,
    /// Room for a list in it.
    #[prop(optional)]
    wide: bool,
    /// What stands under the card.
    #[prop(optional, into)]
    below: ViewFn,
    children: Children,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · Accord", title.get())));
    view! {
        <div class="card-page">
            <header class="card-page-top">
                <a class="brand-link" href="/" aria-label="Accord, start page"><Brand/></a>
                <ThemeSwitch/>
            </header>
            <main class="card-page-main" id="main">
                <div class="card card-single" class:wide=wide>
                    <div class="card-words">
                        <h1 tabindex="-1">{move || title.get()}</h1>
                        {move || lead.get().map(|lead| view! { <p class="muted">{lead}</p> })}
                    </div>
                    {children()}
                </div>
                <div class="card-page-below">{move || below.run()}</div>
            </main>
        </div>
    }
}
