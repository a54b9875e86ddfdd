//! Access tokens: JWTs of minutes that name an account and its session, and never a role.

use accord_domain::ids::{AccountId, SessionId};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::signing_keys::SigningKeys;

const AUDIENCE: &str = "accord-api";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Who a valid access token names. Whether the session still lives is the database's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionCredential {
    pub account_id: AccountId,
    pub session_id: SessionId,
}

/// Makes and checks access tokens.
#[derive(Clone, Debug)]
pub struct AccessTokens {
    keys: SigningKeys,
    issuer: String,
    lifetime: Duration,
}

impl AccessTokens {
    /// `issuer` is the public URL.
    #[must_use]
    pub fn new(keys: SigningKeys, issuer: String, lifetime: Duration) -> Self {
        Self {
            keys,
            issuer,
            lifetime,
        }
    }

    /// How long a token lasts.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A token for that session, from `now` on.
    ///
    /// # Errors
    /// When signing fails inside the library.
    pub fn issue(
        &self,
        credential: SessionCredential,
        now: DateTime<Utc>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let key = self.keys.signing();
        let header = Header {
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: credential.account_id,
            sid: credential.session_id,
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key.secret))
    }

    /// Who the token names, if it is one of ours and has not ended at `now`.
    #[must_use]
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<SessionCredential> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = self.keys.find(header.kid.as_deref()?)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask the machine's clock; the end is compared with `now` below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(
            token,
            &DecodingKey::from_secret(&key.secret),
            &validation,
        )
        .ok()?
        .claims;
        (now.timestamp() < claims.exp).then_some(SessionCredential {
            account_id: claims.sub,
            session_id: claims.sid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use uuid::Uuid;

    fn keys(seeds: &[u8]) -> SigningKeys {
        SigningKeys::new(seeds.iter().map(|seed| vec![*seed; 32])).expect("long enough")
    }

    fn tokens(seeds: &[u8]) -> AccessTokens {
        AccessTokens::new(
            keys(seeds),
            "http://accord.test".into(),
            Duration::minutes(5),
        )
    }

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0)
            .single()
            .expect("a time")
    }

    const WHO: SessionCredential = SessionCredential {
        account_id: AccountId(Uuid::from_u128(1)),
        session_id: SessionId(Uuid::from_u128(2)),
    };

    #[test]
    fn a_token_names_its_session_until_its_end() {
        let token = tokens(&[1]).issue(WHO, noon()).expect("signs");
        assert_eq!(tokens(&[1]).verify(&token, noon()), Some(WHO));
        assert_eq!(
            tokens(&[1]).verify(&token, noon() + Duration::seconds(299)),
            Some(WHO)
        );
        assert_eq!(
            tokens(&[1]).verify(&token, noon() + Duration::seconds(300)),
            None
        );
    }

    #[test]
    fn keys_rotate_without_signing_anybody_out() {
        let old = tokens(&[1]).issue(WHO, noon()).expect("signs");
        assert_eq!(tokens(&[2, 1]).verify(&old, noon()), Some(WHO));
        assert_eq!(tokens(&[2]).verify(&old, noon()), None);
    }

    #[test]
    fn tokens_of_others_are_refused() {
        let valid = tokens(&[1]).issue(WHO, noon()).expect("signs");
        let other_issuer =
            AccessTokens::new(keys(&[1]), "http://other.test".into(), Duration::minutes(5));
        assert_eq!(other_issuer.verify(&valid, noon()), None);

        let mut parts: Vec<String> = valid.split('.').map(str::to_owned).collect();
        parts[2].clear();
        assert_eq!(
            tokens(&[1]).verify(&parts.join("."), noon()),
            None,
            "no signature"
        );
        for garbage in ["", "a.b.c", "....", "acc_123"] {
            assert_eq!(tokens(&[1]).verify(garbage, noon()), None, "{garbage:?}");
        }
    }

    #[test]
    fn no_algorithm_but_ours_is_believed() {
        let key = keys(&[1]);
        let claims = serde_json::json!({
            "iss": "http://accord.test", "aud": AUDIENCE, "sub": WHO.account_id, "sid": WHO.session_id,
            "iat": noon().timestamp(), "exp": noon().timestamp() + 300,
        });
        let header = Header {
            kid: Some(key.signing().id.clone()),
            ..Header::new(Algorithm::HS512)
        };
        let token = jsonwebtoken::encode(
            &header,
            &claims,
            &EncodingKey::from_secret(&key.signing().secret),
        )
        .expect("signs");
        assert_eq!(tokens(&[1]).verify(&token, noon()), None);
    }
}
