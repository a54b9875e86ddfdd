//! Tokens of the platform, which the operator makes and revokes at the command line.

use accord_domain::ids::PlatformTokenId;
use accord_domain::text::DisplayName;
use accord_domain::token::TokenScopes;
use accord_store::platform_tokens;
use chrono::{DateTime, Utc};

use crate::Service;
use crate::error::{Result, ServiceError};
use crate::security::program_tokens::{ProgramToken, TokenKind};

pub use accord_store::platform_tokens::PlatformToken as PlatformTokenView;

/// A new token, with the secret that is never shown again.
#[derive(Clone, Debug)]
pub struct MadePlatformToken {
    pub token: PlatformTokenView,
    pub secret: ProgramToken,
}

impl Service {
    /// Makes a token that acts for every account.
    ///
    /// # Errors
    /// No scope, or an end that has passed.
    pub fn create_platform_token(
        &self,
        name: &DisplayName,
        scopes: TokenScopes,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<MadePlatformToken> {
        self.db.write(|tx| {
            let now = self.clock.now();
            if scopes.is_empty() {
                return Err(ServiceError::invalid("/scopes", "Name at least one scope."));
            }
            if expires_at.is_some_and(|end| end <= now) {
                return Err(ServiceError::invalid(
                    "/expires_at",
                    "The end has passed already.",
                ));
            }
            let secret = ProgramToken::generate(TokenKind::Platform, &self.randomness);
            let token = PlatformTokenView {
                id: self.randomness.id(now),
                hint: secret.hint(),
                name: name.as_str().to_owned(),
                scopes,
                created_at: now,
                expires_at,
                last_used_at: None,
            };
            platform_tokens::insert(tx, &token, &secret.hash())?;
            Ok(MadePlatformToken { token, secret })
        })
    }

    /// Every platform token, those that have ended included, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_platform_tokens(&self) -> Result<Vec<PlatformTokenView>> {
        self.db.read(|tx| Ok(platform_tokens::list(tx)?))
    }

    /// Revokes a platform token: it is refused from the next call on.
    ///
    /// # Errors
    /// Hidden when there is no such token.
    pub fn revoke_platform_token(&self, id: PlatformTokenId) -> Result<()> {
        self.db.write(|tx| {
            if platform_tokens::delete(tx, id)? {
                Ok(())
            } else {
                Err(ServiceError::HIDDEN)
            }
        })
    }
}
