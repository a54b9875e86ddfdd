//! One call of the API: its address, its token, its answer.

use accord_api_types::{BASE_PATH, ErrorCode, Problem, SignedIn};
use reqwest::header::{AUTHORIZATION, ETAG, HeaderMap, IF_MATCH, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::attempts::{Attempt, IDEMPOTENCY_KEY};
use crate::refresh_attempt::REFRESH_ATTEMPT;
use crate::tabs::{Turn, turn_to_refresh};
use crate::{Client, Error, Result, Versioned};

/// A call being put together. Sends the access token, if there is one, unless it is [`Call::anonymous`].
#[must_use]
pub(crate) struct Call<'a> {
    client: &'a Client,
    request: Result<RequestBuilder>,
    anonymous: bool,
}

/// An answer before it is decoded.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    pub(crate) fn get(&self, segments: &[&str]) -> Call<'_> {
        self.call(Method::GET, segments)
    }

    pub(crate) fn post(&self, segments: &[&str]) -> Call<'_> {
        self.call(Method::POST, segments)
    }

    pub(crate) fn put(&self, segments: &[&str]) -> Call<'_> {
        self.call(Method::PUT, segments)
    }

    pub(crate) fn patch(&self, segments: &[&str]) -> Call<'_> {
        self.call(Method::PATCH, segments)
    }

    pub(crate) fn delete(&self, segments: &[&str]) -> Call<'_> {
        self.call(Method::DELETE, segments)
    }

    fn call(&self, method: Method, segments: &[&str]) -> Call<'_> {
        let base = BASE_PATH.trim_start_matches('/').split('/');
        self.call_at(method, base.chain(segments.iter().copied()))
    }

    /// A call outside of [`BASE_PATH`]: health and the development mailbox.
    pub(crate) fn get_at_root(&self, segments: &[&str]) -> Call<'_> {
        self.call_at(Method::GET, segments.iter().copied())
    }

    fn call_at<'s>(&self, method: Method, segments: impl Iterator<Item = &'s str>) -> Call<'_> {
        let request = address(&self.base, segments).map(|url| self.http.request(method, url));
        Call {
            client: self,
            request,
            anonymous: false,
        }
    }
}

