use leptos::html;
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use crate::components::{Glyph, Icon};

/// The settings: their places at the side, the place itself beside them.
#[component]
pub(crate) fn SettingsLayout() -> impl IntoView {
    let place = |href: &'static str, icon: Icon, words: &'static str| {
        view! { <li><A href=href><Glyph icon=icon/>{words}</A></li> }
    };
    let side = NodeRef::<html::Nav>::new();
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        request_animation_frame(move || show_current(side));
    });
    // Also when the screen is turned.
    let turned = window_event_listener(leptos::ev::resize, move |_| show_current(side));
    on_cleanup(move || turned.remove());
    view! {
        <div class="settings">
            <nav class="side" aria-label="Settings" node_ref=side>
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
                <p class="side-title" id="side-programs">"Programs"</p>
                <ul aria-labelledby="side-programs">
                    {place("/settings/tokens", Icon::KeyRound, "API tokens")}
                    {place("/settings/webhooks", Icon::Webhook, "Webhooks")}
                    <li><a href="/docs/" rel="external"><Glyph icon=Icon::BookOpen/>"API reference"</a></li>
                </ul>
            </nav>
            <div class="settings-page"><Outlet/></div>
        </div>
    }
}

/// On a small screen the places stand in one line that is wider than the screen.
fn show_current(side: NodeRef<html::Nav>) {
    let Some(side) = side.try_get_untracked().flatten() else {
        return;
    };
    let current = side.query_selector("[aria-current=page]").ok().flatten();
    if let Some(current) = current.and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok()) {
        let middle = current.offset_left() - side.offset_left() + current.offset_width() / 2;
        side.set_scroll_left(middle - side.client_width() / 2);
    }
}
