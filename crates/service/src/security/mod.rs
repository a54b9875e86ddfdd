//! Secrets: where randomness comes from, how passwords, links and tokens are made and checked.

pub mod access_tokens;
pub mod passwords;
pub mod program_tokens;
pub mod randomness;
pub mod secret_tokens;
pub mod signing_keys;
