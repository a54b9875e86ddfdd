//! Shared by the API and browser tests.
