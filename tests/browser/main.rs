//! The dashboard as people use it, in a real Chromium, with axe-core looking on.
//!
//! Everything lies in a module called `browser`, by which the test runner knows these tests.

#[path = "."]
mod browser {
    mod access_list;
    mod account;
    mod barriers;
    mod chunks;
    mod conflicts;
    mod consequences;
    mod delegation;
    mod environments;
    mod first_steps;
    mod groups;
    mod harness;
    mod invitations;
    mod invite_form;
    mod invite_several;
    mod joining;
    mod keyboard;
    mod live;
    mod member_edit;
    mod member_list;
    mod narrow;
    mod notifications;
    mod orders;
    mod policies;
    mod reference;
    mod roles;
    mod sessions;
    mod share_tree;
    mod steps;
    mod story;
    mod tab_stops;
    mod tabs;
    mod tasks;
    mod times;
    mod tokens;
    mod tried_again;
    mod two_at_access;
    mod two_people;
    mod undo;
    #[path = "../walk/mod.rs"]
    mod walk;
    mod webhooks;
    mod why;
}
