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
        request_animation_frame(move || show_in_the_middle(side, CURRENT));
    });
    // Also when the screen is turned.
    let turned = window_event_listener(leptos::ev::resize, move |_| {
        show_in_the_middle(side, CURRENT);
    });
    on_cleanup(move || turned.remove());
    view! {
        <div class="settings">
            <nav class="side" aria-label="Settings" node_ref=side on:focusin=move |_| show_in_the_middle(side, "a:focus-visible")>
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

/// The place that is shown.
const CURRENT: &str = "[aria-current=page]";

/// On a small screen the places stand in one line that is wider than the screen. The browser itself leaves what
/// the keyboard comes to where it is, if a part of it is seen.
fn show_in_the_middle(side: NodeRef<html::Nav>, which: &str) {
    let Some(side) = side.try_get_untracked().flatten() else {
        return;
    };
    let place = side.query_selector(which).ok().flatten();
    if let Some(place) = place.and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok()) {
        let middle = place.offset_left() - side.offset_left() + place.offset_width() / 2;
        side.set_scroll_left(middle - side.client_width() / 2);
    }
}
