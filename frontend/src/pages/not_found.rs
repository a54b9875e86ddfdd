use leptos::prelude::*;

use crate::layout::CardPage;

/// No such place.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <CardPage title="Nothing here" lead=Some("The address leads nowhere, or to something that is gone.".to_owned())>
            <a class="button wide" data-kind="primary" href="/environments">"Go to your environments"</a>
        </CardPage>
    }
}
