use leptos::prelude::*;

use super::dom::focus_awaited_heading;

/// A page's heading with what can be done there; also names the browser's tab.
#[component]
pub(crate) fn PageHeader(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · Accord", title.get())));
    // It may come long after the place was gone to.
    Effect::new(|_| focus_awaited_heading());
    view! {
        <header class="page-header">
            <div class="page-words">
                <h1 tabindex="-1">{move || title.get()}</h1>
                {lead.map(|lead| view! { <p class="page-lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// A part of a page under its own heading.
#[component]
pub(crate) fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional, into)] actions: ViewFn,
    children: Children,
) -> impl IntoView {
    let id = super::next_id("section");
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section-head">
                <div>
                    <h2 id=id.clone()>{title}</h2>
                    {lead.map(|lead| view! { <p class="muted">{lead}</p> })}
                </div>
                <div class="section-actions">{actions.run()}</div>
            </div>
            {children()}
        </section>
    }
}
