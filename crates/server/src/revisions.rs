//! The revision that a write counted an account up to, in the header of its answer: who checks afterwards can
//! ask to be answered from no older one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use accord_domain::ids::AccountId;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// The header.
pub(crate) const ACCORD_REVISION: HeaderName = HeaderName::from_static("accord-revision");

tokio::task_local! {
    static WRITTEN: RefCell<BTreeMap<AccountId, i64>>;
}

/// Notes what a use case wrote, for the answer of the request that is being served.
pub(crate) fn note(written: BTreeMap<AccountId, i64>) {
    // Outside of a request there is no answer to tell it.
    let _ = WRITTEN.try_with(|all| all.borrow_mut().extend(written));
}

/// Wraps the operations of the API.
pub(crate) async fn tell(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    WRITTEN
        .scope(RefCell::default(), async {
            let mut response = next.call(request).await?;
            let written = WRITTEN.with(RefCell::take);
            // Of several accounts, a revision of one would mislead about the others.
            let mut revisions = written.into_values();
            if let (Some(revision), None) = (revisions.next(), revisions.next()) {
                response
                    .headers_mut()
                    .insert(ACCORD_REVISION, HeaderValue::from(revision));
            }
            Ok(response)
        })
        .await
}
