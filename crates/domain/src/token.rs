//! Tokens of programs: what they may be good for, and how many an account has.

use std::fmt;
use std::str::FromStr;

/// Most tokens that an account has at a time, ended ones that are still listed included.
pub const MOST_API_TOKENS: usize = 50;

macro_rules! token_scopes {
    ($($(#[$doc:meta])* $scope:ident = $word:literal),+ $(,)?) => {
        /// Something that a token may be good for. What manages the account itself (its address, password,
        /// sessions and tokens, its end) and what a person decides about invitations is in none of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TokenScope {
            $($(#[$doc])* $scope),+
        }

        impl TokenScope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$scope),+];

            /// The scope as it travels.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$scope => $word),+
                }
            }
        }
    };
}

token_scopes! {
    /// Reading all that its account sees: its own things, what is shared with it, and both records.
    Read = "read",
    /// Members: inviting, their shares, their state, and who has access to an environment.
    Members = "members",
    /// Roles and policies.
    Roles = "roles",
    /// Environments and groups.
    Environments = "environments",
    /// Asking whether somebody may do something.
    Checks = "checks",
    /// Posting load alerts.
    Alerts = "alerts",
    /// Webhooks.
    Webhooks = "webhooks",
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope")]
pub struct UnknownScope(pub String);

impl FromStr for TokenScope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == word)
            .ok_or_else(|| UnknownScope(word.to_owned()))
    }
}

/// A set of scopes, each once, in one order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TokenScopes(u16);

impl TokenScopes {
    /// Whether this scope is among them.
    pub const fn contains(self, scope: TokenScope) -> bool {
        self.0 & (1 << scope as u16) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = TokenScope> {
        TokenScope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<TokenScope> for TokenScopes {
    fn from_iter<I: IntoIterator<Item = TokenScope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |set, scope| set | (1 << scope as u16)),
        )
    }
}

impl fmt::Debug for TokenScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenScopes({self})")
    }
}

/// Words with a space between them.
impl fmt::Display for TokenScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// Words with spaces or commas between them.
impl FromStr for TokenScopes {
    type Err = UnknownScope;

    fn from_str(words: &str) -> Result<Self, UnknownScope> {
        words
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .map(str::parse)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_travel_as_words() {
        let some: TokenScopes = "alerts, read read".parse().expect("scopes");
        assert_eq!(some.to_string(), "read alerts");
        assert_eq!(some, "read alerts".parse().expect("scopes"));
        assert!(some.contains(TokenScope::Read) && !some.contains(TokenScope::Members));
        assert!(TokenScopes::default().is_empty() && !some.is_empty());
        let unknown = "read,everything".parse::<TokenScopes>();
        assert_eq!(unknown, Err(UnknownScope("everything".into())));
        let all: TokenScopes = TokenScope::ALL.iter().copied().collect();
        assert_eq!(all.iter().count(), TokenScope::ALL.len());
    }
}
