use leptos::prelude::*;
#[component]
pub(crate) fn SharedWithMe() -> impl IntoView {}
