//! The HTTP server and the `accord` program.
