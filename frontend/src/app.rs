//! The places of the dashboard and what stands around them.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::path;

use crate::components::{Clock, Sprite, ThemeChoice, ToastRegion, Toasts};
use crate::layout::{AppShell, Guest, Hosting, SettingsLayout};
use crate::pages::{
    EnvironmentPage, Environments, ForgotPassword, Groups, InvitationPage, MemberPage, Members,
    NotFound, Policies, Profile, ResetPassword, Roles, SharedWithMe, SignIn, SignUp, VerifyEmail,
};
use crate::session::Session;

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
                <Route path=path!("/sign-up") view=|| view! { <Guest><SignUp/></Guest> }/>
                <Route path=path!("/forgot-password") view=ForgotPassword/>
                <Route path=path!("/reset-password/:token") view=ResetPassword/>
                <Route path=path!("/verify-email/:token") view=VerifyEmail/>
                <Route path=path!("/invitations/:token") view=InvitationPage/>
                <ParentRoute path=path!("") view=AppShell>
                    <Route path=path!("/") view=|| view! { <Redirect path="/environments"/> }/>
                    <Route path=path!("/environments") view=Environments/>
                    <Route path=path!("/environments/:owner_id/:environment_id") view=EnvironmentPage/>
                    <Route path=path!("/groups") view=|| view! { <Hosting title="Environment groups"><Groups/></Hosting> }/>
                    <ParentRoute path=path!("/settings") view=SettingsLayout>
                        <Route path=path!("") view=|| view! { <Redirect path="/settings/members"/> }/>
                        <Route path=path!("/members") view=|| view! { <Hosting title="Members"><Members/></Hosting> }/>
                        <Route path=path!("/members/:member_id") view=|| view! { <Hosting title="Member"><MemberPage/></Hosting> }/>
                        <Route path=path!("/roles") view=|| view! { <Hosting title="Roles"><Roles/></Hosting> }/>
                        <Route path=path!("/policies") view=|| view! { <Hosting title="Policies"><Policies/></Hosting> }/>
                        <Route path=path!("/shared-with-me") view=SharedWithMe/>
                        <Route path=path!("/profile") view=Profile/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}
