//! Pages and parts of pages whose code arrives when one of them is first needed, so that what everybody sees first is not
//! held up by what few need. Each function here becomes a file of its own.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use accord_api_types::{Collaboration, Environment};

use crate::components::{
    Button, ButtonKind, Icon, Notice, PageHeader, Skeleton, SkeletonView, Tone,
    focus_awaited_heading,
};
use crate::layout::{CardPage, Hosting, Splash};
use crate::pages::{
    EnvironmentDialog, EnvironmentPage, FirstSteps, ForgotPassword, Groups, InvitationPage,
    JoinDialog, MemberPage, Members, NotificationPreferences, Notifications, Policies, Profile,
    Purpose, RemoveEnvironment, ResetPassword, Roles, SavedEnvironment, SharedWithMe, SignUp,
    Tasks, Tokens, Unsubscribe, VerifyEmail, WebhookPage, Webhooks, Why, WhyDialog,
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

/// Pages about the programs that call for an account or hear of what happens on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ProgramPage {
    Tokens,
    Webhooks,
    Webhook,
}

#[wasm_split(programs, wasm_split_path = ::leptos::wasm_split, fallible)]
fn programs(page: ProgramPage) -> Arrived {
    Ok(match page {
        ProgramPage::Tokens => view! { <Tokens/> }.into_any(),
        ProgramPage::Webhooks => {
            view! { <Hosting title="Webhooks"><Webhooks/></Hosting> }.into_any()
        }
        ProgramPage::Webhook => {
            view! { <Hosting title="Webhook"><WebhookPage/></Hosting> }.into_any()
        }
    })
}

/// What belongs to pages of the first chunk, and is not needed to begin with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    FirstSteps {
        on_create: Callback<()>,
        changed: RwSignal<u32>,
    },
    EnvironmentForm {
        open: RwSignal<bool>,
        purpose: RwSignal<Purpose>,
        on_saved: Callback<SavedEnvironment>,
    },
    RemoveEnvironment {
        open: RwSignal<bool>,
        environment: RwSignal<Option<Environment>>,
        on_removed: Callback<()>,
    },
    Join {
        open: RwSignal<bool>,
        waiting: RwSignal<Vec<Collaboration>>,
    },
}

#[wasm_split(parts, wasm_split_path = ::leptos::wasm_split, fallible)]
fn parts(part: Part) -> Arrived {
    Ok(match part {
        Part::FirstSteps { on_create, changed } => {
            view! { <FirstSteps on_create=on_create changed=changed/> }.into_any()
        }
        Part::EnvironmentForm {
            open,
            purpose,
            on_saved,
        } => view! { <EnvironmentDialog open=open purpose=purpose on_saved=on_saved/> }.into_any(),
        Part::RemoveEnvironment {
            open,
            environment,
            on_removed,
        } => view! { <RemoveEnvironment open=open environment=environment on_removed=on_removed/> }
            .into_any(),
        Part::Join { open, waiting } => {
            view! { <JoinDialog open=open waiting=waiting/> }.into_any()
        }
    })
}

#[wasm_split(explaining, wasm_split_path = ::leptos::wasm_split, fallible)]
fn explaining(why: Why) -> Arrived {
    Ok(view! { <WhyDialog why=why/> }.into_any())
}

/// The dialog that says why; it opens when its code is there.
pub(crate) fn why(why: Why) -> AnyView {
    later(Around::Page, Box::new(move || Box::pin(explaining(why))))
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

impl ProgramPage {
    pub(crate) fn view(self) -> AnyView {
        later(Around::Shell, Box::new(move || Box::pin(programs(self))))
    }
}

impl Part {
    /// A dialog that is to be open already opens when its code is there.
    pub(crate) fn view(self) -> AnyView {
        later(Around::Page, Box::new(move || Box::pin(parts(self))))
    }
}

/// What is on the screen already, around what is on its way.
#[derive(Clone, Copy, Debug)]
enum Around {
    Nothing,
    Shell,
    Page,
}

impl Around {
    fn waiting(self) -> AnyView {
        match self {
            Self::Nothing => view! { <Splash/> }.into_any(),
            Self::Shell => {
                view! { <SkeletonView shape=Skeleton::Rows(6) whole_page=true/> }.into_any()
            }
            Self::Page => ().into_any(),
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
            Self::Page => view! {
                <Notice tone=Tone::Warn>
                    <p>"A part of this page could not be loaded."</p>
                    <Button kind=ButtonKind::Ghost on_press=again>"Try again"</Button>
                </Notice>
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
        // Whoever left meanwhile is not made a page whose surroundings are gone.
        let arriving = ask();
        spawn_local_scoped_with_cancellation(async move {
            match arriving.await {
                Ok(view) => {
                    page.try_set(Some(view));
                    focus_awaited_heading();
                }
                Err(_) => {
                    failed.try_set(true);
                }
            }
        });
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
