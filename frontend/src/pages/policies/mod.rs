use leptos::prelude::*;
#[component]
pub(crate) fn Policies() -> impl IntoView {}
