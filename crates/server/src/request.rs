//! What surrounds every request: its id, where it came from, the headers of its answer, one line
//! in the log, and the rendering of errors.

use std::net::IpAddr;
use std::time::Instant;

use accord_service::RequestInfo;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, web};
use ipnet::IpNet;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::counted::Counted;
use crate::problem::{ApiError, limit_headers, render};
use crate::settings::PublicUrl;
use crate::state::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const LONGEST_USER_AGENT: usize = 400;
const LONGEST_REQUEST_ID: usize = 100;

/// Wraps every request.
pub(crate) async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(ApiError::internal("the application has no state").into());
    };
    let started = Instant::now();
    let info = request_info(&request, &app);
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = %info.id);
    let request_id = info.id.clone();
    request.extensions_mut().insert(info);

    let counted = Counted::default();
    let served = next.call(as_get(request)).instrument(span.clone());
    let outcome = counted.clone().during(served).await;
    let _in_span = span.enter();
    let mut response = match outcome {
        Ok(response) => render_error(response.map_into_boxed_body(), &app, &request_id),
        // Nothing inside answers so; if it ever does, the caller still gets a problem, if not more.
        Err(error) => return Err(error),
    };
    // A refusal names the one limit that was reached.
    let is_told = response.headers().contains_key("ratelimit");
    let counted = counted.all();
    if !is_told && !counted.is_empty() {
        for (name, value) in limit_headers(&counted) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    add_headers(response.headers_mut(), &request_id, &app.public_url);
    let route = response.request().match_pattern();
    log(&method, route.as_deref(), &response, started);
    app.metrics.answered(
        &method,
        route.as_deref(),
        response.status(),
        started.elapsed(),
    );
    Ok(response)
}

/// The name of a request in the log and in its answer.
pub(crate) fn request_id(request: &HttpRequest) -> String {
    let extensions = request.extensions();
    let info = extensions.get::<RequestInfo>();
    info.map(|info| info.id.clone()).unwrap_or_default()
}

/// Marks a request whose answer's body is left out.
struct HeadAlone;

/// Whether the body of the answer is left out: one without an end must not even be begun.
pub(crate) fn is_for_head_alone(request: &HttpRequest) -> bool {
    request.extensions().get::<HeadAlone>().is_some()
}

/// `HEAD` is answered as `GET`; the connection leaves out the body.
fn as_get(mut request: ServiceRequest) -> ServiceRequest {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadAlone);
    }
    request
}

/// Puts the problem in the place of an error's answer.
fn render_error(
    response: ServiceResponse<BoxBody>,
    app: &App,
    request_id: &str,
) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let rendered: HttpResponse = match error.as_error::<ApiError>() {
        Some(error) => render(error, &app.public_url, request_id),
        None => render(
            &ApiError::internal(error.to_string()),
            &app.public_url,
            request_id,
        ),
    };
    response.into_response(rendered)
}

/// The route's pattern and never the path: some paths hold the secret of a link.
fn log(
    method: &Method,
    route: Option<&str>,
    response: &ServiceResponse<BoxBody>,
    started: Instant,
) {
    tracing::info!(
        %method,
        route = route.unwrap_or("(none)"),
        status = response.status().as_u16(),
        microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
}

fn request_info(request: &ServiceRequest, app: &App) -> RequestInfo {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let trusted = |address: &IpAddr| is_trusted(address, &app.trusted_proxies);
    let behind_proxy = peer.as_ref().is_some_and(trusted);
    let address = match peer {
        Some(peer) if behind_proxy => forwarded_for(request.headers(), trusted).unwrap_or(peer),
        Some(peer) => peer,
        // Only a test that calls the application without a connection has no peer.
        None => IpAddr::from([0, 0, 0, 0]),
    };
    let named_by_proxy = behind_proxy
        .then(|| request.headers().get(REQUEST_ID))
        .flatten();
    let id = named_by_proxy
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_request_id(id))
        .map_or_else(|| app.new_id::<Uuid>().to_string(), str::to_owned);
    let user_agent = request.headers().get(header::USER_AGENT).map(|agent| {
        String::from_utf8_lossy(agent.as_bytes())
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_USER_AGENT)
            .collect()
    });
    RequestInfo {
        id,
        network_address: address.to_string(),
        user_agent: user_agent.unwrap_or_default(),
    }
}

pub(crate) fn is_trusted(address: &IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|network| network.contains(address))
}

/// The nearest address that is not a trusted proxy's: what stands further left, anybody could have
/// written.
fn forwarded_for(headers: &HeaderMap, trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let written: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect();
    let mut nearest = None;
    for address in written
        .iter()
        .rev()
        .map(|text| parse_forwarded(text.trim()))
    {
        nearest = Some(address?);
        if !nearest.as_ref().is_some_and(&trusted) {
            break;
        }
    }
    nearest
}

/// Some proxies write the port too.
fn parse_forwarded(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok().or_else(|| {
        text.parse::<std::net::SocketAddr>()
            .ok()
            .map(|address| address.ip())
    });
    address.map(|address| address.to_canonical())
}

fn is_request_id(id: &str) -> bool {
    (1..=LONGEST_REQUEST_ID).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
}

/// The headers of every answer. What a handler set itself stays.
fn add_headers(headers: &mut HeaderMap, request_id: &str, public_url: &PublicUrl) {
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    default(OPENER_POLICY, "same-origin");
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    default(header::CACHE_CONTROL, "no-store");
    if public_url.is_secure() {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    } else if !public_url.is_loopback() {
        // Browsers do not heed it without TLS, and complain.
        headers.remove(OPENER_POLICY);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(written: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in written {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        forwarded_for(&headers, |address| is_trusted(address, &proxies))
            .map(|address| address.to_string())
    }

    #[test]
    fn the_nearest_untrusted_address_counts() {
        assert_eq!(nearest(&["203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(
            nearest(&["1.2.3.4, 203.0.113.7, 10.0.0.2"]).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(
            nearest(&["1.2.3.4", "203.0.113.7:4711"]).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(
            nearest(&["10.0.0.3, 10.0.0.2"]).as_deref(),
            Some("10.0.0.3")
        );
        assert_eq!(nearest(&["1.2.3.4, unknown"]), None);
        assert_eq!(nearest(&[]), None);
    }

    #[test]
    fn request_ids_cannot_carry_anything_else() {
        assert!(is_request_id("0199-abc_DEF.1:2"));
        for bad in ["", "a b", "a\"b", "é", &"x".repeat(101)] {
            assert!(!is_request_id(bad), "{bad}");
        }
    }
}
