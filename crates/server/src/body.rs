//! Takes the whole body of a request before anything else looks at it: bounded in size and time.
//!
//! A body that is too large is read to its end and thrown away, as far as that is bearable: a
//! client that still writes would see its connection break instead of the answer.

use std::time::Duration;

use accord_api_types::ErrorCode;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{Error, HttpMessage as _};
use futures_util::StreamExt as _;

use crate::problem::ApiError;

/// The most that any operation takes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// The most that is read of a body that is too large.
const MOST_DISCARDED: usize = 64 * 1024 * 1024;
/// The longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body, for the extractors.
#[derive(Clone, Debug)]
pub(crate) struct WholeBody(pub(crate) Bytes);

enum Arrival {
    Whole(Bytes),
    TooLarge,
    Broken(&'static str),
}

/// Wraps the operations of the API.
pub(crate) async fn gather(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut payload = request.take_payload();
    let arrival = tokio::time::timeout(PATIENCE, arrive(&mut payload))
        .await
        .unwrap_or(Arrival::Broken("The body did not arrive in time."));
    let refused = match arrival {
        Arrival::Whole(bytes) => {
            request.extensions_mut().insert(WholeBody(bytes));
            return next
                .call(request)
                .await
                .map(ServiceResponse::map_into_boxed_body);
        }
        Arrival::TooLarge => ApiError::with_detail(
            ErrorCode::BodyTooLarge,
            format!("A body has at most {} KiB.", MOST_BYTES / 1024),
        ),
        Arrival::Broken(detail) => ApiError::with_detail(ErrorCode::MalformedBody, detail),
    };
    let mut response = request.error_response(refused);
    // What may still come belongs to no request.
    response.headers_mut().insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    Ok(response)
}

async fn arrive(payload: &mut Payload) -> Arrival {
    let mut body = BytesMut::new();
    let mut total = 0_usize;
    while let Some(chunk) = payload.next().await {
        let Ok(chunk) = chunk else {
            return Arrival::Broken("The body broke off.");
        };
        total += chunk.len();
        if total <= MOST_BYTES {
            body.extend_from_slice(&chunk);
        } else if total > MOST_DISCARDED {
            return Arrival::TooLarge;
        } else {
            body = BytesMut::new();
        }
    }
    if total > MOST_BYTES {
        Arrival::TooLarge
    } else {
        Arrival::Whole(body.freeze())
    }
}
