use leptos::prelude::*;
use leptos_router::components::{A, Outlet};

use crate::components::{Glyph, Icon};

/// The settings: their places at the side, the place itself beside them.
#[component]
pub(crate) fn SettingsLayout() -> impl IntoView {
    let place = |href: &'static str, icon: Icon, words: &'static str| {
        view! { <li><A href=href><Glyph icon=icon/>{words}</A></li> }
    };
    view! {
        <div class="settings">
            <nav class="side" aria-label="Settings">
                <p class="side-title" id="side-by-me">"Shared by me"</p>
                <ul aria-labelledby="side-by-me">
                    {place("/settings/members", Icon::Users, "Members")}
                    {place("/settings/roles", Icon::Shield, "Roles")}
                    {place("/settings/policies", Icon::ListChecks, "Policies")}
                </ul>
                <p class="side-title" id="side-you">"You"</p>
                <ul aria-labelledby="side-you">
                    {place("/settings/shared-with-me", Icon::Share, "Shared with me")}
                    {place("/settings/profile", Icon::User, "Account")}
                    {place("/settings/notifications", Icon::Bell, "Notifications")}
                </ul>
            </nav>
            <div class="settings-page"><Outlet/></div>
        </div>
    }
}
