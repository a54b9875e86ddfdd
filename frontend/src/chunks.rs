//! Pages whose code arrives when one of them is first opened, so that what everybody sees first is not
//! held up by what few need. Each function here becomes a file of its own.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::components::{
    Button, ButtonKind, Icon, PageHeader, Skeleton, SkeletonView, focus_awaited_heading,
};
use crate::layout::{CardPage, Hosting, Splash};
use crate::pages::{
    EnvironmentPage, ForgotPassword, Groups, InvitationPage, MemberPage, Members,
    NotificationPreferences, Notifications, Policies, Profile, ResetPassword, Roles, SharedWithMe,
    SignUp, Tasks, Unsubscribe, VerifyEmail,
};

type Arrived = Result<AnyView, SplitLoaderError>;
type Arriving = Pin<Box<dyn Future<Output = Arrived>>>;

/// Pages for people who are not signed in, but for signing in itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GuestPage {
    SignUp,
    ForgotPassword,
    ResetPassword,
    VerifyEmail,
    Invitation,
    Unsubscribe,
}

#[wasm_split(guest, wasm_split_path = ::leptos::wasm_split, fallible)]
fn guest(page: GuestPage) -> Arrived {
    Ok(match page {
        GuestPage::SignUp => view! { <SignUp/> }.into_any(),
        GuestPage::ForgotPassword => view! { <ForgotPassword/> }.into_any(),
        GuestPage::ResetPassword => view! { <ResetPassword/> }.into_any(),
        GuestPage::VerifyEmail => view! { <VerifyEmail/> }.into_any(),
        GuestPage::Invitation => view! { <InvitationPage/> }.into_any(),
        GuestPage::Unsubscribe => view! { <Unsubscribe/> }.into_any(),
    })
}

/// Pages about what an account shares.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HostingPage {
    Members,
    Member,
    Roles,
    Policies,
    Groups,
}

#[wasm_split(hosting, wasm_split_path = ::leptos::wasm_split, fallible)]
fn hosting(page: HostingPage) -> Arrived {
    Ok(match page {
        HostingPage::Members => view! { <Hosting title="Members"><Members/></Hosting> }.into_any(),
        HostingPage::Member => view! { <Hosting title="Member"><MemberPage/></Hosting> }.into_any(),
        HostingPage::Roles => view! { <Hosting title="Roles"><Roles/></Hosting> }.into_any(),
        HostingPage::Policies => {
            view! { <Hosting title="Policies"><Policies/></Hosting> }.into_any()
        }
        HostingPage::Groups => {
            view! { <Hosting title="Environment groups"><Groups/></Hosting> }.into_any()
        }
    })
}

/// Pages of everybody who is signed in, behind the first one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OwnPage {
    Environment,
    SharedWithMe,
    Profile,
    Tasks,
    Notifications,
    NotificationPreferences,
}

#[wasm_split(own, wasm_split_path = ::leptos::wasm_split, fallible)]
fn own(page: OwnPage) -> Arrived {
    Ok(match page {
        OwnPage::Environment => view! { <EnvironmentPage/> }.into_any(),
        OwnPage::SharedWithMe => view! { <SharedWithMe/> }.into_any(),
        OwnPage::Profile => view! { <Profile/> }.into_any(),
        OwnPage::Tasks => view! { <Tasks/> }.into_any(),
        OwnPage::Notifications => view! { <Notifications/> }.into_any(),
        OwnPage::NotificationPreferences => view! { <NotificationPreferences/> }.into_any(),
    })
}

impl GuestPage {
    pub(crate) fn view(self) -> AnyView {
        later(Around::Nothing, Box::new(move || Box::pin(guest(self))))
    }
}

impl HostingPage {
    pub(crate) fn view(self) -> AnyView {
        later(Around::Shell, Box::new(move || Box::pin(hosting(self))))
    }
}

impl OwnPage {
    pub(crate) fn view(self) -> AnyView {
        later(Around::Shell, Box::new(move || Box::pin(own(self))))
    }
}

/// What is on the screen already, around the page.
#[derive(Clone, Copy, Debug)]
enum Around {
    Nothing,
    Shell,
}

impl Around {
    fn waiting(self) -> AnyView {
        match self {
            Self::Nothing => view! { <Splash/> }.into_any(),
            Self::Shell => view! { <SkeletonView shape=Skeleton::Rows(6)/> }.into_any(),
        }
    }

    fn failed(self, again: Callback<()>) -> AnyView {
        let title = "This page could not be loaded";
        let advice = "Try again. If that does not help, reload: there may be a newer version of the dashboard.";
        let button = move || {
            view! {
                <Button kind=ButtonKind::Primary icon=Icon::RefreshCw on_press=again>"Try again"</Button>
            }
        };
        match self {
            Self::Nothing => {
                view! { <CardPage title=title lead=Some(advice.to_owned())>{button()}</CardPage> }
                    .into_any()
            }
            Self::Shell => view! {
                <PageHeader title=title/>
                <p>{advice}</p>
                {button()}
            }
            .into_any(),
        }
    }
}

/// A page once its code is there; until then a skeleton, and a way to try again if it does not come.
fn later(around: Around, ask: Box<dyn Fn() -> Arriving>) -> AnyView {
    let page = RwSignal::new_local(None::<AnyView>);
    let failed = RwSignal::new(false);
    let turn = RwSignal::new(0u32);
    Effect::new(move |_| {
        turn.track();
        failed.set(false);
        // The page is made in here, so that it ends when the place that asked for it does.
        spawn_local(ScopedFuture::new({
            let arriving = ask();
            async move {
                match arriving.await {
                    Ok(view) => {
                        page.try_set(Some(view));
                        focus_awaited_heading();
                    }
                    Err(_) => {
                        failed.try_set(true);
                    }
                }
            }
        }));
    });
    let again = Callback::new(move |()| turn.update(|turn| *turn = turn.wrapping_add(1)));
    let shown = move || {
        page.track();
        let arrived = page.try_update_untracked(Option::take).flatten();
        match arrived {
            Some(view) => view,
            None if failed.get() => around.failed(again),
            None => around.waiting(),
        }
    };
    shown.into_any()
}
