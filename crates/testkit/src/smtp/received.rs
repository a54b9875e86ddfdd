//! A mail as the peer received it.

use base64::Engine;
use mail_parser::{HeaderValue, Message, MessageParser};
use serde_json::Value;

/// A mail that the peer has accepted.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The sender of the transaction.
    pub mail_from: String,
    /// The recipients of the transaction.
    pub rcpt_to: Vec<String>,
    /// Whether the connection was protected by TLS.
    pub encrypted: bool,
    /// Whether the sender had signed in.
    pub authenticated: bool,
    /// Whether the transaction was one of internationalized mail.
    pub smtp_utf8: bool,
    /// The bytes as they came.
    pub raw: Vec<u8>,
}

impl ReceivedMail {
    pub(super) fn from_event(event: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            mail_from: text(&event["mail_from"]),
            rcpt_to: event["rcpt_tos"]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect(),
            encrypted: event["encrypted"] == true,
            authenticated: event["authenticated"] == true,
            smtp_utf8: event["smtp_utf8"] == true,
            raw: base64::engine::general_purpose::STANDARD
                .decode(text(&event["raw"]))
                .expect("the peer encodes what it received"),
        }
    }

    fn parsed(&self) -> Message<'_> {
        MessageParser::default()
            .parse(&self.raw)
            .expect("an accepted mail can be parsed")
    }

    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap_or_default().to_owned()
    }

    /// The names of all headers, in order.
    pub fn header_names(&self) -> Vec<String> {
        let parsed = self.parsed();
        parsed
            .headers()
            .iter()
            .map(|header| header.name().to_owned())
            .collect()
    }

    /// One header as it stands in the mail, unfolded and trimmed.
    pub fn raw_header(&self, name: &str) -> Option<String> {
        let parsed = self.parsed();
        parsed
            .header_raw(name)
            .map(|value| value.replace("\r\n", "").trim().to_owned())
    }

    /// One header's decoded text, where it is text.
    pub fn header(&self, name: &str) -> Option<String> {
        match self.parsed().header(name) {
            Some(HeaderValue::Text(text)) => Some(text.clone().into_owned()),
            _ => None,
        }
    }

    /// The text part, decoded.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).unwrap_or_default().into_owned()
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.parsed().body_html(0).unwrap_or_default().into_owned()
    }

    /// The link that stands alone on a line of the text part.
    pub fn link(&self) -> Option<String> {
        self.text()
            .lines()
            .map(str::trim_end)
            .find(|line| line.starts_with("http://") || line.starts_with("https://"))
            .map(str::to_owned)
    }
}
