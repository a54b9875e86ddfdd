use std::collections::BTreeSet;

use accord_api_types::{CreateApiToken, DateTime, NewApiToken, TokenScope, Utc};
use leptos::prelude::*;

use super::model::{NEVER, ON_A_DAY, USUAL, end, end_choices, scope_words};
use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, Dialog, DialogFooter, FailureNotice, FieldKind,
    Glyph, Icon, Notice, Secret, Select, TextField, Tone, from_local_text, now, short_date,
};
use crate::failure::invalid;
use crate::pages::auth::model::{check_filled, checked};
use crate::submission::Submission;

/// Makes a token, and hands its secret on to be shown.
#[component]
pub(super) fn TokenDialog(open: RwSignal<bool>, on_made: Callback<Secret>) -> impl IntoView {
    let dirty = RwSignal::new(false);
    view! {
        <Dialog open=open title="New API token" lead="For one program: what it may do here is what you may do, as far as you tick it." dirty=dirty>
            <TokenForm open=open dirty=dirty on_made=on_made/>
        </Dialog>
    }
}

#[component]
fn TokenForm(
    open: RwSignal<bool>,
    dirty: RwSignal<bool>,
    on_made: Callback<Secret>,
) -> impl IntoView {
    let submission = Submission::new();
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(BTreeSet::<TokenScope>::new());
    let ends = RwSignal::new(USUAL.to_owned());
    let picked = RwSignal::new(String::new());
    Effect::new(move |_| {
        let untouched = name.with(String::is_empty)
            && scopes.with(BTreeSet::is_empty)
            && ends.with(|ends| ends == USUAL)
            && picked.with(String::is_empty);
        dirty.set(!untouched);
    });
    // As the choices show it; and what is sent again after a lost answer is the same.
    let begun = this_moment();
    let wrong_end = submission.at("/expires_at");
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let expires_at = end(
            &ends.get_untracked(),
            from_local_text(&picked.get_untracked()),
            begun,
        );
        let body = CreateApiToken {
            name: name.get_untracked().trim().to_owned(),
            scopes: scopes.get_untracked().into_iter().collect(),
            expires_at: expires_at.clone().ok().flatten(),
        };
        let none = body
            .scopes
            .is_empty()
            .then(|| invalid("/scopes", "Choose at least one thing that it may do"));
        if let Err(failure) = checked([
            check_filled("/name", &body.name, "Give the token a name"),
            none,
            expires_at.err(),
        ]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        submission.send(
            async move { client.create_api_token(&body).await },
            move |made| {
                dirty.set(false);
                open.set(false);
                on_made.try_run(secret_of(made));
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/scopes", "/expires_at"]/>
                <TextField label="Name" value=name hint="Which program it is for, to tell it from others." error=submission.at("/name") autofocus=true/>
                <Scopes scopes=scopes error=submission.at("/scopes")/>
                <Select
                    label="Ends"
                    value=ends
                    choices=end_choices(begun, short_date)
                    error=Signal::derive(move || wrong_end.get().filter(|_| ends.with(|ends| ends != ON_A_DAY)))
                />
                {move || ends.with(|ends| ends == ON_A_DAY).then(|| view! {
                    <TextField label="Ends on" kind=FieldKind::Moment value=picked error=wrong_end/>
                })}
                {move || ends.with(|ends| ends == NEVER).then(|| view! {
                    <Notice tone=Tone::Warn>
                        <p>"It counts until you revoke it, whoever has got hold of it by then."</p>
                    </Notice>
                })}
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>"Create token"</Button>
            </DialogFooter>
        </form>
    }
}

#[component]
fn Scopes(scopes: RwSignal<BTreeSet<TokenScope>>, error: Signal<Option<String>>) -> impl IntoView {
    // What was wrong with none is right with any.
    let error = Signal::derive(move || error.get().filter(|_| scopes.with(BTreeSet::is_empty)));
    let choose = move |scope: TokenScope| {
        Callback::new(move |on: bool| {
            scopes.update(|scopes| {
                if on {
                    scopes.insert(scope);
                } else {
                    scopes.remove(&scope);
                }
            });
        })
    };
    view! {
        <fieldset class="choice" aria-invalid=move || error.with(Option::is_some).then_some("true") tabindex="-1">
            <legend class="field-label">"What it may do"</legend>
            {move || error.get().map(|error| view! {
                <p class="field-error" role="alert"><Glyph icon=Icon::TriangleAlert size=14/>{error}</p>
            })}
            <div class="choice-list whole">
                {TokenScope::ALL.iter().map(|scope| {
                    let (label, hint) = scope_words(*scope);
                    let scope = *scope;
                    view! {
                        <Checkbox
                            label=label
                            hint=hint
                            checked=Signal::derive(move || scopes.with(|scopes| scopes.contains(&scope)))
                            on_change=choose(scope)
                        />
                    }
                }).collect_view()}
            </div>
            <p class="field-hint">"Managing does not include reading: a program that looks before it acts needs both. Your password, sessions, tokens and invitations to you are yours alone."</p>
        </fieldset>
    }
}

fn secret_of(made: NewApiToken) -> Secret {
    Secret {
        title: format!("Token {} is made", made.token.name),
        label: "Token",
        advice: "The program sends it with each request, in the header Authorization: Bearer, a space, and the token.".into(),
        text: made.secret,
    }
}

fn this_moment() -> DateTime<Utc> {
    DateTime::from_timestamp(now(), 0).unwrap_or_default()
}
