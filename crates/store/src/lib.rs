//! Rows, queries and migrations, alike on SQLite and PostgreSQL.
