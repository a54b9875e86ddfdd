//! E-mail: messages, templates, the outbox worker, SMTP.

mod letter;
pub mod mailbox;
pub mod message;
pub mod outbox;
pub mod render;
pub mod seal;
pub mod settings;
pub mod smtp;
mod typed;
mod way_out;
pub mod worker;

pub use message::{Decision, EndLine, Message, SharedItemLine};
pub use render::{Rendered, render};
pub use seal::{LinkSealer, SealError};
pub use settings::{Mailbox, SmtpSettings, Tls};
pub use smtp::{OutgoingMail, SendError, SmtpTransport};
pub use way_out::WayOut;
pub use worker::{Clock, GivenUp, Worker};
