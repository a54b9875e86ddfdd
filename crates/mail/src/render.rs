//! A message as the subject, text and HTML that a person reads.

use crate::letter::{Letter, letter};
use crate::message::Message;
use askama::Template;

/// What a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters; not yet encoded for a header.
    pub subject: String,
    /// The text part; a secret link stands alone on its line.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The link by which the reader leaves such mail, where they may: it stands in the footer, and for
    /// mail programs in the header.
    pub way_out: Option<String>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    way_out: Option<&'a str>,
    public_url: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    letter: &'a Letter,
    way_out: Option<&'a str>,
    public_url: &'a str,
}

/// Renders a message. `link` is the secret link of a message that carries one; `public_url` is
/// where the dashboard is reached; `way_out` is the link by which the reader leaves such mail.
pub fn render(
    message: &Message,
    link: Option<&str>,
    way_out: Option<&str>,
    public_url: &str,
) -> Result<Rendered, askama::Error> {
    let letter = letter(message, link, public_url);
    Ok(Rendered {
        html: Html {
            letter: &letter,
            way_out,
            public_url,
        }
        .render()?,
        text: Text {
            letter: &letter,
            way_out,
            public_url,
        }
        .render()?,
        subject: letter.subject,
        way_out: way_out.map(str::to_owned),
    })
}
