//! The pages, each in its own folder: views in one file, what can be thought through without a browser
//! in `model`.

pub(crate) mod auth;
mod catalogue;
mod environment;
mod environments;
mod groups;
mod invitation;
mod members;
mod not_found;
mod notifications;
mod policies;
mod preview;
mod profile;
mod roles;
mod shared_with_me;
mod tasks;
mod tokens;
mod unsubscribe;
mod webhooks;
mod why;

pub(crate) use auth::{ForgotPassword, ResetPassword, SignIn, SignInForm, SignUp, VerifyEmail};
pub(crate) use environment::EnvironmentPage;
pub(crate) use environments::{
    EnvironmentDialog, Environments, FirstSteps, Purpose, RemoveEnvironment, SavedEnvironment,
};
pub(crate) use groups::Groups;
pub(crate) use invitation::InvitationPage;
pub(crate) use members::{MemberPage, Members};
pub(crate) use not_found::NotFound;
pub(crate) use notifications::{NotificationPreferences, Notifications};
pub(crate) use policies::Policies;
pub(crate) use profile::Profile;
pub(crate) use roles::Roles;
pub(crate) use shared_with_me::{JoinDialog, SharedWithMe, WaitingInvitations};
pub(crate) use tasks::Tasks;
pub(crate) use tokens::Tokens;
pub(crate) use unsubscribe::Unsubscribe;
pub(crate) use webhooks::{WebhookPage, Webhooks};
pub(crate) use why::{Why, WhyDialog};
