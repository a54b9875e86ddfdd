//! The stream of events: server-sent events, read by `fetch` so that the access token goes along.

use std::collections::VecDeque;
use std::pin::Pin;

use accord_api_types::Event;
use futures_util::{Stream, StreamExt as _};

use crate::{Client, Error, Result};

#[cfg(not(target_arch = "wasm32"))]
type Body<B> = Pin<Box<dyn Stream<Item = reqwest::Result<B>> + Send>>;
#[cfg(target_arch = "wasm32")]
type Body<B> = Pin<Box<dyn Stream<Item = reqwest::Result<B>>>>;

/// A stream of events that is open. Dropping it closes it.
pub struct Events {
    body: Body<Vec<u8>>,
    parser: Parser,
    arrived: VecDeque<Message>,
    last_event_id: Option<String>,
    sign_of_life: bool,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events")
            .field("last_event_id", &self.last_event_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins to listen. `last_event_id` of an earlier stream lets this one go on from there.
    pub async fn events(&self, last_event_id: Option<&str>) -> Result<Events> {
        let response = self
            .get(&["events"])
            .header("accept", "text/event-stream")
            .optional_header("last-event-id", last_event_id)
            .respond()
            .await?;
        Ok(Events {
            body: Box::pin(response.bytes_stream().map(|piece| piece.map(Into::into))),
            parser: Parser::default(),
            arrived: VecDeque::new(),
            last_event_id: last_event_id.map(str::to_owned),
            sign_of_life: false,
        })
    }
}

impl Events {
    /// The next event; `None` when the server closed the stream. What this version does not know comes as
    /// [`Event::Unknown`].
    pub async fn next(&mut self) -> Option<Result<Event>> {
        loop {
            match self.piece().await? {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The same, but a sign of life that is no event comes as `Ok(None)`: one that stays away means that
    /// the stream is broken.
    pub async fn piece(&mut self) -> Option<Result<Option<Event>>> {
        loop {
            if let Some(message) = self.arrived.pop_front() {
                self.last_event_id = message.last_event_id.or(self.last_event_id.take());
                let event = serde_json::from_str(&message.data).unwrap_or(Event::Unknown);
                return Some(Ok(Some(event)));
            }
            if std::mem::take(&mut self.sign_of_life) {
                return Some(Ok(None));
            }
            match self.body.next().await? {
                Ok(bytes) => match self.parser.feed(&bytes) {
                    Ok(messages) => {
                        self.sign_of_life = messages.is_empty();
                        self.arrived.extend(messages);
                    }
                    Err(error) => return Some(Err(error)),
                },
                Err(error) => return Some(Err(error.into())),
            }
        }
    }

    /// The id to go on from, once there is one.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref()
    }
}

/// One event as it travels.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    data: String,
    /// The last id that was sent, with this event or before it.
    last_event_id: Option<String>,
}

/// A line longer than this is no event of ours.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// Takes a stream apart as the HTML standard says ("Server-sent events", interpretation of the stream).
/// The name of an event is left aside: its data says what it is.
#[derive(Debug, Default)]
struct Parser {
    line: Vec<u8>,
    /// The last byte ended a line as the first half of CR LF may.
    after_carriage_return: bool,
    /// Whether a line was read already; only before the first one a byte order mark is none of it.
    begun: bool,
    data: Option<String>,
    last_event_id: Option<String>,
}

impl Parser {
    /// Takes the next bytes, wherever they were cut, and answers the events that they complete.
    fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        for byte in bytes {
            let second_half = std::mem::take(&mut self.after_carriage_return);
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    self.after_carriage_return = *byte == b'\r';
                    messages.extend(self.end_line());
                }
                _ if self.line.len() >= LONGEST_LINE => {
                    return Err(Error::Decode {
                        status: 200,
                        detail: "an event without an end".to_owned(),
                    });
                }
                byte => self.line.push(*byte),
            }
        }
        Ok(messages)
    }

    fn end_line(&mut self) -> Option<Message> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = if std::mem::replace(&mut self.begun, true) {
            &text
        } else {
            text.strip_prefix('\u{feff}').unwrap_or(&text)
        };
        if line.is_empty() {
            return self.data.take().map(|data| Message {
                data,
                last_event_id: self.last_event_id.clone(),
            });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => {
                self.last_event_id = Some(value.to_owned()).filter(|id| !id.is_empty());
            }
            // A comment, or something that is of no use here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, Option<String>)> {
        let mut parser = Parser::default();
        pieces
            .iter()
            .flat_map(|piece| parser.feed(piece).expect("short lines"))
            .map(|message| (message.data, message.last_event_id))
            .collect()
    }

    fn one(data: &str, id: Option<&str>) -> Vec<(String, Option<String>)> {
        vec![(data.to_owned(), id.map(str::to_owned))]
    }

    #[test]
    fn lines_end_in_three_ways() {
        for text in [
            "id: 7\nevent: x\ndata: a\ndata: b\n\n",
            "id: 7\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\n",
            "id: 7\revent: x\rdata: a\rdata: b\r\r",
        ] {
            assert_eq!(read(&[text.as_bytes()]), one("a\nb", Some("7")), "{text:?}");
        }
    }

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        let text =
            "\u{feff}: hello\r\n\r\nid: 1\r\ndata: {\"é\":\"😀\"}\r\n\r\ndata:second\r\n\r\n";
        let whole = read(&[text.as_bytes()]);
        assert_eq!(whole.len(), 2);
        assert_eq!(
            whole[0],
            ("{\"é\":\"😀\"}".to_owned(), Some("1".to_owned()))
        );
        assert_eq!(whole[1], ("second".to_owned(), Some("1".to_owned())));
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes), whole);
        for cut in 0..text.len() {
            let (one, other) = text.as_bytes().split_at(cut);
            assert_eq!(read(&[one, other]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn comments_and_what_is_unknown_are_no_events() {
        assert!(read(&[b":\n\n: ping\n\nretry: 5\n\nfoo: bar\n\n"]).is_empty());
        assert!(read(&[b"data: unfinished"]).is_empty());
    }

    #[test]
    fn fields_are_read_as_the_standard_says() {
        assert_eq!(read(&[b"data\n\n"]), one("", None));
        assert_eq!(read(&[b"data:  two spaces\n\n"]), one(" two spaces", None));
        assert_eq!(read(&[b"data: a: b\n\n"]), one("a: b", None));
        assert_eq!(read(&[b"id: 1\0\ndata: x\n\n"]), one("x", None));
        assert_eq!(
            read(&[b"id: 1\ndata: x\n\nid\ndata: y\n\n"])[1],
            ("y".to_owned(), None)
        );
        assert_eq!(read(&[b"data: \xff\n\n"]), one("\u{fffd}", None));
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut parser = Parser::default();
        let long = vec![b'x'; LONGEST_LINE];
        assert!(parser.feed(&long).expect("still bearable").is_empty());
        assert!(parser.feed(b"x").is_err());
    }
}
