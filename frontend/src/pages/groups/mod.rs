use leptos::prelude::*;
#[component]
pub(crate) fn Groups() -> impl IntoView {}
