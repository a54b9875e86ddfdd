use leptos::prelude::*;
#[component]
pub(crate) fn EnvironmentPage() -> impl IntoView {}
