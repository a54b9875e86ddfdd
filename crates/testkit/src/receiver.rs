//! A real receiver of webhooks: an HTTP server that answers as it is told and remembers what it got.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any request of a test.
const MOST_BYTES: usize = 1 << 20;

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with this status and body.
    Status(u16, String),
    /// Answers with these bytes, whatever they are.
    Raw(Vec<u8>),
    /// Closes the connection without an answer.
    Close,
    /// Answers with this status once it is let go by [`Receiver::let_go`].
    Held(u16),
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// Its first line.
    pub line: String,
    /// Its headers, with their names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl ReceivedRequest {
    /// The value of a header that must be there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or_else(
                || panic!("no header {name}: {:?}", self.headers),
                |(_, value)| value.as_str(),
            )
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

#[derive(Debug, Default)]
struct State {
    received: Vec<ReceivedRequest>,
    /// What the next requests are answered, one each.
    next: VecDeque<Reply>,
    /// What all others are answered; 204 unless it is said otherwise.
    otherwise: Option<Reply>,
}

/// The receiver. It ends with the value.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    came: Arc<Notify>,
    released: Arc<tokio::sync::Semaphore>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Starts one on this machine, which answers everything with 204.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(Mutex::new(State::default()));
        let came = Arc::new(Notify::new());
        let released = Arc::new(tokio::sync::Semaphore::new(0));
        let server = {
            let (state, came) = (Arc::clone(&state), Arc::clone(&came));
            let released = Arc::clone(&released);
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (state, came) = (Arc::clone(&state), Arc::clone(&came));
                    let released = Arc::clone(&released);
                    tokio::spawn(async move {
                        // A caller that breaks off is the caller's affair.
                        let _ = serve(stream, &state, &came, &released).await;
                    });
                }
            })
        };
        Self {
            address,
            state,
            came,
            released,
            server,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, with this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the next requests so, one each.
    pub fn answers_next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state().next.extend(replies);
    }

    /// Answers all others so.
    pub fn answers(&self, reply: Reply) {
        self.state().otherwise = Some(reply);
    }

    /// Lets one answer go that is held.
    pub fn let_go(&self) {
        self.released.add_permits(1);
    }

    /// What came so far.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.state().received.clone()
    }

    /// Waits until so many requests have come in all, and answers them.
    pub async fn wait_for(&self, count: usize) -> Vec<ReceivedRequest> {
        let wait = async {
            loop {
                let came = self.came.notified();
                let received = self.received();
                if received.len() >= count {
                    return received;
                }
                came.await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .unwrap_or_else(|_| panic!("{} of {count} requests came", self.received().len()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    state: &Mutex<State>,
    came: &Notify,
    released: &tokio::sync::Semaphore,
) -> std::io::Result<()> {
    let Some(request) = read_request(&mut stream).await? else {
        return Ok(());
    };
    let reply = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.received.push(request);
        let next = state.next.pop_front().or_else(|| state.otherwise.clone());
        next.unwrap_or(Reply::Status(204, String::new()))
    };
    came.notify_waiters();
    let bytes = match reply {
        Reply::Status(status, body) => answer(status, &body),
        Reply::Raw(bytes) => bytes,
        Reply::Close => return Ok(()),
        Reply::Held(status) => {
            if let Ok(permit) = released.acquire().await {
                permit.forget();
            }
            answer(status, "")
        }
    };
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} As Told\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<ReceivedRequest>> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > MOST_BYTES || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_default();
    let end = head_end + 4 + length.min(MOST_BYTES);
    while bytes.len() < end {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    let body = String::from_utf8_lossy(&bytes[head_end + 4..end]).into_owned();
    Ok(Some(ReceivedRequest {
        line,
        headers,
        body,
    }))
}
