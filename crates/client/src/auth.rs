use accord_api_types::{ForgotPassword, ResetPassword, SignIn, SignUp, SignedIn, VerifyEmail};

use crate::session::TokenListener;
use crate::tabs::turn_to_refresh;
use crate::{Client, Result};

impl Client {
    /// The access token, while signed in.
    #[must_use]
    pub fn access_token(&self) -> Option<String> {
        self.session.token()
    }

    /// Uses this access token from now on, or none.
    pub fn set_access_token(&self, token: Option<String>) {
        self.session.set_token(token);
    }

    /// Whether there is an access token; the server has the last word on whether it still holds.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.session.token().is_some()
    }

    /// Makes an account and signs in.
    pub async fn sign_up(&self, body: &SignUp) -> Result<SignedIn> {
        let signed_in = self
            .post(&["auth", "sign-up"])
            .anonymous()
            .body(body)
            .read()
            .await?;
        Ok(self.signed_in(signed_in))
    }

    /// Signs in with an address and a password.
    pub async fn sign_in(&self, body: &SignIn) -> Result<SignedIn> {
        let signed_in = self
            .post(&["auth", "sign-in"])
            .anonymous()
            .body(body)
            .read()
            .await?;
        Ok(self.signed_in(signed_in))
    }

    /// Signs in again by the refresh cookie: when the dashboard is opened, or before the token ends.
    pub async fn refresh(&self) -> Result<SignedIn> {
        let _refreshing = self.session.refreshing.lock().await;
        let _turn = turn_to_refresh().await;
        self.ask_for_refresh().await
    }

    /// Tells `tell` of each access token that refreshing brings from now on, or nobody: other tabs of the
    /// same person need not refresh then. There is one to be told.
    pub fn tell_of_refreshes(&self, tell: Option<TokenListener>) {
        self.session.tell_of_refreshes(tell);
    }

    /// Takes over the access token that another tab got for the same person. Where nobody is signed in, it
    /// stays so.
    pub fn take_over(&self, token: &str) {
        self.session.take_over(token);
    }

    /// Ends the session. The token is forgotten even if the server cannot be told.
    pub async fn sign_out(&self) -> Result<()> {
        let outcome = self.post(&["auth", "sign-out"]).done().await;
        self.session.set_token(None);
        outcome
    }

    /// Asks for a mail that lets the person choose a new password.
    pub async fn forgot_password(&self, body: &ForgotPassword) -> Result<()> {
        self.post(&["auth", "password", "forgot"])
            .anonymous()
            .body(body)
            .done()
            .await
    }

    /// Chooses a new password by the link in that mail.
    pub async fn reset_password(&self, body: &ResetPassword) -> Result<()> {
        self.post(&["auth", "password", "reset"])
            .anonymous()
            .body(body)
            .done()
            .await
    }

    /// Proves an address by the link in the mail.
    pub async fn verify_email(&self, body: &VerifyEmail) -> Result<()> {
        self.post(&["auth", "email", "verify"])
            .anonymous()
            .body(body)
            .done()
            .await
    }

    /// Asks for another verification mail.
    pub async fn resend_verification(&self) -> Result<()> {
        self.post(&["auth", "email", "resend"]).done().await
    }

    fn signed_in(&self, signed_in: SignedIn) -> SignedIn {
        self.session.set_token(Some(signed_in.access_token.clone()));
        signed_in
    }
}
