//! Requests that the typed calls cannot make, for tests that send broken ones.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use accord_api_types::Problem;

use crate::{Client, Error, Result};

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// A header's text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text, whatever is no text replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as problem details, if it is.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Client {
    /// Sends these bytes to `path` (from the root, query included) with these headers. The access token
    /// goes along while there is one, unless the headers have an `authorization`; nothing is refreshed
    /// and no answer is an error.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<RawAnswer> {
        let wrong = |what: &str| Error::Network(format!("not {what} that can be sent"));
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| wrong("a method"))?;
        let url = Url::parse(&format!("{}{path}", self.base)).map_err(|_| wrong("a path"))?;
        let mut all = HeaderMap::new();
        if let Some(token) = self.access_token() {
            let value = format!("Bearer {token}");
            all.insert(
                AUTHORIZATION,
                HeaderValue::from_str(&value).map_err(|_| wrong("a token"))?,
            );
        }
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("a header"))?;
            all.insert(
                name,
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong("a header"))?,
            );
        }
        let body = body.into();
        let mut request = self.http.request(method, url).headers(all);
        if !body.is_empty() {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream of events has no end to wait for.
        let endless = headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let body = if endless {
            Vec::new()
        } else {
            response.bytes().await?.to_vec()
        };
        Ok(RawAnswer {
            status,
            headers,
            body,
        })
    }
}
