use leptos::prelude::*;
#[component]
pub(crate) fn Environments() -> impl IntoView {}
