use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::{use_location, use_navigate};

use super::bell::Bell;
use super::ended::SessionEnded;
use super::guest::Splash;
use super::{Brand, CardPage, return_path};
use crate::components::{
    Avatar, Button, ButtonKind, Glyph, Icon, Menu, MenuItem, MenuLink, Notice, ThemeSwitch, Toasts,
    Tone, focus_heading,
};
use crate::failure::Failure;
use crate::live::Live;
use crate::notices::Notices;
use crate::pages::WaitingInvitations;
use crate::session::{Phase, Session};
use crate::submission::Submission;

#[derive(Clone, PartialEq)]
enum Who {
    Asking,
    Unknown(Failure),
    Nobody,
    /// One account's pages are never reused for another's.
    Somebody(accord_api_types::Uuid),
}

/// Everything behind signing in: the bar on top, and the page.
#[component]
pub(crate) fn AppShell() -> impl IntoView {
    let session = Session::current();
    let navigate = use_navigate();
    let location = use_location();
    let who = Memo::new(move |_| {
        session.phase.with(|phase| match phase {
            Phase::Loading => Who::Asking,
            Phase::Unknown(failure) => Who::Unknown(failure.clone()),
            Phase::SignedOut => Who::Nobody,
            Phase::SignedIn(account) => Who::Somebody(account.id),
        })
    });
    Effect::new(move |before: Option<Who>| {
        let now = who.get();
        if now == Who::Nobody {
            // Whoever signed out on purpose starts afresh; whoever came by a link is led back to it.
            if !matches!(before, Some(Who::Somebody(_))) {
                let search = location.search.get_untracked();
                let question = if search.is_empty() { "" } else { "?" };
                return_path::remember(&format!(
                    "{}{question}{search}",
                    location.pathname.get_untracked()
                ));
            }
            navigate(
                "/sign-in",
                NavigateOptions {
                    replace: true,
                    ..NavigateOptions::default()
                },
            );
        }
        now
    });
    move || {
        match who.get() {
        Who::Asking | Who::Nobody => view! { <Splash/> }.into_any(),
        Who::Unknown(failure) => view! {
            <CardPage title=failure.title() lead=Some(failure.sentence())>
                <Button kind=ButtonKind::Primary wide=true icon=Icon::RefreshCw on_press=Callback::new(move |()| session.ask())>
                    "Try again"
                </Button>
            </CardPage>
        }
        .into_any(),
        Who::Somebody(_) => view! { <SignedInShell/> }.into_any(),
    }
    }
}

#[component]
fn SignedInShell() -> impl IntoView {
    Live::start();
    let location = use_location();
    Effect::new(move |before: Option<()>| {
        location.pathname.track();
        // The first page keeps the browser's own starting point.
        if before.is_some() {
            focus_heading();
        }
    });
    // The address may be verified in another tab meanwhile.
    let session = Session::current();
    let on_focus = window_event_listener(leptos::ev::focus, move |_| {
        if session.phase.with_untracked(
            |phase| matches!(phase, Phase::SignedIn(account) if !account.email_verified),
        ) {
            session.reload_account();
        }
    });
    on_cleanup(move || on_focus.remove());
    Notices::start();
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <TopBar/>
        <VerifyReminder/>
        <main class="page" id="main">
            <Outlet/>
        </main>
        <SessionEnded/>
        <WaitingInvitations/>
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let session = Session::current();
    let name = Memo::new(move |_| {
        session
            .account()
            .map(|account| account.name)
            .unwrap_or_default()
    });
    let email = Memo::new(move |_| {
        session
            .account()
            .map(|account| account.email)
            .unwrap_or_default()
    });
    view! {
        <header class="topbar">
            <div class="topbar-row">
                <a class="brand-link" href="/environments" aria-label="Accord, start page"><Brand/></a>
                <nav class="topbar-nav" aria-label="Main">
                    <A href="/environments">"Environments"</A>
                    <A href="/groups">"Groups"</A>
                    <A href="/tasks">"Tasks"</A>
                </nav>
                <div class="topbar-end">
                    <nav class="topbar-nav" aria-label="Account">
                        <A href="/settings"><Glyph icon=Icon::Settings/><span class="topbar-word">"Settings"</span></A>
                    </nav>
                    <Bell/>
                    {move || view! {
                        <Menu
                            label="Your account"
                            class="avatar-button"
                            trigger=move || view! { <Avatar name=name.get()/> }
                        >
                            <div class="menu-head" role="presentation">
                                <p class="strong">{name.get()}</p>
                                <p class="muted">{email.get()}</p>
                            </div>
                            <MenuLink icon=Icon::User href="/settings/profile">"Account and password"</MenuLink>
                            <MenuLink icon=Icon::Share href="/settings/shared-with-me">"Shared with me"</MenuLink>
                            <MenuLink icon=Icon::Bell href="/settings/notifications">"Notification preferences"</MenuLink>
                            <MenuItem icon=Icon::LogOut on_press=Callback::new(move |()| session.sign_out())>"Sign out"</MenuItem>
                        </Menu>
                    }}
                    <ThemeSwitch/>
                </div>
            </div>
        </header>
    }
}

/// Until the address is verified, says what that holds up, and sends the mail again.
#[component]
fn VerifyReminder() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let unverified = Memo::new(move |_| {
        session
            .account()
            .is_some_and(|account| !account.email_verified)
    });
    let resend = Callback::new(move |()| {
        let client = session.client();
        submission.send(
            async move { client.resend_verification().await },
            move |()| toasts.done("The verification mail is on its way."),
        );
    });
    move || {
        unverified.get().then(|| {
            view! {
                <aside class="banner" aria-label="Your address">
                    <Notice tone=Tone::Warn>
                        <p>
                            <span class="strong">"Verify your address. "</span>
                            "Until then you can look around, but not invite anybody or see what is shared with you."
                            {move || submission.failure.get().map(|failure| format!(" {}", failure.sentence()))}
                        </p>
                        <Button busy=submission.busy on_press=resend>"Send the mail again"</Button>
                    </Notice>
                </aside>
            }
        })
    }
}
