//! Finds out whose the token in the header is, before anything else looks at the request, and notes that a
//! token was used.

use accord_service::{Credential, ProgramToken, RequestInfo};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use tracing::Instrument as _;

use crate::caller::{Shown, presented};
use crate::limits::{Kind, network_of};
use crate::problem::ApiError;
use crate::state::App;

/// Wraps the operations of the API.
pub(crate) async fn recognise(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(ApiError::internal("the application has no state").into());
    };
    let shown = match shown(&request, &app).await {
        Ok(shown) => shown,
        Err(refused) => return Ok(request.error_response(refused)),
    };
    if let Err(refused) = count(&request, &app, shown) {
        return Ok(request.error_response(refused));
    }
    request.extensions_mut().insert(shown);
    let answer = next
        .call(request)
        .await
        .map(ServiceResponse::map_into_boxed_body)?;
    if let Shown::Good(credential) = shown
        && answer.status() != StatusCode::UNAUTHORIZED
    {
        note_use(&app, credential);
    }
    Ok(answer)
}

async fn shown(request: &ServiceRequest, app: &App) -> Result<Shown, ApiError> {
    let token = match presented(request.request()) {
        None => return Ok(Shown::Nothing),
        Some(None) => return Ok(Shown::NoGood),
        Some(Some(token)) => token,
    };
    if !ProgramToken::is_meant(token) {
        let session = app.service.verify_access_token(token);
        return Ok(session.map_or(Shown::NoGood, |session| {
            Shown::Good(Credential::Session(session))
        }));
    }
    let Some(token) = ProgramToken::parse(token) else {
        return Ok(Shown::NoGood);
    };
    if let Some(known) = app.service.known_token(&token) {
        return Ok(Shown::Good(known));
    }
    // A token costs a look at the database, which whoever makes some up shall not have for nothing.
    let info = request.extensions().get().cloned().unwrap_or_default();
    app.check_network(Kind::UnknownToken, &info)?;
    let found = app.run(move |service| service.find_token(&token)).await?;
    match found {
        Some(credential) => Ok(Shown::Good(credential)),
        None => {
            app.limit_network(Kind::UnknownToken, &info)?;
            Ok(Shown::NoGood)
        }
    }
}

/// Counts the call, by session or token or, without either, by network.
fn count(request: &ServiceRequest, app: &App, shown: Shown) -> Result<(), ApiError> {
    let now = app.clock.now();
    match shown {
        Shown::Good(Credential::PlatformToken { .. }) => Ok(()),
        Shown::Good(credential) => app
            .limits
            .take(Kind::Api, &credential.id().to_string(), now),
        Shown::Nothing | Shown::NoGood => {
            let info: RequestInfo = request.extensions().get().cloned().unwrap_or_default();
            let network = network_of(&info.network_address);
            app.limits.take(Kind::Anonymous, &network, now)
        }
    }
}

/// Apart from the request, whose answer does not wait for it.
fn note_use(app: &web::Data<App>, credential: Credential) {
    if !app.service.is_use_worth_noting(credential) {
        return;
    }
    let app = app.clone();
    let note = async move {
        if let Err(error) = app.run(move |service| service.note_use(credential)).await {
            tracing::warn!(%error, "the use of a token was not noted");
        }
    };
    tokio::spawn(note.in_current_span());
}
