//! Use cases: one transaction each, from caller to commit.
