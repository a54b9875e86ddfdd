use std::sync::Arc;

use accord_api_types::{Member, Uuid};
use accord_client::{Client, Error, Versioned};
use futures_util::StreamExt;
use futures_util::stream;
use leptos::prelude::*;

use super::model::{Verb, name, name_all, shares_lost};
use crate::components::{Button, ButtonKind, ConfirmDialog, Notice, Toasts, Tone};
use crate::failure::Failure;
use crate::listing::AT_ONCE;
use crate::pages::preview::{AccessPreviews, change};
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::{Reverse, say_done};

/// What became of a member.
#[derive(Clone, Debug)]
pub(super) enum Became {
    Changed(Box<Member>),
    Gone(Uuid),
}

/// The members that a verb did not work on, each with why.
#[derive(Clone, Debug, PartialEq)]
struct Failed {
    verb: Verb,
    /// How many it worked on.
    done: usize,
    whom: Vec<(String, String)>,
}

/// Does things to members: asks first where something is lost, offers undo where there is one, and
/// says what became of each.
#[derive(Clone, Copy)]
pub(super) struct MemberActions {
    session: Session,
    toasts: Toasts,
    submission: Submission,
    asked: RwSignal<Option<(Verb, Vec<Arc<Member>>)>>,
    asking: RwSignal<bool>,
    failed: RwSignal<Option<Failed>>,
    /// Called after something was done.
    on_done: Callback<Vec<Became>>,
}

impl MemberActions {
    pub(super) fn new(on_done: Callback<Vec<Became>>) -> Self {
        Self {
            session: Session::current(),
            toasts: Toasts::current(),
            submission: Submission::new(),
            asked: RwSignal::new(None),
            asking: RwSignal::new(false),
            failed: RwSignal::new(None),
            on_done,
        }
    }

    /// Does it, or asks first.
    pub(super) fn start(self, verb: Verb, members: Vec<Arc<Member>>) {
        if verb.asks() {
            self.asked.set(Some((verb, members)));
            self.asking.set(true);
        } else {
            self.run(verb, members);
        }
    }

    /// Does it to each of them, a few at the same time.
    fn run(self, verb: Verb, members: Vec<Arc<Member>>) {
        self.failed.set(None);
        let (client, account_id) = (self.session.client(), self.session.account_id());
        let call = async move {
            let done = members.into_iter().map(|member| {
                let client = client.clone();
                async move {
                    let outcome = apply(&client, account_id, verb, member.id).await;
                    (member, outcome.map_err(Failure::from))
                }
            });
            let answers: Vec<_> = stream::iter(done).buffered(AT_ONCE).collect().await;
            Ok::<_, Failure>(answers)
        };
        self.submission.send(call, move |answers| {
            self.asking.try_set(false);
            self.finished(verb, answers);
        });
    }

    /// What takes it back from one of them.
    fn reverse(self, verb: Verb, id: Uuid, etag: Option<String>) -> Option<Reverse> {
        let (session, account_id) = (self.session, self.session.account_id());
        let (verb, etag) = (verb.undo()?, etag?);
        Some(Reverse::new("", move || {
            let (client, etag) = (session.client(), etag.clone());
            async move {
                match verb {
                    Verb::Activate => client
                        .activate_member_as_of(account_id, id, &etag)
                        .await
                        .map(drop),
                    _ => client
                        .suspend_member_as_of(account_id, id, &etag)
                        .await
                        .map(drop),
                }
            }
        }))
    }

