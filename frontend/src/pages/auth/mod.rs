//! Getting in: signing up and in, and the links that come by mail.

pub(crate) mod model;
mod password;
mod sign_in;
mod sign_up;
mod verify_email;

pub(crate) use password::{ForgotPassword, ResetPassword};
pub(crate) use sign_in::{SignIn, SignInForm};
pub(crate) use sign_up::SignUp;
pub(crate) use verify_email::VerifyEmail;
