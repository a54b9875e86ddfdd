use leptos::prelude::*;

use crate::components::{Button, Dialog, DialogSize};
use crate::pages::SignInForm;
use crate::session::Session;

/// Signing in again over whatever is open, so that nothing typed is lost when a session ends.
#[component]
pub(super) fn SessionEnded() -> impl IntoView {
    let session = Session::current();
    view! {
        <Dialog
            open=session.ended
            title="Your session has ended"
            lead="Sign in again to go on. What you typed is still there."
            size=DialogSize::Small
        >
            <div class="dialog-body">
                <SignInForm email=untrack(|| session.account()).map(|account| account.email).unwrap_or_default() fixed_email=true/>
                <Button wide=true on_press=Callback::new(move |()| session.sign_out())>"Leave it and sign out"</Button>
            </div>
        </Dialog>
    }
}
