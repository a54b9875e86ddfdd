//! Databases, the running app, SMTP and browser for tests.

pub mod smtp;