/// Puts an address together; every segment is percent-encoded, so that none can leave its place.
fn address<'s>(base: &str, segments: impl Iterator<Item = &'s str>) -> Result<Url> {
    let wrong = || Error::Network(format!("`{base}` is not the address of a server"));
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut()
        .map_err(|()| wrong())?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

impl Call<'_> {
    /// Sends no access token, and so never refreshes.
    pub(crate) fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    pub(crate) fn query(mut self, query: &impl Serialize) -> Self {
        self.request = self.request.map(|request| request.query(query));
        self
    }

    pub(crate) fn body(mut self, body: &impl Serialize) -> Self {
        self.request = self.request.map(|request| request.json(body));
        self
    }

    pub(crate) fn if_match(mut self, etag: Option<&str>) -> Self {
        if let Some(etag) = etag {
            self.request = self.request.map(|request| request.header(IF_MATCH, etag));
        }
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.map(|request| request.header(name, value));
        self
    }

    pub(crate) fn optional_header(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Sends it and decodes the answer.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<T> {
        self.send().await?.decode()
    }

    /// Sends it and decodes the answer with its version.
    pub(crate) async fn read_versioned<T: DeserializeOwned>(self) -> Result<Versioned<T>> {
        let answer = self.send().await?;
        let etag = answer
            .headers
            .get(ETAG)
            .and_then(|etag| etag.to_str().ok())
            .map(str::to_owned);
        Ok(Versioned {
            value: answer.decode()?,
            etag,
        })
    }

    /// Sends it and answers what came as it came.
    pub(crate) async fn read_text(self) -> Result<String> {
        let answer = self.send().await?;
        String::from_utf8(answer.body).map_err(|error| Error::Decode {
            status: answer.status,
            detail: error.to_string(),
        })
    }

    /// Sends it; there is nothing to read in the answer.
    pub(crate) async fn done(self) -> Result<()> {
        self.send().await.map(|_| ())
    }

    /// Sends it; the answer is a file.
    pub(crate) async fn bytes(self) -> Result<Vec<u8>> {
        self.send().await.map(|answer| answer.body)
    }

    async fn send(mut self) -> Result<Answer> {
        let attempt = self.begin_attempt()?;
        let outcome = match self.respond().await {
            Ok(response) => Answer::read(response).await,
            Err(error) => Err(error),
        };
        if let Some(attempt) = attempt {
            attempt.ended(&outcome);
        }
        outcome
    }

    /// Names a write that may have to be sent again.
    fn begin_attempt(&mut self) -> Result<Option<Attempt>> {
        let Some(attempts) = self.client.attempts.as_ref().filter(|_| !self.anonymous) else {
            return Ok(None);
        };
        let taken = std::mem::replace(&mut self.request, Err(Error::Network(String::new())));
        let request = taken?.build()?;
        let attempt = (request.method() == Method::POST).then(|| attempts.begin(&request));
        let mut again = RequestBuilder::from_parts(self.client.http.clone(), request);
        if let Some(attempt) = &attempt {
            again = again.header(IDEMPOTENCY_KEY, attempt.key());
        }
        self.request = Ok(again);
        Ok(attempt)
    }

    /// Sends it, and leaves the body of a success to be read.
    pub(crate) async fn respond(self) -> Result<Response> {
        let request = self.request?;
        let token = self.client.session.token().filter(|_| !self.anonymous);
        let Some(token) = token else {
            return send(request).await;
        };
        let again = request.try_clone();
        match send(with_token(request, &token)).await {
            Err(refused) if refused.is_signed_out() => {
                let Some(again) = again else {
                    return Err(refused);
                };
                match self.client.token_after(&token).await? {
                    Some(fresh) => send(with_token(again, &fresh)).await,
                    None => Err(refused),
                }
            }
            outcome => outcome,
        }
    }
}

/// Whether this is a program's token, which nothing renews.
fn is_of_program(token: &str) -> bool {
    ["acc_", "acp_"]
        .iter()
        .any(|prefix| token.starts_with(prefix))
}

fn with_token(request: RequestBuilder, token: &str) -> RequestBuilder {
    request.header(AUTHORIZATION, format!("Bearer {token}"))
}

async fn send(request: RequestBuilder) -> Result<Response> {
    #[cfg(target_arch = "wasm32")]
    let request = request.fetch_credentials_same_origin();
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let refused = Answer::read(response).await?;
    Err(refusal(refused.status, &refused.headers, &refused.body))
}

fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Error::Problem {
            problem: Box::new(problem),
            status,
            retry_after: headers
                .get(RETRY_AFTER)
                .and_then(|seconds| seconds.to_str().ok())
                .and_then(|seconds| seconds.trim().parse().ok()),
        },
        Err(error) => Error::Decode {
            status,
            detail: format!("not problem details: {error}"),
        },
    }
}

impl Answer {
    async fn read(response: Response) -> Result<Self> {
        Ok(Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Decode {
            status: self.status,
            detail: error.to_string(),
        })
    }
}

