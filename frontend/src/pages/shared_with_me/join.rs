//! After signing in: the invitations that wait, to be accepted, rejected, or left for later.

use accord_api_types::{Collaboration, Uuid};
use leptos::prelude::*;

use super::joined::Added;
use super::later;
use crate::components::{
    Avatar, Button, ButtonKind, ConfirmDialog, Dialog, DialogFooter, FailureNotice, Glyph, Icon,
    RelativeTime, SharedItems, each,
};
use crate::session::Session;
use crate::submission::Submission;

/// Asks what to do with each invitation that waits.
#[component]
pub(crate) fn JoinDialog(
    open: RwSignal<bool>,
    waiting: RwSignal<Vec<Collaboration>>,
) -> impl IntoView {
    // However it is closed: what was not decided is for later.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            waiting.with_untracked(|waiting| later::put_off(waiting));
        }
        now
    });
    let title = Signal::derive(move || {
        waiting.with(|waiting| match waiting.as_slice() {
            [one] => format!("{} invites you", one.owner.name),
            several => format!("{} invitations wait for you", several.len()),
        })
    });
    let decided = RwSignal::new(0_usize);
    let all_decided = move || decided.get() == waiting.with(Vec::len);
    view! {
        <Dialog open=open title=title lead="Accept, and what is shared appears among your environments. You can also decide later, under Settings, Shared with me.">
            <div class="dialog-body">
                <ul class="joins">
                    {each(move || waiting.get(), |one| one.id, move |one| view! { <Join collaboration=one decided=decided/> }.into_any())}
                </ul>
            </div>
            <DialogFooter>
                <Button
                    kind=ButtonKind::Secondary
                    on_press=Callback::new(move |()| { open.set(false); decided.set(0); })
                >
                    {move || if all_decided() { "Done" } else { "Later" }}
                </Button>
            </DialogFooter>
        </Dialog>
    }
}

/// What became of one invitation in the dialog.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Joined(Box<Collaboration>),
    Rejected,
}

#[component]
fn Join(collaboration: Collaboration, decided: RwSignal<usize>) -> impl IntoView {
    let session = Session::current();
    let (accept, reject) = (Submission::new(), Submission::new());
    let outcome = RwSignal::new(None::<Outcome>);
    let asking = RwSignal::new(false);
    let id: Uuid = collaboration.id;
    let decide = move |what: Outcome| {
        outcome.set(Some(what));
        decided.update(|decided| *decided += 1);
        session.shared_changed();
    };
    let on_accept = Callback::new(move |()| {
        let client = session.client();
        accept.send(
            async move { client.accept_collaboration(id).await },
            move |joined| decide(Outcome::Joined(Box::new(joined))),
        );
    });
    let on_reject = Callback::new(move |()| {
        let client = session.client();
        reject.send(
            async move { client.reject_collaboration(id).await },
            move |()| {
                asking.set(false);
                decide(Outcome::Rejected);
            },
        );
    });
    let owner = collaboration.owner;
    let told = owner.name.clone();
    let nothing_yet = collaboration.shares.is_empty();
    let shares = collaboration.shares;
    let ends = collaboration.invitation_expires_at;
    let (accept_label, reject_label) = (
        format!("Accept the invitation of {}", owner.name),
        format!("Reject the invitation of {}", owner.name),
    );
    view! {
        <li class="join">
            <div class="offer-who">
                <Avatar name=owner.name.clone()/>
                <div>
                    <p class="strong">{owner.name.clone()}</p>
                    <p class="muted small">{owner.email}</p>
                </div>
                {move || (outcome.with(Option::is_none)).then(|| ends.map(|at| view! {
                    <p class="offer-until muted small"><Glyph icon=Icon::Clock size=14/>"ends " <RelativeTime at=at/></p>
                }))}
            </div>
            {move || match outcome.get() {
                Some(Outcome::Joined(joined)) => view! { <div role="status"><Added collaboration=*joined/></div> }.into_any(),
                Some(Outcome::Rejected) => view! { <p class="muted small" role="status">"Rejected. " {told.clone()} " is told."</p> }.into_any(),
                None => view! {
                    {if nothing_yet {
                        view! { <p class="small muted">"Nothing is shared yet: items can be shared with you after you have joined."</p> }.into_any()
                    } else {
                        view! { <SharedItems items=shares.clone()/> }.into_any()
                    }}
                    <FailureNotice failure=accept.failure/>
                    <div class="join-actions">
                        <Button label=reject_label.clone() on_press=Callback::new(move |()| asking.set(true))>"Reject"</Button>
                        <Button kind=ButtonKind::Primary label=accept_label.clone() busy=accept.busy on_press=on_accept>"Accept"</Button>
                    </div>
                }.into_any(),
            }}
            <ConfirmDialog open=asking title="Reject the invitation?" action="Reject invitation" danger=true submission=reject on_confirm=on_reject>
                <p>"Whoever invited you is told. To change your mind, you would have to be invited again."</p>
            </ConfirmDialog>
        </li>
    }
}
