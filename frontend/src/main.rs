//! The dashboard of Accord: who can do what where, and changing it safely.

mod address;
mod app;
mod chunks;
mod components;
mod failure;
mod layout;
mod listing;
mod live;
mod notices;
mod pages;
mod remote;
mod session;
mod submission;

fn main() {
    leptos::mount::mount_to_body(app::App);
    // The page's own first paint has done its work.
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
}
