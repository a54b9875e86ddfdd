//! The rules of account collaboration, and nothing else: pure functions over values that are
//! passed in. No I/O, no clock, no randomness, no database, no HTTP.

pub mod access;
pub mod account;
pub mod authorize;
pub mod catalogue;
pub mod delegation;
pub mod email;
pub mod environment;
pub mod explain;
pub mod group_tree;
pub mod ids;
pub mod index;
pub mod load_alerts;
pub mod member;
pub mod notification;
pub mod password;
pub mod preview;
pub mod record;
pub mod sharing;
pub mod stored;
pub mod text;
pub mod token;
pub mod webhook;
