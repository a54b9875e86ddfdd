//! The places of the dashboard and what stands around them.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{NavigateOptions, path};

use crate::chunks::{GuestPage, HostingPage, OwnPage, ProgramPage};
use crate::components::{Clock, Sprite, ThemeChoice, ToastRegion, Toasts};
use crate::layout::{AppShell, Guest, SettingsLayout};
use crate::pages::{Environments, NotFound, SignIn};
use crate::session::Session;

/// A place that only leads on is none to come back to.
fn in_place() -> NavigateOptions {
    NavigateOptions {
        replace: true,
        ..NavigateOptions::default()
    }
}

/// The whole dashboard.
#[component]
pub(crate) fn App() -> impl IntoView {
    Toasts::start();
    Clock::start();
    ThemeChoice::start();
    Session::start();
    view! {
        <Sprite/>
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=|| view! { <Guest><SignIn/></Guest> }/>
                <Route path=path!("/sign-up") view=|| view! { <Guest>{GuestPage::SignUp.view()}</Guest> }/>
                <Route path=path!("/forgot-password") view=|| GuestPage::ForgotPassword.view()/>
                <Route path=path!("/reset-password/:token") view=|| GuestPage::ResetPassword.view()/>
                <Route path=path!("/verify-email/:token") view=|| GuestPage::VerifyEmail.view()/>
                <Route path=path!("/invitations/:token") view=|| GuestPage::Invitation.view()/>
                <Route path=path!("/unsubscribe/:token") view=|| GuestPage::Unsubscribe.view()/>
                <ParentRoute path=path!("") view=AppShell>
                    <Route path=path!("/") view=|| view! { <Redirect path="/environments" options=in_place()/> }/>
                    <Route path=path!("/environments") view=Environments/>
                    <Route path=path!("/environments/:owner_id/:environment_id") view=|| OwnPage::Environment.view()/>
                    <Route path=path!("/groups") view=|| HostingPage::Groups.view()/>
                    <Route path=path!("/tasks") view=|| OwnPage::Tasks.view()/>
                    <Route path=path!("/notifications") view=|| OwnPage::Notifications.view()/>
                    <ParentRoute path=path!("/settings") view=SettingsLayout>
                        <Route path=path!("") view=|| view! { <Redirect path="/settings/members" options=in_place()/> }/>
                        <Route path=path!("/members") view=|| HostingPage::Members.view()/>
                        <Route path=path!("/members/:member_id") view=|| HostingPage::Member.view()/>
                        <Route path=path!("/roles") view=|| HostingPage::Roles.view()/>
                        <Route path=path!("/policies") view=|| HostingPage::Policies.view()/>
                        <Route path=path!("/shared-with-me") view=|| OwnPage::SharedWithMe.view()/>
                        <Route path=path!("/profile") view=|| OwnPage::Profile.view()/>
                        <Route path=path!("/notifications") view=|| OwnPage::NotificationPreferences.view()/>
                        <Route path=path!("/tokens") view=|| ProgramPage::Tokens.view()/>
                        <Route path=path!("/webhooks") view=|| ProgramPage::Webhooks.view()/>
                        <Route path=path!("/webhooks/:webhook_id") view=|| ProgramPage::Webhook.view()/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}
