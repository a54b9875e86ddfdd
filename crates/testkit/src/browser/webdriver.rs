//! As much of the WebDriver protocol as the tests need. The client crates for it change what
//! `serde_json` does in the server under test, so that it would not be the one that ships.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use reqwest::Method;
use serde_json::{Value, json};

/// The name under which elements travel, fixed by the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The driver itself waits at most this long for a page to load.
const LONGEST_ANSWER: Duration = Duration::from_secs(120);

/// A key, as the protocol writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Tab,
    Enter,
    Escape,
    Space,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    Backspace,
    Delete,
    Control,
    Shift,
    Alt,
}

impl Key {
    pub(super) fn character(self) -> char {
        match self {
            Self::Tab => '\u{e004}',
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Space => ' ',
            Self::Up => '\u{e013}',
            Self::Down => '\u{e015}',
            Self::Left => '\u{e012}',
            Self::Right => '\u{e014}',
            Self::Home => '\u{e011}',
            Self::End => '\u{e010}',
            Self::Backspace => '\u{e003}',
            Self::Delete => '\u{e017}',
            Self::Control => '\u{e009}',
            Self::Shift => '\u{e008}',
            Self::Alt => '\u{e00a}',
        }
    }
}

/// Why the driver did not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WebError {
    /// The protocol's word for it; empty when no answer came.
    code: String,
    message: String,
}

impl WebError {
    fn lost(error: impl fmt::Display) -> Self {
        Self {
            code: String::new(),
            message: error.to_string(),
        }
    }

    /// Whether it may be gone a moment later: the page was being drawn.
    pub(super) fn is_passing(&self) -> bool {
        const PASSING: [&str; 5] = [
            "stale element reference",
            "element click intercepted",
            "element not interactable",
            "no such element",
            "move target out of bounds",
        ];
        PASSING.contains(&self.code.as_str())
    }
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest of the message is the driver's own stack.
        let first = self.message.lines().next().unwrap_or_default();
        write!(f, "{} ({first})", self.code)
    }
}

pub(super) type Answer<T> = Result<T, WebError>;

/// An element of the page that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element(String);

impl Element {
    fn of(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }

    /// As a script takes it.
    pub(super) fn to_json(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// One line of the browser's console.
#[derive(Clone, Debug)]
pub(super) struct ConsoleLine {
    pub(super) level: String,
    pub(super) source: String,
    pub(super) message: String,
}

/// An open browser.
#[derive(Debug)]
pub(super) struct Session {
    http: reqwest::Client,
    address: String,
    debugger: String,
}

impl Session {
    /// Opens a browser.
    pub(super) async fn open(driver: &str, capabilities: Value) -> Answer<Self> {
        let http = reqwest::Client::builder()
            .timeout(LONGEST_ANSWER)
            .no_proxy()
            .build()
            .map_err(WebError::lost)?;
        let mut session = Self {
            http,
            address: format!("{driver}/session"),
            debugger: String::new(),
        };
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = session.call(Method::POST, "", Some(body)).await?;
        let id = opened["sessionId"].as_str().unwrap_or_default();
        session.address = format!("{driver}/session/{id}");
        let debugger = &opened["capabilities"]["goog:chromeOptions"]["debuggerAddress"];
        session.debugger = debugger.as_str().unwrap_or_default().to_owned();
        Ok(session)
    }

    /// Where other programs speak to this browser.
    pub(super) fn debugger(&self) -> &str {
        &self.debugger
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer<Value> {
        let request = self.http.request(method, format!("{}{path}", self.address));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.map_err(WebError::lost)?;
        let is_refusal = !answer.status().is_success();
        let mut answer: Value = answer.json().await.map_err(WebError::lost)?;
        let value = answer["value"].take();
        if is_refusal {
            let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            return Err(WebError {
                code: text("error"),
                message: text("message"),
            });
        }
        Ok(value)
    }

    async fn ask(&self, path: &str) -> Answer<String> {
        let value = self.call(Method::GET, path, None).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    async fn tell(&self, path: &str, body: Value) -> Answer<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(super) async fn go_to(&self, address: &str) -> Answer<()> {
        self.tell("/url", json!({ "url": address })).await.map(drop)
    }

    pub(super) async fn reload(&self) -> Answer<()> {
        self.tell("/refresh", json!({})).await.map(drop)
    }

    pub(super) async fn back(&self) -> Answer<()> {
        self.tell("/back", json!({})).await.map(drop)
    }

    /// Opens another tab, and turns to it.
    pub(super) async fn open_tab(&self) -> Answer<()> {
        let opened = self.tell("/window/new", json!({ "type": "tab" })).await?;
        self.turn_to(&opened["handle"]).await
    }

    /// Turns to the tab that was opened as the so-manieth, counted from 0.
    pub(super) async fn turn_to_tab(&self, number: usize) -> Answer<()> {
        let handles = self.call(Method::GET, "/window/handles", None).await?;
        self.turn_to(&handles[number]).await
    }

    /// Turns to the tab that was opened last.
    pub(super) async fn turn_to_last_tab(&self) -> Answer<()> {
        let handles = self.call(Method::GET, "/window/handles", None).await?;
        let last = handles.as_array().and_then(|handles| handles.last());
        self.turn_to(last.unwrap_or(&Value::Null)).await
    }

    /// Closes the tab that it is turned to; it is turned to none then.
    pub(super) async fn close_tab(&self) -> Answer<()> {
        self.call(Method::DELETE, "/window", None).await.map(drop)
    }

    async fn turn_to(&self, handle: &Value) -> Answer<()> {
        self.tell("/window", json!({ "handle": handle }))
            .await
            .map(drop)
    }

    pub(super) async fn address(&self) -> Answer<String> {
        self.ask("/url").await
    }

    pub(super) async fn title(&self) -> Answer<String> {
        self.ask("/title").await
    }

    /// What a cookie holds that the page may not read, but its address is sent.
    pub(super) async fn cookie(&self, name: &str) -> Answer<String> {
        let path = format!("/cookie/{name}");
        let cookie = self.call(Method::GET, &path, None).await?;
        Ok(cookie["value"].as_str().unwrap_or_default().to_owned())
    }

    pub(super) async fn run(&self, script: &str, arguments: Value) -> Answer<Value> {
        let body = json!({ "script": script, "args": arguments });
        self.tell("/execute/sync", body).await
    }

    /// Runs a script that calls its last argument when it is done.
    pub(super) async fn run_until_done(&self, script: &str) -> Answer<Value> {
        let body = json!({ "script": script, "args": [] });
        self.tell("/execute/async", body).await
    }

    /// The elements that a script answers with.
    pub(super) async fn find(&self, script: &str, arguments: Value) -> Answer<Vec<Element>> {
        let found = self.run(script, arguments).await?;
        let found = found.as_array().into_iter().flatten();
        Ok(found.filter_map(Element::of).collect())
    }

    /// What the browser tells assistive technology that an element is called.
    pub(super) async fn name_of(&self, element: &Element) -> Answer<String> {
        self.ask(&format!("/element/{}/computedlabel", element.0))
            .await
    }

    pub(super) async fn property(&self, element: &Element, name: &str) -> Answer<Value> {
        let path = format!("/element/{}/property/{name}", element.0);
        self.call(Method::GET, &path, None).await
    }

    pub(super) async fn click(&self, element: &Element) -> Answer<()> {
        let path = format!("/element/{}/click", element.0);
        self.tell(&path, json!({})).await.map(drop)
    }

    pub(super) async fn type_into(&self, element: &Element, text: &str) -> Answer<()> {
        let path = format!("/element/{}/value", element.0);
        self.tell(&path, json!({ "text": text })).await.map(drop)
    }

    /// Presses and releases keys, one after the other, where the focus is.
    pub(super) async fn press(&self, keys: &str) -> Answer<()> {
        let strokes = keys
            .chars()
            .flat_map(|key| [stroke("keyDown", key), stroke("keyUp", key)]);
        self.act(vec![keyboard(strokes.collect())]).await
    }

    /// Presses and releases a key while another is held down.
    pub(super) async fn press_holding(&self, held: char, key: char) -> Answer<()> {
        let strokes = vec![
            stroke("keyDown", held),
            stroke("keyDown", key),
            stroke("keyUp", key),
            stroke("keyUp", held),
        ];
        self.act(vec![keyboard(strokes)]).await
    }

    /// Clicks an element in its middle while a key is held down.
    pub(super) async fn click_holding(&self, element: &Element, key: Key) -> Answer<()> {
        let script = "arguments[0].scrollIntoView({ block: 'nearest' })";
        self.run(script, json!([element.to_json()])).await?;
        let pause = || json!({ "type": "pause" });
        let held = vec![
            stroke("keyDown", key.character()),
            pause(),
            pause(),
            pause(),
            stroke("keyUp", key.character()),
        ];
        let mouse = vec![
            pause(),
            json!({ "type": "pointerMove", "duration": 0, "origin": element.to_json(), "x": 0, "y": 0 }),
            json!({ "type": "pointerDown", "button": 0 }),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        self.act(vec![
            keyboard(held),
            json!({ "type": "pointer", "id": "mouse", "actions": mouse }),
        ])
        .await
    }

    async fn act(&self, actions: Vec<Value>) -> Answer<()> {
        self.tell("/actions", json!({ "actions": actions }))
            .await
            .map(drop)
    }

    /// A command of the browser's developer tools.
    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Answer<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.tell("/goog/cdp/execute", body).await
    }

    /// What stands in the console; reading it empties it.
    pub(super) async fn console(&self) -> Answer<Vec<ConsoleLine>> {
        let lines = self.tell("/se/log", json!({ "type": "browser" })).await?;
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let lines = lines.as_array().into_iter().flatten();
        Ok(lines
            .map(|line| ConsoleLine {
                level: text(line, "level"),
                source: text(line, "source"),
                message: text(line, "message"),
            })
            .collect())
    }

    /// The page as it looks, as PNG.
    pub(super) async fn picture(&self) -> Answer<Vec<u8>> {
        let picture = self.ask("/screenshot").await?;
        base64::engine::general_purpose::STANDARD
            .decode(picture)
            .map_err(WebError::lost)
    }

    /// Ends the browser.
    pub(super) async fn close(&self) -> Answer<()> {
        self.call(Method::DELETE, "", None).await.map(drop)
    }
}

fn stroke(kind: &str, key: char) -> Value {
    json!({ "type": kind, "value": key })
}

fn keyboard(actions: Vec<Value>) -> Value {
    json!({ "type": "key", "id": "keyboard", "actions": actions })
}
