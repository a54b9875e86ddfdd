//! The rules of account collaboration, and nothing else: pure functions over values that are
//! passed in. No I/O, no clock, no randomness, no database, no HTTP.

pub mod ids;
