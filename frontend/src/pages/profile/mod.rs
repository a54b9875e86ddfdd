//! Settings, Account: the person's own account.

mod address;
mod leaving;
mod model;
mod password;
mod sessions;

use accord_api_types::{AccountKind, UpdateAccount};
use leptos::prelude::*;

use crate::components::{
    Button, FailureNotice, PageHeader, Section, TextField, ThemeSwitch, Toasts,
};
use crate::layout::{Upgrade, may_upgrade};
use crate::pages::auth::model::{check_filled, checked};
use crate::session::Session;
use crate::submission::Submission;
use address::Address;
use leaving::{DeleteAccountButton, Export};
use password::ChangePasswordForm;
use sessions::Sessions;

/// The page.
#[component]
pub(crate) fn Profile() -> impl IntoView {
    let session = Session::current();
    let may_upgrade = may_upgrade(session);
    let kind = move || match session.account().map(|account| account.kind) {
        Some(AccountKind::Member) => {
            "Takes part in what others share; does not host a collaboration of its own."
        }
        _ => "May host a collaboration and take part in others'.",
    };
    view! {
        <PageHeader title="Account" lead="Who you are here, how you sign in, and where you are signed in."/>
        <dl class="card facts">
            <div><dt>"E-mail address"</dt><dd>{move || session.account().map(|account| account.email)}</dd></div>
            <div><dt>"Account"</dt><dd>{kind}</dd></div>
            <div><dt>"Appearance"</dt><dd><ThemeSwitch/></dd></div>
        </dl>
        {move || may_upgrade.get().then(|| view! {
            <Section title="Share environments of your own" lead="Your account takes part in what others share. Upgraded, it can also share; what is shared with you stays.">
                <div class="form card form-card"><Upgrade/></div>
            </Section>
        })}
        <Section title="Name" lead="The people you share with see it.">
            <NameForm/>
        </Section>
        <Section title="E-mail address" lead="You sign in with it. A new one counts once you have followed the link that is mailed to it.">
            <Address/>
        </Section>
        <Section title="Password" lead="Changing it signs you out everywhere else.">
            <ChangePasswordForm/>
        </Section>
        <Section title="Sessions" lead="Browsers and programs that are signed in to your account.">
            <Sessions/>
        </Section>
        <Section title="Your data" lead="Everything that is kept of your account, as one file.">
            <Export/>
        </Section>
        <Section title="Delete account" lead="You leave what others share with you, and what you share ends. Your address may sign up anew.">
            <DeleteAccountButton/>
        </Section>
    }
}

#[component]
fn NameForm() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let name = RwSignal::new(
        untrack(|| session.account())
            .map(|account| account.name)
            .unwrap_or_default(),
    );
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = name.get_untracked().trim().to_owned();
        if let Err(failure) = checked([check_filled("/name", &text, "Enter a name")]) {
            return submission.fail(failure);
        }
        let client = session.client();
        let body = UpdateAccount { name: Some(text) };
        submission.send(
            async move { client.update_account(&body, None).await },
            move |_| {
                toasts.done("Name saved.");
                session.reload_account();
            },
        );
    };
    view! {
        <form class="form card form-card" novalidate=true on:submit=send>
            <FailureNotice failure=submission.failure shown_by_fields=&["/name"]/>
            <TextField label="Name" value=name autocomplete="name" error=submission.at("/name")/>
            <div><Button submit=true busy=submission.busy>"Save name"</Button></div>
        </form>
    }
}
