use leptos::prelude::*;
#[component]
pub(crate) fn InvitationPage() -> impl IntoView {}
