//! The dashboard as people use it, in a real Chromium, with axe-core looking on.
//!
//! Everything lies in a module called `browser`, by which the test runner knows these tests.

#[path = "."]
mod browser {
    mod chunks;
    mod harness;
    mod invitations;
    mod invite_form;
    mod keyboard;
    mod narrow;
    mod sessions;
    mod steps;
    mod story;
}
