//! Tokens by which an account's programs call. Only its person, signed in, makes and revokes them.

use accord_domain::authorize::Denied;
use accord_domain::ids::ApiTokenId;
use accord_domain::text::DisplayName;
use accord_domain::token::{MOST_API_TOKENS, TokenScopes};
use accord_mail::Message;
use accord_store::{Page, Rows, accounts, api_tokens, platform_tokens};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::Service;
use crate::call::{Call, Credential, Person};
use crate::error::{Result, ServiceError};
use crate::paging::{moment_key, page_of};
use crate::security::program_tokens::{ProgramToken, TokenKind};
use crate::tasks::Happening;

pub use accord_store::api_tokens::ApiToken as ApiTokenView;

/// What a list of tokens is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiTokenSort {
    #[default]
    CreatedAt,
    Name,
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateApiToken {
    pub name: DisplayName,
    pub scopes: TokenScopes,
    /// From when on it is refused; none is never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new token, with the secret that is never shown again.
#[derive(Clone, Debug)]
pub struct MadeApiToken {
    pub token: ApiTokenView,
    pub secret: ProgramToken,
}

impl Service {
    /// A page of the caller's tokens, those that have ended included.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_api_tokens(
        &self,
        call: &Call,
        sort: ApiTokenSort,
        page: &Page,
    ) -> Result<Rows<ApiTokenView>> {
        self.db.read(|tx| {
            let person = Person::of(tx, call, self.clock.now())?;
            let tokens = api_tokens::list(tx, person.account.id)?;
            Ok(page_of(tokens, page, |token| {
                let key = match sort {
                    ApiTokenSort::CreatedAt => moment_key(token.created_at),
                    ApiTokenSort::Name => accord_domain::text::key_of(&token.name),
                };
                (key, token.id.into())
            }))
        })
    }

    /// One of the caller's tokens.
    ///
    /// # Errors
    /// Hidden when the caller has no such token.
    pub fn get_api_token(&self, call: &Call, id: ApiTokenId) -> Result<ApiTokenView> {
        self.db.read(|tx| {
            let person = Person::of(tx, call, self.clock.now())?;
            api_tokens::with_account(tx, id)?
                .map(|(token, _)| token)
                .filter(|token| token.account_id == person.account.id)
                .ok_or(ServiceError::HIDDEN)
        })
    }

    /// Makes a token for the caller's programs, and tells the caller by mail that there is one.
    ///
    /// # Errors
    /// An address that is not proven, no scope, an end that has passed, [`ServiceError::TooManyTokens`].
    pub fn create_api_token(&self, call: &Call, command: &CreateApiToken) -> Result<MadeApiToken> {
        let made = self.db.write(|tx| {
            let now = self.clock.now();
            let own = call.account_id(tx, now)?;
            // Two at once must not both be the last.
            accounts::lock(tx, own)?;
            let person = Person::of(tx, call, now)?;
            let account = &person.account;
            if account.email_verified_at.is_none() {
                return Err(Denied::EmailUnverified.into());
            }
            if command.scopes.is_empty() {
                return Err(ServiceError::invalid(
                    "/scopes",
                    "A token is good for something: choose at least one scope.",
                ));
            }
            if command.expires_at.is_some_and(|end| end <= now) {
                return Err(ServiceError::invalid(
                    "/expires_at",
                    "This has passed already.",
                ));
            }
            if api_tokens::list(tx, account.id)?.len() >= MOST_API_TOKENS {
                return Err(ServiceError::TooManyTokens);
            }
            let secret = ProgramToken::generate(TokenKind::Api, &self.randomness);
            let token = ApiTokenView {
                id: self.randomness.id(now),
                account_id: account.id,
                hint: secret.hint(),
                name: command.name.as_str().to_owned(),
                scopes: command.scopes,
                created_at: now,
                expires_at: command.expires_at,
                last_used_at: None,
            };
            api_tokens::insert(tx, &token, &secret.hash())?;
            let happening = Happening::new("token.create")
                .item("token", token.id, &token.name)
                .after(facts(&token));
            let actor = person.actor(&call.request);
            self.record(tx, account.id, actor, happening, now)?;
            let message = Message::ApiTokenMade {
                name: account.name.clone(),
                token_name: token.name.clone(),
                scopes: token.scopes.to_string(),
            };
            self.queue_mail_to_account(tx, account, &message, None, now)?;
            Ok(MadeApiToken { token, secret })
        })?;
        self.wake_mail_worker();
        Ok(made)
    }

    /// Revokes one of the caller's tokens: it is refused from the next call on.
    ///
    /// # Errors
    /// Hidden when the caller has no such token.
    pub fn revoke_api_token(&self, call: &Call, id: ApiTokenId) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            let token =
                api_tokens::delete(tx, person.account.id, id)?.ok_or(ServiceError::HIDDEN)?;
            let happening = Happening::new("token.revoke")
                .item("token", token.id, &token.name)
                .before(facts(&token));
            let actor = person.actor(&call.request);
            self.record(tx, person.account.id, actor, happening, now)
        })
    }

    /// Whose a token is, if that is remembered from a call before.
    #[must_use]
    pub fn known_token(&self, token: &ProgramToken) -> Option<Credential> {
        self.token_memory.whose(token)
    }

    /// Whose a token is, if there is such a token. Whether it counts is looked at in each call.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find_token(&self, token: &ProgramToken) -> Result<Option<Credential>> {
        let hash = token.hash();
        let found = self.db.read(|tx| {
            Ok::<_, ServiceError>(match token.kind() {
                TokenKind::Api => api_tokens::by_hash(tx, &hash)?.map(|(token_id, account_id)| {
                    Credential::ApiToken {
                        account_id,
                        token_id,
                    }
                }),
                TokenKind::Platform => platform_tokens::by_hash(tx, &hash)?
                    .map(|token_id| Credential::PlatformToken { token_id }),
            })
        })?;
        if let Some(credential) = found {
            self.token_memory.remember(token, credential);
        }
        Ok(found)
    }

    /// Whether this use of a credential is to be noted by [`Service::note_use`]: a token's, once a minute.
    #[must_use]
    pub fn is_use_worth_noting(&self, credential: Credential) -> bool {
        match credential {
            Credential::Session(_) => false,
            Credential::ApiToken { .. } | Credential::PlatformToken { .. } => self
                .token_memory
                .is_worth_noting(credential.id(), self.clock.now()),
        }
    }

    /// Notes that a token was used just now. In a transaction of its own, so that what reads need not wait
    /// for it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn note_use(&self, credential: Credential) -> Result<()> {
        let now = self.clock.now();
        self.db.write(|tx| {
            match credential {
                Credential::Session(_) => {}
                Credential::ApiToken { token_id, .. } => api_tokens::note_use(tx, token_id, now)?,
                Credential::PlatformToken { token_id } => {
                    platform_tokens::note_use(tx, token_id, now)?;
                }
            }
            Ok(())
        })
    }
}

fn facts(token: &ApiTokenView) -> Value {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    json!({ "name": token.name, "scopes": scopes, "expires_at": token.expires_at })
}