impl Client {
    /// A token to use in place of `refused`: the one that another call got meanwhile, or a refreshed
    /// one. `None` when the session is over.
    async fn token_after(&self, refused: &str) -> Result<Option<String>> {
        let _turn = self.session.refreshing.lock().await;
        let held = self.session.token();
        if held.as_deref() != Some(refused) {
            return Ok(held);
        }
        if is_of_program(refused) {
            return Ok(None);
        }
        let _turn = self.turn_to_refresh(refused).await;
        let held = self.session.token();
        if held.as_deref() != Some(refused) {
            return Ok(held);
        }
        match self.ask_for_refresh().await {
            Ok(signed_in) => Ok(Some(signed_in.access_token)),
            Err(error) if error.is_signed_out() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// This tab's turn to refresh. Where another tab went before, it most likely brought a token in place of
    /// `refused` for all of them.
    async fn turn_to_refresh(&self, refused: &str) -> Option<Turn> {
        let turn = turn_to_refresh().await;
        #[cfg(target_arch = "wasm32")]
        if turn.as_ref().is_some_and(Turn::was_waited_for) {
            self.session.other_than(refused).await;
        }
        #[cfg(not(target_arch = "wasm32"))]
        let _ = refused;
        turn
    }

    /// Asks for a new access token by the refresh cookie. The caller holds `session.refreshing`, and has this
    /// tab's turn.
    pub(crate) async fn ask_for_refresh(&self) -> Result<SignedIn> {
        let attempt = self.session.refresh_attempt();
        let call = self.post(&["auth", "refresh"]);
        let call = call.header(REFRESH_ATTEMPT, &attempt);
        let outcome = match send(call.request?).await {
            Ok(response) => Answer::read(response)
                .await
                .and_then(|answer| answer.decode::<SignedIn>()),
            Err(error) => Err(error),
        };
        match outcome.as_ref().map_err(|error| error.code()) {
            Ok(signed_in) => {
                self.session.refresh_answered();
                self.session.refreshed(&signed_in.access_token);
            }
            Err(Some(ErrorCode::NotSignedIn | ErrorCode::AccountDisabled)) => {
                self.session.refresh_answered();
                self.session.set_token(None);
            }
            // The name was no good.
            Err(Some(ErrorCode::ValidationFailed)) => self.session.refresh_answered(),
            // Says nothing of this attempt when it was made before, and its answer lost.
            Err(_) => {}
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(base: &str, segments: &[&str]) -> String {
        address(base, segments.iter().copied())
            .expect("a good base")
            .to_string()
    }

    #[test]
    fn segments_follow_the_base_and_its_path() {
        assert_eq!(
            built("http://localhost:8080", &["api", "v1", "account"]),
            "http://localhost:8080/api/v1/account"
        );
        assert_eq!(
            built("https://example.com/accord", &["livez"]),
            "https://example.com/accord/livez"
        );
        assert_eq!(
            built("https://example.com/accord/", &["livez"]),
            "https://example.com/accord/livez"
        );
    }

    #[test]
    fn no_segment_leaves_its_place() {
        assert_eq!(
            built("http://h", &["invitations", "a/b?c#d%2e é", "accept"]),
            "http://h/invitations/a%2Fb%3Fc%23d%252e%20%C3%A9/accept"
        );
        assert_eq!(
            built("http://h", &["invitations", "..", "accept"]),
            "http://h/invitations/accept"
        );
    }

    #[test]
    fn a_base_that_is_no_address_is_said_so() {
        let error = address("not an address", ["livez"].into_iter()).expect_err("refused");
        assert!(error.to_string().contains("not an address"), "{error}");
        assert!(address("mailto:ada@example.com", ["livez"].into_iter()).is_err());
    }

    #[test]
    fn problem_details_become_a_typed_refusal() {
        let body = br#"{"type":"https://x/validation_failed","title":"Invalid value","status":422,
            "detail":"The address is not one.","code":"validation_failed","request_id":"r1",
            "errors":[{"pointer":"/email","detail":"needs an @"}]}"#;
        let error = refusal(422, &HeaderMap::new(), body);
        assert_eq!(error.code(), Some(ErrorCode::ValidationFailed));
        assert_eq!(error.field_error("/email"), Some("needs an @"));
        assert_eq!(error.field_error("/name"), None);
        assert_eq!(error.to_string(), "The address is not one.");
        assert!(!error.is_signed_out());
    }

    #[test]
    fn a_pause_is_read_from_the_header() {
        let body = br#"{"type":"t","title":"Too many requests","status":429,"detail":"Wait.",
            "code":"rate_limited","request_id":"r2"}"#;
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "17".parse().expect("a header value"))]);
        let error = refusal(429, &headers, body);
        assert!(
            matches!(
                error,
                Error::Problem {
                    retry_after: Some(17),
                    status: 429,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.is_temporary());
    }

    #[test]
    fn an_answer_of_something_else_is_no_refusal_of_the_api() {
        let error = refusal(502, &HeaderMap::new(), b"<html>Bad gateway</html>");
        assert_eq!((error.code(), error.status()), (None, Some(502)));
        assert!(error.is_temporary());
    }
}
