//! The token's life, against a small server that plays the API's part: one valid token at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use accord_client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Counts refreshes; the newest is the valid token, and without the cookie none is given.
#[derive(Default)]
struct Api {
    refreshes: AtomicUsize,
    ended: std::sync::atomic::AtomicBool,
}

const ACCOUNT: &str = r#"{"id":"01890000-0000-7000-8000-000000000001","email":"ada@example.com","name":"Ada",
    "kind":"billing","email_verified":true,"created_at":"2026-01-01T00:00:00Z"}"#;
const SIGNED_OUT: &str = r#"{"type":"t","title":"Not signed in","status":401,"detail":"Sign in.",
    "code":"not_signed_in","request_id":"r"}"#;

impl Api {
    fn answer(&self, request: &str) -> (u16, String, String) {
        let token = self.refreshes.load(Ordering::SeqCst);
        let signed_in = |token: usize| {
            let cookie = format!(
                "Set-Cookie: refresh={token}; Path=/api/v1/auth; HttpOnly; SameSite=Strict\r\n"
            );
            (
                200,
                cookie,
                format!(
                    r#"{{"account":{ACCOUNT},"access_token":"token-{token}","expires_in":300}}"#
                ),
            )
        };
        let lower = request.to_ascii_lowercase();
        if request.starts_with("POST /api/v1/auth/sign-in ") {
            return signed_in(token);
        }
        if request.starts_with("POST /api/v1/auth/refresh ") {
            if self.ended.load(Ordering::SeqCst)
                || !lower.contains(&format!("cookie: refresh={token}\r\n"))
            {
                return (401, String::new(), SIGNED_OUT.into());
            }
            return signed_in(self.refreshes.fetch_add(1, Ordering::SeqCst) + 1);
        }
        if token > 0 && lower.contains(&format!("authorization: bearer token-{token}\r\n")) {
            return (200, "ETag: \"7\"\r\n".into(), ACCOUNT.into());
        }
        (401, String::new(), SIGNED_OUT.into())
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        while !buffer.ends_with(b"\r\n\r\n") && !buffer.ends_with(b"}") {
            if stream.read_buf(&mut buffer).await.expect("a request") == 0 {
                return;
            }
        }
        let (status, headers, body) = self.answer(&String::from_utf8_lossy(&buffer));
        let answer = format!(
            "HTTP/1.1 {status} Answer\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream
            .write_all(answer.as_bytes())
            .await
            .expect("the client listens");
    }
}

async fn signed_in_client() -> (Arc<Api>, Client) {
    let api = Arc::new(Api::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let client = Client::new(&format!(
        "http://{}/",
        listener.local_addr().expect("an address")
    ));
    let serving = api.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    let body = accord_client::types::SignIn {
        email: "ada@example.com".into(),
        password: "p".into(),
    };
    client.sign_in(&body).await.expect("signed in");
    (api, client)
}

#[tokio::test]
async fn a_refused_token_is_refreshed_by_the_cookie_and_the_call_tried_again() {
    let (api, client) = signed_in_client().await;
    let account = client.account().await.expect("refreshed");
    assert_eq!(
        (account.name.as_str(), account.etag.as_deref()),
        ("Ada", Some("\"7\""))
    );
    assert_eq!(client.access_token().as_deref(), Some("token-1"));
    assert_eq!(api.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn calls_that_fail_together_refresh_once() {
    let (api, client) = signed_in_client().await;
    let all = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.account().await })
    });
    for call in all.collect::<Vec<_>>() {
        call.await.expect("ran").expect("refreshed");
    }
    assert_eq!(api.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_ended_session_is_said_so_and_forgotten() {
    let (api, client) = signed_in_client().await;
    client.account().await.expect("refreshed");
    api.refreshes.fetch_add(1, Ordering::SeqCst);
    api.ended.store(true, Ordering::SeqCst);
    let error = client.account().await.expect_err("refused");
    assert!(error.is_signed_out(), "{error:?}");
    assert!(!client.is_signed_in());
}

#[tokio::test]
async fn a_server_that_is_away_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = Client::new(&format!("http://{address}"))
        .livez()
        .await
        .expect_err("nobody there");
    assert!(
        error.is_temporary() && error.status().is_none(),
        "{error:?}"
    );
}
