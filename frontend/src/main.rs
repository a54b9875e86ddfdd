//! The dashboard of Accord: who can do what where, and changing it safely.

mod address;
mod app;
mod chunks;
mod components;
mod editing;
mod failure;
mod layout;
mod listing;
mod live;
mod notices;
mod pages;
mod reader;
mod remote;
mod session;
mod submission;
mod undo;

fn main() {
    // What breaks in a development build says why; a release has no words for it.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|broken| {
        leptos::logging::error!("{broken}");
    }));
    leptos::mount::mount_to_body(app::App);
    // The page's own first paint has done its work.
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
}
