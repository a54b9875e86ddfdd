use accord_api_types::Collaboration;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{all_collaborations, later};
use crate::chunks::Part;
use crate::session::Session;

/// Where the invitations are on the page already.
const THEIR_PAGE: &str = "/settings/shared-with-me";

/// Looks after signing in whether invitations wait, and asks once in a tab what to do with each.
#[component]
pub(crate) fn WaitingInvitations() -> impl IntoView {
    let session = Session::current();
    let location = use_location();
    let open = RwSignal::new(false);
    let waiting = RwSignal::new(Vec::<Collaboration>::new());
    // Until the address is verified, nothing is shared with the account.
    let verified = Memo::new(move |_| {
        session
            .account()
            .is_some_and(|account| account.email_verified)
    });
    Effect::new(move |_| {
        if !verified.get() || location.pathname.get_untracked().starts_with(THEIR_PAGE) {
            return;
        }
        leptos::task::spawn_local(async move {
            // Whoever cannot be asked now is asked next time; the page for them says what is wrong.
            let Ok(all) = all_collaborations(session, "").await else {
                return;
            };
            let new: Vec<Collaboration> = all.into_iter().filter(later::is_new).collect();
            if !new.is_empty() {
                waiting.try_set(new);
                open.try_set(true);
            }
        });
    });
    let any = Memo::new(move |_| waiting.with(|waiting| !waiting.is_empty()));
    move || any.get().then(|| Part::Join { open, waiting }.view())
}
