use accord_api_types::Member;
use accord_client::{Client, Error, Versioned};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::{Verb, name_all};
use crate::components::{ConfirmDialog, Toasts};
use crate::failure::Failure;
use crate::session::Session;
use crate::submission::Submission;

/// Does things to members: asks first where something is lost, offers undo where there is one, and
/// hands on what became of them.
#[derive(Clone, Copy)]
pub(super) struct MemberActions {
    session: Session,
    toasts: Toasts,
    submission: Submission,
    asked: RwSignal<Option<(Verb, Vec<Member>)>>,
    asking: RwSignal<bool>,
    /// Called after something was done.
    on_done: Callback<()>,
}

impl MemberActions {
    pub(super) fn new(on_done: Callback<()>) -> Self {
        Self {
            session: Session::current(),
            toasts: Toasts::current(),
            submission: Submission::new(),
            asked: RwSignal::new(None),
            asking: RwSignal::new(false),
            on_done,
        }
    }

    /// Does it, or asks first.
    pub(super) fn start(self, verb: Verb, members: Vec<Member>) {
        if verb.asks() {
            self.asked.set(Some((verb, members)));
            self.asking.set(true);
        } else {
            self.run(verb, members);
        }
    }

    fn run(self, verb: Verb, members: Vec<Member>) {
        let (client, account_id) = (self.session.client(), self.session.account_id());
        let whom = members.clone();
        let call = async move {
            for member in whom {
                apply(&client, account_id, verb, member.id).await?;
            }
            Ok::<_, Error>(())
        };
        if verb.asks() {
            self.submission.send(call, move |()| {
                self.asking.set(false);
                self.finished(verb, members);
            });
        } else {
            spawn_local(async move {
                match call.await {
                    Ok(()) => self.finished(verb, members),
                    Err(error) => {
                        let failure = Failure::from(error);
                        self.session.notice(&failure);
                        self.toasts.failed(failure.sentence());
                        self.on_done.try_run(());
                    }
                }
            });
        }
    }

    fn finished(self, verb: Verb, members: Vec<Member>) {
        let words = format!("{} {}.", verb.done(), name_all(&members));
        match verb.undo() {
            Some(undo) => self.toasts.done_with_undo(
                words,
                Callback::new(move |()| self.run(undo, members.clone())),
            ),
            None => self.toasts.done(words),
        }
        self.on_done.try_run(());
    }
}

async fn apply(
    client: &Client,
    account_id: accord_api_types::Uuid,
    verb: Verb,
    id: accord_api_types::Uuid,
) -> Result<(), Error> {
    match verb {
        Verb::Suspend => client
            .suspend_member(account_id, id)
            .await
            .map(drop::<Versioned<Member>>),
        Verb::Activate => client.activate_member(account_id, id).await.map(drop),
        Verb::Resend => client.resend_invitation(account_id, id).await.map(drop),
        Verb::Reinvite => client.reinvite_member(account_id, id).await.map(drop),
        Verb::Remove => client.remove_member(account_id, id, None).await.map(drop),
        Verb::Forget => client.forget_member(account_id, id, None).await,
    }
}

/// The question before something is lost.
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
    view! {
        <ConfirmDialog
            open=actions.asking
            title=title
            action=Signal::derive(move || verb().label().to_owned())
            danger=true
            submission=actions.submission
            on_confirm=confirm
        >
            <p>{move || verb().loss()}</p>
        </ConfirmDialog>
    }
}
