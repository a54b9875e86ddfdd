use leptos::prelude::*;
#[component]
pub(crate) fn Members() -> impl IntoView {}
#[component]
pub(crate) fn MemberPage() -> impl IntoView {}
