//! Webhooks on their way, by the Standard Webhooks specification: the secret and the signature, the
//! addresses that may be reached, one request to one of them, and the worker that sends what waits.
//!
//! No rules about who may have a webhook, and no HTTP server.

mod address;
mod seal;
mod sender;
mod signature;
mod target;
mod worker;

pub use address::{AddressGuard, Resolver};
pub use seal::{SealError, SecretSealer};
pub use sender::{Authorities, Message, NotSent, Received, Sender};
pub use signature::{Signature, WebhookSecret};
pub use target::{BadTarget, MAX_URL_CHARS, Target};
pub use worker::{Clock, Round, SwitchedOffHook, Worker};