    fn finished(self, verb: Verb, answers: Vec<(Arc<Member>, Result<Done, Failure>)>) {
        let (mut done, mut became, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let mut reverses = Vec::new();
        for (member, outcome) in answers {
            match outcome {
                Ok(one) => {
                    reverses.extend(self.reverse(verb, member.id, one.etag));
                    became.push(one.became);
                    done.push(member);
                }
                Err(failure) => {
                    self.session.notice(&failure);
                    failed.push((name(&member), failure.sentence()));
                }
            }
        }
        if !done.is_empty() {
            let words = format!("{} {}.", verb.done(), name_all(&done));
            let reverse = verb.undo().map(|undo| {
                let undone = format!("{} {}.", undo.done(), name_all(&done));
                Reverse::all(undone, reverses)
            });
            say_done(self.toasts, self.session, words, reverse);
        }
        match (&failed[..], became.is_empty()) {
            ([], _) => {}
            ([(_, why)], true) => self.toasts.failed(why.clone()),
            _ => {
                self.failed.try_set(Some(Failed {
                    verb,
                    done: became.len(),
                    whom: failed,
                }));
            }
        }
        self.on_done.try_run(became);
    }
}

/// What was done to a member, and the version that it made.
struct Done {
    became: Became,
    etag: Option<String>,
}

async fn apply(client: &Client, account_id: Uuid, verb: Verb, id: Uuid) -> Result<Done, Error> {
    let member = match verb {
        Verb::Suspend => client.suspend_member(account_id, id).await?,
        Verb::Activate => client.activate_member(account_id, id).await?,
        Verb::Resend => client.resend_invitation(account_id, id).await?,
        Verb::Reinvite => client.reinvite_member(account_id, id).await?,
        Verb::Remove => client.remove_member(account_id, id, None).await?,
        Verb::Forget => {
            client.forget_member(account_id, id, None).await?;
            return Ok(Done {
                became: Became::Gone(id),
                etag: None,
            });
        }
    };
    let Versioned { value, etag } = member;
    Ok(Done {
        became: Became::Changed(Box::new(value)),
        etag,
    })
}

/// Whom a verb did not work on, and why, until it is read.
#[component]
pub(super) fn NotDone(actions: MemberActions) -> impl IntoView {
    let failed = actions.failed;
    move || {
        failed.get().map(|Failed { verb, done, whom }| {
            let all = done + whom.len();
            let lines = whom
                .into_iter()
                .map(|(name, why)| view! { <li><span class="strong">{name}</span>": " {why}</li> })
                .collect_view();
            view! {
                <Notice tone=Tone::Bad>
                    <div class="not-done">
                        <p class="strong">{format!("{}: done for {done} of {all}.", verb.label())}</p>
                        <ul>{lines}</ul>
                    </div>
                    <Button kind=ButtonKind::Ghost on_press=Callback::new(move |()| failed.set(None))>"Dismiss"</Button>
                </Notice>
            }
        })
    }
}

/// Names that a question mentions before it only counts.
const NAMED: usize = 6;

/// The question before access changes or something is lost.
#[component]
pub(super) fn AskFirst(actions: MemberActions) -> impl IntoView {
    let asked = actions.asked;
    let verb = move || asked.with(|asked| asked.as_ref().map_or(Verb::Remove, |(verb, _)| *verb));
    let title = Signal::derive(move || {
        asked.with(|asked| {
            asked
                .as_ref()
                .map(|(verb, members)| format!("{} {}?", verb.label(), name_all(members)))
                .unwrap_or_default()
        })
    });
    let confirm = Callback::new(move |()| {
        if let Some((verb, members)) = asked.get_untracked() {
            actions.run(verb, members);
        }
    });
    let whom = move || {
        asked.with(|asked| {
            let (_, members) = asked.as_ref()?;
            let more = members.len().saturating_sub(NAMED);
            let names: Vec<String> = members.iter().take(NAMED).map(|one| name(one)).collect();
            (members.len() > 1).then(|| {
                view! {
                    <ul class="asked-of">
                        {names.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}
                        {(more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> })}
                    </ul>
                }
            })
        })
    };
    let lost = move || {
        asked.with(|asked| {
            let (_, members) = asked.as_ref().filter(|(verb, _)| verb.is_final())?;
            shares_lost(members)
        })
    };
    let changes = Signal::derive(move || {
        asked
            .with(|asked| {
                let (to, members) = asked
                    .as_ref()
                    .and_then(|(verb, members)| Some((verb.state_change()?, members)))?;
                let each = members.iter();
                Some(
                    each.map(|one| change::member_state(one.id, to))
                        .collect::<Vec<_>>(),
                )
            })
            .unwrap_or_default()
    });
    let is_final = Signal::derive(move || verb().is_final());
    view! {
        <ConfirmDialog
            open=actions.asking
            title=title
            action=Signal::derive(move || verb().label().to_owned())
            danger=is_final
            at_hand=Signal::derive(move || !is_final.get())
            submission=actions.submission
            on_confirm=confirm
        >
            <p>{move || verb().consequence()}</p>
            {whom}
            {move || lost().map(|words| view! { <p class="strong">{words}</p> })}
            <AccessPreviews changes=changes/>
        </ConfirmDialog>
    }
}
