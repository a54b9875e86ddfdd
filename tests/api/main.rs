//! What integrators and the dashboard rely on, over HTTP, on SQLite and on PostgreSQL.

mod addresses;
mod authorization;
mod bad_input;
mod contract;
mod delegation;
mod drafts;
mod events;
mod invitations;
mod life;
mod never_more;
mod operations;
mod operator;
mod outages;
mod own_account;
mod paging;
mod races;
mod record;
mod roles_and_groups;
mod sharing;
mod sign_in;
mod story;
mod support;
mod swapped_ids;
mod tokens;
mod versions;
mod world;
