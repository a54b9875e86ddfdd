//! The scopes of tokens as types, for handlers to say which one they need.

use accord_domain::token::TokenScope;

/// What a token must be good for.
pub(crate) trait RequiredScope: std::fmt::Debug + 'static {
    const SCOPE: TokenScope;
}

macro_rules! scopes {
    ($($scope:ident),+ $(,)?) => {$(
        #[derive(Debug)]
        pub(crate) struct $scope;

        impl RequiredScope for $scope {
            const SCOPE: TokenScope = TokenScope::$scope;
        }
    )+};
}

scopes! { Read, Members, Roles, Environments, Checks, Alerts, Webhooks }
