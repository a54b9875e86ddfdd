//! E-mail: messages, templates, the outbox worker, SMTP.
