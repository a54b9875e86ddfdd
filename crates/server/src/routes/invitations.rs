use accord_api_types::{
    AcceptInvitation, AcceptedInvitation, ErrorCode, Invitation, InvitationOffer, InvitationState,
};
use accord_domain::password::check_password_length;
use accord_domain::text::DisplayName;
use accord_service::{InvitationView, NewAccountChoice, SecretToken};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::collaborations::{collaboration, shared_item};
use super::{State, no_content, ok};
use crate::caller::{Anybody, MaybeSignedIn, session_cookies};
use crate::convert::{Fields, invitation_state, summary};
use crate::extract::{Ids, NoBody, OptionalJson};
use crate::limits::Kind;
use crate::problem::Answer;

/// A link in an invitation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TokenPath {
    /// The secret at the end of the link.
    token: String,
}

impl TokenPath {
    fn secret(&self) -> SecretToken {
        SecretToken::presented(&self.token)
    }
}

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_invitation)
        .service(note_invitation_opened)
        .service(accept_invitation)
        .service(reject_invitation);
}

fn invitation(view: &InvitationView) -> Invitation {
    Invitation {
        state: invitation_state(view.state),
        offer: view.offer.as_ref().map(|offer| InvitationOffer {
            owner: summary(offer.owner.id, &offer.owner.name, &offer.owner.email),
            email: offer.email.clone(),
            display_name: offer.display_name.clone(),
            expires_at: offer.expires_at,
            shares: offer
                .shares
                .iter()
                .map(|described| shared_item(described, offer.now))
                .collect(),
            account_exists: offer.account_exists,
        }),
    }
}

/// What an invitation link leads to
///
/// Who invites, to what, and until when, while it is open; otherwise what became of it. Looking
/// changes nothing, for mail scanners open everything.
#[utoipa::path(
    operation_id = "get_invitation",
    tag = "invitations",
    params(TokenPath),
    responses((status = 200, description = "The invitation.", body = Invitation)),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[get("/invitations/{token}")]
async fn get_invitation(state: State, caller: Anybody, path: Ids<TokenPath>) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let token = path.0.secret();
    let view = state
        .run(move |service| service.get_invitation(&token))
        .await?;
    Ok(ok(&invitation(&view)))
}

/// Note that a person opened an invitation
///
/// Sent when somebody acts on the page, which a mail scanner does not.
#[utoipa::path(
    operation_id = "note_invitation_opened",
    tag = "invitations",
    params(TokenPath),
    responses((status = 204, description = "Noted.")),
    extensions(("x-problem-codes" = json!([ErrorCode::RateLimited]))),
)]
#[post("/invitations/{token}/opened")]
async fn note_invitation_opened(
    state: State,
    caller: Anybody,
    path: Ids<TokenPath>,
    _body: NoBody,
) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let token = path.0.secret();
    state
        .run(move |service| service.invitation_opened(&token))
        .await?;
    Ok(no_content())
}

/// Accept by the link
///
/// Signed in with the invited address: without a body. Where the address has no account: with a
/// password, which makes one of kind `member` and signs it in; the refresh cookie is set. Where it has
/// one and nobody is signed in: 401.
#[utoipa::path(
    operation_id = "accept_invitation",
    tag = "invitations",
    security((), ("bearer" = [])),
    params(TokenPath),
    request_body(content = Option<AcceptInvitation>, description = "A password, where the address has no account."),
    responses((status = 200, description = "The collaboration that was joined.", body = AcceptedInvitation)),
    extensions(("x-problem-codes" = json!([
        ErrorCode::InvitationNotOpen, ErrorCode::WrongAccount, ErrorCode::AccountExists, ErrorCode::OwnAccount,
        ErrorCode::EmailNotVerified, ErrorCode::RateLimited
    ]))),
)]
#[post("/invitations/{token}/accept")]
async fn accept_invitation(
    state: State,
    caller: MaybeSignedIn,
    path: Ids<TokenPath>,
    OptionalJson(body): OptionalJson<AcceptInvitation>,
) -> Answer {
    state.limit_network(Kind::Link, &caller.request)?;
    let token = path.0.secret();
    let mut fields = Fields::default();
    let password = fields.take_optional("/password", body.password, |password| {
        check_password_length(&password).map(|()| password)
    });
    let name = fields.take_optional("/name", body.name, |name| DisplayName::parse(&name));
    let choice = fields.finish(
        password
            .zip(name)
            .map(|(password, name)| NewAccountChoice { password, name }),
    )?;
    let accepted = state
        .run_hashing(move |service| {
            service.accept_invitation(caller.call().as_ref(), &caller.request, &token, &choice)
        })
        .await?;
    let signed_in = accepted.signed_in.as_ref();
    let mut answer = HttpResponse::Ok();
    if let Some(view) = signed_in {
        let secure = state.public_url.is_secure();
        for cookie in session_cookies(&view.refresh_token, view.refresh_token_lifetime, secure) {
            answer.cookie(cookie);
        }
    }
    Ok(answer.json(AcceptedInvitation {
        collaboration: collaboration(&accepted.collaboration),
        access_token: signed_in.map(|view| view.access_token.clone()),
        expires_in: signed_in.map(|view| view.access_token_lifetime.num_seconds().unsigned_abs()),
    }))
}

/// Reject by the link
///
/// The link alone is enough. The owner hears of it; an account is not made.
#[utoipa::path(
    operation_id = "reject_invitation",
    tag = "invitations",
    params(TokenPath),
    responses((status = 200, description = "What became of the invitation.", body = Invitation)),
    extensions(("x-problem-codes" = json!([ErrorCode::InvitationNotOpen, ErrorCode::RateLimited]))),
)]
#[post("/invitations/{token}/reject")]
async fn reject_invitation(
    state: State,
    caller: Anybody,
    path: Ids<TokenPath>,
    _body: NoBody,
) -> Answer {
    state.limit_network(Kind::Link, &caller.0)?;
    let token = path.0.secret();
    state
        .run(move |service| service.reject_invitation(&caller.0, &token))
        .await?;
    Ok(ok(&Invitation {
        state: InvitationState::Rejected,
        offer: None,
    }))
}
