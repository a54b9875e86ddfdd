use leptos::prelude::*;
#[component]
pub(crate) fn Roles() -> impl IntoView {}
